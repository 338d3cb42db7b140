package org.bytchat.sim.sweep;

/** Student's t distribution, for confidence intervals of means of few values. */
final class StudentT {

  private static final int HALVINGS = 200;

  private StudentT() {}

  /**
   * Returns the value that is not exceeded with a probability.
   *
   * @param probability 0.5 to less than 1
   * @param degrees degrees of freedom, at least 1
   */
  static double quantile(double probability, int degrees) {
    if (!(probability >= 0.5 && probability < 1) || degrees < 1) {
      throw new IllegalArgumentException(probability + " of " + degrees + " degrees of freedom");
    }
    double within = 2 * probability - 1;
    double low = 0;
    double high = 1;
    while (within(high, degrees) < within) {
      high *= 2;
    }
    for (int i = 0; i < HALVINGS && low < high; i++) {
      double middle = (low + high) / 2;
      if (within(middle, degrees) < within) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** The probability between -t and t, a finite sum (Abramowitz and Stegun 26.7.3 and 26.7.4). */
  private static double within(double t, int degrees) {
    double angle = StrictMath.atan(t / StrictMath.sqrt(degrees));
    double cosine = StrictMath.cos(angle);
    double sine = StrictMath.sin(angle);
    boolean isOdd = degrees % 2 == 1;
    double term = isOdd ? cosine : 1;
    double sum = degrees == 1 ? 0 : term;
    for (int i = isOdd ? 3 : 2; i < degrees; i += 2) {
      term *= cosine * cosine * (i - 1) / i;
      sum += term;
    }
    return isOdd ? 2 / StrictMath.PI * (angle + sine * sum) : sine * sum;
  }
}
