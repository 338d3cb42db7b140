package org.bytchat.sim.theory;

import java.util.Arrays;

/** Ids that are collected to be sorted by their distance to a target. */
final class ByDistance {

  private final long target;

  /** Distances with the first bit flipped, so that their signed order is the unsigned one. */
  private long[] flipped;

  private int size;

  ByDistance(long target, int capacity) {
    this.target = target;
    flipped = new long[Math.max(1, capacity)];
  }

  void add(long id) {
    if (size == flipped.length) {
      flipped = Arrays.copyOf(flipped, 2 * size);
    }
    flipped[size++] = id ^ target ^ Long.MIN_VALUE;
  }

  /** Returns how many were added. */
  int size() {
    return size;
  }

  /** Returns at most so many different ids, the closest first. */
  long[] closest(int count) {
    Arrays.sort(flipped, 0, size);
    long[] ids = new long[Math.min(count, size)];
    int taken = 0;
    for (int i = 0; i < size && taken < ids.length; i++) {
      if (i == 0 || flipped[i] != flipped[i - 1]) {
        ids[taken++] = flipped[i] ^ Long.MIN_VALUE ^ target;
      }
    }
    return taken == ids.length ? ids : Arrays.copyOf(ids, taken);
  }
}
