package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.bytchat.tracker.session.SessionConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: {@code docs/configuration.md} and the tracker's configuration records say the same. */
class TrackerDefaultsTest {

  private static final MarkdownDocument DOCUMENT =
      MarkdownDocument.parse(RepositoryTree.find().read("docs/configuration.md"));

  /** Largest first, as times are written with the largest that leaves a whole number. */
  private static final Map<String, ChronoUnit> UNITS = units();

  private static Map<String, ChronoUnit> units() {
    Map<String, ChronoUnit> units = new LinkedHashMap<>();
    units.put("day", ChronoUnit.DAYS);
    units.put("h", ChronoUnit.HOURS);
    units.put("min", ChronoUnit.MINUTES);
    units.put("s", ChronoUnit.SECONDS);
    units.put("ms", ChronoUnit.MILLIS);
    return units;
  }

  /**
   * A record, and the heading of its table: where its keys are in the configuration file, those of
   * a client in a scenario of the simulator.
   */
  record Part(String heading, Record defaults) {}

  static Stream<Part> parts() {
    return Stream.concat(
        inner("mailbox", TrackerConfig.defaults()),
        Stream.concat(
            Stream.of(new Part("sessions", SessionConfig.defaults())),
            Stream.concat(
                inner("sessions", SessionConfig.defaults()),
                inner("client", QuorumConfig.defaults()))));
  }

  private static Stream<Part> inner(String heading, Record outer) {
    return Arrays.stream(outer.getClass().getRecordComponents())
        .filter(component -> component.getType().isRecord())
        .map(
            component ->
                new Part(heading + "." + component.getName(), (Record) value(component, outer)));
  }

  private static Object value(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(component.toString(), e);
    }
  }

  @ParameterizedTest
  @MethodSource("parts")
  void table_hasExactlyTheComponentsAndTheirDefaults(Part part) {
    Map<String, String> expected = new LinkedHashMap<>();
    for (RecordComponent component : part.defaults.getClass().getRecordComponents()) {
      expected.put(component.getName(), render(value(component, part.defaults)));
    }
    assertThat(List.copyOf(table(part).map("Name", "Default").entrySet()))
        .isEqualTo(List.copyOf(expected.entrySet()));
  }

  @ParameterizedTest
  @MethodSource("parts")
  void table_rangesAreThoseOfTheConstructor(Part part) {
    Map<String, String> ranges = table(part).map("Name", "Range");
    RecordComponent[] components = part.defaults.getClass().getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      String range = ranges.getOrDefault(components[i].getName(), "missing");
      Object value = value(components[i], part.defaults);
      if (value instanceof Number || value instanceof Duration) {
        assertEnds(part.defaults, i, range);
      } else {
        assertThat(range).as(components[i].getName()).isEqualTo("–");
      }
    }
  }

  @Test
  void sessionsOfTrackers_haveTheRoomThatIsSaid() {
    Map<String, String> meanings = DOCUMENT.table("sessions", "Name").map("Name", "Meaning");
    assertThat(meanings.get("outboundBytesMax"))
        .contains(render(Tracker.defaultSessions().outboundBytesMax()));
  }

  private static MarkdownDocument.Table table(Part part) {
    return DOCUMENT.table(part.heading, "Name");
  }

  private static String render(Object value) {
    if (value instanceof Number number) {
      return String.format(Locale.ROOT, "%,d", number.longValue());
    }
    if (value instanceof Record) {
      return "see below";
    }
    if (!(value instanceof Duration time)) {
      return value.toString();
    }
    for (Map.Entry<String, ChronoUnit> unit : UNITS.entrySet()) {
      long count = time.dividedBy(unit.getValue().getDuration());
      if (time.equals(unit.getValue().getDuration().multipliedBy(count))) {
        return count + " " + unit.getKey();
      }
    }
    throw new AssertionError("the document has no notation for " + time);
  }

  /** Both ends of a range are accepted, and what is just beyond them is not. */
  private static void assertEnds(Record defaults, int index, String range) {
    String name = defaults.getClass().getRecordComponents()[index].getName();
    String[] ends = range.split(" to ", -1);
    assertThat(ends).as("range of " + name + ": " + range).hasSize(2);
    for (int end = 0; end < 2; end++) {
      long limit = number(ends[end]);
      assertThat(isInRange(defaults, index, limit)).as(name + " of " + ends[end]).isTrue();
      if (limit != Long.MAX_VALUE) {
        assertThat(isInRange(defaults, index, limit + 2L * end - 1))
            .as(name + " beyond " + ends[end])
            .isFalse();
      }
    }
  }

  /** A number, of a time its milliseconds. */
  private static long number(String cell) {
    String[] parts = cell.replace(",", "").split(" ", -1);
    long count = Long.parseLong(parts[0]);
    return parts.length == 1
        ? count
        : UNITS.getOrDefault(parts[1], ChronoUnit.FOREVER).getDuration().toMillis() * count;
  }

  private static boolean isInRange(Record defaults, int index, long number) {
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    Object[] arguments =
        Arrays.stream(components).map(component -> value(component, defaults)).toArray();
    Class<?> type = components[index].getType();
    if (type == Duration.class) {
      arguments[index] = Duration.ofMillis(number);
    } else {
      arguments[index] = type == int.class ? (Object) Math.toIntExact(number) : (Object) number;
    }
    try {
      defaults
          .getClass()
          .getConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
          .newInstance(arguments);
      return true;
    } catch (InvocationTargetException e) {
      // A rule between two components is not about the range of one.
      String message = String.valueOf(e.getTargetException().getMessage());
      return !message.matches("(?s)" + components[index].getName() + "( in ms)? must be in .*");
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(defaults.getClass().toString(), e);
    }
  }
}
