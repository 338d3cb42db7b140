package org.bytchat.sim.scenario;

import java.util.List;
import java.util.Map;

/** What a file holds, before it is known to mean anything; each part knows where it stands. */
sealed interface Tree {

  /** The file and the line, or the option. */
  String at();

  /** A plain value. */
  record Leaf(String at, String text) implements Tree {}

  /** A list; an option may replace what is in it. */
  record Items(String at, List<Tree> values) implements Tree {}

  /** Keys and their values, in the file's order; an option may replace or add some. */
  record Section(String at, Map<String, Entry> entries) implements Tree {}

  /**
   * A key's value.
   *
   * @param at where the key stands, which may be above its value
   * @param value the value
   */
  record Entry(String at, Tree value) {}
}
