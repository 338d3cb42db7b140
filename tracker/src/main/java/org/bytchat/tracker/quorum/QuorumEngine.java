package org.bytchat.tracker.quorum;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * How a driver drives the outbox and the inbox. After any input it takes all effects, all events
 * and the next deadline. Time is monotonic nanoseconds and never goes backwards.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface QuorumEngine permits OutboxEngine, InboxEngine {

  /**
   * Tells the time of the world. To be told before the start, and again often enough that a clock
   * that is set is noticed.
   *
   * @param wallMillis milliseconds since 1970
   * @param now the time
   */
  void adjustClock(long wallMillis, long now);

  /**
   * Takes the result of an effect; one that is unknown is ignored.
   *
   * @param id the effect's id
   * @param result what came of it
   * @param now the time
   */
  void handleEffect(long id, QuorumEffect.Result result, long now);

  /**
   * Handles everything whose deadline has come.
   *
   * @param now the time
   */
  void handleTimeout(long now);

  /**
   * Takes the next effect to perform.
   *
   * @return an effect, or null if there is none
   */
  @Nullable QuorumEffect pollEffect();

  /**
   * Returns when {@link #handleTimeout} is to be called next.
   *
   * @return monotonic nanoseconds, {@link Long#MAX_VALUE} for never
   */
  long pollTimeoutNanos();

  /**
   * Returns what was counted.
   *
   * @param counter which
   * @return the count since the start
   */
  long count(QuorumCounter counter);
}
