package org.bytchat.tracker.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/**
 * Mailboxes that were mended with a peer as far as they go, and differ still: device lists that
 * fork, envelopes that do not fit. They are not compared again until one of both has changed, or an
 * hour has passed. It is remembered for the peer, so that nobody keeps a mailbox from being mended
 * with others.
 */
final class LastingDifferences {

  /** How many are remembered; the oldest goes. */
  private static final int COUNT_MAX = 65_536;

  /** Quotas and clocks change; so much later all is tried again. */
  private static final long MEMORY_NANOS = 3_600_000_000_000L;

  private final Desk desk;
  private final Map<Place, Mended> mended = new LinkedHashMap<>();

  /** A mailbox at a peer. */
  record Place(NodeId peer, NodeId mailbox) {}

  /** The fingerprints of the same thing at both. */
  record Pair(Digest here, Digest there) {}

  /** What differed still, and since when its lists do. */
  private record Mended(Pair all, long atNanos, Pair lists, long listsAtNanos) {}

  LastingDifferences(Desk desk) {
    this.desk = desk;
  }

  /** Remembers that a mailbox was mended as far as it goes. */
  void note(Place place, Pair all, Pair lists) {
    // The newest is to be the last.
    Mended before = mended.remove(place);
    long listsAt = before != null && areKnown(before, lists) ? before.listsAtNanos : desk.nowNanos;
    mended.put(place, new Mended(all, desk.nowNanos, lists, listsAt));
    if (mended.size() > COUNT_MAX) {
      mended.remove(mended.keySet().iterator().next());
      desk.count(TrackerCounter.REPAIR_FORGOTTEN);
    }
  }

  /** Tells whether mending a mailbox again is in vain. */
  boolean isKnown(Place place, Pair all) {
    Mended known = mended.get(place);
    return known != null && known.all.equals(all) && isFresh(known.atNanos);
  }

  /** Tells whether taking the lists of a mailbox again is in vain, although it has changed. */
  boolean areListsKnown(Place place, Pair lists) {
    return areKnown(mended.get(place), lists);
  }

  private boolean areKnown(@Nullable Mended known, Pair lists) {
    return known != null && known.lists.equals(lists) && isFresh(known.listsAtNanos);
  }

  private boolean isFresh(long atNanos) {
    return desk.nowNanos - atNanos < MEMORY_NANOS;
  }
}
