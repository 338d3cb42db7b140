package org.bytchat.dht.engine;

import org.jspecify.annotations.Nullable;

/**
 * The requests under way by transaction id: open addressing with linear probing. The ids are this
 * node's own random numbers, so nobody can choose them to collide.
 */
final class RequestTable {

  private static final int CAPACITY_MIN = 4;
  private static final int KEPT_MAX = 64;
  private static final Request[] NOTHING = {};

  /** Its length is zero or a power of two, and at least a quarter of it is free. */
  private @Nullable Request[] slots = NOTHING;

  private int size;

  @Nullable Request get(long transactionId) {
    return size == 0 ? null : slots[find(transactionId)];
  }

  /** Puts in a request whose transaction id is not there yet. */
  void add(Request request) {
    if (4 * (size + 1) > 3 * slots.length) {
      grow();
    }
    slots[find(request.transactionId)] = request;
    size++;
  }

  private void grow() {
    @Nullable Request[] before = slots;
    slots = new Request[Math.max(CAPACITY_MIN, 2 * before.length)];
    for (Request request : before) {
      if (request != null) {
        slots[find(request.transactionId)] = request;
      }
    }
  }

  /** Takes a request out; nothing happens if it is not there. */
  void remove(Request request) {
    if (size == 0) {
      return;
    }
    int free = find(request.transactionId);
    if (slots[free] == null) {
      return;
    }
    size--;
    slots[free] = null;
    if (size == 0 && slots.length > KEPT_MAX) {
      slots = NOTHING;
      return;
    }
    // Whoever was put behind it because its place was taken moves up.
    int mask = slots.length - 1;
    for (int at = free + 1 & mask; ; at = at + 1 & mask) {
      Request next = slots[at];
      if (next == null) {
        return;
      }
      int home = (int) next.transactionId & mask;
      if ((at - home & mask) >= (at - free & mask)) {
        slots[free] = next;
        slots[at] = null;
        free = at;
      }
    }
  }

  /** Returns the slot of an id, or the free one where it belongs. */
  private int find(long transactionId) {
    int mask = slots.length - 1;
    int at = (int) transactionId & mask;
    for (Request request = slots[at];
        request != null && request.transactionId != transactionId;
        request = slots[at]) {
      at = at + 1 & mask;
    }
    return at;
  }

  int size() {
    return size;
  }

  /** See {@link NodeEngine#touchFar}. */
  int touch() {
    return slots.length;
  }
}
