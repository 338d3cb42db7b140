package org.bytchat.sim.model;

import java.util.List;

/** Which of SimBlock's six regions a node is in: a hash of its number, by the shares of 2019. */
public final class Regions {

  /** How many there are. */
  public static final int COUNT = 6;

  /** The names, in the order of the tables. */
  public static final List<String> NAMES =
      List.of("North America", "Europe", "South America", "Asia and Pacific", "Japan", "Australia");

  static final String CITATION =
      "SimBlock (Aoki et al., 2019), NetworkConfiguration.java, Apache License 2.0: tables of 2019,"
          + " shares of Bitcoin's nodes of 2019";

  /** Ten-thousandths of all nodes. */
  private static final int[] SHARES = {3316, 4998, 90, 1177, 224, 195};

  private static final int WHOLE = 10_000;

  /** The region of each ten-thousandth: one look instead of comparisons that mispredict. */
  private static final byte[] REGION_OF = regionOf();

  private final long seed;

  /**
   * Makes the regions of a run.
   *
   * @param seed the run's seed
   */
  public Regions(long seed) {
    this.seed = Mix.seed(seed, Purpose.REGION);
  }

  /**
   * Returns a node's region.
   *
   * @param node the node's number
   * @return 0 to 5
   */
  public int of(int node) {
    return REGION_OF[Mix.below(Mix.at(seed, node), WHOLE)];
  }

  /**
   * Returns how many of all nodes are in a region.
   *
   * @param region 0 to 5
   * @return the share, 0 to 1
   */
  public static double share(int region) {
    return (double) SHARES[region] / WHOLE;
  }

  private static byte[] regionOf() {
    byte[] regions = new byte[WHOLE];
    int at = 0;
    for (int region = 0; region < COUNT; region++) {
      for (int i = 0; i < SHARES[region]; i++) {
        regions[at++] = (byte) region;
      }
    }
    if (at != WHOLE) {
      throw new AssertionError("the shares make up " + at);
    }
    return regions;
  }
}
