package org.bytchat.dht.routing;

import static org.bytchat.dht.testkit.TestContacts.distance;
import static org.bytchat.dht.testkit.TestContacts.sharedPrefix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.InsertOutcome.Cached;
import org.bytchat.dht.routing.InsertOutcome.Inserted;
import org.bytchat.dht.routing.InsertOutcome.PingOldest;
import org.bytchat.dht.routing.InsertOutcome.Reason;
import org.bytchat.dht.routing.InsertOutcome.Refreshed;
import org.bytchat.dht.routing.InsertOutcome.Rejected;
import org.bytchat.dht.time.DeadlineQueue;
import org.jspecify.annotations.Nullable;

/** The rules of the table a second time, as plainly as they can be said. Times are elapsed ones. */
final class NaiveTable {

  final NodeId own;
  final RoutingConfig config;
  final DefenceConfig defences;
  final boolean exemptLocal;
  final TreeMap<Integer, NaiveBucket> buckets = new TreeMap<>();

  static final class NaiveBucket {
    final List<Entry> entries = new ArrayList<>();
    final List<Contact> candidates = new ArrayList<>();
    long refreshed;
  }

  static final class Entry {
    Contact contact;
    long seen;
    long check;
    int failures;
    boolean found;

    Entry(Contact contact, boolean found) {
      this.contact = contact;
      this.found = found;
    }
  }

  NaiveTable(NodeId own, RoutingConfig config, DefenceConfig defences, boolean exemptLocal) {
    this.own = own;
    this.config = config;
    this.defences = defences;
    this.exemptLocal = exemptLocal;
  }

  InsertOutcome insert(Contact contact, boolean proven, boolean found, long now) {
    if (contact.id().equals(own)) {
      return new Rejected(Reason.OWN_ID);
    }
    NaiveBucket bucket = bucketFor(contact.id(), now);
    Entry known = entry(contact.id());
    if (known != null) {
      boolean moves = !known.contact.endpoint().equals(contact.endpoint());
      if (moves && !proven && known.failures == 0) {
        return new Rejected(Reason.ID_ELSEWHERE);
      }
      if (moves) {
        removeIf(entry -> entry.contact.endpoint().equals(contact.endpoint()));
        forgetCandidate(bucket, contact.id());
      }
      boolean diverse = isDiverse();
      known.contact = contact;
      if (moves && diverse && isOver(known)) {
        bucket.entries.remove(known);
        return new Rejected(Reason.CROWDED);
      }
      touch(known, now);
      known.found |= found;
      dropOver();
      return new Refreshed();
    }
    removeIf(entry -> entry.contact.endpoint().equals(contact.endpoint()));
    Entry victim = null;
    if (bucket.entries.size() == config.bucketSize()) {
      victim = victim(bucket, contact);
      if (victim == null) {
        if (found) {
          addCandidate(contact, now);
        }
        Entry oldest =
            bucket.entries.stream()
                .min(Comparator.comparingLong(entry -> entry.seen))
                .orElseThrow();
        return now - oldest.seen > config.staleAfter().toNanos() / 2
            ? new PingOldest(oldest.contact)
            : new Cached();
      }
    }
    Reason refusal = refusal(contact, found, victim);
    if (refusal != null) {
      return new Rejected(refusal);
    }
    Entry giving = isCrowded(contact, victim, null) ? givingWay(contact, victim) : null;
    removeIf(entry -> entry == giving);
    bucket.entries.remove(victim);
    Entry added = new Entry(contact, found);
    bucket.entries.add(added);
    forgetCandidate(bucket, contact.id());
    touch(added, now);
    dropOver();
    return new Inserted();
  }

  private @Nullable Reason refusal(Contact contact, boolean found, @Nullable Entry victim) {
    List<Entry> here = entries(contact.id());
    long unsolicited = here.stream().filter(entry -> !entry.found).count();
    long foundInAll = entries().filter(entry -> entry.found).count();
    if (!found
        && unsolicited >= defences.unsolicitedPerBucket()
        && foundInAll >= config.bucketSize()) {
      return Reason.UNSOLICITED;
    }
    boolean fits = !isCrowded(contact, victim, null);
    fits |= found && !fits && givingWay(contact, victim) != null;
    return fits ? null : Reason.CROWDED;
  }

  /** Tells whether a newcomer may not enter although others leave. */
  private boolean isCrowded(Contact newcomer, @Nullable Entry victim, @Nullable Entry other) {
    List<Contact> all = new ArrayList<>(List.of(newcomer));
    List<Contact> here = new ArrayList<>(List.of(newcomer));
    entries()
        .filter(entry -> stays(entry, newcomer, victim, other))
        .forEach(e -> all.add(e.contact));
    entries(newcomer.id()).stream()
        .filter(entry -> stays(entry, newcomer, victim, other))
        .forEach(e -> here.add(e.contact));
    return isDiverse() && isOverLimits(newcomer, here, all);
  }

  private static boolean stays(
      Entry entry, Contact newcomer, @Nullable Entry victim, @Nullable Entry other) {
    boolean sameEndpoint = entry.contact.endpoint().equals(newcomer.endpoint());
    return entry != other && (victim == null ? !sameEndpoint : entry != victim);
  }

  /**
   * Returns who leaves for a newcomer that is above the limits: the newest of the farthest bucket
   * that is farther than that of the newcomer; or if the newcomer's bucket is poor, of any other.
   */
  private @Nullable Entry givingWay(Contact newcomer, @Nullable Entry victim) {
    int kept = Math.max(1, config.bucketSize() / 5);
    int home = sharedPrefix(own, newcomer.id());
    boolean poor = staying(entries(newcomer.id()), newcomer, victim).size() < kept;
    for (Map.Entry<Integer, NaiveBucket> bucket : buckets.entrySet()) {
      List<Entry> staying = staying(bucket.getValue().entries, newcomer, victim);
      Entry giving = null;
      for (Entry entry : staying) {
        giving = isCrowded(newcomer, victim, entry) ? giving : entry;
      }
      int prefix = bucket.getKey();
      boolean gives = prefix < home || (poor && prefix > home);
      if (gives && staying.size() > kept && giving != null) {
        return giving;
      }
    }
    return null;
  }

  private static List<Entry> staying(
      List<Entry> entries, Contact newcomer, @Nullable Entry victim) {
    return entries.stream().filter(entry -> stays(entry, newcomer, victim, null)).toList();
  }

  private boolean isDiverse() {
    return defences.strictTable() && entries().count() - over().size() >= 3L * config.bucketSize();
  }

  private boolean isOver(Entry entry) {
    return isOver(entry, contacts());
  }

  private boolean isOver(Entry entry, List<Contact> all) {
    List<Contact> near = entries(entry.contact.id()).stream().map(each -> each.contact).toList();
    return isOverLimits(entry.contact, near, all);
  }

  private List<Entry> over() {
    List<Contact> all = contacts();
    return entries().filter(entry -> isOver(entry, all)).toList();
  }

  private void dropOver() {
    List<Entry> over = over();
    while (isDiverse() && !over.isEmpty()) {
      Entry last = over.get(over.size() - 1);
      removeIf(entry -> entry == last);
      over = over();
    }
  }

  private List<Entry> entries(NodeId id) {
    NaiveBucket bucket = buckets.get(sharedPrefix(own, id));
    return bucket == null ? List.of() : bucket.entries;
  }

  void onFound(Contact contact) {
    Entry entry = entryOf(contact);
    if (entry != null) {
      entry.found = true;
    }
  }

  boolean isFound(Contact contact) {
    Entry entry = entryOf(contact);
    return entry != null && entry.found;
  }

  void addCandidate(Contact contact, long now) {
    if (contact.id().equals(own)) {
      return;
    }
    NaiveBucket bucket = bucketFor(contact.id(), now);
    forgetCandidate(bucket, contact.id());
    List<Contact> near =
        bucket.candidates.stream()
            .filter(other -> neighbours(contact, List.of(other), subnetBytes(contact)) > 0)
            .toList();
    boolean exempt = exemptLocal && contact.endpoint().isLocal();
    if (defences.strictTable() && !exempt && near.size() >= config.subnetPerBucket()) {
      bucket.candidates.remove(near.get(0));
    }
    bucket.candidates.add(contact);
    if (bucket.candidates.size() > config.replacementCacheSize()) {
      bucket.candidates.remove(0);
    }
  }

  boolean hasRoomFor(Contact contact, boolean found, int reserved) {
    NaiveBucket bucket = buckets.get(sharedPrefix(own, contact.id()));
    if (contact.id().equals(own)) {
      return false;
    }
    boolean full = bucket != null && bucket.entries.size() == config.bucketSize();
    Entry known = entry(contact.id());
    if (known != null) {
      return !full || known.failures > 0;
    }
    Entry victim = bucket != null && full ? victim(bucket, contact) : null;
    boolean place =
        full ? victim != null : entries(contact.id()).size() + reserved < config.bucketSize();
    return place && refusal(contact, found, victim) == null;
  }

  @Nullable Contact pollCandidate(NodeId id) {
    NaiveBucket bucket = buckets.get(sharedPrefix(own, id));
    while (bucket != null
        && bucket.entries.size() < config.bucketSize()
        && !bucket.candidates.isEmpty()) {
      Contact newest = bucket.candidates.remove(bucket.candidates.size() - 1);
      if (refusal(newest, true, null) == null) {
        return newest;
      }
    }
    return null;
  }

  boolean onResponse(Contact contact, long now) {
    Entry entry = entryOf(contact);
    if (entry == null) {
      return false;
    }
    entry.contact = contact;
    touch(entry, now);
    return true;
  }

  @Nullable Contact onFailure(Contact contact, boolean networkAlive, long now) {
    Entry entry = entryOf(contact);
    if (entry == null) {
      return null;
    }
    entry.failures++;
    if (networkAlive && entry.failures >= config.evictAfterFailures()) {
      NaiveBucket bucket = bucketFor(contact.id(), now);
      bucket.entries.remove(entry);
      return pollCandidate(contact.id());
    }
    long backoff = config.pingInterval().toNanos();
    for (int i = 1; i < entry.failures && i <= 10; i++) {
      backoff *= 2;
    }
    entry.check = now + Math.min(config.staleAfter().toNanos(), backoff);
    return null;
  }

  boolean remove(NodeId id) {
    return removeIf(entry -> entry.contact.id().equals(id));
  }

  @Nullable Contact pollDueForCheck(long now) {
    Entry due = entries().min(Comparator.comparingLong(entry -> entry.check)).orElse(null);
    if (due == null || due.check > now) {
      return null;
    }
    due.check = now + config.pingInterval().toNanos();
    return due.contact;
  }

  long nextCheck() {
    return entries().mapToLong(entry -> entry.check).min().orElse(DeadlineQueue.NEVER);
  }

  long nextRefresh() {
    long period = config.refreshInterval().toNanos();
    return buckets.values().stream()
        .mapToLong(bucket -> bucket.refreshed + period)
        .min()
        .orElse(DeadlineQueue.NEVER);
  }

  int pollDueForRefresh(long now) {
    Map.Entry<Integer, NaiveBucket> oldest =
        buckets.entrySet().stream()
            .min(Comparator.comparingLong(bucket -> bucket.getValue().refreshed))
            .orElse(null);
    if (oldest == null || now - oldest.getValue().refreshed < config.refreshInterval().toNanos()) {
      return -1;
    }
    oldest.getValue().refreshed = now;
    return oldest.getKey();
  }

  void onLookup(NodeId key, long now) {
    NaiveBucket bucket = buckets.get(sharedPrefix(own, key));
    if (bucket != null) {
      bucket.refreshed = now;
    }
  }

  List<Contact> closest(NodeId key, int limit, int mask, boolean withFailing) {
    return entries()
        .filter(entry -> withFailing || entry.failures < 2)
        .map(entry -> entry.contact)
        .filter(contact -> (contact.services() & mask) == mask)
        .sorted(Comparator.comparing(contact -> distance(key, contact.id())))
        .limit(limit)
        .toList();
  }

  @Nullable Contact find(NodeId id) {
    Entry entry = entry(id);
    return entry == null ? null : entry.contact;
  }

  List<Contact> contacts() {
    return entries().map(entry -> entry.contact).toList();
  }

  private Stream<Entry> entries() {
    return buckets.values().stream().flatMap(bucket -> bucket.entries.stream());
  }

  private @Nullable Entry entry(NodeId id) {
    return entries().filter(entry -> entry.contact.id().equals(id)).findFirst().orElse(null);
  }

  private @Nullable Entry entryOf(Contact contact) {
    Entry entry = entry(contact.id());
    return entry != null && entry.contact.endpoint().equals(contact.endpoint()) ? entry : null;
  }

  private NaiveBucket bucketFor(NodeId id, long now) {
    return buckets.computeIfAbsent(
        sharedPrefix(own, id),
        prefix -> {
          NaiveBucket bucket = new NaiveBucket();
          bucket.refreshed = now;
          return bucket;
        });
  }

  private boolean removeIf(Predicate<Entry> condition) {
    boolean removed = false;
    for (NaiveBucket bucket : buckets.values()) {
      removed |= bucket.entries.removeIf(condition);
    }
    return removed;
  }

  private void touch(Entry entry, long now) {
    entry.seen = now;
    entry.check = now + config.staleAfter().toNanos();
    entry.failures = 0;
  }

  private static void forgetCandidate(NaiveBucket bucket, NodeId id) {
    bucket.candidates.removeIf(candidate -> candidate.id().equals(id));
  }

  private @Nullable Entry victim(NaiveBucket bucket, Contact newcomer) {
    for (Entry entry : bucket.entries) {
      if (entry.failures >= config.evictAfterFailures()) {
        return entry;
      }
    }
    List<Contact> all = new ArrayList<>(contacts());
    List<Contact> here = new ArrayList<>(bucket.entries.stream().map(e -> e.contact).toList());
    Entry victim = null;
    for (Entry entry : bucket.entries) {
      victim = isOverLimits(entry.contact, here, all) ? entry : victim;
    }
    here.add(newcomer);
    all.add(newcomer);
    return isOverLimits(newcomer, here, all) ? null : victim;
  }

  private boolean isOverLimits(Contact contact, List<Contact> here, List<Contact> all) {
    if (exemptLocal && contact.endpoint().isLocal()) {
      return false;
    }
    int bytesOfSubnet = subnetBytes(contact);
    int bytesOfNetwork = contact.endpoint().addressBytes().length == 4 ? 2 : 4;
    return neighbours(contact, here, bytesOfSubnet) > config.subnetPerBucket()
        || neighbours(contact, all, bytesOfSubnet) > config.subnetPerTable()
        || neighbours(contact, all, bytesOfNetwork) > config.networkPerTable();
  }

  private static int subnetBytes(Contact contact) {
    return contact.endpoint().addressBytes().length == 4 ? 3 : 6;
  }

  private static long neighbours(Contact contact, List<Contact> contacts, int bytes) {
    byte[] address = contact.endpoint().addressBytes();
    return contacts.stream()
        .map(other -> other.endpoint().addressBytes())
        .filter(other -> other.length == address.length)
        .filter(other -> Arrays.equals(other, 0, bytes, address, 0, bytes))
        .count();
  }
}
