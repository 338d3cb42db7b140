package org.bytchat.sim.scenario;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A part of a YAML file that is not a scenario, for who reads such files with the messages of
 * scenarios: each part knows its file, its line and its key.
 */
public final class Part {

  private final Tree tree;
  private final Place place;

  private Part(Tree tree, Place place) {
    this.tree = tree;
    this.place = place;
  }

  /**
   * Reads a file.
   *
   * @param file YAML, with keys and values
   * @return the whole file
   * @throws ScenarioException if it cannot be read
   */
  public static Part file(Path file) {
    return text(file.toString(), Scenarios.content(file));
  }

  /**
   * Reads a text.
   *
   * @param label what messages call it
   * @param text YAML, with keys and values
   * @return the whole text
   * @throws ScenarioException if it cannot be read
   */
  public static Part text(String label, String text) {
    Tree.Section root = TreeReader.file(label, text);
    return new Part(root, new Place(root.at(), ""));
  }

  /**
   * Returns whether there are keys below this.
   *
   * @return false for a list and a plain value
   */
  public boolean isSection() {
    return tree instanceof Tree.Section;
  }

  /**
   * Returns whether this is a list.
   *
   * @return false for a section and a plain value
   */
  public boolean isList() {
    return tree instanceof Tree.Items;
  }

  /**
   * Returns what is below the keys of this.
   *
   * @return in the order of the file
   * @throws ScenarioException if there are no keys
   */
  public Map<String, Part> entries() {
    if (!(tree instanceof Tree.Section section)) {
      throw failure("must hold keys and values of its own");
    }
    Map<String, Part> parts = new LinkedHashMap<>();
    section
        .entries()
        .forEach(
            (key, entry) -> parts.put(key, new Part(entry.value(), place.child(key, entry.at()))));
    return parts;
  }

  /**
   * Returns what is below the keys of this, which must be known ones.
   *
   * @param known at least one key
   * @return in the order of the file
   * @throws ScenarioException if there are no keys, or others
   */
  public Map<String, Part> entries(Collection<String> known) {
    Map<String, Part> parts = entries();
    parts.forEach(
        (key, part) -> {
          if (!known.contains(key)) {
            throw part.failure(Nearest.unknownKey(key, known));
          }
        });
    return parts;
  }

  /**
   * Returns the entries of a list.
   *
   * @return in the order of the file
   * @throws ScenarioException if this is not a list
   */
  public List<Part> items() {
    if (!(tree instanceof Tree.Items items)) {
      throw failure("must be a list");
    }
    List<Part> parts = new ArrayList<>();
    for (Tree item : items.values()) {
      parts.add(new Part(item, place.child(String.valueOf(parts.size()), item.at())));
    }
    return parts;
  }

  /**
   * Returns a plain value.
   *
   * @return not empty
   * @throws ScenarioException if this is not one
   */
  public String text() {
    if (!(tree instanceof Tree.Leaf leaf)) {
      throw failure("must have one plain value");
    }
    if (leaf.text().isEmpty()) {
      throw failure("has no value");
    }
    return leaf.text();
  }

  /**
   * Returns a plain value that must be one of some words.
   *
   * @param known the words
   * @return one of them
   * @throws ScenarioException if this is not one of them
   */
  public String word(Collection<String> known) {
    String text = text();
    if (!known.contains(text)) {
      throw failure(Nearest.notOneOf(text, known));
    }
    return text;
  }

  /**
   * Says that this names something that is not known.
   *
   * @param name what is not known
   * @param known at least one name
   * @return to be thrown; it has the nearest of the known names
   */
  public ScenarioException unknown(String name, Collection<String> known) {
    return failure("'" + name + "' is not known; nearest is '" + Nearest.to(name, known) + "'");
  }

  /**
   * Says that something is wrong with this.
   *
   * @param what is wrong
   * @return to be thrown; the message begins with the file, the line and the key
   */
  public ScenarioException failure(String what) {
    return place.failure(what);
  }

  /**
   * Returns the value in one line.
   *
   * @return a plain value as it is; others as YAML has them in one line
   */
  public String line() {
    return line(tree);
  }

  private static String line(Tree tree) {
    if (tree instanceof Tree.Leaf leaf) {
      return leaf.text();
    }
    if (tree instanceof Tree.Items items) {
      return items.values().stream().map(Part::line).toList().toString();
    }
    List<String> entries = new ArrayList<>();
    ((Tree.Section) tree)
        .entries()
        .forEach((key, entry) -> entries.add(key + ": " + line(entry.value())));
    return "{" + String.join(", ", entries) + "}";
  }

  /** Returns another value in this place. */
  Part with(Tree value) {
    return new Part(value, place);
  }

  /** Returns where the value stands. */
  String at() {
    return tree.at();
  }

  /** Returns a copy that settings may change. */
  Tree copy() {
    return copy(tree);
  }

  private static Tree copy(Tree tree) {
    if (tree instanceof Tree.Items items) {
      List<Tree> values = new ArrayList<>();
      items.values().forEach(value -> values.add(copy(value)));
      return new Tree.Items(items.at(), values);
    }
    if (tree instanceof Tree.Section section) {
      Map<String, Tree.Entry> entries = new LinkedHashMap<>();
      section
          .entries()
          .forEach(
              (key, entry) -> entries.put(key, new Tree.Entry(entry.at(), copy(entry.value()))));
      return new Tree.Section(section.at(), entries);
    }
    return tree;
  }
}
