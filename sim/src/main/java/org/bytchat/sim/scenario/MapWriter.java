package org.bytchat.sim.scenario;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.scenario.Schema.Absent;
import org.bytchat.sim.scenario.Schema.Inline;
import org.bytchat.sim.scenario.Schema.Tagged;

/** Writes records as maps of plain values that {@link Binder} reads. */
final class MapWriter {

  private MapWriter() {}

  /** All of a record, what has its default included, in the order of its components. */
  static Map<String, Object> map(Record record) {
    Map<String, Object> map = new LinkedHashMap<>();
    put(record, map);
    return map;
  }

  private static void put(Record record, Map<String, Object> map) {
    boolean isOurs = record.getClass().getPackage() == MapWriter.class.getPackage();
    for (RecordComponent component : Binder.components(record.getClass())) {
      Object value = Binder.get(component, record);
      String name = component.getName();
      String key = isOurs ? Values.snakeCase(name) : name;
      if (component.isAnnotationPresent(Inline.class)) {
        putTagged(component.getType(), value, map);
      } else if (value == null) {
        map.put(key, component.getAnnotation(Absent.class).value());
      } else {
        map.put(key, plain(component.getType(), value));
      }
    }
  }

  private static Object plain(Class<?> type, Object value) {
    if (type.isAnnotationPresent(Tagged.class)) {
      Map<String, Object> map = new LinkedHashMap<>();
      putTagged(type, value, map);
      return map;
    }
    if (value instanceof Record record) {
      return map(record);
    }
    if (value instanceof List<?> list) {
      List<Object> values = new ArrayList<>();
      list.forEach(each -> values.add(plain(taggedType(each), each)));
      return values;
    }
    return Values.plain(value);
  }

  private static void putTagged(Class<?> type, Object value, Map<String, Object> map) {
    String tag =
        value instanceof Enum<?> constant
            ? Values.word(constant)
            : Values.snakeCase(value.getClass().getSimpleName());
    map.put(type.getAnnotation(Tagged.class).value(), tag);
    if (value instanceof Record record) {
      put(record, map);
    }
  }

  /** The interface that tells the alternatives apart, if the value is one of some. */
  private static Class<?> taggedType(Object value) {
    for (Class<?> each : value.getClass().getInterfaces()) {
      if (each.isAnnotationPresent(Tagged.class)) {
        return each;
      }
    }
    return value.getClass();
  }
}
