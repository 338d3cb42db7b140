package org.bytchat.dht.routing;

import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * A search of a table for the contacts closest to a key, and its answer, in memory that is used
 * again. Owned by a driver; not thread-safe.
 */
public final class ClosestSearch {

  final @Nullable Contact[] contacts;
  final long[] distances;

  /** Where in its bucket each of the contacts of the bucket that is being searched is. */
  final int[] places;

  int count;

  long high;
  long middle;
  int low;
  int limit;
  int serviceMask;
  boolean withFailing;

  /**
   * Makes room for an answer.
   *
   * @param capacity the most contacts it will hold, at least 1
   */
  public ClosestSearch(int capacity) {
    contacts = new Contact[capacity];
    distances = new long[capacity];
    places = new int[capacity];
  }

  /**
   * Begins a search, for any services and without contacts that failed lately.
   *
   * @param keyHigh bits 0 to 63 of the key
   * @param keyMiddle bits 64 to 127
   * @param keyLow bits 128 to 159
   * @param most how many contacts at the most; cut to the capacity
   * @return this search
   */
  public ClosestSearch begin(long keyHigh, long keyMiddle, int keyLow, int most) {
    high = keyHigh;
    middle = keyMiddle;
    low = keyLow;
    limit = Math.min(most, contacts.length);
    serviceMask = 0;
    withFailing = false;
    return this;
  }

  /**
   * Begins a search, for any services and without contacts that failed lately.
   *
   * @param key the key
   * @param most how many contacts at the most; cut to the capacity
   * @return this search
   */
  public ClosestSearch begin(NodeId key, int most) {
    return begin(key.high(), key.middle(), key.low(), most);
  }

  /**
   * Asks for contacts that offer services.
   *
   * @param mask the service bits that each must have
   * @return this search
   */
  public ClosestSearch offering(int mask) {
    serviceMask = mask;
    return this;
  }

  /**
   * Counts contacts that failed lately too: so for own lookups, which find out, and not for answers
   * to others.
   *
   * @return this search
   */
  public ClosestSearch withFailing() {
    withFailing = true;
    return this;
  }

  /**
   * Returns how many contacts were found.
   *
   * @return the count
   */
  public int count() {
    return count;
  }

  /**
   * Returns a contact that was found.
   *
   * @param index 0 for the closest
   * @return the contact
   * @throws IndexOutOfBoundsException if there is none at the index
   */
  public Contact get(int index) {
    Contact contact = index < count ? contacts[index] : null;
    if (contact == null) {
      throw new IndexOutOfBoundsException("contact " + index + " of " + count);
    }
    return contact;
  }
}
