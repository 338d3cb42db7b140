package org.bytchat.dht.routing;

import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.routing.ContactRows.Range;

/** The sizes, periods and limits of a table, and how they are applied to its rows. Immutable. */
final class TableRules {

  /**
   * The limits are hard from so many buckets' worth of contacts within them on. One bucket's worth
   * is for the neighbours, and the others for all the farther buckets: a network of so few subnets
   * or networks that the limits leave it less has no limits.
   */
  private static final int STRICT_FROM_BUCKETS = 3;

  /**
   * A bucket keeps one in so many of its places when its contacts give way to those of other
   * buckets. If all gave way to neighbours, no node of one half of the ids would know any of the
   * other half. With 20 places it keeps 4: more than a lookup asks at once.
   */
  private static final int PLACES_PER_KEPT = 5;

  final RoutingConfig config;
  final int staleTicks;
  final int pingTicks;
  final int refreshTicks;

  private final DefenceConfig defences;
  private final boolean exemptLocal;

  TableRules(RoutingConfig config, DefenceConfig defences, boolean exemptLocal) {
    this.config = config;
    this.defences = defences;
    this.exemptLocal = exemptLocal;
    this.staleTicks = Ticks.of(config.staleAfter());
    this.pingTicks = Ticks.of(config.pingInterval());
    this.refreshTicks = Ticks.of(config.refreshInterval());
  }

  /** Tells whether the diversity limits are hard once there are enough within them. */
  boolean isStrict() {
    return defences.strictTable();
  }

  /** Returns how many contacts within the diversity limits are enough for a table. */
  int enough() {
    return STRICT_FROM_BUCKETS * config.bucketSize();
  }

  /** Returns down to how many contacts a bucket gives way to others. */
  int kept() {
    return Math.max(1, config.bucketSize() / PLACES_PER_KEPT);
  }

  /**
   * Tells whether a contact is above the diversity limits, or not entitled to its id.
   *
   * @param extra how many of its subnet and network are counted that are not in the rows
   * @param home the bucket that they are in
   */
  boolean exceeds(ContactRows rows, Contact contact, int extra, Range home) {
    Endpoint endpoint = contact.endpoint();
    return isForeign(contact)
        || (!isExempt(endpoint) && rows.exceedsLimits(config, endpoint, extra, home));
  }

  /** Tells whether the rule of BEP 42 is in force, and a contact's id breaks it. */
  boolean isForeign(Contact contact) {
    return defences.secureIds() && !SecureIds.isSecure(contact.id(), contact.endpoint());
  }

  /** Counts the contacts above the diversity limits. */
  int countOver(ContactRows rows, short[] starts) {
    int over = 0;
    for (int prefix = 0; prefix < starts.length - 1; prefix++) {
      Range bucket = new Range(starts[prefix], starts[prefix + 1]);
      for (int row = bucket.from(); row < bucket.to(); row++) {
        over += exceeds(rows, rows.at(row), 0, bucket) ? 1 : 0;
      }
    }
    return over;
  }

  /** Returns which contact of a bucket is the newest above the diversity limits, or -1. */
  int newestOver(ContactRows rows, Range bucket) {
    int row = bucket.to() - 1;
    while (row >= bucket.from() && !exceeds(rows, rows.at(row), 0, bucket)) {
      row--;
    }
    return row < bucket.from() ? -1 : row - bucket.from();
  }

  /** Returns the first row of a bucket whose contact failed as often as the limit says, or -1. */
  int firstFailed(ContactRows rows, Range bucket) {
    for (int row = bucket.from(); row < bucket.to(); row++) {
      if (rows.failures(row) >= config.evictAfterFailures()) {
        return row;
      }
    }
    return -1;
  }

  /**
   * Tells whether a bucket takes none of those who only asked us any more. A table that this node
   * did not fill itself has no such limit: the first node of a network knows nobody else.
   */
  boolean refusesUnsolicited(ContactRows rows, Range bucket) {
    return rows.unsolicited(bucket.from(), bucket.to()) >= defences.unsolicitedPerBucket()
        && rows.size - rows.unsolicited(0, rows.size) >= config.bucketSize();
  }

  /** Tells whether two candidates of a bucket count as one neighbour too many, see the limits. */
  boolean areNear(Endpoint one, Endpoint other) {
    return isStrict()
        && !isExempt(one)
        && one.family() == other.family()
        && one.subnet() == other.subnet()
        && one.network() == other.network();
  }

  private boolean isExempt(Endpoint endpoint) {
    return exemptLocal && endpoint.isLocal();
  }
}
