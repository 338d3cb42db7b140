package org.bytchat.tracker.engine;

/**
 * How fast something may go: a token bucket that holds a second's worth, and goes into debt for the
 * last one, since what something costs is known when it is done.
 */
final class Pace {

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final long perSecond;

  /** When what was used is paid for. */
  private long paidNanos;

  private boolean isUsed;

  Pace(long perSecond) {
    this.perSecond = perSecond;
  }

  /** Returns when something may be done next, now if it may be at once. */
  long readyNanos(long nowNanos) {
    return isUsed ? Math.max(nowNanos, paidNanos) : nowNanos;
  }

  boolean isReady(long nowNanos) {
    return readyNanos(nowNanos) <= nowNanos;
  }

  /** Notes what was done. */
  void charge(long amount, long nowNanos) {
    long from = isUsed ? Math.max(paidNanos, nowNanos - SECOND_NANOS) : nowNanos - SECOND_NANOS;
    paidNanos = from + (long) ((double) amount / perSecond * SECOND_NANOS);
    isUsed = true;
  }
}
