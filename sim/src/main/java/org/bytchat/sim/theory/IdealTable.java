package org.bytchat.sim.theory;

/**
 * How full the routing tables of a network are that lacks nothing: n live nodes with uniform ids, a
 * bucket for each length of the common prefix, and in each bucket as many of its candidates as fit.
 */
public final class IdealTable {

  /** Bits of an id, and so the buckets of a table. */
  public static final int BUCKETS = 160;

  /** Below this a term no longer changes a sum that is used to a few digits. */
  private static final double NEGLIGIBLE = 1e-15;

  private IdealTable() {}

  /**
   * Returns the contacts expected in a bucket, E[min(k, Bin(n - 1, 2^-(i + 1)))]: of the other
   * nodes, each shares exactly i leading bits with probability 2^-(i + 1). ProbeLab's RFM19 prints
   * the candidates for n = 15,371.
   *
   * @param nodes n, at least 1
   * @param bucketSize k, at least 1
   * @param bucket i, the leading bits in common, 0 to 159
   * @return contacts, 0 to k
   */
  public static double bucketFill(int nodes, int bucketSize, int bucket) {
    checkNodes(nodes);
    Checks.range("bucketSize", bucketSize, 1, Integer.MAX_VALUE);
    Checks.range("bucket", bucket, 0, BUCKETS - 1);
    int others = nodes - 1;
    double share = StrictMath.pow(2, -(bucket + 1));
    // k - sum of (k - j) P(j) over the j that leave room; in logarithms, as P(0) underflows.
    double logProbability = others * StrictMath.log1p(-share);
    double logOdds = StrictMath.log(share) - StrictMath.log1p(-share);
    double room = 0;
    for (int j = 0; j < bucketSize && j <= others; j++) {
      room += (bucketSize - j) * StrictMath.exp(logProbability);
      logProbability += StrictMath.log((double) (others - j) / (j + 1)) + logOdds;
    }
    return Math.max(0, bucketSize - room);
  }

  /**
   * Returns the contacts expected in a whole table: the sum of {@link #bucketFill} over all
   * buckets.
   *
   * @param nodes n, at least 1
   * @param bucketSize k, at least 1
   * @return contacts
   */
  public static double size(int nodes, int bucketSize) {
    double sum = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      sum += bucketFill(nodes, bucketSize, bucket);
    }
    return sum;
  }

  /**
   * Returns the leading bits that a target is expected to share with the node closest to it, the
   * sum of 1 - (1 - 2^-j)^n over j from 1: about log2(n) + 0.33. RFM19 measured 14 for n = 15,371.
   *
   * @param nodes n, at least 1
   * @return bits
   */
  public static double closestPrefix(int nodes) {
    checkNodes(nodes);
    return longestPrefix(nodes);
  }

  /** Returns the expected maximum, over so many random ids, of the bits shared with a target. */
  static double longestPrefix(int ids) {
    double sum = 0;
    for (int bits = 1; bits <= BUCKETS; bits++) {
      double term = -StrictMath.expm1(ids * StrictMath.log1p(-StrictMath.pow(2, -bits)));
      if (term < NEGLIGIBLE) {
        break;
      }
      sum += term;
    }
    return sum;
  }

  private static void checkNodes(int nodes) {
    Checks.range("nodes", nodes, 1, Integer.MAX_VALUE);
  }
}
