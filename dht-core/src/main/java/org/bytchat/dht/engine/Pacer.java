package org.bytchat.dht.engine;

/**
 * Spreads the requests of a node over time, so that it does not fill home routers' tables. It slows
 * down while requests get no answer, and is as fast as before once they do: what is lost is most
 * often lost on the node's own line.
 */
final class Pacer {

  /** How many times slower it gets at the most. */
  private static final int SLOWEST = 8;

  private static final double SLOWER = 1.5;

  /** With fewer than 2.5 answers for a loss it gets slower and slower. */
  private static final double FASTER = 0.85;

  /** A tenth of a second's worth may go at once. */
  private static final long BURST_NANOS = 100_000_000;

  private final long leastNanos;
  private double intervalNanos;
  private long busyUntilNanos = Long.MIN_VALUE;

  Pacer(int datagramsPerSecond) {
    leastNanos = 1_000_000_000L / datagramsPerSecond;
    intervalNanos = (double) leastNanos;
  }

  boolean isReady(long nowNanos) {
    return busyUntilNanos == Long.MIN_VALUE || busyUntilNanos - nowNanos <= BURST_NANOS;
  }

  /** Counts one datagram, ready or not. */
  void charge(long nowNanos) {
    long from = busyUntilNanos == Long.MIN_VALUE ? nowNanos : Math.max(busyUntilNanos, nowNanos);
    busyUntilNanos = from + (long) intervalNanos;
  }

  /** Notes that somebody answered. */
  void onAnswer() {
    intervalNanos = Math.max((double) leastNanos, intervalNanos * FASTER);
  }

  /** Notes that somebody who should be there did not answer. */
  void onLoss() {
    intervalNanos = Math.min((double) SLOWEST * leastNanos, intervalNanos * SLOWER);
  }

  /** Returns when the next datagram may go, long ago if none went yet. */
  long readyAtNanos() {
    return busyUntilNanos == Long.MIN_VALUE ? Long.MIN_VALUE / 2 : busyUntilNanos - BURST_NANOS;
  }
}
