package org.bytchat.dht.routing;

import java.util.Arrays;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * A search of a table for the contacts closest to a key, and its answer, in memory that is used
 * again. Owned by a driver; not thread-safe.
 */
public final class ClosestSearch {

  /*
   * Bucket j of a table holds the ids that first differ from the own one at bit j. Let d = own XOR
   * key. An id of bucket j agrees with the key at bit j exactly if d has bit j set. So the buckets
   * whose bit is set come first, in ascending order, and then the others in descending order, and
   * each whole bucket is nearer than the next one. A search sorts one bucket at a time and stops
   * when it has enough.
   */

  /** A contact that failed so often is not told to others. */
  private static final int FAILURES_UNLISTED = 2;

  final @Nullable Contact[] contacts;

  /**
   * Of the bucket that is being searched, for each: distance in the upper half, row in the lower.
   */
  final long[] ranks;

  int count;

  long high;
  long middle;
  int low;
  int limit;
  int serviceMask;
  boolean withFailing;

  private boolean hasExcluded;
  private long excludedHigh;
  private long excludedMiddle;
  private int excludedLow;

  /**
   * Makes room for an answer.
   *
   * @param capacity the most contacts it will hold, at least 1
   */
  public ClosestSearch(int capacity) {
    contacts = new Contact[capacity];
    ranks = new long[capacity];
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
    hasExcluded = false;
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
   * Leaves out a node: whoever asks knows itself.
   *
   * @param idHigh bits 0 to 63 of its id
   * @param idMiddle bits 64 to 127
   * @param idLow bits 128 to 159
   * @return this search
   */
  public ClosestSearch without(long idHigh, long idMiddle, int idLow) {
    hasExcluded = true;
    excludedHigh = idHigh;
    excludedMiddle = idMiddle;
    excludedLow = idLow;
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

  /**
   * Compares the distances of two contacts to the key.
   *
   * @param one a contact
   * @param other another, null for one that is infinitely far
   * @return whether the first is nearer
   */
  public boolean isNearer(Contact one, @Nullable Contact other) {
    return other == null || isNearer(one.id(), other.id());
  }

  /** Searches the buckets of a table that begin at some rows; returns how many were found. */
  int run(NodeId own, ContactRows rows, short[] starts) {
    count = 0;
    int last = starts.length - 2;
    for (int word = 0; word < 3 && count < limit; word++) {
      long distance = distanceWord(own, word);
      int base = word * 64;
      while (distance != 0 && count < limit) {
        int bit = Long.numberOfLeadingZeros(distance);
        if (base + bit > last) {
          break;
        }
        collect(rows, base + bit, starts);
        distance &= ~(Long.MIN_VALUE >>> bit);
      }
    }
    for (int word = 2; word >= 0 && count < limit; word--) {
      long same = ~distanceWord(own, word);
      int base = word * 64;
      int top = Math.min(63, last - base);
      if (top < 0) {
        continue;
      }
      same &= -1L << (63 - top);
      while (same != 0 && count < limit) {
        int bit = 63 - Long.numberOfTrailingZeros(same);
        collect(rows, base + bit, starts);
        same &= same - 1;
      }
    }
    Arrays.fill(contacts, count, contacts.length, null);
    return count;
  }

  private long distanceWord(NodeId own, int word) {
    return switch (word) {
      case 0 -> own.high() ^ high;
      case 1 -> own.middle() ^ middle;
      default -> ((long) (own.low() ^ low)) << 32;
    };
  }

  /** Adds the contacts of one bucket in order, keeping the nearest of them if not all fit. */
  private void collect(ContactRows rows, int prefix, short[] starts) {
    int slice = ContactRows.slice(high, middle, low, prefix);
    int excluded = ContactRows.slice(excludedHigh, excludedMiddle, excludedLow, prefix);
    int start = count;
    int end = start;
    for (int row = starts[prefix]; row < starts[prefix + 1]; row++) {
      if (!isSought(rows, row) || (rows.slices[row] == excluded && isExcluded(rows.at(row)))) {
        continue;
      }
      // Shifted, so that a signed comparison orders unsigned distances.
      long rank = (long) (rows.slices[row] ^ slice ^ Integer.MIN_VALUE) << 32 | row;
      int at = end;
      if (end < limit) {
        end++;
      } else if (isNearer(rank, ranks[limit - 1], rows)) {
        at = limit - 1;
      } else {
        continue;
      }
      while (at > start && isNearer(rank, ranks[at - 1], rows)) {
        ranks[at] = ranks[at - 1];
        at--;
      }
      ranks[at] = rank;
    }
    for (int i = start; i < end; i++) {
      contacts[i] = rows.contacts[(int) ranks[i]];
    }
    count = end;
  }

  private boolean isSought(ContactRows rows, int row) {
    return (withFailing || rows.failures(row) < FAILURES_UNLISTED)
        && (serviceMask == 0 || rows.at(row).offers(serviceMask));
  }

  private boolean isExcluded(Contact contact) {
    return hasExcluded && contact.id().hasWords(excludedHigh, excludedMiddle, excludedLow);
  }

  private boolean isNearer(long rank, long other, ContactRows rows) {
    return rank >> 32 != other >> 32 ? rank < other : isNearerTie((int) rank, (int) other, rows);
  }

  /** Compares two contacts whose distances begin with the same 32 bits. */
  private boolean isNearerTie(int row, int otherRow, ContactRows rows) {
    return isNearer(rows.at(row).id(), rows.at(otherRow).id());
  }

  private boolean isNearer(NodeId id, NodeId other) {
    int order = Long.compareUnsigned(id.high() ^ high, other.high() ^ high);
    if (order == 0) {
      order = Long.compareUnsigned(id.middle() ^ middle, other.middle() ^ middle);
    }
    return order != 0 ? order < 0 : Integer.compareUnsigned(id.low() ^ low, other.low() ^ low) < 0;
  }
}
