package org.bytchat.sim.scenario;

import org.jspecify.annotations.Nullable;

/**
 * A scenario that cannot be read, or is impossible. The message is for users: it names the file and
 * the line, or the option, then the key, and says what is wrong.
 */
public final class ScenarioException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private static final int LENGTH_MAX = 1_000;

  ScenarioException(String message) {
    this(message, null);
  }

  ScenarioException(String message, @Nullable Throwable cause) {
    super(oneLine(message), cause);
  }

  /** What a message quotes may have lines and control characters, and any length. */
  private static String oneLine(String message) {
    String line = message.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ");
    return line.length() <= LENGTH_MAX ? line : line.substring(0, LENGTH_MAX) + "...";
  }
}
