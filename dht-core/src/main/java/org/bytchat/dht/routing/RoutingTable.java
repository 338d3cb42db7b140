package org.bytchat.dht.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * The contacts of one node in one address family.
 *
 * <p>Only contacts that answered may be given to {@link #insert}. Times are monotonic nanoseconds
 * and never go backwards. Not thread-safe.
 */
public final class RoutingTable {

  /*
   * One bucket for each length of the prefix shared with the own id, [1] section 2.2. That is the
   * tree of [1] 2.4 in which only the bucket of the own id ever splits; the buckets near the own id
   * keep every neighbour, as a branch that small has fewer than k nodes.
   *
   * Search: bucket j holds the ids that first differ from the own one at bit j. Let d = own XOR
   * target. An id of bucket j agrees with the target at bit j exactly if d has bit j set. So the
   * buckets whose bit is set come first, in ascending order, and then the others in descending
   * order, and each whole bucket is nearer than the next one. A search sorts one bucket at a time
   * and stops when it has enough.
   *
   * Eviction keeps what is old and answers, [1] section 2.2: a newcomer to a full bucket becomes a
   * candidate. It displaces at once only a contact that exceeds the diversity limits or that failed
   * as often as the limit says.
   *
   * [1] Maymounkov, Mazières: Kademlia, IPTPS 2002.
   */

  private static final int FAILURES_MAX = 100;

  /** A contact that failed so often is not told to others. */
  private static final int FAILURES_UNLISTED = 2;

  private final NodeId own;
  private final RoutingConfig config;
  private final boolean exemptLocal;
  private final long staleNanos;
  private final long pingNanos;
  private final long refreshNanos;

  private @Nullable Bucket[] buckets = new Bucket[4];
  private int size;

  /** Counts contacts that came, went or moved. */
  private long changes;

  /**
   * Makes an empty table.
   *
   * @param own the own id
   * @param config sizes and periods
   * @param exemptLocal whether local addresses are exempt from the diversity limits
   */
  public RoutingTable(NodeId own, RoutingConfig config, boolean exemptLocal) {
    this.own = own;
    this.config = config;
    this.exemptLocal = exemptLocal;
    this.staleNanos = config.staleAfter().toNanos();
    this.pingNanos = config.pingInterval().toNanos();
    this.refreshNanos = config.refreshInterval().toNanos();
  }

  /**
   * Takes in a contact that answered.
   *
   * @param contact the contact
   * @param proven whether it proved that it holds the key of its id
   * @param nowNanos the time
   * @return what became of it
   */
  public InsertOutcome insert(Contact contact, boolean proven, long nowNanos) {
    int prefix = own.commonPrefixLength(contact.id());
    if (prefix == NodeId.BITS) {
      return new InsertOutcome.Rejected(InsertOutcome.Reason.OWN_ID);
    }
    Bucket bucket = bucketFor(prefix, nowNanos);
    int index = bucket.indexOf(contact.id());
    if (index >= 0) {
      boolean sameEndpoint = bucket.at(index).endpoint().equals(contact.endpoint());
      if (!sameEndpoint && !proven && bucket.failures[index] == 0) {
        return new InsertOutcome.Rejected(InsertOutcome.Reason.ID_ELSEWHERE);
      }
      if (sameEndpoint) {
        bucket.contacts[index] = contact;
      } else {
        removeEndpoint(contact.endpoint());
        index = bucket.indexOf(contact.id());
        bucket.set(index, contact);
        changes++;
      }
      seen(bucket, index, nowNanos);
      return new InsertOutcome.Refreshed();
    }
    removeEndpoint(contact.endpoint());
    if (bucket.size < config.bucketSize()) {
      bucket.add(contact);
      size++;
      changes++;
      seen(bucket, bucket.size - 1, nowNanos);
      return new InsertOutcome.Inserted();
    }
    int victim = findVictim(bucket, contact);
    if (victim >= 0) {
      bucket.remove(victim);
      bucket.add(contact);
      changes++;
      seen(bucket, bucket.size - 1, nowNanos);
      return new InsertOutcome.Inserted();
    }
    bucket.addCandidate(contact, config.replacementCacheSize());
    int oldest = bucket.leastRecentlySeen();
    return nowNanos - bucket.lastSeenNanos[oldest] > staleNanos / 2
        ? new InsertOutcome.PingOldest(bucket.at(oldest))
        : new InsertOutcome.Cached();
  }

  /**
   * Remembers a contact for which there is no room as a candidate of its bucket.
   *
   * @param contact a contact that answered; it has to prove its id before it takes a place
   * @param nowNanos the time
   */
  public void addCandidate(Contact contact, long nowNanos) {
    int prefix = own.commonPrefixLength(contact.id());
    if (prefix < NodeId.BITS) {
      bucketFor(prefix, nowNanos).addCandidate(contact, config.replacementCacheSize());
    }
  }

  /**
   * Tells whether a contact would find a place if it answered, so that it is worth a ping.
   *
   * @param contact a contact that is not in the table
   * @return whether its bucket has a free place, a contact that gives way to it, or a contact with
   *     its id that does not answer
   */
  public boolean hasRoomFor(Contact contact) {
    int prefix = own.commonPrefixLength(contact.id());
    if (prefix == NodeId.BITS) {
      return false;
    }
    Bucket bucket = bucketAt(prefix);
    if (bucket == null || bucket.size < config.bucketSize()) {
      return true;
    }
    int index = bucket.indexOf(contact.id());
    return index >= 0 ? bucket.failures[index] > 0 : findVictim(bucket, contact) >= 0;
  }

  /**
   * Looks a contact up.
   *
   * @param id its id
   * @return the contact, or null if the table does not have it
   */
  public @Nullable Contact find(NodeId id) {
    Bucket bucket = bucketAt(own.commonPrefixLength(id));
    int index = bucket == null ? -1 : bucket.indexOf(id);
    return bucket == null || index < 0 ? null : bucket.at(index);
  }

  /**
   * Notes that a contact of the table answered.
   *
   * @param contact the contact
   * @param nowNanos the time
   * @return whether the table has it, with that endpoint
   */
  public boolean onResponse(Contact contact, long nowNanos) {
    Bucket bucket = bucketAt(own.commonPrefixLength(contact.id()));
    int index = bucket == null ? -1 : bucket.indexOf(contact.id());
    if (bucket == null || index < 0 || !bucket.at(index).endpoint().equals(contact.endpoint())) {
      return false;
    }
    if (bucket.at(index).services() != contact.services()) {
      bucket.contacts[index] = contact;
    }
    seen(bucket, index, nowNanos);
    return true;
  }

  /**
   * Notes that a contact did not answer.
   *
   * @param contact the contact
   * @param networkAlive whether somebody else answered since it was asked: if nobody does, the
   *     fault may be ours, and nothing is evicted
   * @param nowNanos the time
   * @return a candidate to verify for the place that became free, or null
   */
  public @Nullable Contact onFailure(Contact contact, boolean networkAlive, long nowNanos) {
    Bucket bucket = bucketAt(own.commonPrefixLength(contact.id()));
    int index = bucket == null ? -1 : bucket.indexOf(contact.id());
    if (bucket == null || index < 0 || !bucket.at(index).endpoint().equals(contact.endpoint())) {
      return null;
    }
    int failures = Math.min(FAILURES_MAX, bucket.failures[index] + 1);
    bucket.failures[index] = (byte) failures;
    if (failures >= config.evictAfterFailures() && networkAlive) {
      bucket.remove(index);
      size--;
      changes++;
      return bucket.pollCandidate();
    }
    long backoff = Math.min(staleNanos, pingNanos << Math.min(failures - 1, 10));
    bucket.nextCheckNanos[index] = nowNanos + backoff;
    return null;
  }

  /**
   * Forgets all failures, because nobody answered for a while and somebody does again: they were
   * ours. Otherwise the first newcomers after an outage would displace whom they like.
   */
  public void forgiveFailures() {
    for (Bucket bucket : buckets) {
      if (bucket != null) {
        Arrays.fill(bucket.failures, (byte) 0);
      }
    }
  }

  /**
   * Removes a contact whose claim about itself turned out to be false.
   *
   * @param id its id
   * @return whether it was in the table
   */
  public boolean remove(NodeId id) {
    Bucket bucket = bucketAt(own.commonPrefixLength(id));
    int index = bucket == null ? -1 : bucket.indexOf(id);
    if (bucket == null || index < 0) {
      return false;
    }
    bucket.remove(index);
    size--;
    changes++;
    return true;
  }

  /**
   * Finds the contacts closest to a key, nearest first.
   *
   * @param search the key and what to find; takes the answer
   * @return how many were found
   */
  public int closest(ClosestSearch search) {
    search.count = 0;
    int limit = search.limit;
    int last = Math.min(buckets.length, NodeId.BITS) - 1;
    for (int word = 0; word < 3 && search.count < limit; word++) {
      long distance = distanceWord(search, word);
      int base = word * 64;
      while (distance != 0 && search.count < limit) {
        int bit = Long.numberOfLeadingZeros(distance);
        if (base + bit > last) {
          break;
        }
        collect(base + bit, search);
        distance &= ~(Long.MIN_VALUE >>> bit);
      }
    }
    for (int word = 2; word >= 0 && search.count < limit; word--) {
      long same = ~distanceWord(search, word);
      int base = word * 64;
      int top = Math.min(63, last - base);
      if (top < 0) {
        continue;
      }
      same &= -1L << (63 - top);
      while (same != 0 && search.count < limit) {
        int bit = 63 - Long.numberOfTrailingZeros(same);
        collect(base + bit, search);
        same &= same - 1;
      }
    }
    Arrays.fill(search.contacts, search.count, search.contacts.length, null);
    return search.count;
  }

  private long distanceWord(ClosestSearch search, int word) {
    return switch (word) {
      case 0 -> own.high() ^ search.high;
      case 1 -> own.middle() ^ search.middle;
      default -> ((long) (own.low() ^ search.low)) << 32;
    };
  }

  /** Adds the contacts of one bucket in order, keeping the nearest of them if not all fit. */
  private void collect(int prefix, ClosestSearch search) {
    Bucket bucket = buckets[prefix];
    if (bucket == null) {
      return;
    }
    int limit = search.limit;
    int start = search.count;
    int end = start;
    long[] distances = search.distances;
    int[] places = search.places;
    for (int i = 0; i < bucket.size; i++) {
      if (!isSought(bucket, i, search)) {
        continue;
      }
      // Shifted, so that a signed comparison orders unsigned distances.
      long distance = bucket.idHigh[i] ^ search.high ^ Long.MIN_VALUE;
      int at = end;
      if (end < limit) {
        end++;
      } else if (nearer(distance, bucket.at(i), limit - 1, bucket, search)) {
        at = limit - 1;
      } else {
        continue;
      }
      while (at > start && nearer(distance, bucket.at(i), at - 1, bucket, search)) {
        distances[at] = distances[at - 1];
        places[at] = places[at - 1];
        at--;
      }
      distances[at] = distance;
      places[at] = i;
    }
    for (int i = start; i < end; i++) {
      search.contacts[i] = bucket.contacts[places[i]];
    }
    search.count = end;
  }

  private static boolean isSought(Bucket bucket, int index, ClosestSearch search) {
    return (search.withFailing || bucket.failures[index] < FAILURES_UNLISTED)
        && (search.serviceMask == 0 || bucket.at(index).offers(search.serviceMask));
  }

  /** Tells whether a contact is nearer than the one of its bucket that stands at a rank. */
  private static boolean nearer(
      long distance, Contact contact, int rank, Bucket bucket, ClosestSearch search) {
    if (distance != search.distances[rank]) {
      return distance < search.distances[rank];
    }
    NodeId id = contact.id();
    NodeId other = bucket.at(search.places[rank]).id();
    int order = Long.compareUnsigned(id.middle() ^ search.middle, other.middle() ^ search.middle);
    return order != 0
        ? order < 0
        : Integer.compareUnsigned(id.low() ^ search.low, other.low() ^ search.low) < 0;
  }

  /**
   * Finds the contact whose check is overdue for the longest time, and puts its next check off.
   *
   * @param nowNanos the time
   * @return a contact to ping, or null if none is due
   */
  public @Nullable Contact pollDueForCheck(long nowNanos) {
    Bucket bucketOfDue = null;
    int due = -1;
    for (Bucket bucket : buckets) {
      for (int i = 0; bucket != null && i < bucket.size; i++) {
        if (bucket.nextCheckNanos[i] - nowNanos <= 0
            && (bucketOfDue == null
                || bucket.nextCheckNanos[i] - bucketOfDue.nextCheckNanos[due] < 0)) {
          bucketOfDue = bucket;
          due = i;
        }
      }
    }
    if (bucketOfDue == null) {
      return null;
    }
    bucketOfDue.nextCheckNanos[due] = nowNanos + pingNanos;
    return bucketOfDue.at(due);
  }

  /**
   * Tells whether a contact failed when it was asked last.
   *
   * @param contact a contact
   * @return whether the table has its id, with failures since it answered last
   */
  public boolean isFailing(Contact contact) {
    Bucket bucket = bucketAt(own.commonPrefixLength(contact.id()));
    int index = bucket == null ? -1 : bucket.indexOf(contact.id());
    return bucket != null && index >= 0 && bucket.failures[index] > 0;
  }

  /**
   * Finds the contact that is the most likely to answer.
   *
   * @return the contact heard of last of those that did not fail since, or null
   */
  public @Nullable Contact lastHeardOf() {
    Bucket bucketOfLast = null;
    int last = -1;
    for (Bucket bucket : buckets) {
      for (int i = 0; bucket != null && i < bucket.size; i++) {
        if (bucket.failures[i] == 0
            && (bucketOfLast == null
                || bucket.lastSeenNanos[i] - bucketOfLast.lastSeenNanos[last] > 0)) {
          bucketOfLast = bucket;
          last = i;
        }
      }
    }
    return bucketOfLast == null ? null : bucketOfLast.at(last);
  }

  /**
   * Finds a bucket that had no lookup for the refresh interval, and counts it as refreshed.
   *
   * @param nowNanos the time
   * @return the length of its prefix, or -1 if none is due
   */
  public int pollDueForRefresh(long nowNanos) {
    for (int prefix = 0; prefix < buckets.length; prefix++) {
      Bucket bucket = buckets[prefix];
      if (bucket != null && nowNanos - bucket.lastRefreshNanos >= refreshNanos) {
        bucket.lastRefreshNanos = nowNanos;
        return prefix;
      }
    }
    return -1;
  }

  /**
   * Notes that a lookup for a key ran, which refreshes the bucket that the key falls into.
   *
   * @param key the key
   * @param nowNanos the time
   */
  public void onLookup(NodeId key, long nowNanos) {
    Bucket bucket = bucketAt(own.commonPrefixLength(key));
    if (bucket != null) {
      bucket.lastRefreshNanos = nowNanos;
    }
  }

  /**
   * Returns the number of contacts.
   *
   * @return the count, candidates excepted
   */
  public int size() {
    return size;
  }

  /**
   * Returns the number of buckets, the longest shared prefix plus one.
   *
   * @return 0 to 160
   */
  public int depth() {
    for (int prefix = Math.min(buckets.length, NodeId.BITS) - 1; prefix >= 0; prefix--) {
      Bucket bucket = buckets[prefix];
      if (bucket != null && bucket.size > 0) {
        return prefix + 1;
      }
    }
    return 0;
  }

  /**
   * Returns how many contacts a bucket has.
   *
   * @param prefix the length of the prefix that they share with the own id
   * @return the count
   */
  public int bucketSize(int prefix) {
    Bucket bucket = bucketAt(prefix);
    return bucket == null ? 0 : bucket.size;
  }

  /**
   * Returns all contacts, bucket by bucket from the farthest.
   *
   * @return a new list
   */
  public List<Contact> contacts() {
    List<Contact> all = new ArrayList<>(size);
    for (Bucket bucket : buckets) {
      for (int i = 0; bucket != null && i < bucket.size; i++) {
        all.add(bucket.at(i));
      }
    }
    return all;
  }

  private void seen(Bucket bucket, int index, long nowNanos) {
    bucket.lastSeenNanos[index] = nowNanos;
    bucket.nextCheckNanos[index] = nowNanos + staleNanos;
    bucket.failures[index] = 0;
  }

  /** Drops whoever had an endpoint before: one endpoint is one node, the one that just answered. */
  private void removeEndpoint(Endpoint endpoint) {
    for (Bucket bucket : buckets) {
      int index = bucket == null ? -1 : bucket.indexOf(endpoint);
      if (bucket != null && index >= 0) {
        bucket.remove(index);
        size--;
        changes++;
        return;
      }
    }
  }

  /** Finds the contact of a full bucket that gives way to a newcomer at once, or -1. */
  private int findVictim(Bucket bucket, Contact newcomer) {
    for (int i = 0; i < bucket.size; i++) {
      if (bucket.failures[i] >= config.evictAfterFailures()) {
        return i;
      }
    }
    int overLimit = newestOverLimit(bucket);
    return overLimit >= 0 && !isExempt(newcomer) && exceedsLimits(bucket, newcomer, 1)
        ? -1
        : overLimit;
  }

  /**
   * Finds the newest contact of a bucket that exceeds the limits, or -1. Every stranger who asks
   * something has a full bucket searched so; the answer is kept until a contact comes or goes.
   */
  private int newestOverLimit(Bucket bucket) {
    if (bucket.overLimitAsOf != changes) {
      bucket.overLimitAsOf = changes;
      bucket.overLimit = bucket.size - 1;
      while (bucket.overLimit >= 0
          && (isExempt(bucket.at(bucket.overLimit))
              || !exceedsLimits(bucket, bucket.at(bucket.overLimit), 0))) {
        bucket.overLimit--;
      }
    }
    return bucket.overLimit;
  }

  private boolean isExempt(Contact contact) {
    return exemptLocal && contact.endpoint().isLocal();
  }

  private boolean exceedsLimits(Bucket home, Contact contact, int extra) {
    long subnet = contact.endpoint().subnet();
    long network = contact.endpoint().network();
    int inBucket = extra;
    int inTable = extra;
    int inNetwork = extra;
    for (Bucket bucket : buckets) {
      for (int i = 0; bucket != null && i < bucket.size; i++) {
        Endpoint endpoint = bucket.at(i).endpoint();
        if (endpoint.network() == network) {
          inNetwork++;
          if (endpoint.subnet() == subnet) {
            inTable++;
            inBucket += bucket == home ? 1 : 0;
          }
        }
      }
    }
    return inBucket > config.subnetPerBucket()
        || inTable > config.subnetPerTable()
        || inNetwork > config.networkPerTable();
  }

  private @Nullable Bucket bucketAt(int prefix) {
    return prefix < buckets.length ? buckets[prefix] : null;
  }

  private Bucket bucketFor(int prefix, long nowNanos) {
    if (prefix >= buckets.length) {
      buckets = Arrays.copyOf(buckets, Math.min(NodeId.BITS, Math.max(prefix + 1, prefix * 2)));
    }
    Bucket bucket = buckets[prefix];
    if (bucket == null) {
      bucket = new Bucket(nowNanos);
      buckets[prefix] = bucket;
    }
    return bucket;
  }
}
