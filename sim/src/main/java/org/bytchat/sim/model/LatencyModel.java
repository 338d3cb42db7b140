package org.bytchat.sim.model;

/**
 * How long a datagram travels from one node to another, before jitter and queues. A pure function
 * of the model's seed and the pair; called once for each datagram, without allocation.
 */
public sealed interface LatencyModel extends Model
    permits ConstantLatency, LogNormalLatency, RegionLatency, MatrixLatency {

  /** No model's floor may be below: the window of a parallel run needs some length. */
  long FLOOR_MIN_MICROS = 1;

  /** The floor where nothing else is said: 5 ms. */
  long FLOOR_DEFAULT_MICROS = 5_000;

  /** No latency may exceed: 60 s one way. */
  long LATENCY_MAX_MICROS = 60_000_000;

  /**
   * Returns the base latency of a pair, the same in both directions where the source is RTTs.
   *
   * @param from the sender's number, not negative
   * @param to the receiver's number, not negative
   * @return microseconds one way, at least {@link #minMicros()}
   */
  long oneWayMicros(int from, int to);

  /**
   * Returns what no pair undercuts: how far a part of the network can run ahead of the others.
   *
   * @return microseconds one way, at least the floor of the model
   */
  long minMicros();

  /**
   * Checks a floor.
   *
   * @param micros the floor
   * @return the floor
   * @throws IllegalArgumentException if it is out of range
   */
  static long checkFloor(long micros) {
    return Checked.range("floor in microseconds", micros, FLOOR_MIN_MICROS, LATENCY_MAX_MICROS);
  }
}
