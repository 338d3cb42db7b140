package org.bytchat.sim.model;

/**
 * One session of a node: it is up from one moment until just before another.
 *
 * @param upMicros when it comes up; 0 if it was up when the run began
 * @param downMicros when it goes down, after {@code upMicros}; {@link #NEVER} if it stays
 */
public record Life(long upMicros, long downMicros) {

  /** The moment that no run reaches. */
  public static final long NEVER = Long.MAX_VALUE;

  public Life {
    if (upMicros < 0 || downMicros <= upMicros) {
      throw new IllegalArgumentException("no session: " + upMicros + " to " + downMicros);
    }
  }
}
