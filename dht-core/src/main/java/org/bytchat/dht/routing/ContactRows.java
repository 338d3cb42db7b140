package org.bytchat.dht.routing;

import java.util.Arrays;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * The contacts of a table, bucket after bucket, and what is known of each: 17 bytes beside the
 * contact, because a laboratory holds a million tables in one heap.
 *
 * <p>Parallel arrays that grow by small steps. Times are ticks, see {@link RoutingTable}; they are
 * compared by their difference, so they may overflow.
 */
final class ContactRows {

  private static final int STEP = 4;
  private static final int FAILURES = 0x1f;

  /** Set in the state of a contact that became known because it asked us. */
  private static final int UNSOLICITED = 0x20;

  /** Set in the state of a contact whose next check is not due when it is stale. */
  private static final int PLANNED = 0x80;

  private static final Contact[] NO_CONTACTS = {};
  private static final int[] NO_INTS = {};
  private static final byte[] NO_BYTES = {};

  @Nullable Contact[] contacts = NO_CONTACTS;

  /**
   * 32 bits of each id, those after the prefix that its bucket has in common, so that a search
   * compares without following contacts.
   */
  int[] slices = NO_INTS;

  /** When each was heard of last. */
  int[] seen = NO_INTS;

  /**
   * Hashes of each endpoint's network, above, and subnet, below, so that the diversity limits are
   * applied without following contacts. What is equal here may still differ.
   */
  private int[] networks = NO_INTS;

  int size;

  private byte[] states = NO_BYTES;

  /** When those that are {@link #PLANNED} are to be checked, in the order of the rows. */
  private int[] planned = NO_INTS;

  private int plannedCount;

  /** Returns 32 bits of an id from the one on that follows a prefix and the bit after it. */
  static int slice(long high, long middle, int low, int prefix) {
    int from = prefix + 1;
    if (from <= 32) {
      return (int) (high >>> 32 - from);
    }
    long first = from < 64 ? high : from < 128 ? middle : (long) low << 32;
    long second = from < 64 ? middle : from < 128 ? (long) low << 32 : 0;
    int shift = from & 63;
    return (int) ((shift == 0 ? first : first << shift | second >>> 64 - shift) >>> 32);
  }

  private static int slice(NodeId id, int prefix) {
    return slice(id.high(), id.middle(), id.low(), prefix);
  }

  Contact at(int row) {
    Contact contact = contacts[row];
    if (contact == null) {
      throw new AssertionError("no contact in row " + row + " of " + size);
    }
    return contact;
  }

  int failures(int row) {
    return states[row] & FAILURES;
  }

  /** Returns the row of an id in the bucket of a prefix, or -1. */
  int find(long high, long middle, int low, int prefix, Range bucket) {
    int slice = slice(high, middle, low, prefix);
    for (int row = bucket.from; row < bucket.to; row++) {
      if (slices[row] == slice && at(row).id().hasWords(high, middle, low)) {
        return row;
      }
    }
    return -1;
  }

  /** Returns the row of an endpoint, or -1. */
  int find(Endpoint endpoint) {
    int hash = hashOf(endpoint);
    for (int row = 0; row < size; row++) {
      if (networks[row] == hash && at(row).endpoint().equals(endpoint)) {
        return row;
      }
    }
    return -1;
  }

  private static int hashOf(Endpoint endpoint) {
    int network = (int) (endpoint.network() * 0x9E3779B97F4A7C15L >>> 48);
    int subnet = (int) (endpoint.subnet() * 0xD1B54A32D192ED03L >>> 48);
    return network << 16 | subnet;
  }

  /** Rows of one bucket. */
  record Range(int from, int to) {}

  /**
   * Tells whether there are more contacts near an endpoint than the diversity limits allow.
   *
   * @param extra how many are counted that are not in the table
   * @param home the bucket that they are in
   */
  boolean exceedsLimits(RoutingConfig limits, Endpoint endpoint, int extra, Range home) {
    int inNetwork = near(endpoint, false, 0, size) + extra;
    if (inNetwork > limits.networkPerTable()) {
      return true;
    }
    // Only those of its network can be of its subnet.
    return inNetwork > Math.min(limits.subnetPerTable(), limits.subnetPerBucket())
        && (near(endpoint, true, 0, size) + extra > limits.subnetPerTable()
            || near(endpoint, true, home.from, home.to) + extra > limits.subnetPerBucket());
  }

  /**
   * Tells whether a newcomer to a bucket would be above the diversity limits.
   *
   * @param leaving rows that leave as it enters, different ones; those below 0 are no rows
   */
  boolean exceedsLimits(RoutingConfig limits, Endpoint newcomer, Range home, int... leaving) {
    Range all = new Range(0, size);
    return staying(newcomer, false, all, leaving) >= limits.networkPerTable()
        || staying(newcomer, true, all, leaving) >= limits.subnetPerTable()
        || staying(newcomer, true, home, leaving) >= limits.subnetPerBucket();
  }

  private int staying(Endpoint endpoint, boolean isSubnet, Range within, int... leaving) {
    int count = near(endpoint, isSubnet, within.from, within.to);
    for (int row : leaving) {
      boolean counted = within.from <= row && row < within.to && isNear(row, endpoint, isSubnet);
      count -= counted ? 1 : 0;
    }
    return count;
  }

  /** Tells whether a contact is of the network of an endpoint. */
  boolean isInNetwork(int row, Endpoint endpoint) {
    return (networks[row] ^ hashOf(endpoint)) >>> 16 == 0 && isNear(row, endpoint, false);
  }

  private boolean isNear(int row, Endpoint endpoint, boolean isSubnet) {
    Endpoint other = at(row).endpoint();
    return other.network() == endpoint.network()
        && (!isSubnet || other.subnet() == endpoint.subnet());
  }

  /** Counts the contacts of the network of an endpoint, or of its subnet alone. */
  private int near(Endpoint endpoint, boolean isSubnet, int from, int to) {
    int hash = hashOf(endpoint);
    int ignored = isSubnet ? 0 : 16;
    int count = 0;
    for (int row = from; row < to; row++) {
      if ((networks[row] ^ hash) >>> ignored == 0) {
        count += isNear(row, endpoint, isSubnet) ? 1 : 0;
      }
    }
    return count;
  }

  /** Puts a contact in before a row; it was heard of at a time. */
  void insert(int row, Contact contact, int prefix, int now) {
    if (size == contacts.length) {
      resize(size + STEP);
    }
    int moved = size - row;
    System.arraycopy(contacts, row, contacts, row + 1, moved);
    System.arraycopy(slices, row, slices, row + 1, moved);
    System.arraycopy(seen, row, seen, row + 1, moved);
    System.arraycopy(networks, row, networks, row + 1, moved);
    System.arraycopy(states, row, states, row + 1, moved);
    size++;
    contacts[row] = contact;
    slices[row] = slice(contact.id(), prefix);
    seen[row] = now;
    networks[row] = hashOf(contact.endpoint());
    states[row] = 0;
  }

  /** Puts a contact in the place of one with the same id. */
  void replace(int row, Contact contact) {
    contacts[row] = contact;
    networks[row] = hashOf(contact.endpoint());
  }

  void remove(int row) {
    clearPlan(row);
    int from = row + 1;
    int moved = --size - row;
    System.arraycopy(contacts, from, contacts, row, moved);
    System.arraycopy(slices, from, slices, row, moved);
    System.arraycopy(seen, from, seen, row, moved);
    System.arraycopy(networks, from, networks, row, moved);
    System.arraycopy(states, from, states, row, moved);
    contacts[size] = null;
    if (contacts.length - size >= 4 * STEP) {
      resize(size + STEP);
    }
  }

  private void resize(int capacity) {
    contacts = Arrays.copyOf(contacts, capacity);
    slices = Arrays.copyOf(slices, capacity);
    seen = Arrays.copyOf(seen, capacity);
    networks = Arrays.copyOf(networks, capacity);
    states = Arrays.copyOf(states, capacity);
  }

  void reserve(int capacity) {
    if (contacts.length < capacity) {
      resize(capacity);
    }
  }

  /** Gives back what is not used. */
  void trim() {
    if (contacts.length > size) {
      resize(size);
    }
  }

  /** Notes that a contact answered. */
  void onSeen(int row, int now) {
    clearPlan(row);
    seen[row] = now;
    states[row] &= UNSOLICITED;
  }

  /** Notes that a contact did not answer; counts up to a limit, and returns how often by now. */
  int onFailure(int row) {
    int failures = Math.min(FAILURES, failures(row) + 1);
    states[row] = (byte) (states[row] & ~FAILURES | failures);
    return failures;
  }

  void forgiveFailures() {
    for (int row = 0; row < size; row++) {
      states[row] &= (byte) ~FAILURES;
    }
  }

  void onUnsolicited(int row) {
    states[row] |= UNSOLICITED;
  }

  void onFound(int row) {
    states[row] &= (byte) ~UNSOLICITED;
  }

  boolean isUnsolicited(int row) {
    return (states[row] & UNSOLICITED) != 0;
  }

  /** Counts the contacts of some rows that became known because they asked us. */
  int unsolicited(int from, int to) {
    int count = 0;
    for (int row = from; row < to; row++) {
      count += (states[row] & UNSOLICITED) / UNSOLICITED;
    }
    return count;
  }

  /** Plans the next check of a contact for a time of its own, and not for when it is stale. */
  void plan(int row, int tick) {
    int at = planOf(row);
    if (states[row] >= 0) {
      if (plannedCount == planned.length) {
        planned = Arrays.copyOf(planned, plannedCount + STEP);
      }
      System.arraycopy(planned, at, planned, at + 1, plannedCount - at);
      plannedCount++;
      states[row] |= (byte) PLANNED;
    }
    planned[at] = tick;
  }

  private void clearPlan(int row) {
    if (states[row] < 0) {
      int at = planOf(row);
      System.arraycopy(planned, at + 1, planned, at, --plannedCount - at);
      states[row] &= (byte) ~PLANNED;
      if (planned.length - plannedCount >= 4 * STEP) {
        planned = Arrays.copyOf(planned, plannedCount + STEP);
      }
    }
  }

  /** Returns how many rows before one have a time of their own. */
  private int planOf(int row) {
    int count = 0;
    for (int i = 0; plannedCount > 0 && i < row; i++) {
      count += states[i] < 0 ? 1 : 0;
    }
    return count;
  }

  /**
   * Finds the contact whose check is due first.
   *
   * @param stale ticks after which a contact is due that has no time of its own
   * @return its row, or -1 if there are none
   */
  int dueFirst(int stale) {
    int first = -1;
    int least = 0;
    int plan = 0;
    for (int row = 0; row < size; row++) {
      int due = states[row] < 0 ? planned[plan++] : seen[row] + stale;
      if (first < 0 || due - least < 0) {
        first = row;
        least = due;
      }
    }
    return first;
  }

  /** Returns when the check of a contact is due. */
  int dueAt(int row, int stale) {
    return states[row] < 0 ? planned[planOf(row)] : seen[row] + stale;
  }

  /** Returns the row heard of last among those that did not fail since, or -1. */
  int lastSeen() {
    int last = -1;
    for (int row = 0; row < size; row++) {
      if (failures(row) == 0 && (last < 0 || seen[row] - seen[last] > 0)) {
        last = row;
      }
    }
    return last;
  }

  /** Returns which of some rows was not heard of for the longest time. */
  int leastRecentlySeen(Range bucket) {
    int oldest = bucket.from;
    for (int row = bucket.from + 1; row < bucket.to; row++) {
      if (seen[row] - seen[oldest] < 0) {
        oldest = row;
      }
    }
    return oldest;
  }

  /** Reads a little of each part. */
  int touch() {
    int sum = contacts.length ^ states.length;
    // A line of a cache holds 16 of them.
    for (int row = 0; row < size; row += 16) {
      sum ^= slices[row];
    }
    return sum;
  }
}
