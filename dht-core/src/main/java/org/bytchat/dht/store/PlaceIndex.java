package org.bytchat.dht.store;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/** The held items by place, and by key where places are the same. */
final class PlaceIndex {

  private static final NodeId LAST = NodeId.of(-1, -1, -1);

  private record Spot(NodeId place, NodeId key) implements Comparable<Spot> {

    @Override
    public int compareTo(Spot other) {
      int order = place.compareTo(other.place);
      return order != 0 ? order : key.compareTo(other.key);
    }
  }

  private final NavigableMap<Spot, HeldItem> spots = new TreeMap<>();

  void put(HeldItem held) {
    spots.put(new Spot(held.place(), held.item().key()), held);
  }

  void remove(HeldItem held) {
    spots.remove(new Spot(held.place(), held.item().key()));
  }

  /** Returns the smallest place above one, the smallest of all for null, null if there is none. */
  @Nullable NodeId next(@Nullable NodeId after) {
    if (spots.isEmpty()) {
      return null;
    }
    Spot next = after == null ? spots.firstKey() : spots.higherKey(new Spot(after, LAST));
    return next == null ? null : next.place;
  }

  /** Shows the items whose places are closest to an id, closest first, while they are wanted. */
  void forClosest(NodeId target, Predicate<HeldItem> isMoreWanted) {
    forClosest(target, NodeId.ZERO, 0, isMoreWanted);
  }

  private boolean forClosest(
      NodeId target, NodeId prefix, int bits, Predicate<HeldItem> isMoreWanted) {
    NavigableMap<Spot, HeldItem> range = range(prefix, bits);
    if (range.isEmpty()) {
      return true;
    }
    NodeId first = range.firstKey().place;
    NodeId last = range.lastKey().place;
    if (first.equals(last)) {
      for (HeldItem held : range.values()) {
        if (!isMoreWanted.test(held)) {
          return false;
        }
      }
      return true;
    }
    // All share what the first and the last share; the half with the target's next bit is nearer.
    int shared = first.commonPrefixLength(last);
    boolean isLastNearer = target.bit(shared);
    return forClosest(target, isLastNearer ? last : first, shared + 1, isMoreWanted)
        && forClosest(target, isLastNearer ? first : last, shared + 1, isMoreWanted);
  }

  private NavigableMap<Spot, HeldItem> range(NodeId prefix, int bits) {
    long high = mask(bits);
    long middle = mask(bits - 64);
    int low = (int) (mask(bits - 128) >>> 32);
    NodeId from = NodeId.of(prefix.high() & high, prefix.middle() & middle, prefix.low() & low);
    NodeId to = NodeId.of(prefix.high() | ~high, prefix.middle() | ~middle, prefix.low() | ~low);
    return spots.subMap(new Spot(from, NodeId.ZERO), true, new Spot(to, LAST), true);
  }

  /** Returns a word whose first bits are set. */
  private static long mask(int bits) {
    return bits <= 0 ? 0 : bits >= 64 ? -1 : -1L << (64 - bits);
  }
}
