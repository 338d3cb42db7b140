package org.bytchat.sim.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * All that there ever is in a network: each identity with its contact, sorted by id, and who is up
 * when. What a lookup should have found is read from here.
 *
 * <p>A place has one entry if its node keeps its key, or one for each of its lives. Immutable once
 * made, and shared by all threads.
 */
public final class Directory implements ContactInterner {

  /** A node that is up from the start to the end. */
  static final long[] ALWAYS = {0, Long.MAX_VALUE};

  private static final int LEAF = 48;

  private final Addresses addresses;
  private final Lives lives;

  /** The first entry of each place; null if each place has one. */
  private final int @Nullable [] firstEntries;

  private final NodeIdentity[] identities;
  private final Contact[] contacts;

  /** The upper 64 bits of all ids in unsigned order, less their top bit's meaning. */
  private final long[] sorted;

  private final int[] entryOfRank;
  private final int[] rankOfEntry;

  private final boolean isAttacked;

  /** Where nodes are. */
  public interface Addresses {

    /**
     * Returns where a node is.
     *
     * @param node its number
     * @return its endpoint
     */
    Endpoint endpoint(int node);

    /**
     * Returns who is at an endpoint.
     *
     * @param endpoint where
     * @return the node's number, -1 if there is none
     */
    int indexOf(Endpoint endpoint);
  }

  /** When nodes are up. */
  public interface Lives {

    /**
     * Returns how many nodes there are.
     *
     * @return at least 1
     */
    int nodes();

    /**
     * Returns the times at which a node starts and stops, in turn.
     *
     * @param node its number
     * @return microseconds, ascending, an even count
     */
    long[] of(int node);

    /**
     * Tells whether each life has a key of its own.
     *
     * @return whether nodes come back as somebody else
     */
    boolean isFresh();

    /**
     * Tells whether a node can be reached by others while it is up.
     *
     * @param node its number
     * @return false behind a router
     */
    boolean isReachable(int node);

    /**
     * Tells whether an attacker has a place. It is up and can be reached like a node, but nobody
     * has to find it.
     *
     * @param node its number
     * @return whether one does
     */
    default boolean isHostile(int node) {
      return false;
    }
  }

  /** Makes the key of a life. */
  @FunctionalInterface
  public interface Keys {

    /**
     * Makes a key.
     *
     * @param node the node's number
     * @param life 0 for the first life, and for all if keys are kept
     * @return the key, equal each time
     */
    NodeIdentity of(int node, int life);
  }

  /**
   * Makes a directory.
   *
   * @param addresses where nodes are
   * @param lives when they are up
   * @param keys who they are
   * @param services what they all offer
   */
  public Directory(Addresses addresses, Lives lives, Keys keys, int services) {
    this(addresses, lives, keys, node -> services);
  }

  /**
   * Makes a directory of nodes that differ.
   *
   * @param addresses where nodes are
   * @param lives when they are up
   * @param keys who they are
   * @param services what each offers, by its number
   */
  public Directory(Addresses addresses, Lives lives, Keys keys, IntUnaryOperator services) {
    this.addresses = addresses;
    this.lives = lives;
    int nodes = lives.nodes();
    int count = nodes;
    if (lives.isFresh()) {
      int[] first = new int[nodes + 1];
      for (int node = 0; node < nodes; node++) {
        first[node + 1] = first[node] + Math.max(1, lives.of(node).length / 2);
      }
      firstEntries = first;
      count = first[nodes];
    } else {
      firstEntries = null;
    }
    identities = new NodeIdentity[count];
    contacts = new Contact[count];
    for (int node = 0; node < nodes; node++) {
      Endpoint endpoint = addresses.endpoint(node);
      for (int entry = firstEntry(node); entry < firstEntry(node + 1); entry++) {
        identities[entry] = keys.of(node, entry - firstEntry(node));
        contacts[entry] = Contact.of(identities[entry].id(), endpoint, services.applyAsInt(node));
      }
    }
    sorted = new long[count];
    entryOfRank = new int[count];
    rankOfEntry = new int[count];
    isAttacked = IntStream.range(0, nodes).anyMatch(lives::isHostile);
    sort();
  }

  private int firstEntry(int node) {
    return firstEntries == null ? node : firstEntries[node];
  }

  private void sort() {
    for (int entry = 0; entry < sorted.length; entry++) {
      sorted[entry] = keyOf(contacts[entry].id());
    }
    Arrays.sort(sorted);
    Arrays.fill(entryOfRank, -1);
    for (int entry = 0; entry < sorted.length; entry++) {
      long key = keyOf(contacts[entry].id());
      int rank = Arrays.binarySearch(sorted, key);
      while (rank > 0 && sorted[rank - 1] == key) {
        rank--;
      }
      // Of equal keys each takes the next place.
      while (entryOfRank[rank] >= 0) {
        rank++;
      }
      entryOfRank[rank] = entry;
      rankOfEntry[entry] = rank;
    }
  }

  /** The upper 64 bits, shifted so that signed order is the order of ids. */
  private static long keyOf(NodeId id) {
    return id.high() ^ Long.MIN_VALUE;
  }

  // Who.

  /**
   * Returns how many nodes there are.
   *
   * @return the count of places
   */
  public int nodes() {
    return lives.nodes();
  }

  /**
   * Returns where nodes are.
   *
   * @return the plan
   */
  public Addresses addresses() {
    return addresses;
  }

  /**
   * Returns when nodes are up.
   *
   * @return the plan
   */
  public Lives lives() {
    return lives;
  }

  /**
   * Returns the key of a life.
   *
   * @param node the node's number
   * @param life 0 for the first
   * @return the key
   */
  public NodeIdentity identity(int node, int life) {
    return identities[entry(node, life)];
  }

  /**
   * Returns a node as others know it.
   *
   * @param node the node's number
   * @param life 0 for the first
   * @return the shared contact
   */
  public Contact contact(int node, int life) {
    return contacts[entry(node, life)];
  }

  /**
   * Returns a node as others know it at a time.
   *
   * @param node the node's number
   * @param atMicros the time
   * @return the contact of the life that it is in, of the next one or the last if it is not up
   */
  public Contact contactAt(int node, long atMicros) {
    if (firstEntries == null) {
      return contacts[node];
    }
    long[] times = lives.of(node);
    int life = 0;
    while (2 * life + 2 < times.length && times[2 * life + 1] <= atMicros) {
      life++;
    }
    return contact(node, life);
  }

  private int entry(int node, int life) {
    return firstEntries == null ? node : firstEntries[node] + life;
  }

  @Override
  public Contact intern(Contact contact) {
    int node = addresses.indexOf(contact.endpoint());
    if (node < 0) {
      return contact;
    }
    for (int entry = firstEntry(node); entry < firstEntry(node + 1); entry++) {
      Contact shared = contacts[entry];
      if (shared.id().equals(contact.id()) && shared.services() == contact.services()) {
        return shared;
      }
    }
    return contact;
  }

  /**
   * Tells whether somebody ever is who a contact says.
   *
   * @param contact id and endpoint
   * @return whether one of the entries has both
   */
  public boolean isKnown(Contact contact) {
    int node = addresses.indexOf(contact.endpoint());
    for (int entry = firstEntry(Math.max(0, node));
        node >= 0 && entry < firstEntry(node + 1);
        entry++) {
      if (contacts[entry].equals(contact)) {
        return true;
      }
    }
    return false;
  }

  // When.

  /**
   * Tells whether a node is up.
   *
   * @param node its number
   * @param atMicros the time
   * @return whether one of its lives has begun and not ended
   */
  public boolean isUp(int node, long atMicros) {
    long[] times = lives.of(node);
    for (int i = 0; i < times.length; i += 2) {
      if (times[i] <= atMicros && atMicros < times[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /**
   * Tells whether a node is up as the one that a contact names.
   *
   * @param contact id and endpoint
   * @param atMicros the time
   * @return whether the life of that id has begun and not ended, and others can reach it
   */
  public boolean isUpAs(Contact contact, long atMicros) {
    int node = addresses.indexOf(contact.endpoint());
    for (int entry = firstEntry(Math.max(0, node));
        node >= 0 && entry < firstEntry(node + 1);
        entry++) {
      if (contacts[entry].equals(contact) && isListed(entry, atMicros, atMicros)) {
        return true;
      }
    }
    return false;
  }

  /** Tells whether others could reach an entry all the time from a moment to another. */
  private boolean isListed(int entry, long fromMicros, long toMicros) {
    int node = firstEntries == null ? entry : addresses.indexOf(contacts[entry].endpoint());
    if (!lives.isReachable(node)) {
      return false;
    }
    long[] times = lives.of(node);
    int first = firstEntries == null ? 0 : 2 * (entry - firstEntry(node));
    int end = firstEntries == null ? times.length : Math.min(times.length, first + 2);
    for (int i = first; i < end; i += 2) {
      if (times[i] <= fromMicros && toMicros < times[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /** Tells whether an entry is a node's, and not an attacker's. */
  private boolean isHonest(int entry) {
    int node = firstEntries == null ? entry : addresses.indexOf(contacts[entry].endpoint());
    return !lives.isHostile(node);
  }

  /**
   * Tells whether anybody is hostile.
   *
   * @return whether an attacker has a place
   */
  public boolean isAttacked() {
    return isAttacked;
  }

  /**
   * Tells whether a node is where a contact says.
   *
   * @param contact any contact
   * @return false if an attacker is there, or nobody
   */
  public boolean isOfNode(Contact contact) {
    int node = addresses.indexOf(contact.endpoint());
    return node >= 0 && !lives.isHostile(node);
  }

  // Near.

  /**
   * Returns the honest, reachable nodes that are closest to a key, of those that are up for some
   * time without a break.
   *
   * @param target the key
   * @param count how many at the most
   * @param fromMicros from when on they are up
   * @param toMicros until when, at least
   * @param except an id that does not count, or null
   * @return the contacts, nearest first
   */
  public List<Contact> closest(
      NodeId target, int count, long fromMicros, long toMicros, @Nullable NodeId except) {
    List<Contact> found = new ArrayList<>(count);
    Search search = new Search(target, count, fromMicros, toMicros, except, found);
    collect(search, 0, sorted.length, 0);
    return found;
  }

  private record Search(
      NodeId target,
      int count,
      long fromMicros,
      long toMicros,
      @Nullable NodeId except,
      List<Contact> found) {

    boolean isDone() {
      return found.size() == count;
    }
  }

  private void collect(Search search, int from, int to, int bit) {
    if (from == to || search.isDone()) {
      return;
    }
    if (to - from <= LEAF || bit == Long.SIZE) {
      collectLeaf(search, from, to);
      return;
    }
    int middle = split(from, to, bit);
    boolean upper = (search.target.high() << bit) < 0;
    collect(search, upper ? middle : from, upper ? to : middle, bit + 1);
    collect(search, upper ? from : middle, upper ? middle : to, bit + 1);
  }

  private void collectLeaf(Search search, int from, int to) {
    List<Contact> leaf = new ArrayList<>();
    for (int rank = from; rank < to; rank++) {
      int entry = entryOfRank[rank];
      if (isListed(entry, search.fromMicros, search.toMicros)
          && isHonest(entry)
          && !isExcept(search, contacts[entry])) {
        leaf.add(contacts[entry]);
      }
    }
    leaf.sort((a, b) -> compare(search.target, a.id(), b.id()));
    for (Contact contact : leaf) {
      if (search.isDone()) {
        return;
      }
      search.found.add(contact);
    }
  }

  /** Apart from the nodes' own comparison, so that what is wrong with that one shows. */
  private static int compare(NodeId target, NodeId a, NodeId b) {
    int order = Long.compareUnsigned(target.high() ^ a.high(), target.high() ^ b.high());
    if (order == 0) {
      order = Long.compareUnsigned(target.middle() ^ a.middle(), target.middle() ^ b.middle());
    }
    return order != 0
        ? order
        : Integer.compareUnsigned(target.low() ^ a.low(), target.low() ^ b.low());
  }

  private static boolean isExcept(Search search, Contact contact) {
    NodeId except = search.except;
    return except != null && except.equals(contact.id());
  }

  /** Returns the first rank of a range whose key has a bit set; all agree on the bits before it. */
  private int split(int from, int to, int bit) {
    long mask = Long.MIN_VALUE >>> bit;
    int low = from;
    int high = to;
    while (low < high) {
      int middle = low + high >>> 1;
      if (((sorted[middle] ^ Long.MIN_VALUE) & mask) != 0) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /**
   * Returns the ranges of ids that fall into the buckets of a node's table, as ranks.
   *
   * @param node the node's number
   * @param life which of its lives
   * @param into is told of each range that is not empty, from the farthest bucket
   */
  void forBuckets(int node, int life, Buckets into) {
    int own = rankOfEntry[entry(node, life)];
    int from = 0;
    int to = sorted.length;
    for (int bit = 0; bit < Long.SIZE && to - from > 1; bit++) {
      int middle = split(from, to, bit);
      boolean upper = own >= middle;
      int first = upper ? from : middle;
      int end = upper ? middle : to;
      if (first < end) {
        into.accept(first, end);
      }
      from = upper ? middle : from;
      to = upper ? to : middle;
    }
  }

  /** Takes the range of one bucket. */
  @FunctionalInterface
  interface Buckets {
    void accept(int firstRank, int endRank);
  }

  /** Returns the ranks, ascending, of all that are up and reachable at a time. */
  int[] listedRanks(long atMicros) {
    return IntStream.range(0, sorted.length)
        .filter(rank -> isListed(entryOfRank[rank], atMicros, atMicros))
        .toArray();
  }

  /** Returns the contact of a rank. */
  Contact contactOfRank(int rank) {
    return contacts[entryOfRank[rank]];
  }
}
