package org.bytchat.tracker.quorum;

import java.util.ArrayDeque;
import java.util.Queue;

/** Lets so many things be under way at once; the others wait their turn. */
final class Slots {

  private final int max;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int used;
  private boolean isDraining;

  Slots(int max) {
    this.max = max;
  }

  /** Begins something now or later; it gives its slot back with {@link #release}. */
  void take(Runnable begin) {
    waiting.add(begin);
    drain();
  }

  void release() {
    used--;
    drain();
  }

  /** In a loop, not by recursion: what begins may release at once, and many may wait. */
  private void drain() {
    if (isDraining) {
      return;
    }
    isDraining = true;
    while (used < max && !waiting.isEmpty()) {
      used++;
      waiting.remove().run();
    }
    isDraining = false;
  }
}
