package org.bytchat.sim.model;

/**
 * SimBlock's latencies between six regions, the same for all pairs of two regions.
 *
 * <p>SimBlock adds its table's values to each message one way. As averages measured by pings they
 * are plausible round trips (124 ms from North America to Europe), so here they are RTTs, and one
 * way takes half. SimBlock's Pareto noise on each message is left to the jitter of links.
 */
public final class RegionLatency implements LatencyModel {

  private static final int[][] RTT_MILLIS = {
    {32, 124, 184, 198, 151, 189},
    {124, 11, 227, 237, 252, 294},
    {184, 227, 88, 325, 301, 322},
    {198, 237, 325, 85, 58, 198},
    {151, 252, 301, 58, 12, 126},
    {189, 294, 322, 198, 126, 16}
  };

  /** Rows of eight, so that the index is a shift. */
  private static final int ROW_BITS = 3;

  private final Regions regions;
  private final long floorMicros;
  private final int[] oneWay = new int[Regions.COUNT << ROW_BITS];
  private final long minMicros;

  /**
   * Makes the latencies of a run.
   *
   * @param regions where the nodes are
   * @param floorMicros what no pair undercuts one way, in microseconds
   * @throws IllegalArgumentException if the floor is out of range
   */
  public RegionLatency(Regions regions, long floorMicros) {
    this.regions = regions;
    this.floorMicros = LatencyModel.checkFloor(floorMicros);
    long min = LATENCY_MAX_MICROS;
    for (int a = 0; a < Regions.COUNT; a++) {
      for (int b = 0; b < Regions.COUNT; b++) {
        long micros = Math.max(floorMicros, RTT_MILLIS[a][b] * 1000L / 2);
        oneWay[a << ROW_BITS | b] = (int) micros;
        min = Math.min(min, micros);
      }
    }
    minMicros = min;
  }

  @Override
  public long oneWayMicros(int from, int to) {
    return oneWay[regions.of(from) << ROW_BITS | regions.of(to)];
  }

  @Override
  public long minMicros() {
    return minMicros;
  }

  @Override
  public String describe() {
    return "six regions, RTT of 11 to 325 ms, at least " + Units.text(floorMicros) + " one way";
  }

  @Override
  public String citation() {
    return Regions.CITATION + "; its latencies taken as RTTs";
  }
}
