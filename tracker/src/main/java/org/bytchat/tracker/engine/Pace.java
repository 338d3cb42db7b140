package org.bytchat.tracker.engine;

/**
 * How fast something may go: a token bucket that holds as much as one period brings, a second's
 * worth if none is given, and goes into debt for the last one, since what something costs is known
 * when it is done.
 */
final class Pace {

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final long amount;
  private final long periodNanos;

  /** When what was used is paid for. */
  private long paidNanos;

  private boolean isUsed;

  Pace(long perSecond) {
    this(perSecond, SECOND_NANOS);
  }

  Pace(long amount, long periodNanos) {
    this.amount = amount;
    this.periodNanos = periodNanos;
  }

  /** Returns when something may be done next, now if it may be at once. */
  long readyNanos(long nowNanos) {
    return isUsed ? Math.max(nowNanos, paidNanos) : nowNanos;
  }

  boolean isReady(long nowNanos) {
    return readyNanos(nowNanos) <= nowNanos;
  }

  /** Notes what was done. */
  void charge(long cost, long nowNanos) {
    long full = nowNanos - periodNanos;
    long from = isUsed ? Math.max(paidNanos, full) : full;
    paidNanos = from + (long) ((double) cost / amount * periodNanos);
    isUsed = true;
  }
}
