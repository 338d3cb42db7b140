package org.bytchat.sim.theory;

/**
 * Sessions of Weibull length, and what becomes of replicas that are held by nodes found online at a
 * random moment and never copied again. Such nodes are biased to long sessions, so that the share
 * still online is that of the stationary process and not the session's survival function.
 *
 * @param shape the Weibull shape, positive; below 1 for measured networks
 * @param scale the Weibull scale, positive, in any unit of time; all times here are in that unit
 */
public record WeibullSessions(double shape, double scale) {

  /** Refuses what is no distribution. */
  public WeibullSessions {
    Checks.positive("shape", shape);
    Checks.positive("scale", scale);
  }

  /**
   * Makes the sessions of a given mean.
   *
   * @param shape the Weibull shape, positive
   * @param mean the mean length, positive
   * @return sessions whose scale has the unit of the mean
   */
  public static WeibullSessions ofMean(double shape, double mean) {
    Checks.positive("shape", shape);
    Checks.positive("mean", mean);
    return new WeibullSessions(shape, mean / StrictMath.exp(GammaFunction.log(1 + 1 / shape)));
  }

  /**
   * Returns the mean length of a session, scale × Γ(1 + 1/shape).
   *
   * @return a time
   */
  public double mean() {
    return scale * StrictMath.exp(GammaFunction.log(1 + 1 / shape));
  }

  /**
   * Returns the probability that a node found online stays so for a time t: Q(1/shape,
   * (t/scale)^shape), Q being the regularized upper incomplete gamma function. For shape 0.5 this
   * is (1 + x) e^-x with x = sqrt(t / scale).
   *
   * @param time t, 0 or more
   * @return a probability
   */
  public double aliveAfter(double time) {
    Checks.range("time", time, 0, Double.MAX_VALUE);
    return GammaFunction.upper(1 / shape, StrictMath.pow(time / scale, shape));
  }

  /**
   * Returns the probability that all of r independent holders are gone after a time: (1 -
   * aliveAfter)^r.
   *
   * @param time 0 or more
   * @param replicas r, at least 1
   * @return a probability
   */
  public double allLostAfter(double time, int replicas) {
    Checks.range("replicas", replicas, 1, Integer.MAX_VALUE);
    return StrictMath.pow(1 - aliveAfter(time), replicas);
  }
}
