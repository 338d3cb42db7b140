package org.bytchat.tracker.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** Keys and values of a section of the file, for a configuration record of the engine. */
final class ConfigSection {

  private final Map<String, Value> values = new LinkedHashMap<>();

  /** A value, a text or for a part a whole record, and the line that it stands on. */
  private record Value(String text, @Nullable Record part, int line) {}

  /** A key or value that the record does not take. */
  static final class Wrong extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int line;

    Wrong(String message, int line, @Nullable Throwable cause) {
      super(message, cause);
      this.line = line;
    }

    /** The line, 0 if the values are wrong together. */
    int line() {
      return line;
    }
  }

  void put(String key, String text, int line) {
    values.put(key, new Value(text, null, line));
  }

  /** Gives a component that is a record itself. */
  void put(String key, Record part, int line) {
    values.put(key, new Value("", part, line));
  }

  /**
   * Returns the component of a name if it is a record, whose keys and values are one level down.
   */
  static @Nullable Record part(Record defaults, String name) {
    for (RecordComponent component : components(defaults)) {
      if (component.getName().equals(name) && component.getType().isRecord()) {
        return (Record) get(component, defaults);
      }
    }
    return null;
  }

  /**
   * Makes a copy of a record with the section's values in place of those of the same names.
   *
   * @throws Wrong if the record has no such name, or refuses a value
   */
  <R extends Record> R applyTo(R defaults) {
    RecordComponent[] components = components(defaults);
    Map<String, Value> left = new LinkedHashMap<>(values);
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Value value = isOffered(components[i]) ? left.remove(components[i].getName()) : null;
      arguments[i] = value == null ? get(components[i], defaults) : parse(components[i], value);
    }
    left.forEach(
        (key, value) -> {
          String known =
              Arrays.stream(components)
                  .filter(ConfigSection::isOffered)
                  .map(RecordComponent::getName)
                  .collect(Collectors.joining(", "));
          throw new Wrong(key + ": unknown key; known are " + known, value.line, null);
        });
    return make(defaults, components, arguments);
  }

  /** Makes a copy of a record with another value of one name. */
  static <R extends Record> R with(R record, String name, int value) {
    ConfigSection section = new ConfigSection();
    section.put(name, String.valueOf(value), 0);
    return section.applyTo(record);
  }

  /** What is one of some names, such as the scope, follows from the options. */
  private static boolean isOffered(RecordComponent component) {
    return !component.getType().isEnum();
  }

  private static RecordComponent[] components(Record record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    if (components == null) {
      throw new AssertionError("every record has components: " + record);
    }
    return components;
  }

  private static Object parse(RecordComponent component, Value value) {
    String name = component.getName();
    if (value.part != null) {
      return value.part;
    }
    if (component.getType() == boolean.class) {
      if (!value.text.equals("true") && !value.text.equals("false")) {
        throw new Wrong(
            name + ": must be true or false, not '" + value.text + "'", value.line, null);
      }
      return value.text.equals("true");
    }
    try {
      if (component.getType() == Duration.class) {
        return Converters.duration(value.text);
      }
      return component.getType() == long.class
          ? Converters.integer(value.text, Long.MIN_VALUE, Long.MAX_VALUE)
          : (Object) Converters.integer(value.text, Integer.MIN_VALUE, Integer.MAX_VALUE);
    } catch (TypeConversionException e) {
      throw new Wrong(name + ": " + e.getMessage(), value.line, e);
    }
  }

  private static Object get(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("configuration records are public", e);
    }
  }

  private <R extends Record> R make(R like, RecordComponent[] components, Object[] arguments) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      @SuppressWarnings("unchecked")
      Class<R> type = (Class<R>) like.getClass();
      return type.getDeclaredConstructor(types).newInstance(arguments);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      throw refused(String.valueOf(cause == null ? e : cause.getMessage()), e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("configuration records are public", e);
    }
  }

  /** A record's message begins with the name that it refuses. */
  private Wrong refused(String message, Throwable cause) {
    String name = message.replaceFirst(" .*", "");
    Value value = values.get(name);
    return new Wrong(message, value == null ? 0 : value.line, cause);
  }
}
