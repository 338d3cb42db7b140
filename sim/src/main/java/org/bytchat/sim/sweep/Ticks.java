package org.bytchat.sim.sweep;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the values of a key have their places on an axis: numbers and sizes at their numbers,
 * lengths of time at their seconds, anything else one after the other.
 */
final class Ticks {

  private static final Pattern QUANTITY =
      Pattern.compile("([-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?) ?([A-Za-z]*)");

  private static final Map<String, Double> SECONDS =
      Map.of("ms", 1e-3, "s", 1.0, "m", 60.0, "h", 3600.0, "d", 86400.0);

  private static final Map<String, Double> SIZES =
      Map.of(
          "", 1.0, "k", 1e3, "M", 1e6, "G", 1e9, "Ki", 1024.0, "Mi", 1048576.0, "Gi", 1073741824.0);

  private static final int DIGITS = 4;

  private final List<String> values;
  private final boolean isTime;
  private final boolean isNumber;

  /**
   * Makes the places.
   *
   * @param values different ones, in the order of the file
   */
  Ticks(List<String> values) {
    this.values = values;
    isNumber = values.stream().allMatch(value -> Double.isFinite(quantity(value, SIZES)));
    isTime =
        !isNumber && values.stream().allMatch(value -> Double.isFinite(quantity(value, SECONDS)));
  }

  double at(String value) {
    return isNumber
        ? quantity(value, SIZES)
        : isTime ? quantity(value, SECONDS) : values.indexOf(value) + 1;
  }

  /** Returns the name of the axis. */
  String label(String key) {
    return isTime ? key + " (seconds)" : key;
  }

  /** Returns which value has which place, empty if that is plain. */
  String caption() {
    if (isNumber || isTime) {
      return "";
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      names.add((i + 1) + " is " + values.get(i));
    }
    return String.join(", ", names) + ".";
  }

  private static double quantity(String text, Map<String, Double> units) {
    Matcher matcher = QUANTITY.matcher(text);
    Double factor = matcher.matches() ? units.get(matcher.group(2)) : null;
    return factor == null ? Double.NaN : Double.parseDouble(matcher.group(1)) * factor;
  }

  /** Returns a number as people read it. */
  static String text(double value) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value)
            .round(new MathContext(DIGITS))
            .stripTrailingZeros()
            .toPlainString()
        : "";
  }
}
