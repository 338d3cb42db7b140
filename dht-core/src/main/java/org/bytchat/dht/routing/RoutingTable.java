package org.bytchat.dht.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.jspecify.annotations.Nullable;

/**
 * The contacts of one node in one address family.
 *
 * <p>Only contacts that answered may be given to {@link #insert}. Times are monotonic nanoseconds
 * and never go backwards. They are kept in ticks of 2^26 ns, about 67 ms, so what is due after a
 * period is due up to one tick earlier or later. Not thread-safe.
 */
public final class RoutingTable {

  /*
   * One bucket for each length of the prefix shared with the own id, [1] section 2.2. That is the
   * tree of [1] 2.4 in which only the bucket of the own id ever splits; the buckets near the own id
   * keep every neighbour, as a branch that small has fewer than k nodes.
   *
   * Eviction keeps what is old and answers, [1] section 2.2: a newcomer to a full bucket becomes a
   * candidate. It displaces at once only a contact that exceeds the diversity limits or that failed
   * as often as the limit says.
   *
   * [1] Maymounkov, Mazières: Kademlia, IPTPS 2002.
   */

  private static final int FAILURES_MAX = 100;

  /** Of a bucket that never had a contact. */
  private static final byte ABSENT = -3;

  /** Of a bucket of which it is not known whether a contact exceeds the diversity limits. */
  private static final byte UNKNOWN = -2;

  private static final short[] NO_BUCKETS = {0};

  private final NodeId own;
  private final RoutingConfig config;
  private final boolean exemptLocal;
  private final int staleTicks;
  private final int pingTicks;
  private final int refreshTicks;

  private final ContactRows rows = new ContactRows();
  private final Candidates candidates = new Candidates();

  /** The first row of each bucket, and the count of rows. */
  private short[] starts = NO_BUCKETS;

  /** When the last lookup in each bucket was. */
  private int[] refreshed = {};

  /**
   * Which contact of each bucket is the newest to exceed the diversity limits, -1 if none does; or
   * {@link #UNKNOWN} or {@link #ABSENT}.
   */
  private byte[] overLimit = {};

  /** No check is due before; meaningful if there are contacts. */
  private int nextCheck;

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
    this.staleTicks = Ticks.of(config.staleAfter());
    this.pingTicks = Ticks.of(config.pingInterval());
    this.refreshTicks = Ticks.of(config.refreshInterval());
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
    int now = Ticks.of(nowNanos);
    open(prefix, now);
    int row = rowOf(contact.id());
    if (row >= 0) {
      return refresh(row, contact, proven, now)
          ? new InsertOutcome.Refreshed()
          : new InsertOutcome.Rejected(InsertOutcome.Reason.ID_ELSEWHERE);
    }
    removeEndpoint(contact.endpoint());
    if (bucketSize(prefix) >= config.bucketSize()) {
      int victim = findVictim(prefix, contact);
      if (victim < 0) {
        candidates.add(contact, prefix, config.replacementCacheSize());
        int oldest = rows.leastRecentlySeen(starts[prefix], starts[prefix + 1]);
        return now - rows.seen[oldest] > staleTicks / 2
            ? new InsertOutcome.PingOldest(rows.at(oldest))
            : new InsertOutcome.Cached();
      }
      removeRow(victim, prefix);
    }
    add(contact, prefix, now);
    return new InsertOutcome.Inserted();
  }

  /** Takes what is new of a contact whose id is in the table; returns false if it may not. */
  private boolean refresh(int knownRow, Contact contact, boolean proven, int now) {
    int row = knownRow;
    if (!rows.at(row).endpoint().equals(contact.endpoint())) {
      if (!proven && rows.failures(row) == 0) {
        return false;
      }
      removeEndpoint(contact.endpoint());
      row = rowOf(contact.id());
      candidates.remove(contact.id(), own.commonPrefixLength(contact.id()));
      forgetOverLimits(-1);
    }
    rows.replace(row, contact);
    rows.onSeen(row, now);
    return true;
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
      open(prefix, Ticks.of(nowNanos));
      candidates.add(contact, prefix, config.replacementCacheSize());
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
    if (bucketSize(prefix) < config.bucketSize()) {
      return true;
    }
    int row = rowOf(contact.id());
    return row >= 0 ? rows.failures(row) > 0 : findVictim(prefix, contact) >= 0;
  }

  /**
   * Looks a contact up.
   *
   * @param id its id
   * @return the contact, or null if the table does not have it
   */
  public @Nullable Contact find(NodeId id) {
    int row = rowOf(id);
    return row < 0 ? null : rows.at(row);
  }

  /**
   * Looks a contact up without needing an id.
   *
   * @param high bits 0 to 63 of its id
   * @param middle bits 64 to 127
   * @param low bits 128 to 159
   * @return the contact, or null if the table does not have it
   */
  public @Nullable Contact find(long high, long middle, int low) {
    int row = rowOf(high, middle, low);
    return row < 0 ? null : rows.at(row);
  }

  /**
   * Puts a contact in that is known to hold its id, if its bucket has a free place: for a
   * laboratory that fills a table before its node starts.
   *
   * @param contact the contact; neither its id nor its endpoint may be in the table
   * @param nowNanos the time, at which it counts as heard of
   * @return whether there was a place for it; never for the own id
   */
  public boolean fill(Contact contact, long nowNanos) {
    return fill(contact, own.commonPrefixLength(contact.id()), nowNanos);
  }

  private boolean fill(Contact contact, int prefix, long nowNanos) {
    if (prefix == NodeId.BITS || bucketSize(prefix) >= config.bucketSize()) {
      return false;
    }
    open(prefix, Ticks.of(nowNanos));
    add(contact, prefix, Ticks.of(nowNanos));
    return true;
  }

  /**
   * Puts several contacts in, see {@link #fill(Contact, long)}.
   *
   * @param contacts the contacts
   * @param nowNanos the time, at which they count as heard of
   */
  public void fill(Contact[] contacts, long nowNanos) {
    // First all prefixes: contacts of a large network are fetched from memory side by side so.
    int[] prefixes =
        Arrays.stream(contacts).mapToInt(each -> own.commonPrefixLength(each.id())).toArray();
    for (int i = 0; i < contacts.length; i++) {
      fill(contacts[i], prefixes[i], nowNanos);
    }
  }

  /**
   * Makes room for contacts that are going to be filled in.
   *
   * @param contacts how many there will be
   */
  public void reserve(int contacts) {
    rows.reserve(contacts);
  }

  /**
   * Has all contacts count as heard of, and all buckets as refreshed, at random times within the
   * last period, so that the upkeep of tables that were filled at one instant is spread over it.
   *
   * @param random gives 64 random bits each time
   * @param nowNanos the time
   */
  public void spreadUpkeep(LongSupplier random, long nowNanos) {
    int now = Ticks.of(nowNanos);
    rows.trim();
    for (int row = 0; row < rows.size; row++) {
      rows.onSeen(row, now - Math.floorMod(random.getAsLong(), staleTicks));
    }
    for (int prefix = 0; prefix < overLimit.length; prefix++) {
      refreshed[prefix] = now - Math.floorMod(random.getAsLong(), refreshTicks);
    }
    boundChecks();
  }

  /**
   * Notes that a contact of the table answered.
   *
   * @param contact the contact
   * @param nowNanos the time
   * @return whether the table has it, with that endpoint
   */
  public boolean onResponse(Contact contact, long nowNanos) {
    int row = rowOf(contact);
    if (row < 0) {
      return false;
    }
    if (rows.at(row).services() != contact.services()) {
      rows.replace(row, contact);
    }
    rows.onSeen(row, Ticks.of(nowNanos));
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
    int row = rowOf(contact);
    if (row < 0) {
      return null;
    }
    int failures = rows.onFailure(row, FAILURES_MAX);
    if (failures >= config.evictAfterFailures() && networkAlive) {
      int prefix = own.commonPrefixLength(contact.id());
      removeRow(row, prefix);
      return candidates.poll(prefix);
    }
    int due = Ticks.of(nowNanos) + Math.min(staleTicks, pingTicks << Math.min(failures - 1, 10));
    rows.plan(row, due);
    nextCheck = due - nextCheck < 0 ? due : nextCheck;
    return null;
  }

  /** Forgets all failures, which were ours: or newcomers after an outage would displace all. */
  public void forgiveFailures() {
    rows.forgiveFailures();
  }

  /**
   * Removes a contact whose claim about itself turned out to be false.
   *
   * @param id its id
   * @return whether it was in the table
   */
  public boolean remove(NodeId id) {
    int row = rowOf(id);
    if (row >= 0) {
      removeRow(row, own.commonPrefixLength(id));
    }
    return row >= 0;
  }

  /**
   * Finds the contacts closest to a key, nearest first.
   *
   * @param search the key and what to find; takes the answer
   * @return how many were found
   */
  public int closest(ClosestSearch search) {
    return search.run(own, rows, starts);
  }

  /**
   * Finds the contact whose check is overdue for the longest time, and puts its next check off.
   *
   * @param nowNanos the time
   * @return a contact to ping, or null if none is due
   */
  public @Nullable Contact pollDueForCheck(long nowNanos) {
    int now = Ticks.of(nowNanos);
    if (rows.size == 0 || nextCheck - now > 0) {
      return null;
    }
    int row = rows.dueFirst(staleTicks);
    boolean isDue = rows.dueAt(row, staleTicks) - now <= 0;
    if (isDue) {
      rows.plan(row, now + pingTicks);
    }
    boundChecks();
    return isDue ? rows.at(row) : null;
  }

  private void boundChecks() {
    if (rows.size > 0) {
      nextCheck = rows.dueAt(rows.dueFirst(staleTicks), staleTicks);
    }
  }

  /**
   * Returns before when {@link #pollDueForCheck} finds nothing.
   *
   * @param nowNanos the time
   * @return monotonic nanoseconds, {@link DeadlineQueue#NEVER} if there are no contacts
   */
  public long nextCheckNanos(long nowNanos) {
    return rows.size == 0 ? DeadlineQueue.NEVER : Ticks.nanosOf(nextCheck, nowNanos);
  }

  /**
   * Tells whether a contact failed when it was asked last.
   *
   * @param contact a contact
   * @return whether the table has its id, with failures since it answered last
   */
  public boolean isFailing(Contact contact) {
    int row = rowOf(contact.id());
    return row >= 0 && rows.failures(row) > 0;
  }

  /**
   * Finds the contact that is the most likely to answer.
   *
   * @return the contact heard of last of those that did not fail since, or null
   */
  public @Nullable Contact lastHeardOf() {
    int row = rows.lastSeen();
    return row < 0 ? null : rows.at(row);
  }

  /**
   * Finds a bucket that had no lookup for the refresh interval, and counts it as refreshed.
   *
   * @param nowNanos the time
   * @return the length of its prefix, or -1 if none is due
   */
  public int pollDueForRefresh(long nowNanos) {
    int now = Ticks.of(nowNanos);
    for (int prefix = 0; prefix < overLimit.length; prefix++) {
      if (overLimit[prefix] != ABSENT && now - refreshed[prefix] >= refreshTicks) {
        refreshed[prefix] = now;
        return prefix;
      }
    }
    return -1;
  }

  /**
   * Returns when {@link #pollDueForRefresh} finds something unless lookups run before.
   *
   * @param nowNanos the time
   * @return monotonic nanoseconds, {@link DeadlineQueue#NEVER} if there are no buckets
   */
  public long nextRefreshNanos(long nowNanos) {
    int now = Ticks.of(nowNanos);
    int oldest = -1;
    for (int prefix = 0; prefix < overLimit.length; prefix++) {
      if (overLimit[prefix] != ABSENT
          && (oldest < 0 || refreshed[prefix] - refreshed[oldest] < 0)) {
        oldest = prefix;
      }
    }
    return oldest < 0
        ? DeadlineQueue.NEVER
        : Ticks.nanosOf(Math.max(0, refreshed[oldest] + refreshTicks - now) + now, nowNanos);
  }

  /**
   * Notes that a lookup for a key ran, which refreshes the bucket that the key falls into.
   *
   * @param key the key
   * @param nowNanos the time
   */
  public void onLookup(NodeId key, long nowNanos) {
    int prefix = own.commonPrefixLength(key);
    if (isOpen(prefix)) {
      refreshed[prefix] = Ticks.of(nowNanos);
    }
  }

  /**
   * Returns the number of contacts.
   *
   * @return the count, candidates excepted
   */
  public int size() {
    return rows.size;
  }

  /**
   * Returns the number of buckets, the longest shared prefix plus one.
   *
   * @return 0 to 160
   */
  public int depth() {
    int prefix = overLimit.length - 1;
    while (prefix >= 0 && bucketSize(prefix) == 0) {
      prefix--;
    }
    return prefix + 1;
  }

  /**
   * Returns how many contacts a bucket has.
   *
   * @param prefix the length of the prefix that they share with the own id
   * @return the count
   */
  public int bucketSize(int prefix) {
    return isOpen(prefix) ? starts[prefix + 1] - starts[prefix] : 0;
  }

  /**
   * Returns all contacts, bucket by bucket from the farthest.
   *
   * @return a new list
   */
  public List<Contact> contacts() {
    List<Contact> all = new ArrayList<>(rows.size);
    for (int row = 0; row < rows.size; row++) {
      all.add(rows.at(row));
    }
    return all;
  }

  private int rowOf(NodeId id) {
    return rowOf(id.high(), id.middle(), id.low());
  }

  private int rowOf(long high, long middle, int low) {
    int prefix = own.commonPrefixLength(high, middle, low);
    return isOpen(prefix) ? rows.find(high, middle, low, prefix, bucket(prefix)) : -1;
  }

  private int rowOf(Contact contact) {
    int row = rowOf(contact.id());
    return row >= 0 && rows.at(row).endpoint().equals(contact.endpoint()) ? row : -1;
  }

  private void add(Contact contact, int prefix, int now) {
    int due = now + staleTicks;
    nextCheck = rows.size == 0 || due - nextCheck < 0 ? due : nextCheck;
    rows.insert(starts[prefix + 1], contact, prefix, now);
    move(prefix, 1);
    // Within the limits it puts nobody above them, and it is the newest of its bucket.
    if (rows.exceedsLimits(config, contact.endpoint(), 0, bucket(prefix))) {
      forgetOverLimits(-1);
    }
    candidates.remove(contact.id(), prefix);
  }

  private void removeRow(int row, int prefix) {
    rows.remove(row);
    move(prefix, -1);
    // Whoever was within the limits still is.
    forgetOverLimits(0);
  }

  private void move(int prefix, int by) {
    for (int i = prefix + 1; i < starts.length; i++) {
      starts[i] += (short) by;
    }
  }

  private void forgetOverLimits(int from) {
    for (int prefix = 0; prefix < overLimit.length; prefix++) {
      overLimit[prefix] = overLimit[prefix] >= from ? UNKNOWN : overLimit[prefix];
    }
  }

  private ContactRows.Range bucket(int prefix) {
    return new ContactRows.Range(starts[prefix], starts[prefix + 1]);
  }

  /** Drops whoever had an endpoint before: one endpoint is one node, the one that just answered. */
  private void removeEndpoint(Endpoint endpoint) {
    int row = rows.find(endpoint);
    if (row >= 0) {
      removeRow(row, own.commonPrefixLength(rows.at(row).id()));
    }
  }

  /** Finds the contact of a full bucket that gives way to a newcomer at once; its row, or -1. */
  private int findVictim(int prefix, Contact newcomer) {
    for (int row = starts[prefix]; row < starts[prefix + 1]; row++) {
      if (rows.failures(row) >= config.evictAfterFailures()) {
        return row;
      }
    }
    int newest = newestOverLimit(prefix);
    return newest < 0 || exceedsLimits(prefix, newcomer, 1) ? -1 : starts[prefix] + newest;
  }

  /** Finds the newest contact of a bucket that exceeds the limits, or -1; every stranger asks. */
  private int newestOverLimit(int prefix) {
    if (overLimit[prefix] == UNKNOWN) {
      int newest = bucketSize(prefix) - 1;
      while (newest >= 0 && !exceedsLimits(prefix, rows.at(starts[prefix] + newest), 0)) {
        newest--;
      }
      overLimit[prefix] = (byte) newest;
    }
    return overLimit[prefix];
  }

  private boolean exceedsLimits(int home, Contact contact, int extra) {
    if (exemptLocal && contact.endpoint().isLocal()) {
      return false;
    }
    return rows.exceedsLimits(config, contact.endpoint(), extra, bucket(home));
  }

  private boolean isOpen(int prefix) {
    return prefix < overLimit.length && overLimit[prefix] != ABSENT;
  }

  /** Makes a bucket if there is none. */
  private void open(int prefix, int now) {
    int count = overLimit.length;
    if (prefix >= count) {
      overLimit = Arrays.copyOf(overLimit, prefix + 1);
      Arrays.fill(overLimit, count, prefix + 1, ABSENT);
      refreshed = Arrays.copyOf(refreshed, prefix + 1);
      starts = Arrays.copyOf(starts, prefix + 2);
      Arrays.fill(starts, count + 1, prefix + 2, starts[count]);
    }
    if (overLimit[prefix] == ABSENT) {
      overLimit[prefix] = -1;
      refreshed[prefix] = now;
    }
  }

  /** {@return a number without a meaning} Reads a little, and changes nothing. */
  public int touch() {
    return starts[0] ^ overLimit.length ^ rows.touch();
  }
}
