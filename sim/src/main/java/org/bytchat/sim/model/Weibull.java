package org.bytchat.sim.model;

/**
 * A Weibull distribution of spans; of shape 1 it is the exponential one.
 *
 * @param shape 0.1 to 10; below 1, who has stayed long stays longer
 * @param scaleMicros the span that a share of 1/e exceeds, in microseconds; its mean must be 1 s to
 *     100 years
 */
public record Weibull(double shape, double scaleMicros) {

  private static final double MEAN_MAX = 100 * 365.25 * 24 * Units.HOUR;

  public Weibull {
    Checked.range("shape", shape, 0.1, 10);
    Checked.range("scale in microseconds", scaleMicros, 1, MEAN_MAX);
    Checked.range("mean in microseconds", mean(shape, scaleMicros), Units.SECOND, MEAN_MAX);
  }

  /**
   * Returns the distribution of spans that end at any moment with the same probability.
   *
   * @param meanMicros the mean, 1 s to 100 years
   * @return the distribution
   */
  public static Weibull exponential(double meanMicros) {
    return new Weibull(1, meanMicros);
  }

  /**
   * Returns the distribution of a shape that has a mean.
   *
   * @param shape 0.1 to 10
   * @param meanMicros the mean, 1 s to 100 years
   * @return the distribution
   */
  public static Weibull ofMean(double shape, double meanMicros) {
    return new Weibull(shape, meanMicros / mean(shape, 1));
  }

  /**
   * Returns the mean.
   *
   * @return microseconds
   */
  public double meanMicros() {
    return mean(shape, scaleMicros);
  }

  /**
   * Returns the span that a share of all does not exceed.
   *
   * @param share above 0, below 1
   * @return microseconds
   */
  public double quantileMicros(double share) {
    return scaleMicros * StrictMath.pow(-StrictMath.log1p(-share), 1 / shape);
  }

  /**
   * Returns how many spans are longer than a time.
   *
   * @param micros the time, not negative
   * @return the share
   */
  public double survival(double micros) {
    return StrictMath.exp(-StrictMath.pow(micros / scaleMicros, shape));
  }

  /** Draws a span. */
  long spanMicros(Draws draws) {
    return whole(scaleMicros * StrictMath.pow(-StrictMath.log(draws.share()), 1 / shape));
  }

  /**
   * Draws what is left of a span at a moment that falls in it, however long ago it began.
   *
   * <p>The density of what is left, r, is the survival at r over the mean. With g = (r/scale)^shape
   * that is exp(-g) g^(1/shape - 1) but for a constant: Gamma of shape 1/shape.
   */
  long residualMicros(Draws draws) {
    return whole(scaleMicros * StrictMath.pow(draws.gamma(1 / shape), 1 / shape));
  }

  private static long whole(double micros) {
    return micros >= Units.LONGEST ? Units.LONGEST : Math.max(1, (long) micros);
  }

  private static double mean(double shape, double scale) {
    return scale * gamma(1 + 1 / shape);
  }

  /** The gamma function above 1: Lanczos's approximation (g = 7, n = 9), right to 1 in 10^14. */
  private static double gamma(double x) {
    double[] terms = {
      676.5203681218851,
      -1259.1392167224028,
      771.3234287776531,
      -176.6150291621406,
      12.507343278686905,
      -0.13857109526572012,
      9.984369578019572e-6,
      1.5056327351493116e-7
    };
    double sum = 0.9999999999998099;
    for (int i = 0; i < terms.length; i++) {
      sum += terms[i] / (x + i);
    }
    double t = x + 6.5;
    return StrictMath.sqrt(2 * Math.PI) * StrictMath.pow(t, x - 0.5) * StrictMath.exp(-t) * sum;
  }

  /**
   * Says which distribution it is.
   *
   * @return shape, scale and mean with units
   */
  public String describe() {
    return shape == 1
        ? "exponential, mean " + Units.text(scaleMicros)
        : "Weibull, shape "
            + Units.number(shape)
            + ", scale "
            + Units.text(scaleMicros)
            + ", mean "
            + Units.text(meanMicros());
  }
}
