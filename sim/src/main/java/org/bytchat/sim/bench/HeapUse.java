package org.bytchat.sim.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/** How much of the heap is in use by what can be reached. */
final class HeapUse {

  private static final int COLLECTIONS = 4;
  private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

  private HeapUse() {}

  /** Returns the bytes in use now, garbage included. */
  static long bytes() {
    return MEMORY.getHeapMemoryUsage().getUsed();
  }

  /** Collects all garbage and returns the bytes that remain: the least of several looks. */
  static long bytesAfterCollection() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      MEMORY.gc();
      least = Math.min(least, MEMORY.getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
