package org.bytchat.sim.bench;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A closed loop: each of some clients has a window of requests under way, until none is left. */
final class Windows {

  private static final long SECONDS_MAX = 600;

  private final Work work;
  private final CountDownLatch running;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** What clients do. Called by any thread, of one client perhaps by several. */
  @FunctionalInterface
  interface Work {

    /** Begins the next request of a client; returns null if there is none. */
    @Nullable CompletableFuture<?> next(int client) throws Exception;
  }

  private Windows(Work work, int chains) {
    this.work = work;
    this.running = new CountDownLatch(chains);
  }

  /**
   * Works until nothing is left.
   *
   * @param clients how many clients
   * @param window how many requests each has under way
   * @param work what they do
   * @return how long it took, in nanoseconds
   * @throws IllegalStateException if a request failed
   */
  static long run(int clients, int window, Work work)
      throws InterruptedException, TimeoutException {
    Windows windows = new Windows(work, clients * window);
    long begun = System.nanoTime();
    for (int i = 0; i < window; i++) {
      for (int client = 0; client < clients; client++) {
        windows.step(client);
      }
    }
    if (!windows.running.await(SECONDS_MAX, TimeUnit.SECONDS)) {
      throw new TimeoutException("requests are not answered in time");
    }
    long took = System.nanoTime() - begun;
    Throwable failed = windows.failure.get();
    if (failed != null) {
      throw new IllegalStateException("a request failed", failed);
    }
    return took;
  }

  private void step(int client) {
    CompletableFuture<?> under = null;
    try {
      under = failure.get() == null ? work.next(client) : null;
    } catch (Exception e) {
      failure.compareAndSet(null, e);
    }
    if (under == null) {
      running.countDown();
      return;
    }
    CompletableFuture<?> unused =
        under.whenComplete(
            (nothing, thrown) -> {
              if (thrown != null) {
                failure.compareAndSet(null, thrown);
              }
              step(client);
            });
  }
}
