package org.bytchat.sim.theory;

/**
 * How many hops a lookup takes. With k random contacts in the bucket that a target falls in, a hop
 * gains c_k bits on average, so that greedy lookups take log2(n) / c_k hops and 0.1 to 0.2 more.
 * This is the c log n law of Cai and Devroye (arXiv 1309.5866, 1402.1191); the constant is derived
 * here.
 */
public final class HopLaw {

  private HopLaw() {}

  /**
   * Returns c_k, the bits gained by a hop: the bit that chose the bucket, and the longest further
   * prefix that one of its k random contacts shares with the target; the sum of 1 - (1 - 2^-j)^k
   * over j from 0, about log2(k) + 1.33.
   *
   * @param bucketSize k, at least 1
   * @return bits
   */
  public static double bitsPerHop(int bucketSize) {
    Checks.range("bucketSize", bucketSize, 1, Integer.MAX_VALUE);
    return 1 + IdealTable.longestPrefix(bucketSize);
  }

  /**
   * Returns log2(n) / c_k, the hops of a greedy lookup but for the 0.1 to 0.2 of its ends.
   *
   * @param nodes n, at least 1
   * @param bucketSize k, at least 1
   * @return hops
   */
  public static double greedyHops(int nodes, int bucketSize) {
    Checks.range("nodes", nodes, 1, Integer.MAX_VALUE);
    return StrictMath.log(nodes) / StrictMath.log(2) / bitsPerHop(bucketSize);
  }

  /**
   * Returns the timeouts that a sequential lookup waits for where each contact is dead with
   * probability p: each hop tries until one answers, h p / (1 - p) in all.
   *
   * @param hops h, 0 or more
   * @param stale p, 0 to below 1
   * @return timeouts one after the other
   */
  public static double expectedTimeouts(double hops, double stale) {
    Checks.range("hops", hops, 0, Double.MAX_VALUE);
    Checks.range("stale", stale, 0, Math.nextDown(1.0));
    return hops * stale / (1 - stale);
  }

  /**
   * Returns the probability that a round of parallel requests stalls, that is, all of them went to
   * dead contacts: p^alpha.
   *
   * @param stale p, the probability that a contact is dead, 0 to 1
   * @param alpha requests in parallel, at least 1
   * @return a probability
   */
  public static double stalledRound(double stale, int alpha) {
    Checks.range("stale", stale, 0, 1);
    Checks.range("alpha", alpha, 1, Integer.MAX_VALUE);
    return StrictMath.pow(stale, alpha);
  }
}
