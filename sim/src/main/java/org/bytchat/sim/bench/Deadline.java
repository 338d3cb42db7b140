package org.bytchat.sim.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A time by which something must have happened. */
record Deadline(long nanos) {

  static Deadline in(long seconds) {
    return new Deadline(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
  }

  /** Waits a little before the caller looks again. */
  void pause(long millis, String failure) throws TimeoutException, InterruptedException {
    if (System.nanoTime() - nanos > 0) {
      throw new TimeoutException(failure + " in time");
    }
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    if (Thread.interrupted()) {
      throw new InterruptedException(failure);
    }
  }
}
