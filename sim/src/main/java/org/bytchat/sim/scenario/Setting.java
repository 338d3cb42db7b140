package org.bytchat.sim.scenario;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A value of the command line, {@code faults.0.share=0.2}, that takes the place of the file's. */
final class Setting {

  private static final String OPTION = "option '--set";

  private final String option;
  private final List<String> keys;
  private final Tree value;

  private Setting(String option, List<String> keys, Tree value) {
    this.option = option;
    this.keys = keys;
    this.value = value;
  }

  /** Reads an option's value; what stands after the equals sign is YAML. */
  static Setting parse(String text) {
    String option = OPTION + " " + text + "'";
    return parse(option, text);
  }

  private static Setting parse(String at, String text) {
    int equals = text.indexOf('=');
    List<String> keys = keys(text.substring(0, Math.max(0, equals)));
    if (keys.isEmpty()) {
      throw new ScenarioException(at + ": must be KEY=VALUE, like nodes=500");
    }
    return new Setting(at, keys, TreeReader.option(at, text.substring(equals + 1)));
  }

  /** Takes a value that stands in a file; what is wrong with it is said to be there. */
  static Setting of(String key, Part value) {
    List<String> keys = keys(key);
    if (keys.isEmpty()) {
      throw value.failure("must be a key of a scenario, like nodes or network.loss");
    }
    return new Setting(value.at(), keys, value.copy());
  }

  /** Reads a plain value of a file that is a key and its value. */
  static Template.Value value(Part part) {
    Setting setting = parse(part.at(), part.text());
    return new Template.Value(String.join(".", setting.keys), part.with(setting.value));
  }

  /** The single keys, none if one of them is blank. */
  private static List<String> keys(String path) {
    List<String> keys = List.of(path.strip().split("\\.", -1));
    return keys.stream().anyMatch(String::isBlank) ? List.of() : keys;
  }

  /** Puts the value where its keys say; sections that are missing are made. */
  void applyTo(Tree.Section root) {
    Tree.Section section = root;
    Place place = new Place(option, "");
    int i = 0;
    while (i < keys.size()) {
      String key = keys.get(i);
      place = place.child(key, option);
      Tree.Entry entry = section.entries().get(key);
      if (entry != null && entry.value() instanceof Tree.Items items && i + 1 < keys.size()) {
        Tree.Section inner = intoList(items, i + 1, place);
        if (inner == null) {
          return;
        }
        place = place.child(keys.get(i + 1), option);
        section = inner;
        i += 2;
      } else if (i + 1 == keys.size()) {
        section.entries().put(key, new Tree.Entry(option, value));
        return;
      } else {
        section = intoSection(section, key, entry);
        i++;
      }
    }
  }

  /** The section of that key, in place of a plain value if there is one. */
  private Tree.Section intoSection(Tree.Section above, String key, Tree.@Nullable Entry entry) {
    if (entry != null && entry.value() instanceof Tree.Section section) {
      return section;
    }
    Tree.Section made = new Tree.Section(option, new LinkedHashMap<>());
    above.entries().put(key, new Tree.Entry(option, made));
    return made;
  }

  /** The section at an index, or null if the value was put there. */
  private Tree.@Nullable Section intoList(Tree.Items items, int i, Place place) {
    List<Tree> values = items.values();
    int index = index(keys.get(i), values.size(), place);
    if (i + 1 == keys.size()) {
      values.set(index, value);
      return null;
    }
    if (values.get(index) instanceof Tree.Section section) {
      return section;
    }
    throw place.child(keys.get(i), option).failure("has no keys");
  }

  private static int index(String key, int size, Place place) {
    int index = key.matches("\\d{1,9}") ? Integer.parseInt(key) : -1;
    if (index < 0 || index >= size) {
      String known = size == 0 ? "the list is empty" : "must be in 0.." + (size - 1);
      throw place.failure("'" + key + "' is not an entry of the list: " + known);
    }
    return index;
  }
}
