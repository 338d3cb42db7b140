package org.bytchat.sim.run;

/** How much of the heap is used. */
final class Heap {

  private Heap() {}

  static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Collects garbage first, so that only what is in use counts. */
  static long bytesAfterCollection() {
    System.gc();
    return usedBytes();
  }
}
