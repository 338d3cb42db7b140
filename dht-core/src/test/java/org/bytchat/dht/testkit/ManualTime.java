package org.bytchat.dht.testkit;

import java.time.Duration;

/** A clock that moves only when it is told to. Monotonic nanoseconds; not thread-safe. */
public final class ManualTime {

  /** Where clocks begin: neither zero nor positive, as the platform's may be. */
  private static final long START_NANOS = -7_000_000_000L;

  private long nanos = START_NANOS;

  /** Makes a clock. */
  public ManualTime() {}

  /**
   * Returns the time.
   *
   * @return monotonic nanoseconds
   */
  public long nanos() {
    return nanos;
  }

  /**
   * Returns a time to come.
   *
   * @param duration how far ahead
   * @return monotonic nanoseconds
   */
  public long in(Duration duration) {
    return nanos + duration.toNanos();
  }

  /**
   * Moves the clock.
   *
   * @param toNanos the new time
   * @throws IllegalArgumentException if that is in the past
   */
  public void advanceTo(long toNanos) {
    if (toNanos < nanos) {
      throw new IllegalArgumentException("time goes back by " + (nanos - toNanos) + " ns");
    }
    nanos = toNanos;
  }
}
