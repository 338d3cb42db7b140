package org.bytchat.sim.kernel;

/**
 * Something that happens to one node at one time.
 *
 * <p>All events have one order: (time, class, source, number at the source). It does not depend on
 * the thread that handles an event, nor on the order in which events were made.
 */
abstract class Event {

  /** The classes, in the order in which they happen at one instant. */
  static final int FAULT = 0;

  static final int SCHEDULE = 1;
  static final int PACKET = 2;
  static final int EFFECT = 3;
  static final int TIMER = 4;

  private static final int CLASS_SHIFT = 60;
  private static final int SOURCE_SHIFT = 36;
  private static final long NUMBER_MASK = (1L << SOURCE_SHIFT) - 1;

  /** Added to the number of a datagram for its echo; no node sends so many. */
  static final long ECHO = 1L << SOURCE_SHIFT - 1;

  /** Added to the number of a datagram in somebody else's name; no node sends so many either. */
  static final long SPOOFED = 1L << SOURCE_SHIFT - 2;

  /** Added to the number of what a node schedules for itself: it comes after the run's own. */
  static final long AGAIN = 1L << SOURCE_SHIFT - 1;

  /** The most nodes that the order can tell apart. */
  static final int SOURCES_MAX = 1 << (CLASS_SHIFT - SOURCE_SHIFT);

  /** When it happens, in virtual microseconds. */
  long timeMicros;

  /** Class, source and number, so that a smaller one happens first at the same time. */
  final long order;

  /** The node that it happens to. */
  final int node;

  Event(long timeMicros, int node, long order) {
    this.timeMicros = timeMicros;
    this.node = node;
    this.order = order;
  }

  /** Makes the order of an event among those of its time. */
  static long orderOf(int eventClass, int source, long number) {
    return (long) eventClass << CLASS_SHIFT | (long) source << SOURCE_SHIFT | number & NUMBER_MASK;
  }

  /** Tells whether this event happens before another. */
  final boolean isBefore(Event other) {
    return timeMicros < other.timeMicros || timeMicros == other.timeMicros && order < other.order;
  }

  /** Returns who made the event: for a packet its sender, otherwise the node itself. */
  final int source() {
    return (int) (order >>> SOURCE_SHIFT) & (SOURCES_MAX - 1);
  }

  /** Reads what handling it needs first; see {@link Partition}. */
  int touch() {
    return node;
  }

  /** Tells whether handling it needs no node, as far as is known now. */
  boolean isVain(Calls calls) {
    return false;
  }

  /** Handles it. */
  abstract void handle(Partition partition, SimNode target);
}
