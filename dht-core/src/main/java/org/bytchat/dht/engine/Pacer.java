package org.bytchat.dht.engine;

/** Spreads the requests of a node over time, so that it does not fill home routers' tables. */
final class Pacer {

  /** A tenth of a second's worth may go at once. */
  private static final long BURST_NANOS = 100_000_000;

  private final long intervalNanos;
  private long busyUntilNanos = Long.MIN_VALUE;

  Pacer(int datagramsPerSecond) {
    intervalNanos = 1_000_000_000L / datagramsPerSecond;
  }

  boolean isReady(long nowNanos) {
    return busyUntilNanos == Long.MIN_VALUE || busyUntilNanos - nowNanos <= BURST_NANOS;
  }

  /** Counts one datagram, ready or not. */
  void charge(long nowNanos) {
    long from = busyUntilNanos == Long.MIN_VALUE ? nowNanos : Math.max(busyUntilNanos, nowNanos);
    busyUntilNanos = from + intervalNanos;
  }

  /** Returns when the next datagram may go. */
  long readyAtNanos() {
    return busyUntilNanos - BURST_NANOS;
  }
}
