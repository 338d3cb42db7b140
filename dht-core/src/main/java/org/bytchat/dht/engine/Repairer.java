package org.bytchat.dht.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.HeldItem;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.time.EngineTimer;
import org.bytchat.dht.time.TimerTable;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the nodes that should hold what is held here hold it too: the r closest, and all
 * within the distance that should have r.
 *
 * <p>A place is looked at when a node comes or goes that may be one of its closest, and whenever
 * all places are. If its closest nodes are those that were found to hold it, nothing is sent.
 * Otherwise each is asked what it holds, which costs no record, and is given what it lacks. Holders
 * wait in the order of their distance, so that in most cases the closest one does it and the others
 * find nothing to do. What is sent is bounded by a budget of bytes.
 */
final class Repairer {

  /** Places looked at in one step of a walk, and the pause between two steps. */
  private static final int STEP_PLACES = 64;

  private static final long STEP_NANOS = 20_000_000;

  /** How many of the items closest to a node that came or went are looked at. */
  private static final int NEAR_ITEMS = 256;

  /** How many intervals a place counts as checked while its closest nodes stay the same. */
  private static final int CONFIRMED_INTERVALS = 4;

  /** Places that may be checked or wait for it. A walk waits for room, others do without. */
  private static final int PLANNED_MAX = 10_000;

  private static final long WALK_PAUSE_NANOS = 1_000_000_000;

  private static final int PARALLEL_MAX = 8;

  /** How many levels of chunks lie below the root. */
  private static final int BLOB_DEPTH = 2;

  /** By so much of itself the estimate may change before it counts. */
  private static final double REACH_TOLERANCE = 0.25;

  /** What a question and its answer weigh, about. */
  private static final int CHECK_BYTES = 400;

  /** What a put weighs besides its item, about. */
  private static final int PUT_BYTES = 250;

  private final Operations operations;
  private final Core core;
  private final TimerTable timers;
  private final int replicas;
  private final long intervalNanos;
  private final long jitterNanos;
  private final long byteNanos;

  private Map<NodeId, Confirmed> confirmed = new LinkedHashMap<>();

  /** What of {@link #confirmed} is still held, as far as the walk has come. */
  private Map<NodeId, Confirmed> visited = new LinkedHashMap<>();

  /** See {@link Core#holderReach}, by family. */
  private final long[] reaches = new long[AddressFamily.values().length];

  private @Nullable NodeId cursor;

  /** Places that are being looked at, or will be soon. */
  private final Set<NodeId> planned = new LinkedHashSet<>();

  /** Those of them near which nodes came or went since their check began. */
  private final Set<NodeId> changed = new LinkedHashSet<>();

  private final ArrayDeque<Job> jobs = new ArrayDeque<>();
  private int underWay;
  private long busyUntilNanos = Long.MIN_VALUE;
  private boolean waiting;

  /** That the closest nodes, of which this is a hash, held all of a place. */
  private record Confirmed(long nodes, long untilNanos) {}

  /** The check of one place at all of its closest nodes. */
  private static final class Check {
    final NodeId place;
    final long nodes;
    int left;
    boolean failed;

    Check(NodeId place, long nodes, int left) {
      this.place = place;
      this.nodes = nodes;
      this.left = left;
    }
  }

  /** The check of one place at one node. */
  private record Job(Check check, Contact contact) {}

  Repairer(Operations operations, TimerTable timers) {
    this.operations = operations;
    this.core = operations.core;
    this.timers = timers;
    this.replicas = core.config.store().replicas();
    this.intervalNanos = core.config.store().repairInterval().toNanos();
    this.jitterNanos = Math.min(core.config.store().repairJitter().toNanos(), intervalNanos / 4);
    this.byteNanos = 1_000_000_000L / core.config.store().repairBytesPerSecond();
  }

  /** Looks at a part of all places, and plans the next part. */
  void onTimer(long nowNanos) {
    long wallMillis = operations.records.wallMillis(nowNanos);
    NodeId place = operations.records.store().nextPlace(cursor);
    measure();
    boolean isFull = planned.size() >= PLANNED_MAX;
    for (int i = 0; i < STEP_PLACES && place != null && !isFull; i++) {
      if (operations.records.store().get(place, wallMillis) != null) {
        consider(place, nowNanos);
        isFull = planned.size() >= PLANNED_MAX;
        Confirmed known = confirmed.get(place);
        if (known != null) {
          visited.put(place, known);
        }
      }
      cursor = place;
      place = operations.records.store().nextPlace(cursor);
    }
    if (place != null) {
      timers.set(EngineTimer.REPAIR, nowNanos + (isFull ? WALK_PAUSE_NANOS : STEP_NANOS));
      return;
    }
    cursor = null;
    confirmed = visited;
    visited = new LinkedHashMap<>();
    timers.set(EngineTimer.REPAIR, nowNanos + core.entropy.choices().jitter(intervalNanos));
  }

  /** Looks at what is held closest to a node that came into a table or left it. */
  void onNodeChanged(NodeId node, long nowNanos) {
    Set<NodeId> places = new LinkedHashSet<>();
    long wallMillis = operations.records.wallMillis(nowNanos);
    for (HeldItem held : operations.records.store().closestTo(node, NEAR_ITEMS, wallMillis)) {
      places.add(held.place());
    }
    measure();
    for (NodeId place : places) {
      if (operations.records.store().get(place, wallMillis) != null) {
        consider(place, nowNanos);
      }
    }
  }

  /** Plans a check unless the closest nodes are known to hold what is held here. */
  private void consider(NodeId place, long nowNanos) {
    if (planned.contains(place)) {
      changed.add(place);
      return;
    }
    if (planned.size() >= PLANNED_MAX) {
      return;
    }
    List<Contact> closest = closest(place);
    Confirmed known = confirmed.get(place);
    boolean isKnown =
        known != null && known.nodes == hashOf(closest) && nowNanos < known.untilNanos;
    if (closest.isEmpty() || isKnown) {
      return;
    }
    int rank = rank(place);
    if (rank >= 2 * replicas && !isWithinReach(place)) {
      // Whoever had it put here had it put far from where it is looked for.
      return;
    }
    planned.add(place);
    long waitNanos = jitterNanos * rank + core.entropy.choices().jitter(jitterNanos) / 2;
    operations.later(nowNanos + waitNanos, now -> check(place, now));
  }

  private boolean isWithinReach(NodeId place) {
    for (long reach : reaches) {
      if (place.isWithin(reach, core.identity.id())) {
        return true;
      }
    }
    return false;
  }

  /** Returns how many contacts of a family are closer than this node, at least 2r for many. */
  private int rank(NodeId place) {
    int least = Integer.MAX_VALUE;
    for (RoutingTable table : core.tables()) {
      ClosestSearch search = core.workspace.search.begin(place, 2 * replicas);
      int count = table.closest(search);
      int rank = 0;
      while (rank < count && place.compareDistance(search.get(rank).id(), core.identity.id()) < 0) {
        rank++;
      }
      // In a family in which it knows nobody this node is no holder.
      least = count == 0 ? least : Math.min(least, rank);
    }
    return least;
  }

  /**
   * Returns the nodes that should hold what lies at a place, besides this one: the r closest, and
   * of the others those within the distance that should have r.
   */
  private List<Contact> closest(NodeId place) {
    List<Contact> closest = new ArrayList<>();
    for (AddressFamily family : AddressFamily.values()) {
      RoutingTable table = core.table(family);
      if (table == null) {
        continue;
      }
      long reach = reaches[family.ordinal()];
      int most = reach == 0 ? replicas : WireLimits.CONTACTS_MAX;
      ClosestSearch search = core.workspace.search.begin(place, most);
      int count = table.closest(search);
      for (int i = 0; i < count; i++) {
        Contact contact = search.get(i);
        // Nearer than it may be this node itself.
        boolean isFarther =
            core.full && place.compareDistance(core.identity.id(), contact.id()) < 0;
        int rank = i + (isFarther ? 1 : 0);
        if (rank >= replicas && !place.isWithin(reach, contact.id())) {
          break;
        }
        closest.add(contact);
      }
    }
    return closest;
  }

  /**
   * Sees how far holders reach: not for each of many places again, and not by a little more or less
   * than before, as places at the edge would have to be checked again each time.
   */
  private void measure() {
    for (AddressFamily family : AddressFamily.values()) {
      long known = reaches[family.ordinal()];
      long told = core.holderReach(family);
      boolean isNews = Math.abs(told - known) > REACH_TOLERANCE * known;
      reaches[family.ordinal()] = isNews ? told : known;
    }
  }

  private static long hashOf(List<Contact> contacts) {
    long hash = contacts.size();
    for (Contact contact : contacts) {
      // The order does not matter.
      hash += contact.hashCode() * 0x9E3779B97F4A7C15L ^ contact.id().high();
    }
    return hash;
  }

  private void check(NodeId place, long nowNanos) {
    measure();
    List<Contact> closest = closest(place);
    changed.remove(place);
    if (closest.isEmpty()) {
      planned.remove(place);
    }
    Check check = new Check(place, hashOf(closest), closest.size());
    for (Contact contact : closest) {
      jobs.add(new Job(check, contact));
    }
    pump(nowNanos);
  }

  /** Begins checks while the budget allows it. */
  private void pump(long nowNanos) {
    while (!jobs.isEmpty() && underWay < PARALLEL_MAX && !isBusy(nowNanos)) {
      begin(jobs.remove(), nowNanos);
    }
    if (!jobs.isEmpty() && underWay < PARALLEL_MAX && !waiting) {
      waiting = true;
      operations.later(
          busyUntilNanos,
          now -> {
            waiting = false;
            pump(now);
          });
    }
  }

  private boolean isBusy(long nowNanos) {
    return busyUntilNanos != Long.MIN_VALUE && busyUntilNanos - nowNanos > 0;
  }

  private void charge(int bytes, long nowNanos) {
    busyUntilNanos = (isBusy(nowNanos) ? busyUntilNanos : nowNanos) + bytes * byteNanos;
  }

  private void begin(Job job, long nowNanos) {
    underWay++;
    charge(CHECK_BYTES, nowNanos);
    core.count(Counter.REPAIR_CHECKS);
    // Of a blob any chunk is asked for: who has some of them need not have all.
    StoredItem asked = operations.records.get(job.check.place, nowNanos);
    if (asked != null) {
      List<StoredItem> items = List.copyOf(items(asked, nowNanos));
      asked = items.get(core.entropy.choices().nextBelow(items.size()));
    }
    NodeId key = asked == null ? job.check.place : asked.key();
    operations.get(
        job.contact,
        new Operations.Spot(key, job.check.place, null),
        new Asking(job, asked),
        nowNanos);
  }

  private void onEnd(Job job, boolean good, long nowNanos) {
    underWay--;
    Check check = job.check;
    check.failed |= !good;
    if (--check.left == 0) {
      planned.remove(check.place);
      if (!check.failed) {
        Confirmed known =
            new Confirmed(check.nodes, nowNanos + CONFIRMED_INTERVALS * intervalNanos);
        confirmed.put(check.place, known);
        // The walk that is under way may have passed it.
        visited.put(check.place, known);
      }
      if (changed.remove(check.place)) {
        consider(check.place, nowNanos);
      }
    }
    pump(nowNanos);
  }

  private final class Asking implements Request.Reply {

    private final Job job;
    private final @Nullable StoredItem asked;

    Asking(Job job, @Nullable StoredItem asked) {
      this.job = job;
      this.asked = asked;
    }

    @Override
    public void onAnswer(Packet packet, long nowNanos) {
      StoredItem own = operations.records.get(job.check.place, nowNanos);
      if (packet.kind != Kind.RESPONSE || packet.tokenLength == 0) {
        onEnd(job, false, nowNanos);
      } else if (own == null || asked == null || packet.sequence >= PutHandler.sequenceOf(asked)) {
        onEnd(job, true, nowNanos);
      } else {
        new Giving(job, packet.token(), items(own, nowNanos)).next(nowNanos);
      }
    }

    @Override
    public void onFailure(long nowNanos) {
      onEnd(job, false, nowNanos);
    }
  }

  /**
   * Returns what belongs to a record or to the root of a blob and is held, the root last: it stands
   * for all the others. What others merely say to lie here does not belong to it; what belongs to
   * it may have been put with another place first.
   */
  private ArrayDeque<StoredItem> items(StoredItem top, long nowNanos) {
    Map<NodeId, StoredItem> found = new LinkedHashMap<>();
    List<StoredItem> level = List.of(top);
    for (int depth = 0; depth < BLOB_DEPTH; depth++) {
      List<StoredItem> next = new ArrayList<>();
      for (StoredItem item : level) {
        List<NodeId> ids = item instanceof Chunk chunk && chunk.isIndex() ? chunk.ids() : List.of();
        for (NodeId id : ids) {
          StoredItem named = operations.records.get(id, nowNanos);
          boolean isMore = found.size() < Blob.CHUNKS_MAX - 1 && !id.equals(top.key());
          if (isMore && named instanceof Chunk && found.putIfAbsent(id, named) == null) {
            next.add(named);
          }
        }
      }
      level = next;
    }
    ArrayDeque<StoredItem> items = new ArrayDeque<>(found.values());
    items.add(top);
    return items;
  }

  /** Gives one node the items of a place, one after the other. */
  private final class Giving implements Request.Reply {

    private final Job job;
    private final byte[] token;
    private final ArrayDeque<StoredItem> items;
    private boolean failed;

    Giving(Job job, byte[] token, ArrayDeque<StoredItem> items) {
      this.job = job;
      this.token = token;
      this.items = items;
    }

    void next(long nowNanos) {
      StoredItem item = items.poll();
      if (item == null) {
        onEnd(job, !failed, nowNanos);
        return;
      }
      charge(PUT_BYTES + item.size(), nowNanos);
      operations.put(
          job.contact,
          new Operations.Spot(item.key(), job.check.place, token),
          new Operations.Item(item, -1),
          this,
          nowNanos);
    }

    @Override
    public void onAnswer(Packet packet, long nowNanos) {
      if (packet.kind == Kind.RESPONSE) {
        core.count(Counter.REPAIRS);
      } else {
        // What is refused for good is not offered again soon; the rest would fare no better.
        failed = packet.errorCode == ErrorCode.BUSY || packet.errorCode == ErrorCode.BAD_TOKEN;
        items.clear();
      }
      if (isBusy(nowNanos)) {
        operations.later(busyUntilNanos, this::next);
      } else {
        next(nowNanos);
      }
    }

    @Override
    public void onFailure(long nowNanos) {
      items.clear();
      failed = true;
      next(nowNanos);
    }
  }
}
