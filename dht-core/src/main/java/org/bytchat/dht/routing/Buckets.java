package org.bytchat.dht.routing;

import java.util.Arrays;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.routing.ContactRows.Range;

/**
 * Which rows of a table are in which bucket, when each bucket was refreshed, and who in it exceeds
 * the diversity limits.
 */
final class Buckets {

  /** In place of a row: nobody has to go. */
  static final int NOBODY = -1;

  /** In place of a row: a newcomer would be above the limits, and nobody makes room for it. */
  static final int CROWDED = -2;

  /** Of a bucket that never had a contact. */
  private static final byte ABSENT = -3;

  /** Of what is not known since something changed. */
  private static final byte UNKNOWN = -2;

  private static final short[] NO_BUCKETS = {0};

  private final TableRules rules;
  private final ContactRows rows;

  /** The first row of each bucket, and the count of rows. */
  short[] starts = NO_BUCKETS;

  /** When the last lookup in each bucket was. */
  private int[] refreshed = {};

  /**
   * Which contact of each bucket is the newest to exceed the diversity limits, -1 if none does; or
   * {@link #UNKNOWN} or {@link #ABSENT}.
   */
  private byte[] newestOver = {};

  /** How many contacts exceed the diversity limits, or {@link #UNKNOWN}. */
  private int over;

  Buckets(TableRules rules, ContactRows rows) {
    this.rules = rules;
    this.rows = rows;
  }

  /** Returns how many there are, those that are not open among them. */
  int count() {
    return newestOver.length;
  }

  boolean isOpen(int prefix) {
    return prefix < newestOver.length && newestOver[prefix] != ABSENT;
  }

  /** Makes a bucket if there is none. */
  void open(int prefix, int now) {
    int count = newestOver.length;
    if (prefix >= count) {
      newestOver = Arrays.copyOf(newestOver, prefix + 1);
      Arrays.fill(newestOver, count, prefix + 1, ABSENT);
      refreshed = Arrays.copyOf(refreshed, prefix + 1);
      starts = Arrays.copyOf(starts, prefix + 2);
      Arrays.fill(starts, count + 1, prefix + 2, starts[count]);
    }
    if (newestOver[prefix] == ABSENT) {
      newestOver[prefix] = -1;
      refreshed[prefix] = now;
    }
  }

  int size(int prefix) {
    return isOpen(prefix) ? starts[prefix + 1] - starts[prefix] : 0;
  }

  boolean isFull(int prefix) {
    return size(prefix) >= rules.config.bucketSize();
  }

  /** Returns the rows of a bucket. */
  Range rowsOf(int prefix) {
    boolean open = isOpen(prefix);
    return new Range(open ? starts[prefix] : 0, open ? starts[prefix + 1] : 0);
  }

  /** Notes that a row was put into a bucket, or taken out of it. */
  void move(int prefix, int by) {
    for (int i = prefix + 1; i < starts.length; i++) {
      starts[i] += (short) by;
    }
  }

  /** Notes that somebody may have come above the limits. */
  void onCrowded() {
    forget(-1);
  }

  /** Notes that some may no longer be above the limits. */
  void onRemoved() {
    forget(0);
  }

  private void forget(int from) {
    over = over == 0 && from == 0 ? 0 : UNKNOWN;
    for (int prefix = 0; prefix < newestOver.length; prefix++) {
      newestOver[prefix] = newestOver[prefix] >= from ? UNKNOWN : newestOver[prefix];
    }
  }

  /** Finds the newest contact of a bucket that exceeds the limits; its row, or -1. */
  int newestOver(int prefix) {
    if (newestOver[prefix] == UNKNOWN) {
      newestOver[prefix] = (byte) rules.newestOver(rows, rowsOf(prefix));
    }
    return newestOver[prefix] < 0 ? -1 : starts[prefix] + newestOver[prefix];
  }

  /** Finds the contact of a full bucket that gives way to a newcomer at once; its row, or -1. */
  int victim(int prefix, Contact newcomer) {
    Range bucket = rowsOf(prefix);
    int failed = rules.firstFailed(rows, bucket);
    if (failed >= 0) {
      return failed;
    }
    int newest = newestOver(prefix);
    return newest < 0 || rules.exceeds(rows, newcomer, 1, bucket) ? -1 : newest;
  }

  /** Tells whether a bucket is full and {@link #victim} is -1 for every newcomer. */
  boolean isSettled(int prefix) {
    return isFull(prefix) && rules.firstFailed(rows, rowsOf(prefix)) < 0 && newestOver(prefix) < 0;
  }

  /** Tells whether there are so many contacts within the limits that no others are needed. */
  boolean isDiverse() {
    int enough = rules.enough();
    if (!rules.isStrict() || rows.size < enough) {
      return false;
    }
    if (over == UNKNOWN) {
      over = rules.countOver(rows, starts);
    }
    return rows.size - over >= enough;
  }

  /**
   * Finds who has to go for a newcomer to be within the limits.
   *
   * @param prefix the bucket of the newcomer
   * @param found whether it displaces others
   * @param victim the row of a contact of its bucket that goes anyway, or -1
   * @return a row of another bucket, {@link #NOBODY} or {@link #CROWDED}
   */
  int givingWay(int prefix, Contact contact, boolean found, int victim) {
    Range home = rowsOf(prefix);
    if (!isDiverse() || !rules.exceeds(rows, contact, 1, home)) {
      return NOBODY;
    }
    if (rules.isForeign(contact)) {
      return CROWDED;
    }
    Endpoint newcomer = contact.endpoint();
    // Who had the endpoint before goes, too.
    int leaving = victim >= 0 ? victim : rows.find(newcomer);
    if (leaving >= 0 && !rows.exceedsLimits(rules.config, newcomer, home, leaving)) {
      return NOBODY;
    }
    // A nearer one gives way only to have a farther bucket keep what it needs.
    int end = sizeWithout(leaving, prefix) < rules.kept() ? count() : Math.min(prefix, count());
    for (int other = 0; found && other < end; other++) {
      boolean gives = other != prefix && sizeWithout(leaving, other) > rules.kept();
      for (int row = starts[other + 1] - 1; gives && row >= starts[other]; row--) {
        if (row != leaving
            && rows.isInNetwork(row, newcomer)
            && !rows.exceedsLimits(rules.config, newcomer, home, leaving, row)) {
          return row;
        }
      }
    }
    return CROWDED;
  }

  private int sizeWithout(int row, int prefix) {
    Range bucket = rowsOf(prefix);
    return size(prefix) - (bucket.from() <= row && row < bucket.to() ? 1 : 0);
  }

  /** Returns the bucket nearest to the own id of which a contact is no longer needed, or -1. */
  int nearestOver() {
    int prefix = isDiverse() && over > 0 ? newestOver.length - 1 : -1;
    while (prefix >= 0 && newestOver(prefix) < 0) {
      prefix--;
    }
    return prefix;
  }

  void onRefreshed(int prefix, int tick) {
    refreshed[prefix] = tick;
  }

  /** Finds the bucket that has been due for a refresh for longest, or -1. */
  int dueForRefresh(int now) {
    int oldest = oldestRefreshed();
    return oldest >= 0 && now - refreshed[oldest] >= rules.refreshTicks ? oldest : -1;
  }

  /** Returns how long after a time a refresh is due, or -1 if there are no buckets. */
  int ticksToRefresh(int now) {
    int oldest = oldestRefreshed();
    return oldest < 0 ? -1 : Math.max(0, refreshed[oldest] + rules.refreshTicks - now);
  }

  private int oldestRefreshed() {
    int oldest = -1;
    for (int prefix = 0; prefix < newestOver.length; prefix++) {
      if (newestOver[prefix] != ABSENT
          && (oldest < 0 || refreshed[prefix] - refreshed[oldest] < 0)) {
        oldest = prefix;
      }
    }
    return oldest;
  }
}
