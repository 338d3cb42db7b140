package org.bytchat.sim.model;

/**
 * A log-normal RTT for each pair of nodes; one way takes half of it.
 *
 * <p>The RTT is drawn by a hash of the pair through a table of the distribution's quantiles at
 * multiples of 1/4096, straight lines between them. So the extremes beyond 1 in 16,384 are cut off,
 * and what is below the floor is raised to it.
 */
public final class LogNormalLatency implements LatencyModel {

  /** Between the medians 156 ms of King and 152 ms of the pings of Bitcoin and Ethereum nodes. */
  public static final double MEDIAN_RTT_DEFAULT_MICROS = 154_000;

  /** King's median and mean give 0.514, the pings' percentiles 0.39 to 0.47. */
  public static final double SIGMA_DEFAULT = 0.48;

  private static final int CELL_BITS = 12;
  private static final int CELLS = 1 << CELL_BITS;
  private static final int FRACTION_BITS = 20;
  private static final int FRACTION_MASK = (1 << FRACTION_BITS) - 1;
  private static final double TAIL = 1.0 / (4 * CELLS);

  private final long pairSeed;
  private final double medianRttMicros;
  private final double sigma;
  private final long floorMicros;
  private final int[] quantiles;

  /**
   * Makes the latencies of a run.
   *
   * @param seed the run's seed
   * @param medianRttMicros median of the round trips, 1,000 to 10,000,000 microseconds
   * @param sigma standard deviation of the RTT's natural logarithm, 0 to 2
   * @param floorMicros what no pair undercuts one way, in microseconds
   * @throws IllegalArgumentException if a value is out of range
   */
  public LogNormalLatency(long seed, double medianRttMicros, double sigma, long floorMicros) {
    this.pairSeed = Mix.seed(seed, Purpose.LATENCY);
    this.medianRttMicros =
        Checked.range("median_rtt in microseconds", medianRttMicros, 1_000, 10_000_000);
    this.sigma = Checked.range("sigma", sigma, 0, 2);
    this.floorMicros = LatencyModel.checkFloor(floorMicros);
    quantiles = new int[CELLS + 1];
    for (int i = 0; i <= CELLS; i++) {
      double p = i == 0 ? TAIL : i == CELLS ? 1 - TAIL : (double) i / CELLS;
      double rtt = medianRttMicros * StrictMath.exp(sigma * Normal.quantile(p));
      long micros = Math.max(floorMicros, Math.round(rtt / 2));
      quantiles[i] = (int) Math.min(LATENCY_MAX_MICROS, micros);
    }
  }

  @Override
  public long oneWayMicros(int from, int to) {
    long pair = (long) Math.min(from, to) << 32 | Math.max(from, to);
    long bits = Mix.at(pairSeed, pair);
    int cell = (int) (bits >>> 64 - CELL_BITS);
    long fraction = bits >>> 64 - CELL_BITS - FRACTION_BITS & FRACTION_MASK;
    int low = quantiles[cell];
    return low + ((quantiles[cell + 1] - low) * fraction >>> FRACTION_BITS);
  }

  @Override
  public long minMicros() {
    return quantiles[0];
  }

  @Override
  public String describe() {
    return "log-normal RTT for each pair, median "
        + Units.text(medianRttMicros)
        + ", sigma "
        + Units.number(sigma)
        + ", at least "
        + Units.text(floorMicros)
        + " one way";
  }

  @Override
  public String citation() {
    return "defaults between King's 1,024 servers (median 156 ms, mean 178 ms; Li et al., INFOCOM"
        + " 2005) and pings of Bitcoin and Ethereum nodes (median 152 ms; Gencer et al., Financial"
        + " Cryptography 2018)";
  }
}
