package org.bytchat.sim.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as text. Never {@code Double.toString}, whose digits differ between versions of Java: two
 * runs of one seed shall leave the same files.
 */
final class Decimal {

  /** What is shown for a value that is not there. */
  static final String NONE = "–";

  private static final MathContext EXACT = new MathContext(12, RoundingMode.HALF_EVEN);
  private static final MathContext SHOWN = new MathContext(5, RoundingMode.HALF_EVEN);
  private static final int MOST_ZEROS = 4;

  private Decimal() {}

  /** Returns the value to twelve digits, without trailing zeros; the value must be finite. */
  static BigDecimal of(double value) {
    return strip(new BigDecimal(value).round(EXACT));
  }

  /** Returns the value as a cell of a table for machines; empty if it is not finite. */
  static String cell(double value) {
    if (!Double.isFinite(value)) {
      return "";
    }
    BigDecimal decimal = of(value);
    return isLong(decimal) ? decimal.toString() : decimal.toPlainString();
  }

  /** Returns the value for people: thousands are grouped, five digits are shown. */
  static String shown(@Nullable Object value) {
    if (value == null) {
      return NONE;
    }
    if (value instanceof Boolean bool) {
      return bool ? "yes" : "no";
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      return Double.isFinite(number) ? shown(number) : NONE;
    }
    if (value instanceof Long || value instanceof Integer) {
      return String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
    }
    return value.toString();
  }

  /** Returns the value as short as it goes, for the marks of an axis: 15 k, 2 M, 0.05. */
  static String tick(double value) {
    double size = Math.abs(value);
    if (size >= 1e15) {
      return new BigDecimal(value).round(SHOWN).stripTrailingZeros().toString();
    }
    if (size >= 1e9) {
      return tick(value / 1e9, " G");
    }
    if (size >= 1e6) {
      return tick(value / 1e6, " M");
    }
    return size >= 1e4 ? tick(value / 1e3, " k") : tick(value, "");
  }

  private static String tick(double value, String unit) {
    return text(strip(new BigDecimal(value).round(SHOWN))) + unit;
  }

  private static String shown(double value) {
    BigDecimal rounded = new BigDecimal(value).round(SHOWN);
    // What is before the point is never rounded away.
    if (Math.abs(value) >= 1e4 && Math.abs(value) < 1e15) {
      rounded = new BigDecimal(value).setScale(0, RoundingMode.HALF_EVEN);
    }
    BigDecimal decimal = strip(rounded);
    if (isLong(decimal)) {
      return String.format(Locale.ROOT, "%,d", decimal.toBigInteger());
    }
    return Math.abs(value) < 1e3 || decimal.scale() < 0
        ? text(decimal)
        : String.format(Locale.ROOT, "%,." + decimal.scale() + "f", decimal);
  }

  private static String text(BigDecimal decimal) {
    boolean small = decimal.scale() - decimal.precision() >= MOST_ZEROS;
    return small || decimal.precision() - decimal.scale() > 15
        ? decimal.toString()
        : decimal.toPlainString();
  }

  private static BigDecimal strip(BigDecimal decimal) {
    BigDecimal stripped = decimal.stripTrailingZeros();
    return isLong(stripped) ? stripped.setScale(0) : stripped;
  }

  private static boolean isLong(BigDecimal stripped) {
    return stripped.scale() <= 0 && stripped.precision() - stripped.scale() <= 18;
  }
}
