package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: {@code docs/configuration.md} and the configuration records say the same. */
class ConfigDefaultsTest {

  private static final RepositoryTree TREE = RepositoryTree.find();

  private static final MarkdownDocument DOCUMENT =
      MarkdownDocument.parse(TREE.read("docs/configuration.md"));

  /** The notation of times: the largest unit that leaves a whole number. */
  private static final Map<String, Duration> TIME_UNITS = timeUnits();

  private static Map<String, Duration> timeUnits() {
    Map<String, Duration> units = new LinkedHashMap<>();
    units.put("day", ChronoUnit.DAYS.getDuration());
    units.put("h", ChronoUnit.HOURS.getDuration());
    units.put("min", ChronoUnit.MINUTES.getDuration());
    units.put("s", ChronoUnit.SECONDS.getDuration());
    units.put("ms", ChronoUnit.MILLIS.getDuration());
    return units;
  }

  /** The defaults of all records, found from the outermost. */
  static Stream<Record> records() {
    return withNested(DhtConfig.defaults());
  }

  private static Stream<Record> withNested(Record outer) {
    return Stream.concat(
        Stream.of(outer),
        values(outer).stream()
            .filter(Record.class::isInstance)
            .flatMap(inner -> withNested((Record) inner)));
  }

  @ParameterizedTest
  @MethodSource("records")
  void table_hasExactlyTheComponentsAndTheirDefaults(Record defaults) {
    assertThat(List.copyOf(table(defaults).map("Name", "Default").entrySet()))
        .isEqualTo(List.copyOf(rendered(defaults).entrySet()));
  }

  @ParameterizedTest
  @MethodSource("records")
  void table_rangesAreThoseOfTheConstructor(Record defaults) {
    Map<String, String> ranges = table(defaults).map("Name", "Range");
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      String range = ranges.getOrDefault(components[i].getName(), "missing");
      Object value = values(defaults).get(i);
      if (value instanceof Integer || value instanceof Duration || value instanceof String) {
        assertEnds(defaults, i, range);
      } else {
        assertThat(range).as(components[i].getName()).isEqualTo(choices(components[i].getType()));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void table_unitIsTimeForTimesOnly(Record defaults) {
    Map<String, String> units = table(defaults).map("Name", "Unit");
    for (RecordComponent component : defaults.getClass().getRecordComponents()) {
      assertThat("time".equals(units.get(component.getName())))
          .as(component.getName())
          .isEqualTo(component.getType() == Duration.class);
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void methods_namedAreThoseThatExist(Record defaults) {
    Set<String> named = new TreeSet<>();
    String record = defaults.getClass().getSimpleName();
    for (List<String> row : DOCUMENT.table("Setting values", "Record").rows()) {
      if (row.get(0).equals(record)) {
        Pattern.compile("with[A-Z]\\w+")
            .matcher(row.get(1))
            .results()
            .forEach(match -> named.add(match.group()));
      }
    }
    assertThat(named)
        .isEqualTo(
            Arrays.stream(defaults.getClass().getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("with"))
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void scopes_areThoseOfTheCode() {
    assertThat(DOCUMENT.table("Scope", "Name").column("Name"))
        .isEqualTo(Stream.of(Scope.values()).map(Scope::name).toList());
  }

  @Test
  void examples_areCompiledHereAndDoWhatTheySay() {
    String source = TREE.read("docs/src/test/java/org/bytchat/docs/ConfigDefaultsTest.java");
    List<String> examples = DOCUMENT.table("Setting values", "To").column("Write");
    assertThat(examples).hasSizeGreaterThan(3);
    for (String example : examples) {
      assertThat(source.replaceAll("\\s", "")).contains("=" + example.replaceAll("\\s", ""));
    }
    DhtConfig changed = example();
    assertThat(changed.network()).isEqualTo("my-network");
    assertThat(changed.readOnly()).isTrue();
    assertThat(changed.lookup().datagramsPerSecond()).isEqualTo(100);
    assertThat(changed.limits().requestsBurst()).isEqualTo(100);
  }

  private static DhtConfig example() {
    DhtConfig config = DhtConfig.defaults();
    assertThat(config.readOnly()).isFalse();
    config = DhtConfig.defaults().withNetwork("my-network").withReadOnly(true);
    config = config.withLookup(config.lookup().withDatagramsPerSecond(100));
    config = config.withLimits(config.limits().withRequestsPerSecond(50));
    DhtNodeBuilder builder = DhtNode.builder().config(config);
    builder.build().close();
    return config;
  }

  private static MarkdownDocument.Table table(Record record) {
    return DOCUMENT.table(record.getClass().getSimpleName(), "Name");
  }

  private static List<Object> values(Record record) {
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        values.add(component.getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(component.toString(), e);
      }
    }
    return values;
  }

  private static Map<String, String> rendered(Record record) {
    Map<String, String> rendered = new LinkedHashMap<>();
    RecordComponent[] components = record.getClass().getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      rendered.put(components[i].getName(), render(values(record).get(i)));
    }
    return rendered;
  }

  private static String render(Object value) {
    if (value instanceof Integer number) {
      return String.format(Locale.ROOT, "%,d", number);
    }
    if (value instanceof Duration time) {
      return renderTime(time);
    }
    if (value instanceof Record) {
      return value.getClass().getSimpleName() + ".defaults()";
    }
    if (value instanceof String || value instanceof Boolean || value instanceof Enum) {
      return value.toString();
    }
    throw new AssertionError("the document has no notation for " + value.getClass());
  }

  private static String renderTime(Duration time) {
    for (Map.Entry<String, Duration> unit : TIME_UNITS.entrySet()) {
      long count = time.dividedBy(unit.getValue());
      if (unit.getValue().multipliedBy(count).equals(time)) {
        return count + " " + unit.getKey();
      }
    }
    throw new AssertionError("the document has no notation for " + time);
  }

  private static String choices(Class<?> type) {
    if (type == boolean.class) {
      return "true, false";
    }
    Object[] constants = type.getEnumConstants();
    return constants == null
        ? "–"
        : Stream.of(constants).map(Object::toString).collect(Collectors.joining(", "));
  }

  /** Both ends of a range are accepted, and what is just beyond them is not. */
  private static void assertEnds(Record defaults, int index, String range) {
    String name = defaults.getClass().getRecordComponents()[index].getName();
    String[] ends = range.split(" to ", -1);
    assertThat(ends).as("range of " + name + ": " + range).hasSize(2);
    Object value = values(defaults).get(index);
    for (int end = 0; end < 2; end++) {
      assertThat(isInRange(defaults, index, number(value, ends[end], 0)))
          .as(name + " of " + ends[end])
          .isTrue();
      assertThat(isInRange(defaults, index, number(value, ends[end], 2 * end - 1)))
          .as(name + " beyond " + ends[end])
          .isFalse();
    }
  }

  /** What a cell says, as a value like {@code example}, moved by a number of smallest steps. */
  private static Object number(Object example, String cell, int steps) {
    String[] parts = cell.replace(",", "").split(" ", -1);
    int count = Integer.parseInt(parts[0]);
    if (example instanceof Duration) {
      Duration unit = TIME_UNITS.getOrDefault(parts[1], Duration.ZERO);
      return unit.multipliedBy(count).plusMillis(steps);
    }
    assertThat(parts).as(cell).hasSize(1);
    return example instanceof String ? "n".repeat(count + steps) : (Object) (count + steps);
  }

  private static boolean isInRange(Record defaults, int index, Object value) {
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    Object[] arguments = values(defaults).toArray();
    arguments[index] = value;
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = defaults.getClass().getConstructor(types);
      constructor.newInstance(arguments);
      return true;
    } catch (InvocationTargetException e) {
      // A rule between two components is not about the range of one.
      String message = String.valueOf(e.getTargetException().getMessage());
      return !message.matches("(?s)" + components[index].getName() + " must (be in|have) .*");
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(defaults.getClass().toString(), e);
    }
  }
}
