package org.bytchat.sim.attack;

/**
 * When an attacker does things at an even rate: the times follow from how many were before.
 *
 * @param fromMicros when the first is
 * @param endMicros from when on there are no more
 * @param perSecond how many there are in a second, above 0
 */
public record Pace(long fromMicros, long endMicros, double perSecond) {

  private static final double SECOND_MICROS = 1_000_000;

  /** A time that does not come. */
  static final long NEVER = Long.MAX_VALUE;

  public Pace {
    if (!(perSecond > 0) || fromMicros < 0) {
      throw new IllegalArgumentException(
          "needs a rate above 0 and a time of 0 or more: %s, %d".formatted(perSecond, fromMicros));
    }
  }

  /** Returns a pace so many times as fast. */
  Pace times(int count) {
    return new Pace(fromMicros, endMicros, perSecond * count);
  }

  /** Returns when something is done, {@link #NEVER} if that were after the end. */
  long timeMicros(long number) {
    long time = fromMicros + (long) (number * (SECOND_MICROS / perSecond));
    return time < endMicros ? time : NEVER;
  }
}
