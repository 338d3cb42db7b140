package org.bytchat.sim.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Events in no order. An array, because events that wait are no longer in the processor's caches: a
 * linked list would have them fetched one after the other, and not side by side.
 */
final class EventList {

  private static final int KEPT_MAX = 1024;

  private @Nullable Event[] events = new Event[8];
  private int size;

  void add(Event event) {
    if (size == events.length) {
      events = Arrays.copyOf(events, 2 * size);
    }
    events[size++] = event;
  }

  int size() {
    return size;
  }

  Event get(int index) {
    Event event = events[index];
    if (event == null) {
      throw new IndexOutOfBoundsException("event " + index + " of " + size);
    }
    return event;
  }

  /** Takes all events out; tells whether its memory is worth keeping. */
  boolean clear() {
    Arrays.fill(events, 0, size, null);
    size = 0;
    return events.length <= KEPT_MAX;
  }
}
