package org.bytchat.sim.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where the threads of a run wait for each other, a thousand times in a virtual second: they spin
 * for a while before they give up their core. Each thread passes it equally often.
 */
final class Gate {

  /**
   * A few microseconds: longer would keep the core from who is waited for, if there are too few.
   */
  private static final int SPINS = 100;

  private final int threads;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile int turn;

  Gate(int threads) {
    this.threads = threads;
  }

  /** Waits until all threads have come. */
  @SuppressWarnings("ThreadPriorityCheck") // for speed alone: nothing depends on who runs first
  void pass() {
    int mine = turn;
    if (waiting.incrementAndGet() == threads) {
      waiting.set(0);
      turn = mine + 1;
      return;
    }
    int spins = 0;
    while (turn == mine) {
      if (++spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }
}
