package org.bytchat.sim.model;

/**
 * What random numbers are drawn for. A seed of its own for each keeps them apart: another latency
 * does not change who leaves when.
 *
 * <p>The numbers are part of what a seed means; they never change. Those below 1,000 belong to this
 * package.
 */
public final class Purpose {

  /** Latency of pairs. */
  public static final long LATENCY = 1;

  /** Regions of nodes. */
  public static final long REGION = 2;

  /** Loss, duplication, jitter and reordering. */
  public static final long PACKET = 3;

  /** Sessions and absences. */
  public static final long CHURN = 4;

  /** Addresses and ports. */
  public static final long ADDRESS = 5;

  /** Skew of clocks. */
  public static final long SKEW = 6;

  /** Drift of clocks. */
  public static final long DRIFT = 7;

  /** Who is behind a NAT. */
  public static final long NAT = 8;

  private Purpose() {}
}
