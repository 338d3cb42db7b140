package org.bytchat.sim.scenario;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytchat.sim.scenario.Schema.Absent;
import org.bytchat.sim.scenario.Schema.Default;
import org.bytchat.sim.scenario.Schema.Inline;
import org.bytchat.sim.scenario.Schema.Size;
import org.bytchat.sim.scenario.Schema.Tagged;
import org.jspecify.annotations.Nullable;

/** Makes records of trees, by their components' names and what {@link Schema} says of them. */
final class Binder {

  private final Path folder;
  private final Map<Class<?>, Record> defaults;

  /**
   * A binder.
   *
   * @param folder what names of files are relative to
   * @param defaults records of other packages, which have no annotations: what is not given is
   *     taken from here, and the keys are the components' names as they are
   */
  Binder(Path folder, Map<Class<?>, Record> defaults) {
    this.folder = folder;
    this.defaults = defaults;
  }

  /**
   * Makes a record.
   *
   * @throws ScenarioException if the tree does not describe one
   */
  <R extends Record> R bind(Class<R> type, Tree.Section section) {
    return type.cast(record(type, section, new Place(section.at(), ""), null));
  }

  private Object record(Class<?> type, Tree.Section section, Place place, @Nullable Record given) {
    checkKeys(section, place, keys(type, section, place, given));
    return construct(type, section, place, given);
  }

  private Object tagged(
      Class<?> type, Tree.Section section, Place place, @Nullable String defaultTag) {
    Object chosen = choose(type, section, place, defaultTag);
    checkKeys(section, place, keys(type, chosen, section, place));
    return make(chosen, section, place);
  }

  /** What was chosen: a constant, or the record of which the class was chosen. */
  private Object make(Object chosen, Tree.Section section, Place place) {
    return chosen instanceof Class<?> type ? construct(type, section, place, null) : chosen;
  }

  private Object construct(
      Class<?> type, Tree.Section section, Place place, @Nullable Record given) {
    RecordComponent[] components = components(type);
    @Nullable Object[] arguments = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      arguments[i] = component(components[i], section, place, given);
    }
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw refusal(type, section, place, Objects.requireNonNullElse(e.getCause(), e));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("records of scenarios are public", e);
    }
  }

  private @Nullable Object component(
      RecordComponent component, Tree.Section section, Place place, @Nullable Record given) {
    if (component.isAnnotationPresent(Inline.class)) {
      return make(choose(component.getType(), section, place, null), section, place);
    }
    String key = key(component, given);
    Tree.Entry entry = section.entries().get(key);
    Absent absent = component.getAnnotation(Absent.class);
    if (entry != null) {
      boolean isAbsent =
          absent != null
              && entry.value() instanceof Tree.Leaf leaf
              && leaf.text().equals(absent.value());
      return isAbsent ? null : value(component, entry.value(), place.child(key, entry.at()), given);
    }
    if (absent != null) {
      return null;
    }
    return given == null
        ? byDefault(component, place.child(key, place.at()))
        : get(component, given);
  }

  private Object byDefault(RecordComponent component, Place place) {
    Default text = component.getAnnotation(Default.class);
    if (text != null) {
      return value(component, new Tree.Leaf(place.at(), text.value()), place, null);
    }
    if (component.getType() == List.class) {
      return List.of();
    }
    if (component.getType().isRecord()) {
      Tree empty = new Tree.Section(place.at(), new LinkedHashMap<>());
      return value(component, empty, place, null);
    }
    throw place.failure("is missing");
  }

  private Object value(RecordComponent component, Tree tree, Place place, @Nullable Record given) {
    Class<?> type = component.getType();
    if (type == List.class) {
      return list(component, tree, place);
    }
    if (type.isAnnotationPresent(Tagged.class)) {
      Default byDefault = component.getAnnotation(Default.class);
      return tagged(
          type, section(type, tree, place), place, byDefault == null ? null : byDefault.value());
    }
    if (type.isRecord()) {
      Record inner = given == null ? defaults.get(type) : (Record) get(component, given);
      return record(type, section(type, tree, place), place, inner);
    }
    return plain(type, component.isAnnotationPresent(Size.class), tree, place);
  }

  private List<Object> list(RecordComponent component, Tree tree, Place place) {
    if (!(tree instanceof Tree.Items items)) {
      throw place.failure("must be a list");
    }
    Class<?> type =
        (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
    List<Object> values = new ArrayList<>();
    for (Tree item : items.values()) {
      Place child = place.child(String.valueOf(values.size()), item.at());
      values.add(
          type.isAnnotationPresent(Tagged.class)
              ? tagged(type, section(type, item, child), child, null)
              : plain(type, false, item, child));
    }
    return List.copyOf(values);
  }

  private Object plain(Class<?> type, boolean isSize, Tree tree, Place place) {
    if (!(tree instanceof Tree.Leaf leaf)) {
      throw place.failure("must have one plain value");
    }
    Place here = new Place(leaf.at(), place.path());
    try {
      Object value = Values.parse(type, isSize, leaf.text());
      return value instanceof Path named ? file(named, here) : value;
    } catch (IllegalArgumentException e) {
      throw here.failure(String.valueOf(e.getMessage()), e);
    }
  }

  private Path file(Path named, Place place) {
    Path file = folder.resolve(named);
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw place.failure(file + " is not a file that can be read");
    }
    return file;
  }

  /** The keys of a section; a word alone tells which alternative is meant. */
  private static Tree.Section section(Class<?> type, Tree tree, Place place) {
    if (tree instanceof Tree.Section section) {
      return section;
    }
    if (tree instanceof Tree.Leaf leaf && !leaf.text().isEmpty()) {
      Class<?> tagged = type.isRecord() ? inline(type) : type;
      if (tagged != null) {
        return new Tree.Section(
            leaf.at(),
            new LinkedHashMap<>(Map.of(tagKey(tagged), new Tree.Entry(leaf.at(), leaf))));
      }
    }
    throw place.failure("must hold keys and values of its own");
  }

  private static @Nullable Class<?> inline(Class<?> type) {
    for (RecordComponent component : components(type)) {
      if (component.isAnnotationPresent(Inline.class)) {
        return component.getType();
      }
    }
    return null;
  }

  /** The class of the record, or the constant, that the tag names. */
  private static Object choose(
      Class<?> type, Tree.Section section, Place place, @Nullable String defaultTag) {
    String key = tagKey(type);
    Tree.Entry entry = section.entries().get(key);
    Map<String, Object> alternatives = alternatives(type);
    String known = String.join(", ", alternatives.keySet());
    if (entry == null && defaultTag != null) {
      return Objects.requireNonNull(alternatives.get(defaultTag));
    }
    if (entry == null) {
      throw place.child(key, place.at()).failure("is missing, one of " + known);
    }
    Place child = place.child(key, entry.value().at());
    if (!(entry.value() instanceof Tree.Leaf leaf)) {
      throw child.failure("must have one plain value");
    }
    Object chosen = alternatives.get(leaf.text());
    if (chosen == null) {
      throw child.failure(Nearest.notOneOf(leaf.text(), alternatives.keySet()));
    }
    return chosen;
  }

  private static Map<String, Object> alternatives(Class<?> type) {
    Map<String, Object> alternatives = new LinkedHashMap<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      if (permitted.isEnum()) {
        for (Object constant : permitted.getEnumConstants()) {
          alternatives.put(Values.word((Enum<?>) constant), constant);
        }
      } else {
        alternatives.put(Values.snakeCase(permitted.getSimpleName()), permitted);
      }
    }
    return alternatives;
  }

  private static Set<String> keys(
      Class<?> type, Tree.Section section, Place place, @Nullable Record given) {
    Set<String> keys = new LinkedHashSet<>();
    for (RecordComponent component : components(type)) {
      if (component.isAnnotationPresent(Inline.class)) {
        Class<?> inner = component.getType();
        keys.addAll(keys(inner, choose(inner, section, place, null), section, place));
      } else {
        keys.add(key(component, given));
      }
    }
    return keys;
  }

  private static Set<String> keys(Class<?> type, Object chosen, Tree.Section section, Place place) {
    Set<String> keys = new LinkedHashSet<>();
    keys.add(tagKey(type));
    if (chosen instanceof Class<?> record) {
      keys.addAll(keys(record, section, place, null));
    }
    return keys;
  }

  private static void checkKeys(Tree.Section section, Place place, Set<String> known) {
    section
        .entries()
        .forEach(
            (key, entry) -> {
              if (!known.contains(key)) {
                throw place.child(key, entry.at()).failure(Nearest.unknownKey(key, known));
              }
            });
  }

  private static ScenarioException refusal(
      Class<?> type, Tree.Section section, Place place, Throwable cause) {
    if (cause instanceof Refused refused) {
      return Found.of(section, place, refused.path())
          .failure(refused.what(), refused.value(), refused);
    }
    if (!(cause instanceof IllegalArgumentException)) {
      throw new IllegalStateException(type + " neither takes nor refuses its values", cause);
    }
    // The records of a node: the message begins with the name that it refuses, if it is but one.
    String message = String.valueOf(cause.getMessage());
    String name = message.replaceFirst(" .*", "");
    int colon = message.lastIndexOf(": ");
    if (colon < 0 || Arrays.stream(components(type)).noneMatch(c -> c.getName().equals(name))) {
      return place.failure(message, cause);
    }
    String what = message.substring(name.length() + 1, colon);
    String value = message.substring(colon + 2);
    return Found.of(section, place, name).failure(what, value, cause);
  }

  /** What a path leads to: where it is, and the value if that is a plain one. */
  private record Found(Place place, @Nullable String text) {

    static Found of(Tree.Section section, Place start, String path) {
      Place place = start;
      Tree tree = section;
      for (String key : path.split("\\.", -1)) {
        Tree.Entry entry = tree == null ? null : child(tree, key);
        tree = entry == null ? null : entry.value();
        place = place.child(key, entry == null ? place.at() : entry.at());
      }
      return tree instanceof Tree.Leaf leaf
          ? new Found(new Place(leaf.at(), place.path()), leaf.text())
          : new Found(place, null);
    }

    private static Tree.@Nullable Entry child(Tree tree, String key) {
      if (tree instanceof Tree.Section section) {
        return section.entries().get(key);
      }
      if (tree instanceof Tree.Items items) {
        Tree value = items.values().get(Integer.parseInt(key));
        return new Tree.Entry(value.at(), value);
      }
      return null;
    }

    /** The user's own writing of a value is shown, rather than what was made of it. */
    ScenarioException failure(String what, String value, Throwable cause) {
      boolean isOne = !value.contains(" and ");
      return place.failure(what + ": " + (text != null && isOne ? text : value), cause);
    }
  }

  private static String tagKey(Class<?> type) {
    return type.getAnnotation(Tagged.class).value();
  }

  private static String key(RecordComponent component, @Nullable Record given) {
    return given == null ? Values.snakeCase(component.getName()) : component.getName();
  }

  static RecordComponent[] components(Class<?> type) {
    return Objects.requireNonNull(type.getRecordComponents(), type::toString);
  }

  static Object get(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("records of scenarios are public", e);
    }
  }
}
