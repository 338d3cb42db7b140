package org.bytchat.dht.engine;

import org.jspecify.annotations.Nullable;

/**
 * A line, first in and first out, that takes no memory before its first use and little while it is
 * empty: an engine has several, and a laboratory a million engines.
 *
 * @param <E> what waits
 */
final class Fifo<E> {

  private static final int CAPACITY_MIN = 2;
  private static final int KEPT_MAX = 8;
  private static final Object[] NOTHING = {};

  /** A ring; its length is zero or a power of two. */
  private @Nullable Object[] ring = NOTHING;

  private int head;
  private int size;

  void add(E item) {
    if (size == ring.length) {
      @Nullable Object[] longer = new Object[Math.max(CAPACITY_MIN, 2 * size)];
      for (int i = 0; i < size; i++) {
        longer[i] = ring[head + i & ring.length - 1];
      }
      ring = longer;
      head = 0;
    }
    ring[head + size++ & ring.length - 1] = item;
  }

  /** Takes the item that waits the longest; null if there is none. */
  @Nullable E poll() {
    if (size == 0) {
      return null;
    }
    @SuppressWarnings("unchecked") // only items are put into the ring
    E item = (E) ring[head];
    ring[head] = null;
    head = head + 1 & ring.length - 1;
    if (--size == 0 && ring.length > KEPT_MAX) {
      ring = NOTHING;
      head = 0;
    }
    return item;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }
}
