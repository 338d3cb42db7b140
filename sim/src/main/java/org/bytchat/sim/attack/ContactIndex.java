package org.bytchat.sim.attack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;

/** Contacts in the order of their ids. Immutable. */
final class ContactIndex {

  private static final int LEAF = 32;

  private final List<Contact> sorted;

  ContactIndex(List<Contact> contacts) {
    List<Contact> all = new ArrayList<>(contacts);
    all.sort(Comparator.comparing(Contact::id));
    this.sorted = List.copyOf(all);
  }

  /** Returns those closest to a key, nearest first. */
  List<Contact> closest(NodeId key, int count) {
    List<Contact> found = new ArrayList<>(count);
    collect(key, count, found, new Range(0, sorted.size(), 0));
    return found;
  }

  /** Contacts from one to another, whose ids agree on so many bits. */
  private record Range(int from, int to, int bit) {

    boolean isLeaf() {
      return to - from <= LEAF || bit == NodeId.BITS;
    }
  }

  private void collect(NodeId key, int count, List<Contact> found, Range range) {
    if (range.from == range.to || found.size() == count) {
      return;
    }
    if (range.isLeaf()) {
      List<Contact> leaf = new ArrayList<>(sorted.subList(range.from, range.to));
      leaf.sort((a, b) -> key.compareDistance(a.id(), b.id()));
      found.addAll(leaf.subList(0, Math.min(leaf.size(), count - found.size())));
      return;
    }
    int middle = split(range);
    Range lower = new Range(range.from, middle, range.bit + 1);
    Range upper = new Range(middle, range.to, range.bit + 1);
    boolean isUpper = key.bit(range.bit);
    collect(key, count, found, isUpper ? upper : lower);
    collect(key, count, found, isUpper ? lower : upper);
  }

  /** Returns the first contact of a range whose id has the next bit set. */
  private int split(Range range) {
    int low = range.from;
    int high = range.to;
    while (low < high) {
      int middle = low + high >>> 1;
      if (sorted.get(middle).id().bit(range.bit)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
