package org.bytchat.dht.routing;

import java.time.Duration;

/**
 * Times in 32 bits: monotonic nanoseconds in units of 2^26, about 67 ms. The difference of two
 * ticks is right as long as they are less than four years apart.
 */
final class Ticks {

  /** The length of a tick. */
  static final long NANOS = 1L << 26;

  private static final int BITS = Long.numberOfTrailingZeros(NANOS);

  private Ticks() {}

  /** Returns the tick that a time is in. */
  static int of(long nanos) {
    return (int) (nanos >> BITS);
  }

  /** Returns how many ticks a period takes. */
  static int of(Duration period) {
    return (int) ((period.toNanos() + NANOS - 1) >> BITS);
  }

  /** Returns the beginning of a tick. */
  static long nanosOf(int tick, long nowNanos) {
    return ((nowNanos >> BITS) + (tick - of(nowNanos))) << BITS;
  }
}
