package org.bytchat.dht.time;

import org.apiguardian.api.API;

/** Something with a deadline that {@link DeadlineQueue} orders; it knows its place in the queue. */
@API(status = API.Status.EXPERIMENTAL)
public abstract class Timed {

  /** The place of something that is in no queue. */
  static final int NOT_QUEUED = -1;

  long deadlineNanos;
  long order;
  int index = NOT_QUEUED;

  /** Makes something that is in no queue yet. */
  protected Timed() {}

  /**
   * Returns when it is due.
   *
   * @return monotonic nanoseconds, meaningful while it is in a queue
   */
  public final long deadlineNanos() {
    return deadlineNanos;
  }
}
