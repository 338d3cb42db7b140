package org.bytchat.sim.model;

/**
 * What nodes believe the time of day to be: off by a skew at the start of the run, and by a drift
 * of so much for each second of it. Both uniform over nodes, and the same for a node in all its
 * lives.
 */
public final class ClockModel implements Model {

  /** The time of day at the start of every run, in milliseconds since 1970: January 2027. */
  public static final long EPOCH_MILLIS = 1_800_000_000_000L;

  /** How far clocks can be off at the start: a year. */
  public static final long SKEW_MAX_MICROS = 365L * 24 * Units.HOUR;

  /** How fast or slow clocks can be: a tenth of a percent. */
  public static final double DRIFT_MAX_PPM = 1_000;

  private final long skewSeed;
  private final long driftSeed;
  private final long skewMicros;
  private final double driftPpm;

  /**
   * Makes the clocks of a run.
   *
   * @param seed the run's seed
   * @param skewMicros how far clocks are off at most, to either side; 0 to {@link #SKEW_MAX_MICROS}
   * @param driftPpm how many microseconds a second they gain or lose at most; 0 to {@link
   *     #DRIFT_MAX_PPM}
   * @throws IllegalArgumentException if a value is out of range
   */
  public ClockModel(long seed, long skewMicros, double driftPpm) {
    this.skewSeed = Mix.seed(seed, Purpose.SKEW);
    this.driftSeed = Mix.seed(seed, Purpose.DRIFT);
    this.skewMicros = Checked.range("skew in microseconds", skewMicros, 0, SKEW_MAX_MICROS);
    this.driftPpm = Checked.range("drift_ppm", driftPpm, 0, DRIFT_MAX_PPM);
  }

  /**
   * Returns a node's skew.
   *
   * @param node the node's number
   * @return microseconds, negative if the clock is behind
   */
  public long skewMicros(int node) {
    return skewMicros == 0 ? 0 : Math.round(signed(Mix.at(skewSeed, node)) * (double) skewMicros);
  }

  /**
   * Returns a node's drift.
   *
   * @param node the node's number
   * @return parts in a million, negative if the clock is slow
   */
  public double driftPpm(int node) {
    return driftPpm == 0 ? 0 : signed(Mix.at(driftSeed, node)) * driftPpm;
  }

  /**
   * Returns what a node's clock shows.
   *
   * @param node the node's number
   * @param micros virtual time, in microseconds since the start of the run
   * @return milliseconds since 1970; for a node it never falls while virtual time rises
   */
  public long wallMillis(int node, long micros) {
    long gained = (long) Math.floor(driftPpm(node) * 1e-6 * (double) micros);
    return EPOCH_MILLIS + Math.floorDiv(micros + skewMicros(node) + gained, 1000L);
  }

  private static double signed(long bits) {
    return 2 * Mix.share(bits) - 1;
  }

  @Override
  public String describe() {
    return skewMicros == 0 && driftPpm == 0
        ? "exact"
        : "off by up to "
            + Units.text(skewMicros)
            + ", drifting up to "
            + Units.number(driftPpm)
            + " ppm, both uniform";
  }

  @Override
  public String citation() {
    return "an assumption: uniform skew and drift";
  }
}
