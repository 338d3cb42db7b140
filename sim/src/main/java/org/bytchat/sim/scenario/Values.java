package org.bytchat.sim.scenario;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plain values as files have them; the messages of what is refused are for users. */
final class Values {

  private static final Pattern DURATION = Pattern.compile("(-?)(\\d{1,9}) ?(ms|s|m|h|d)?");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15}) ?(k|M|G|Ki|Mi|Gi)?");
  private static final Pattern WHOLE = Pattern.compile("[-+]?\\d{1,400}");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?\\d{1,400}(\\.\\d{1,400})?([eE][-+]?\\d{1,3})?");

  /** Beyond it, milliseconds might not fit a number. */
  private static final Duration CENTURY = Duration.ofDays(36_500);

  private static final Map<String, Long> UNITS =
      Map.of(
          "k",
          1_000L,
          "M",
          1_000_000L,
          "G",
          1_000_000_000L,
          "Ki",
          1L << 10,
          "Mi",
          1L << 20,
          "Gi",
          1L << 30);

  private Values() {}

  /**
   * Reads a value of a type.
   *
   * @throws IllegalArgumentException with a message for users if the text is not such a value
   */
  static Object parse(Class<?> type, boolean isSize, String text) {
    if (type == String.class) {
      return text;
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("has no value");
    }
    if (isSize) {
      return size(text);
    }
    if (type == int.class || type == Integer.class) {
      return integer(text);
    }
    if (type == long.class || type == Long.class) {
      return whole(text);
    }
    if (type == double.class || type == Double.class) {
      return decimal(text);
    }
    if (type == boolean.class) {
      return truth(text);
    }
    if (type == Duration.class) {
      return duration(text);
    }
    if (type == Path.class) {
      return path(text);
    }
    if (type.isEnum()) {
      return constant(type, text);
    }
    throw new LinkageError("no key of a scenario has a " + type);
  }

  /** How a value is written, so that {@link #parse} gives it back. */
  static Object plain(Object value) {
    if (value instanceof Duration duration) {
      return text(duration);
    }
    if (value instanceof Enum<?> constant) {
      return word(constant);
    }
    return value instanceof Path path ? path.toString() : value;
  }

  /** A length of time in the largest unit that is exact. */
  static String text(Duration duration) {
    if (duration.compareTo(CENTURY) > 0
        || duration.compareTo(CENTURY.negated()) < 0
        || !duration.truncatedTo(ChronoUnit.MILLIS).equals(duration)) {
      return duration.toString();
    }
    long millis = duration.toMillis();
    long[] units = {86_400_000, 3_600_000, 60_000, 1_000, 1};
    String[] names = {"d", "h", "m", "s", "ms"};
    int unit = 0;
    while (millis % units[unit] != 0) {
      unit++;
    }
    if (millis == 0) {
      return "0s";
    }
    long number = millis / units[unit];
    return Math.abs(number) <= 999_999_999 ? number + names[unit] : duration.toString();
  }

  /** A number without a fraction that is nothing. */
  static String text(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  /** The word for a constant: as it is documented for a node's own settings, else small letters. */
  static String word(Enum<?> constant) {
    boolean isOurs = constant.getDeclaringClass().getPackage() == Values.class.getPackage();
    return isOurs ? constant.name().toLowerCase(Locale.ROOT) : constant.name();
  }

  /** A Java name as a key: {@code joinOver} and {@code JoinOver} are {@code join_over}. */
  static String snakeCase(String name) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  /** Too large a number becomes the largest one, so that whoever checks the range can name it. */
  private static Integer integer(String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a whole number");
    }
    BigDecimal number = new BigDecimal(text);
    return number
        .max(BigDecimal.valueOf(Integer.MIN_VALUE))
        .min(BigDecimal.valueOf(Integer.MAX_VALUE))
        .intValueExact();
  }

  private static Long whole(String text) {
    if (WHOLE.matcher(text).matches()) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        // Said below, in the user's words.
      }
    }
    throw new IllegalArgumentException(
        "'%s' is not a whole number from %d to %d".formatted(text, Long.MIN_VALUE, Long.MAX_VALUE));
  }

  private static Double decimal(String text) {
    double number = DECIMAL.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException("'" + text + "' is not a number like 0.25");
    }
    return number;
  }

  private static Boolean truth(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false, not '" + text + "'");
    };
  }

  /**
   * Reads a length of time as the node's configuration has it: a number with {@code ms}, {@code s},
   * {@code m}, {@code h} or {@code d}, seconds without a unit, or ISO 8601 like {@code PT15M}.
   */
  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      try {
        return Duration.parse(text);
      } catch (DateTimeParseException e) {
        throw new IllegalArgumentException(
            "'" + text + "' is not a length of time like 500ms, 5s, 15m, 1h or 1d", e);
      }
    }
    long number = Long.parseLong(matcher.group(1) + matcher.group(2));
    String unit = matcher.group(3);
    if (unit == null) {
      return Duration.ofSeconds(number);
    }
    return switch (unit) {
      case "ms" -> Duration.ofMillis(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> Duration.ofSeconds(number);
    };
  }

  private static Long size(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (matcher.matches()) {
      String unit = matcher.group(2);
      try {
        long factor = unit == null ? 1 : UNITS.getOrDefault(unit, 1L);
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
      } catch (ArithmeticException e) {
        return Long.MAX_VALUE;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not a size like 1500, 64Ki or 10M");
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + text + "' is not the name of a file", e);
    }
  }

  private static Object constant(Class<?> type, String text) {
    List<String> words = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String word = word((Enum<?>) constant);
      if (word.equalsIgnoreCase(text)) {
        return constant;
      }
      words.add(word);
    }
    throw new IllegalArgumentException(Nearest.notOneOf(text, words));
  }
}
