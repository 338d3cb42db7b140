package org.bytchat.dht.routing;

import java.util.Arrays;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * The contacts that share a prefix of one length with the own id, and candidates for their places.
 *
 * <p>Parallel arrays that grow to the bucket size: a million simulated nodes pay for what they
 * know, not for what they could. Contacts stay in the order in which they entered.
 */
final class Bucket {

  private static final int INITIAL_CAPACITY = 4;
  private static final Contact[] NO_CONTACTS = {};

  @Nullable Contact[] contacts = new Contact[INITIAL_CAPACITY];

  /** The most significant word of each id, so that a search compares without following contacts. */
  long[] idHigh = new long[INITIAL_CAPACITY];

  long[] lastSeenNanos = new long[INITIAL_CAPACITY];
  long[] nextCheckNanos = new long[INITIAL_CAPACITY];
  byte[] failures = new byte[INITIAL_CAPACITY];
  int size;

  long lastRefreshNanos;

  /** The newest contact that exceeded the diversity limits, or -1. */
  int overLimit = -1;

  /** The table's count of changes when that was found. */
  long overLimitAsOf = -1;

  private @Nullable Contact[] candidates = NO_CONTACTS;
  private int candidateCount;

  Bucket(long nowNanos) {
    lastRefreshNanos = nowNanos;
  }

  Contact at(int index) {
    Contact contact = contacts[index];
    if (contact == null) {
      throw new AssertionError("no contact at " + index + " of " + size);
    }
    return contact;
  }

  int indexOf(NodeId id) {
    for (int i = 0; i < size; i++) {
      if (idHigh[i] == id.high() && at(i).id().equals(id)) {
        return i;
      }
    }
    return -1;
  }

  int indexOf(Endpoint endpoint) {
    for (int i = 0; i < size; i++) {
      if (at(i).endpoint().equals(endpoint)) {
        return i;
      }
    }
    return -1;
  }

  void add(Contact contact) {
    if (size == contacts.length) {
      int capacity = size * 2;
      contacts = Arrays.copyOf(contacts, capacity);
      idHigh = Arrays.copyOf(idHigh, capacity);
      lastSeenNanos = Arrays.copyOf(lastSeenNanos, capacity);
      nextCheckNanos = Arrays.copyOf(nextCheckNanos, capacity);
      failures = Arrays.copyOf(failures, capacity);
    }
    set(size++, contact);
  }

  /** Puts a contact at an index; what is known of the one before does not hold for it. */
  void set(int index, Contact contact) {
    contacts[index] = contact;
    idHigh[index] = contact.id().high();
    failures[index] = 0;
    removeCandidate(contact.id());
  }

  void remove(int index) {
    int from = index + 1;
    int moved = --size - index;
    System.arraycopy(contacts, from, contacts, index, moved);
    System.arraycopy(idHigh, from, idHigh, index, moved);
    System.arraycopy(lastSeenNanos, from, lastSeenNanos, index, moved);
    System.arraycopy(nextCheckNanos, from, nextCheckNanos, index, moved);
    System.arraycopy(failures, from, failures, index, moved);
    contacts[size] = null;
  }

  int leastRecentlySeen() {
    int oldest = -1;
    for (int i = 0; i < size; i++) {
      if (oldest < 0 || lastSeenNanos[i] - lastSeenNanos[oldest] < 0) {
        oldest = i;
      }
    }
    return oldest;
  }

  /** Remembers a candidate as the newest; the oldest is forgotten if there is no room. */
  void addCandidate(Contact contact, int capacity) {
    if (capacity == 0) {
      return;
    }
    removeCandidate(contact.id());
    if (candidateCount == capacity) {
      System.arraycopy(candidates, 1, candidates, 0, --candidateCount);
    }
    if (candidateCount == candidates.length) {
      candidates = Arrays.copyOf(candidates, Math.min(capacity, Math.max(2, candidateCount * 2)));
    }
    candidates[candidateCount++] = contact;
  }

  /** Takes the newest candidate. */
  @Nullable Contact pollCandidate() {
    if (candidateCount == 0) {
      return null;
    }
    Contact newest = candidates[--candidateCount];
    candidates[candidateCount] = null;
    return newest;
  }

  private void removeCandidate(NodeId id) {
    for (int i = 0; i < candidateCount; i++) {
      Contact candidate = candidates[i];
      if (candidate != null && candidate.id().equals(id)) {
        System.arraycopy(candidates, i + 1, candidates, i, --candidateCount - i);
        candidates[candidateCount] = null;
        return;
      }
    }
  }
}
