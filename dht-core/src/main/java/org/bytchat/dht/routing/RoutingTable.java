package org.bytchat.dht.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.InsertOutcome.Reason;
import org.bytchat.dht.time.DeadlineQueue;
import org.jspecify.annotations.Nullable;

/**
 * The contacts of one node in one address family.
 *
 * <p>Only contacts that answered may be given to {@link #insert}. Times are monotonic nanoseconds
 * and never go backwards, but in {@link #onLookup}. They are kept in ticks of 2^26 ns, about 67 ms,
 * so what is due after a period is due up to one tick earlier or later. Not thread-safe.
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
   * The limits are soft until 3 k contacts are within them, so that a network of few subnets works.
   * Then nobody above them enters or stays, or one host could take all the free places near us; and
   * far contacts give way to near ones of their subnet, so that the limits leave us our neighbours.
   *
   * [1] Maymounkov, Mazières: Kademlia, IPTPS 2002.
   */

  private final NodeId own;
  private final RoutingConfig config;
  private final TableRules rules;
  private final ContactRows rows = new ContactRows();
  private final Buckets buckets;
  private final Candidates candidates = new Candidates();

  /** No check is due before; meaningful if there are contacts. */
  private int nextCheck;

  /**
   * Makes an empty table.
   *
   * @param own the own id
   * @param config sizes and periods
   * @param defences how hard the limits are
   * @param exemptLocal whether local addresses are exempt from the diversity limits
   */
  public RoutingTable(
      NodeId own, RoutingConfig config, DefenceConfig defences, boolean exemptLocal) {
    this.own = own;
    this.config = config;
    this.rules = new TableRules(config, defences, exemptLocal);
    this.buckets = new Buckets(rules, rows);
  }

  /**
   * Takes in a contact that answered.
   *
   * @param contact the contact
   * @param proven whether it proved that it holds the key of its id
   * @param found whether this node found it by asking others, and not because it asked us
   * @param nowNanos the time
   * @return what became of it
   */
  public InsertOutcome insert(Contact contact, boolean proven, boolean found, long nowNanos) {
    int prefix = own.commonPrefixLength(contact.id());
    if (prefix == NodeId.BITS) {
      return new InsertOutcome.Rejected(Reason.OWN_ID);
    }
    int now = Ticks.of(nowNanos);
    buckets.open(prefix, now);
    int row = rowOf(contact.id());
    if (row >= 0) {
      return refresh(row, contact, proven, found, now);
    }
    // One endpoint is one node, the one that just answered.
    removeRow(rows.find(contact.endpoint()));
    int victim = -1;
    if (buckets.isFull(prefix)) {
      victim = buckets.victim(prefix, contact);
      if (victim < 0) {
        if (found) {
          candidates.add(contact, prefix, rules);
        }
        int oldest = rows.leastRecentlySeen(buckets.rowsOf(prefix));
        return now - rows.seen[oldest] > rules.staleTicks / 2
            ? new InsertOutcome.PingOldest(rows.at(oldest))
            : new InsertOutcome.Cached();
      }
    }
    int giving = buckets.givingWay(prefix, contact, found, victim);
    Reason reason = refusal(prefix, found, giving);
    if (reason != null) {
      return new InsertOutcome.Rejected(reason);
    }
    removeRow(Math.max(victim, giving));
    removeRow(Math.min(victim, giving));
    add(contact, prefix, found, now);
    dropOverLimits();
    return new InsertOutcome.Inserted();
  }

  /** Takes what is new of a contact whose id is in the table. */
  private InsertOutcome refresh(
      int knownRow, Contact contact, boolean proven, boolean found, int now) {
    int row = knownRow;
    if (!rows.at(row).endpoint().equals(contact.endpoint())) {
      if (!proven && rows.failures(row) == 0) {
        return new InsertOutcome.Rejected(Reason.ID_ELSEWHERE);
      }
      removeRow(rows.find(contact.endpoint()));
      row = rowOf(contact.id());
      int prefix = own.commonPrefixLength(contact.id());
      candidates.remove(contact.id(), prefix);
      boolean diverse = buckets.isDiverse();
      rows.replace(row, contact);
      buckets.onCrowded();
      if (diverse && rules.exceeds(rows, contact, 0, buckets.rowsOf(prefix))) {
        removeRow(row);
        return new InsertOutcome.Rejected(Reason.CROWDED);
      }
    }
    rows.replace(row, contact);
    rows.onSeen(row, now);
    if (found) {
      rows.onFound(row);
    }
    dropOverLimits();
    return new InsertOutcome.Refreshed();
  }

  /** Drops who is above the limits once there are enough others, from the nearest bucket on. */
  private void dropOverLimits() {
    int prefix = buckets.nearestOver();
    while (prefix >= 0) {
      removeRow(buckets.newestOver(prefix));
      prefix = buckets.nearestOver();
    }
  }

  /** Returns why a contact may not take a place that there is, or null if it may. */
  private @Nullable Reason refusal(int prefix, boolean found, int giving) {
    if (!found && rules.refusesUnsolicited(rows, buckets.rowsOf(prefix))) {
      return Reason.UNSOLICITED;
    }
    return giving == Buckets.CROWDED ? Reason.CROWDED : null;
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
      buckets.open(prefix, Ticks.of(nowNanos));
      candidates.add(contact, prefix, rules);
    }
  }

  /**
   * Takes the newest candidate of a bucket that may enter it, to be verified.
   *
   * @param id an id of the bucket
   * @return the candidate, or null if there is none or the bucket is full
   */
  public @Nullable Contact pollCandidate(NodeId id) {
    int prefix = own.commonPrefixLength(id);
    Contact candidate = buckets.isFull(prefix) ? null : candidates.poll(prefix);
    while (candidate != null && buckets.givingWay(prefix, candidate, true, -1) == Buckets.CROWDED) {
      candidate = candidates.poll(prefix);
    }
    return candidate;
  }

  /**
   * Tells whether a contact would find a place if it answered, so that it is worth a ping.
   *
   * @param contact a contact that is not in the table
   * @param found whether this node found it by asking others, and not because it asked us
   * @param reserved how many free places of its bucket are not for it
   * @return whether the limits let it in and its bucket has a free place, or a contact that gives
   *     way to it; or whether its id may move to it
   */
  public boolean hasRoomFor(Contact contact, boolean found, int reserved) {
    int prefix = own.commonPrefixLength(contact.id());
    if (prefix == NodeId.BITS) {
      return false;
    }
    int row = rowOf(contact.id());
    int left = config.bucketSize() - buckets.size(prefix);
    if (row >= 0) {
      return left > 0 || rows.failures(row) > 0;
    }
    int victim = left > 0 ? -1 : buckets.victim(prefix, contact);
    if (left > 0 ? left <= reserved : victim < 0) {
      return false;
    }
    int giving = buckets.givingWay(prefix, contact, found, victim);
    return refusal(prefix, found, giving) == null;
  }

  /**
   * Tells whether the bucket of an id is full and nobody in it gives way, whoever comes.
   *
   * @param idHigh bits 0 to 63 of the id
   * @param idMiddle bits 64 to 127
   * @param idLow bits 128 to 159
   * @return whether {@link #hasRoomFor} is false for each contact of that id, if it is not known
   */
  public boolean isSettled(long idHigh, long idMiddle, int idLow) {
    return buckets.isSettled(own.commonPrefixLength(idHigh, idMiddle, idLow));
  }

  /**
   * Notes that others know a contact, so that it no longer counts as one that only asked us.
   *
   * @param contact the contact
   */
  public void onFound(Contact contact) {
    int row = rowOf(contact);
    if (row >= 0) {
      rows.onFound(row);
    }
  }

  /**
   * Tells whether this node found a contact by asking others.
   *
   * @param contact the contact
   * @return whether the table has it, with that endpoint, and not only because it asked us
   */
  public boolean isFound(Contact contact) {
    int row = rowOf(contact);
    return row >= 0 && !rows.isUnsolicited(row);
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
   * Puts a contact in that is known to hold its id, if its bucket has a free place, whatever the
   * limits say: for a laboratory that fills a table before its node starts.
   *
   * @param contact the contact; neither its id nor its endpoint may be in the table
   * @param nowNanos the time, at which it counts as heard of
   * @return whether there was a place for it; never for the own id
   */
  public boolean fill(Contact contact, long nowNanos) {
    return fill(contact, own.commonPrefixLength(contact.id()), nowNanos);
  }

  private boolean fill(Contact contact, int prefix, long nowNanos) {
    if (prefix == NodeId.BITS || buckets.isFull(prefix)) {
      return false;
    }
    buckets.open(prefix, Ticks.of(nowNanos));
    add(contact, prefix, true, Ticks.of(nowNanos));
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
    int[] prefixes = new int[contacts.length];
    Arrays.setAll(prefixes, i -> own.commonPrefixLength(contacts[i].id()));
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
      rows.onSeen(row, now - Math.floorMod(random.getAsLong(), rules.staleTicks));
    }
    for (int prefix = 0; prefix < buckets.count(); prefix++) {
      buckets.onRefreshed(prefix, now - Math.floorMod(random.getAsLong(), rules.refreshTicks));
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
    int failures = rows.onFailure(row);
    if (failures >= config.evictAfterFailures() && networkAlive) {
      removeRow(row);
      return pollCandidate(contact.id());
    }
    int due =
        Ticks.of(nowNanos)
            + Math.min(rules.staleTicks, rules.pingTicks << Math.min(failures - 1, 10));
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
    int size = rows.size;
    removeRow(rowOf(id));
    return rows.size < size;
  }

  /**
   * Finds the contacts closest to a key, nearest first.
   *
   * @param search the key and what to find; takes the answer
   * @return how many were found
   */
  public int closest(ClosestSearch search) {
    return search.run(own, rows, buckets.starts);
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
    int row = rows.dueFirst(rules.staleTicks);
    boolean isDue = rows.dueAt(row, rules.staleTicks) - now <= 0;
    if (isDue) {
      rows.plan(row, now + rules.pingTicks);
    }
    boundChecks();
    return isDue ? rows.at(row) : null;
  }

  private void boundChecks() {
    if (rows.size > 0) {
      nextCheck = rows.dueAt(rows.dueFirst(rules.staleTicks), rules.staleTicks);
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
    int prefix = buckets.dueForRefresh(now);
    if (prefix >= 0) {
      buckets.onRefreshed(prefix, now);
    }
    return prefix;
  }

  /**
   * Returns when {@link #pollDueForRefresh} finds something unless lookups run before.
   *
   * @param nowNanos the time
   * @return monotonic nanoseconds, {@link DeadlineQueue#NEVER} if there are no buckets
   */
  public long nextRefreshNanos(long nowNanos) {
    int now = Ticks.of(nowNanos);
    int wait = buckets.ticksToRefresh(now);
    return wait < 0 ? DeadlineQueue.NEVER : Ticks.nanosOf(now + wait, nowNanos);
  }

  /**
   * Notes that a lookup for a key ran, which refreshes the bucket that the key falls into.
   *
   * @param key the key
   * @param nowNanos the time; an earlier one has the bucket refreshed sooner
   */
  public void onLookup(NodeId key, long nowNanos) {
    int prefix = own.commonPrefixLength(key);
    if (buckets.isOpen(prefix)) {
      buckets.onRefreshed(prefix, Ticks.of(nowNanos));
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
    int prefix = buckets.count() - 1;
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
    return buckets.size(prefix);
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
    return rows.find(high, middle, low, prefix, buckets.rowsOf(prefix));
  }

  private int rowOf(Contact contact) {
    int row = rowOf(contact.id());
    return row >= 0 && rows.at(row).endpoint().equals(contact.endpoint()) ? row : -1;
  }

  private void add(Contact contact, int prefix, boolean found, int now) {
    int due = now + rules.staleTicks;
    nextCheck = rows.size == 0 || due - nextCheck < 0 ? due : nextCheck;
    int row = buckets.starts[prefix + 1];
    rows.insert(row, contact, prefix, now);
    if (!found) {
      rows.onUnsolicited(row);
    }
    buckets.move(prefix, 1);
    // Within the limits it puts nobody above them, and it is the newest of its bucket.
    if (rows.exceedsLimits(config, contact.endpoint(), 0, buckets.rowsOf(prefix))
        || rules.isForeign(contact)) {
      buckets.onCrowded();
    }
    candidates.remove(contact.id(), prefix);
  }

  /** Removes a contact; nothing if its row is below 0. */
  private void removeRow(int row) {
    if (row >= 0) {
      int prefix = own.commonPrefixLength(rows.at(row).id());
      rows.remove(row);
      buckets.move(prefix, -1);
      buckets.onRemoved();
    }
  }

  /** {@return a number without a meaning} Reads a little, and changes nothing. */
  public int touch() {
    return buckets.starts[0] ^ buckets.count() ^ rows.touch();
  }
}
