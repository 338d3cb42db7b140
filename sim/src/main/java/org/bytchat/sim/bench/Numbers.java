package org.bytchat.sim.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Locale;

/** Numbers as results show them. */
final class Numbers {

  private static final int DIGITS = 4;

  private Numbers() {}

  /** Rounds to four digits: no benchmark repeats more. Whole numbers below 2^53 stay exact. */
  static Number rounded(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 0x1p53) {
      return (long) value;
    }
    BigDecimal number =
        BigDecimal.valueOf(value).round(new MathContext(DIGITS, RoundingMode.HALF_EVEN));
    // Not ?:, which would make both a double.
    if (number.stripTrailingZeros().scale() <= 0) {
      return number.longValue();
    }
    return number.doubleValue();
  }

  static String text(double value) {
    Number number = rounded(value);
    return number instanceof Long
        ? String.format(Locale.ROOT, "%,d", number)
        : new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
  }

  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
