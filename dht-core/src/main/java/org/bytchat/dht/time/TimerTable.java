package org.bytchat.dht.time;

import java.util.Arrays;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** The deadlines of an engine's periodic duties, one place for each. Not thread-safe. */
@API(status = API.Status.EXPERIMENTAL)
public final class TimerTable {

  private static final EngineTimer[] TIMERS = EngineTimer.values();

  private final long[] deadlines = new long[TIMERS.length];

  /** Makes a table in which nothing is due. */
  public TimerTable() {
    Arrays.fill(deadlines, DeadlineQueue.NEVER);
  }

  /**
   * Sets a deadline, whatever it was.
   *
   * @param timer the duty
   * @param deadlineNanos monotonic nanoseconds, {@link DeadlineQueue#NEVER} for none
   */
  public void set(EngineTimer timer, long deadlineNanos) {
    deadlines[timer.ordinal()] = deadlineNanos;
  }

  /**
   * Returns a deadline.
   *
   * @param timer the duty
   * @return monotonic nanoseconds, {@link DeadlineQueue#NEVER} for none
   */
  public long get(EngineTimer timer) {
    return deadlines[timer.ordinal()];
  }

  /**
   * Takes a duty that is due; its deadline is then {@link DeadlineQueue#NEVER}.
   *
   * @param nowNanos the time
   * @return the duty that was due first, or null
   */
  public @Nullable EngineTimer pollDue(long nowNanos) {
    int due = -1;
    for (int i = 0; i < deadlines.length; i++) {
      if (deadlines[i] <= nowNanos && (due < 0 || deadlines[i] < deadlines[due])) {
        due = i;
      }
    }
    if (due < 0) {
      return null;
    }
    deadlines[due] = DeadlineQueue.NEVER;
    return TIMERS[due];
  }

  /**
   * Returns the earliest deadline.
   *
   * @return monotonic nanoseconds, {@link DeadlineQueue#NEVER} for none
   */
  public long nextNanos() {
    long next = DeadlineQueue.NEVER;
    for (long deadline : deadlines) {
      next = Math.min(next, deadline);
    }
    return next;
  }
}
