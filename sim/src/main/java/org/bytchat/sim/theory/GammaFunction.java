package org.bytchat.sim.theory;

/** The gamma function and its upper incomplete part, to about twelve digits. */
final class GammaFunction {

  /** From here on, six terms of Stirling's series leave an error below 1e-14. */
  private static final double STIRLING_MIN = 12;

  /** The coefficients B(2n) / (2n (2n - 1)) of 1 / x^(2n - 1) in Stirling's series. */
  private static final double[] STIRLING = {
    1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360
  };

  private static final double HALF_LOG_TWO_PI = 0.9189385332046728;

  /** Where an expansion counts as converged. */
  private static final double PRECISION = 1e-15;

  private static final int ITERATIONS_MAX = 100_000;

  /** Stands for zero in a denominator. */
  private static final double TINY = 1e-300;

  private GammaFunction() {}

  /**
   * Returns the natural logarithm of the gamma function (DLMF 5.11.1 after the recurrence 5.5.1).
   *
   * @param x positive
   */
  static double log(double x) {
    Checks.positive("x", x);
    double shifted = x;
    double product = 1;
    while (shifted < STIRLING_MIN) {
      product *= shifted;
      shifted += 1;
    }
    double power = 1 / shifted;
    double series = 0;
    for (double coefficient : STIRLING) {
      series += coefficient * power;
      power /= shifted * shifted;
    }
    double logShifted =
        (shifted - 0.5) * StrictMath.log(shifted) - shifted + HALF_LOG_TWO_PI + series;
    return logShifted - StrictMath.log(product);
  }

  /**
   * Returns Q(a, x), the regularized upper incomplete gamma function (DLMF 8.2.4): the probability
   * that a value of the gamma distribution of shape a and scale 1 exceeds x.
   *
   * @param a positive
   * @param x 0 or more
   */
  static double upper(double a, double x) {
    Checks.positive("a", a);
    Checks.range("x", x, 0, Double.MAX_VALUE);
    if (x == 0) {
      return 1;
    }
    double factor = StrictMath.exp(a * StrictMath.log(x) - x - log(a));
    // Each expansion converges fast on its side of the mean.
    return x < a + 1 ? 1 - factor * lowerSeries(a, x) : factor * upperFraction(a, x);
  }

  /** The series DLMF 8.7.1 of the lower function: sum of x^n / (a (a + 1) ... (a + n)). */
  private static double lowerSeries(double a, double x) {
    double term = 1 / a;
    double sum = term;
    for (int n = 1; n <= ITERATIONS_MAX; n++) {
      term *= x / (a + n);
      sum += term;
      if (term < sum * PRECISION) {
        return sum;
      }
    }
    throw new ArithmeticException("no convergence for a = " + a + ", x = " + x);
  }

  /**
   * The continued fraction DLMF 8.9.2 in its even form, 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2
   * (2 - a) / (x + 5 - a - ...))), by the modified method of Lentz.
   */
  private static double upperFraction(double a, double x) {
    double denominator = x + 1 - a;
    double above = 1 / TINY;
    double below = 1 / denominator;
    double value = below;
    for (int n = 1; n <= ITERATIONS_MAX; n++) {
      double numerator = n * (a - n);
      denominator += 2;
      below = 1 / nonZero(denominator + numerator * below);
      above = nonZero(denominator + numerator / above);
      double change = above * below;
      value *= change;
      if (Math.abs(change - 1) < PRECISION) {
        return value;
      }
    }
    throw new ArithmeticException("no convergence for a = " + a + ", x = " + x);
  }

  private static double nonZero(double value) {
    return Math.abs(value) < TINY ? TINY : value;
  }
}
