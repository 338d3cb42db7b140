package org.bytchat.sim.theory;

/** The size of a network, guessed from how far a target's k-th nearest node is. */
public final class SizeEstimate {

  /** With fewer, the estimate has no variance. */
  private static final int NEAREST_MIN = 3;

  private SizeEstimate() {}

  /**
   * Returns the estimate (k - 1) / d_k, which is unbiased for uniform ids.
   *
   * @param nearest k, at least 3
   * @param distance d_k, the distance to the k-th nearest node as a share of the id space, above 0
   *     to 1
   * @return nodes
   */
  public static double nodes(int nearest, double distance) {
    Checks.range("nearest", nearest, NEAREST_MIN, Integer.MAX_VALUE);
    Checks.range("distance", distance, Double.MIN_VALUE, 1);
    return (nearest - 1) / distance;
  }

  /**
   * Returns the standard deviation of one estimate relative to the size: 1 / sqrt(k - 2).
   *
   * @param nearest k, at least 3
   * @return a share
   */
  public static double relativeDeviation(int nearest) {
    Checks.range("nearest", nearest, NEAREST_MIN, Integer.MAX_VALUE);
    return 1 / Math.sqrt(nearest - 2);
  }
}
