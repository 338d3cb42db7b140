package org.bytchat.dht.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.HeldItem;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.time.EngineTimer;
import org.bytchat.dht.time.TimerTable;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the r nodes closest to what is held here hold it too.
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

  /** Checks that may wait; what finds no room is looked at in the next walk. */
  private static final int PLANNED_MAX = 10_000;

  private static final int PARALLEL_MAX = 8;

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

  private @Nullable NodeId cursor;

  /** Places that will be looked at soon. */
  private final Set<NodeId> planned = new LinkedHashSet<>();

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

  void start(long nowNanos) {
    timers.set(EngineTimer.REPAIR, nowNanos + core.entropy.choices().jitter(intervalNanos));
  }

  /** Looks at a part of all places, and plans the next part. */
  void onTimer(long nowNanos) {
    long wallMillis = operations.records.wallMillis(nowNanos);
    NodeId place = operations.records.store().nextPlace(cursor);
    for (int i = 0; i < STEP_PLACES && place != null; i++) {
      if (!operations.records.store().itemsAt(place, wallMillis).isEmpty()) {
        consider(place, nowNanos);
        Confirmed known = confirmed.get(place);
        if (known != null) {
          visited.put(place, known);
        }
      }
      cursor = place;
      place = operations.records.store().nextPlace(cursor);
    }
    if (place != null) {
      timers.set(EngineTimer.REPAIR, nowNanos + STEP_NANOS);
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
    for (NodeId place : places) {
      consider(place, nowNanos);
    }
  }

  /** Plans a check unless the closest nodes are known to hold what is held here. */
  private void consider(NodeId place, long nowNanos) {
    if (planned.contains(place) || planned.size() >= PLANNED_MAX) {
      return;
    }
    List<Contact> closest = closest(place);
    Confirmed known = confirmed.get(place);
    boolean isKnown =
        known != null && known.nodes == hashOf(closest) && nowNanos < known.untilNanos;
    if (closest.isEmpty() || isKnown) {
      return;
    }
    int rank = 0;
    while (rank < closest.size()
        && place.compareDistance(closest.get(rank).id(), core.identity.id()) < 0) {
      rank++;
    }
    planned.add(place);
    long waitNanos = jitterNanos * rank + core.entropy.choices().jitter(jitterNanos) / 2;
    operations.later(nowNanos + waitNanos, now -> check(place, now));
  }

  /** Returns the nodes that should hold what lies at a place, besides this one. */
  private List<Contact> closest(NodeId place) {
    List<Contact> closest = new ArrayList<>();
    for (RoutingTable table : core.tables()) {
      ClosestSearch search = core.workspace.search.begin(place, replicas);
      int count = table.closest(search);
      int others = replicas;
      for (int i = 0; i < count && i < others; i++) {
        Contact contact = search.get(i);
        if (core.full && place.compareDistance(core.identity.id(), contact.id()) < 0) {
          // This node is one of the r itself.
          others = replicas - 1;
          if (i >= others) {
            break;
          }
        }
        closest.add(contact);
      }
    }
    return closest;
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
    planned.remove(place);
    List<Contact> closest = closest(place);
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
    NodeId place = job.check.place;
    operations.get(job.contact, new Operations.Spot(place, place, null), new Asking(job), nowNanos);
  }

  private void onEnd(Job job, boolean good, long nowNanos) {
    underWay--;
    Check check = job.check;
    check.failed |= !good;
    if (--check.left == 0 && !check.failed) {
      confirmed.put(
          check.place, new Confirmed(check.nodes, nowNanos + CONFIRMED_INTERVALS * intervalNanos));
    }
    pump(nowNanos);
  }

  private final class Asking implements Request.Reply {

    private final Job job;

    Asking(Job job) {
      this.job = job;
    }

    @Override
    public void onAnswer(Packet packet, long nowNanos) {
      NodeId place = job.check.place;
      StoredItem own = operations.records.get(place, nowNanos);
      // Without the chunk that is the root, another one stands for all.
      long held = own == null ? 0 : PutHandler.sequenceOf(own);
      if (packet.kind != Kind.RESPONSE || packet.tokenLength == 0) {
        onEnd(job, false, nowNanos);
      } else if (packet.sequence >= held) {
        onEnd(job, true, nowNanos);
      } else {
        long wallMillis = operations.records.wallMillis(nowNanos);
        List<HeldItem> items =
            new ArrayList<>(operations.records.store().itemsAt(place, wallMillis));
        // The root last: it stands for all the others.
        items.sort(
            (a, b) -> Boolean.compare(a.item().key().equals(place), b.item().key().equals(place)));
        new Giving(job, packet.token(), new ArrayDeque<>(items)).next(nowNanos);
      }
    }

    @Override
    public void onFailure(long nowNanos) {
      onEnd(job, false, nowNanos);
    }
  }

  /** Gives one node the items of a place, one after the other. */
  private final class Giving implements Request.Reply {

    private final Job job;
    private final byte[] token;
    private final ArrayDeque<HeldItem> items;
    private boolean failed;

    Giving(Job job, byte[] token, ArrayDeque<HeldItem> items) {
      this.job = job;
      this.token = token;
      this.items = items;
    }

    void next(long nowNanos) {
      HeldItem held = items.poll();
      if (held == null) {
        onEnd(job, !failed, nowNanos);
        return;
      }
      charge(PUT_BYTES + held.item().size(), nowNanos);
      operations.put(
          job.contact,
          new Operations.Spot(held.item().key(), held.place(), token),
          new Operations.Item(held.item(), -1),
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
