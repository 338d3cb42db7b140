package org.bytchat.sim.kernel;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The events of a partition, in order. Not thread-safe.
 *
 * <p>A hierarchical timing wheel (Varghese and Lauck 1987, scheme 7): three wheels of 4,096 slots
 * of 256 µs, 1 s and 72 minutes, and a list for what is later than 203 days. Putting an event in
 * costs the same however far ahead it is. A slot is sorted when its time comes.
 */
final class TimingWheel {

  /** What {@link #nextMicros} returns if there is no event. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int SLOT_BITS = 8;
  private static final int WHEEL_BITS = 12;
  private static final int SLOTS = 1 << WHEEL_BITS;
  private static final int LEVELS = 3;

  private final @Nullable EventList[][] slots = new EventList[LEVELS][SLOTS];

  private final long[][] used = new long[LEVELS][SLOTS / 64];

  /** What is too late for the wheels. */
  private EventList later = new EventList();

  /** Empty lists for slots to come. */
  private final ArrayDeque<EventList> spare = new ArrayDeque<>();

  /** The slot of level 0 that {@link #current} holds, counted from the start of time. */
  private long currentSlot;

  /** The events of the current slot, sorted from {@link #at} on. */
  private @Nullable Event[] current = new Event[64];

  private int at;
  private int end;
  private long size;

  /** Makes an empty wheel at time zero. */
  TimingWheel() {}

  /** Returns how many events wait. */
  long size() {
    return size;
  }

  /**
   * Puts an event in.
   *
   * @throws IllegalArgumentException if it is before what was taken last
   */
  void add(Event event) {
    size++;
    long slot = event.timeMicros >>> SLOT_BITS;
    if (slot <= currentSlot) {
      if (slot < currentSlot) {
        throw new IllegalArgumentException("an event in the past: " + event.timeMicros);
      }
      insert(event);
      return;
    }
    place(event, slot);
  }

  private void place(Event event, long slot) {
    long away = slot ^ currentSlot;
    for (int level = 0; level < LEVELS; level++) {
      if (away >>> WHEEL_BITS * (level + 1) == 0) {
        int index = (int) (slot >>> WHEEL_BITS * level) & SLOTS - 1;
        EventList events = slots[level][index];
        if (events == null) {
          events = spare.isEmpty() ? new EventList() : spare.pop();
          slots[level][index] = events;
          used[level][index >>> 6] |= 1L << index;
        }
        events.add(event);
        return;
      }
    }
    later.add(event);
  }

  /** Puts an event among the sorted ones of the current slot. */
  private void insert(Event event) {
    if (end == current.length) {
      // Only if much is free, or each event of a long slot would move all others.
      if (2 * at >= end) {
        System.arraycopy(current, at, current, 0, end - at);
        Arrays.fill(current, end - at, end, null);
        end -= at;
        at = 0;
      } else {
        current = Arrays.copyOf(current, end * 2);
      }
    }
    int place = end++;
    while (place > at && event.isBefore(eventAt(place - 1))) {
      current[place] = current[place - 1];
      place--;
    }
    current[place] = event;
  }

  private Event eventAt(int index) {
    Event event = current[index];
    if (event == null) {
      throw new IllegalStateException("no event at " + index);
    }
    return event;
  }

  /**
   * Returns the time of the first event.
   *
   * @param limitMicros where to stop looking
   * @return its time, or {@link #NEVER} if there is none before the limit
   */
  long nextMicros(long limitMicros) {
    while (at == end) {
      if (!advance(limitMicros)) {
        return NEVER;
      }
    }
    long time = eventAt(at).timeMicros;
    return time < limitMicros ? time : NEVER;
  }

  /**
   * Returns a time that no event is before, without moving on: what others add meanwhile may be
   * earlier than this wheel's own events.
   *
   * @param limitMicros where to stop looking
   * @return a time below the limit, or {@link #NEVER} if there is no event before the limit
   */
  long earliestMicros(long limitMicros) {
    if (at < end) {
      long time = eventAt(at).timeMicros;
      return time < limitMicros ? time : NEVER;
    }
    for (int level = 0; level < LEVELS; level++) {
      long slot = nextSlot(level);
      if (slot >= 0) {
        return slot << SLOT_BITS < limitMicros ? slot << SLOT_BITS : NEVER;
      }
    }
    long first = NEVER;
    for (int i = 0; i < later.size(); i++) {
      first = Math.min(first, later.get(i).timeMicros);
    }
    return first < limitMicros ? first : NEVER;
  }

  /** Returns the first slot of a level with events, counted in slots of level 0, or -1. */
  private long nextSlot(int level) {
    long position = currentSlot >>> WHEEL_BITS * level;
    int index = firstUsed(level, (int) (position + 1) & SLOTS - 1, position);
    return index < 0 ? -1 : (position >>> WHEEL_BITS << WHEEL_BITS | index) << WHEEL_BITS * level;
  }

  /** Returns how many events of the current slot wait. */
  int ready() {
    return end - at;
  }

  /** Returns an event of the current slot, 0 for the first that waits. */
  Event ready(int index) {
    return eventAt(at + index);
  }

  /** Takes the first event; {@link #nextMicros} must have found one. */
  Event take() {
    Event event = eventAt(at);
    current[at++] = null;
    size--;
    return event;
  }

  /** Moves to the next slot with events, if it begins before the limit; false if there is none. */
  private boolean advance(long limitMicros) {
    at = 0;
    end = 0;
    long limitSlot = (limitMicros + (1 << SLOT_BITS) - 1) >>> SLOT_BITS;
    for (int level = 0; level < LEVELS; level++) {
      long slot = nextSlot(level);
      if (slot >= limitSlot) {
        return false;
      }
      if (slot >= 0) {
        currentSlot = slot;
        open(level, (int) (slot >>> WHEEL_BITS * level) & SLOTS - 1);
        return true;
      }
    }
    return refill(limitSlot);
  }

  /** Finds the first slot of a level with events in the rest of its turn, or -1. */
  private int firstUsed(int level, int from, long position) {
    if ((position & SLOTS - 1) == SLOTS - 1) {
      return -1;
    }
    long[] bits = used[level];
    int word = from >>> 6;
    long found = bits[word] & -1L << from;
    while (found == 0) {
      if (++word == bits.length) {
        return -1;
      }
      found = bits[word];
    }
    return (word << 6) + Long.numberOfTrailingZeros(found);
  }

  /** Takes a slot's events. */
  private void open(int level, int index) {
    EventList events = slots[level][index];
    slots[level][index] = null;
    used[level][index >>> 6] &= ~(1L << index);
    if (events != null) {
      spread(events);
    }
  }

  /** Puts the events of a list where they belong now, and sorts those of the current slot. */
  private void spread(EventList events) {
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      long slot = event.timeMicros >>> SLOT_BITS;
      if (slot == currentSlot) {
        append(event);
      } else {
        place(event, slot);
      }
    }
    if (events.clear()) {
      spare.push(events);
    }
    Arrays.sort(current, 0, end, TimingWheel::compare);
  }

  private void append(Event event) {
    if (end == current.length) {
      current = Arrays.copyOf(current, end * 2);
    }
    current[end++] = event;
  }

  private static int compare(@Nullable Event first, @Nullable Event second) {
    if (first == null || second == null) {
      throw new IllegalStateException("a slot with a hole");
    }
    int byTime = Long.compare(first.timeMicros, second.timeMicros);
    return byTime != 0 ? byTime : Long.compare(first.order, second.order);
  }

  /** Goes on to the next turn of the widest wheel. */
  private boolean refill(long limitSlot) {
    if (later.size() == 0) {
      return false;
    }
    long first = Long.MAX_VALUE;
    for (int i = 0; i < later.size(); i++) {
      first = Math.min(first, later.get(i).timeMicros >>> SLOT_BITS);
    }
    if (first >= limitSlot) {
      return false;
    }
    EventList events = later;
    later = new EventList();
    currentSlot = first;
    spread(events);
    return true;
  }
}
