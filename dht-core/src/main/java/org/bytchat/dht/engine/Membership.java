package org.bytchat.dht.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.EngineTimer;
import org.bytchat.dht.time.TimerTable;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a node in its network: joins through bootstrap hosts or contacts of an earlier life,
 * refreshes the table, notices an outage and comes back from it.
 */
final class Membership {

  /*
   * Joining (Maymounkov and Mazières 2002, section 2.3): look up the own id, which makes the
   * neighbours known and known to them, then refresh every bucket farther away. Here each host that
   * answers has a lookup of its own, and the nearest of all are the neighbours.
   *
   * A silent bootstrap host is asked again with exponential backoff and jitter, for ever. An outage
   * is several failures with no answer in between; during it nothing is evicted (see RoutingTable),
   * and attempts go on with the same backoff until anybody answers.
   *
   * A network that was cut in two for long is two networks, each of which evicted the other. So now
   * and then one of the contacts evicted last is asked whether it is back. The first that answers
   * is as good as a bootstrap host.
   */

  private static final long SECOND_NANOS = 1_000_000_000;
  private static final int BACKOFF_DOUBLINGS = 6;
  private static final long BACKOFF_NANOS_MAX = 60 * SECOND_NANOS;
  private static final int BOOTSTRAP_ENDPOINTS_MAX = 16;
  private static final int LOST_CONTACTS_MAX = 32;
  private static final int OUTAGE_FAILURES = 3;
  private static final Contact[] NO_CONTACTS = {};
  private static final long OUTAGE_NANOS = 10 * SECOND_NANOS;

  private final Core core;
  private final Requests requests;
  private final LookupPool lookups;
  private final TimerTable timers;
  private final Fifo<Request> outgoing;
  private final long refreshNanos;

  private boolean hasBootstrap;
  private Contact[] restored = NO_CONTACTS;
  private boolean joined;

  /** How many the last lookups of the own id found, if nobody is a contact yet. */
  private int neighbours;

  private boolean outage;
  private long outageStartNanos;
  private boolean resolving;
  private int attempts;

  /** Contacts evicted lately, the one to ask next first. */
  private @Nullable ArrayDeque<Contact> lost;

  /** What the attempt to join found so far, by family. */
  private final @Nullable Neighbourhood[] joins = new Neighbourhood[AddressFamily.values().length];

  private long lastNeighbourhood;

  /** The number of the last one that began before this attempt to join. */
  private long lastBefore;

  /** Whether the node is to join, or to join again, in each family. */
  private boolean joining4;

  private boolean joining6;

  private final @Nullable ServiceMembership services;

  /** The next bucket to refresh after a join, by family; -1 when all are, null before the first. */
  private int @Nullable [] refreshNext;

  Membership(Core core, Requests requests, LookupPool lookups, Duties duties) {
    this.core = core;
    this.requests = requests;
    this.lookups = lookups;
    this.timers = duties.timers;
    this.outgoing = duties.outgoing;
    this.refreshNanos = core.config.routing().refreshInterval().toNanos();
    this.services = core.config.services() == 0 ? null : new ServiceMembership(core, lookups);
  }

  /** What the parts of an engine plan: periodic duties and requests that wait for their turn. */
  record Duties(TimerTable timers, Fifo<Request> outgoing) {

    private static final int OUTGOING_MAX = 1024;

    /** Puts a request in the line; returns false if that is full. */
    boolean enqueue(Request request) {
      boolean hasRoom = outgoing.size() < OUTGOING_MAX;
      if (hasRoom) {
        outgoing.add(request);
      }
      return hasRoom;
    }
  }

  /**
   * The nodes nearest to the own id, put together from several lookups of it. Through a hostile
   * host a newcomer finds none but its friends; these are farther away than the true neighbours,
   * which it finds through an honest one.
   */
  private static final class Neighbourhood {

    /** So long the first result waits for slower hosts, and for lookups that are stalled. */
    private static final long WAIT_NANOS = 2 * SECOND_NANOS;

    /** For so long no host is asked again, as lookups may only be slow. */
    private static final long PATIENCE_NANOS = 10 * SECOND_NANOS;

    /** Tells it from those of earlier attempts to join. */
    final long number;

    final long startNanos;
    final List<Contact> nearest = new ArrayList<>();
    long firstNanos;

    /** Hosts that were asked and did not answer yet. */
    int hosts;

    int lookups;

    Neighbourhood(long number, long nowNanos) {
      this.number = number;
      this.startNanos = nowNanos;
    }

    void onLookupEnded(LookupResult result, int most, long nowNanos) {
      lookups--;
      firstNanos = nearest.isEmpty() ? nowNanos : firstNanos;
      for (Contact contact : result.closest()) {
        if (!nearest.contains(contact)) {
          nearest.add(contact);
        }
      }
      nearest.sort((a, b) -> result.target().compareDistance(a.id(), b.id()));
      if (nearest.size() > most) {
        nearest.subList(most, nearest.size()).clear();
      }
    }

    boolean isOver() {
      return hosts == 0 && lookups == 0;
    }

    /** Returns when what is known has to do; meaningful if anything is. */
    long ripeNanos() {
      return firstNanos + WAIT_NANOS;
    }

    boolean isRipe(long nowNanos) {
      return !nearest.isEmpty() && (isOver() || nowNanos - ripeNanos() >= 0);
    }

    /** Tells whether there is more to come than answers of silent hosts. */
    boolean isBusy(long nowNanos) {
      return (lookups > 0 || !nearest.isEmpty()) && nowNanos - startNanos < PATIENCE_NANOS;
    }
  }

  void start(boolean bootstrapConfigured, List<Contact> lastContacts, long nowNanos) {
    hasBootstrap = bootstrapConfigured;
    restored = lastContacts.isEmpty() ? NO_CONTACTS : lastContacts.toArray(new Contact[0]);
    scheduleSelfLookup(nowNanos);
    if (core.contactCount() > 0) {
      startJoined(nowNanos);
    } else if (hasBootstrap || restored.length > 0) {
      beginJoin(nowNanos);
    }
    scheduleRefresh(DeadlineQueue.NEVER, nowNanos);
  }

  /** Somebody filled the tables: those who did it for many nodes do not want them in step. */
  private void startJoined(long nowNanos) {
    Entropy random = core.entropy.choices();
    for (RoutingTable table : core.allTables()) {
      table.spreadUpkeep(random::nextLong, nowNanos);
    }
    timers.set(EngineTimer.SELF_LOOKUP, nowNanos + Math.floorMod(random.nextLong(), refreshNanos));
    restored = NO_CONTACTS;
    join(core.contactCount());
  }

  /** Joins all families from a time on. */
  private void beginJoin(long atNanos) {
    attempts = 0;
    // What is found from another address, or from before an outage, is no answer to this.
    Arrays.fill(joins, null);
    lastBefore = lastNeighbourhood;
    for (AddressFamily family : AddressFamily.values()) {
      setJoining(family, core.table(family) != null);
    }
    timers.set(EngineTimer.JOIN, atNanos);
  }

  private boolean isJoining(AddressFamily family) {
    return family == AddressFamily.IPV4 ? joining4 : joining6;
  }

  private void setJoining(AddressFamily family, boolean joining) {
    if (family == AddressFamily.IPV4) {
      joining4 = joining;
    } else {
      joining6 = joining;
    }
  }

  boolean isJoined() {
    return joined;
  }

  boolean isOutage() {
    return outage;
  }

  /** The host moved to another network, or its network came back: rejoin soon, not all at once. */
  void onNetworkChanged(long nowNanos) {
    beginJoin(nowNanos + core.entropy.choices().jitter(SECOND_NANOS / 2));
  }

  void onJoinTimer(long nowNanos) {
    attempts++;
    long backoff = SECOND_NANOS << Math.min(attempts - 1, BACKOFF_DOUBLINGS);
    boolean somebody = core.contactCount() > 0 || restored.length > 0;
    if (hasBootstrap || somebody) {
      long pause = core.entropy.choices().jitter(Math.min(backoff, BACKOFF_NANOS_MAX));
      timers.set(EngineTimer.JOIN, nowNanos + pause);
    }
    boolean asks = false;
    for (AddressFamily family : AddressFamily.values()) {
      Neighbourhood join = joins[family.ordinal()];
      if (isJoining(family) && join != null) {
        onNeighbours(family, join, nowNanos);
      }
      if (asksHosts(family, nowNanos)) {
        asks = true;
        // Its own, as it takes long if most of those contacts are gone.
        Neighbourhood around = newNeighbourhood(nowNanos);
        startSelfLookup(family, restored, LookupPool.Learns.CLOSEST_AND_SEEDS, around, nowNanos);
      }
    }
    if (hasBootstrap && !resolving && asks) {
      resolving = core.perform(Effect.ResolveBootstrap::new, this::onResolved);
    }
    endJoin();
  }

  /**
   * Ends the attempts if no family is left to join. One in which nobody answers, perhaps because
   * the host has addresses of it and no way out, gets some more and then waits for the next lookup
   * of the own id.
   */
  private void endJoin() {
    int left = 0;
    int done = 0;
    for (AddressFamily family : AddressFamily.values()) {
      left += isJoining(family) ? 1 : 0;
      done += core.table(family) != null && !isJoining(family) ? 1 : 0;
    }
    if (done > 0 && (left == 0 || attempts > BACKOFF_DOUBLINGS)) {
      timers.set(EngineTimer.JOIN, DeadlineQueue.NEVER);
      attempts = 0;
      restored = NO_CONTACTS;
    }
  }

  private void onResolved(Effect.Result result, long nowNanos) {
    resolving = false;
    if (!(result instanceof Effect.Resolved resolved)) {
      return;
    }
    boolean asks4 = asksHosts(AddressFamily.IPV4, nowNanos);
    boolean asks6 = asksHosts(AddressFamily.IPV6, nowNanos);
    int asked = 0;
    for (Endpoint endpoint : resolved.endpoints()) {
      boolean asks = endpoint.family() == AddressFamily.IPV4 ? asks4 : asks6;
      if (asks && asked < BOOTSTRAP_ENDPOINTS_MAX && core.isAcceptable(endpoint)) {
        Request request =
            Request.findNode(Request.Purpose.BOOTSTRAP, endpoint, null, core.identity.id());
        Neighbourhood join = joinOf(endpoint.family(), nowNanos);
        join.hosts++;
        request.reference = join.number;
        outgoing.add(request);
        asked++;
      }
    }
  }

  /** A bootstrap endpoint answered: it and those it named are the first contacts. */
  void onBootstrapAnswer(Request request, Contact contact, Packet packet, long nowNanos) {
    AddressFamily family = contact.endpoint().family();
    Neighbourhood join = joins[family.ordinal()];
    // Also one that comes late: the hosts that answered first may all be hostile.
    if (join != null && join.number == request.reference && packet.kind == Kind.RESPONSE) {
      startSelfLookup(family, seedsOf(contact, packet), LookupPool.Learns.CLOSEST, join, nowNanos);
    }
    onBootstrapEnded(request, nowNanos);
  }

  /** A bootstrap endpoint answered, or did not. */
  void onBootstrapEnded(Request request, long nowNanos) {
    AddressFamily family = request.endpoint.family();
    Neighbourhood join = joins[family.ordinal()];
    if (join != null && join.number == request.reference) {
      join.hosts--;
      onNeighbours(family, join, nowNanos);
    }
  }

  /** A contact that had been evicted is back, perhaps with a part of the network behind it. */
  void onLostAnswer(Contact contact, Packet packet, long nowNanos) {
    if (lost != null) {
      lost.remove(contact);
    }
    if (packet.kind == Kind.RESPONSE) {
      AddressFamily family = contact.endpoint().family();
      setJoining(family, true);
      startSelfLookup(
          family,
          seedsOf(contact, packet),
          LookupPool.Learns.CLOSEST,
          newNeighbourhood(nowNanos),
          nowNanos);
    }
  }

  private Contact[] seedsOf(Contact contact, Packet packet) {
    AddressFamily family = contact.endpoint().family();
    int count = core.usableContacts(packet, family);
    Contact[] seeds = new Contact[count + 1];
    seeds[0] = contact;
    for (int i = 0; i < count; i++) {
      Contact named = packet.contacts(family)[i];
      seeds[i + 1] = named == null ? contact : named;
    }
    return seeds;
  }

  /** A contact was evicted. */
  void onEvicted(Contact contact) {
    if (lost == null) {
      lost = new ArrayDeque<>(2);
    }
    lost.remove(contact);
    if (lost.size() == LOST_CONTACTS_MAX) {
      lost.removeFirst();
    }
    lost.addLast(contact);
  }

  /** Somebody answered. */
  void onAnswer(long nowNanos) {
    if (outage) {
      outage = false;
      // The attempt to rejoin at its begin would have ended it soon, had it been the peers' fault.
      if (nowNanos - outageStartNanos > OUTAGE_NANOS) {
        core.allTables().forEach(RoutingTable::forgiveFailures);
      }
      core.emit(new EngineEvent.OutageEnded());
      beginJoin(nowNanos);
    }
  }

  /** A request failed. */
  void onFailure(long nowNanos) {
    if (joined
        && !outage
        && requests.failuresInRow() >= OUTAGE_FAILURES
        && !requests.hasAnswerSince(nowNanos - OUTAGE_NANOS)) {
      outage = true;
      outageStartNanos = nowNanos;
      core.count(Counter.OUTAGES);
      core.emit(new EngineEvent.OutageBegan());
      beginJoin(nowNanos + core.entropy.choices().jitter(SECOND_NANOS));
    }
  }

  /** A contact entered the table: a node that nobody told of others begins with it. */
  void onAdded(long nowNanos) {
    if (!joined && neighbours > 0) {
      join(neighbours);
    }
    if (!joined && timers.get(EngineTimer.JOIN) == DeadlineQueue.NEVER) {
      beginJoin(nowNanos + core.entropy.choices().jitter(SECOND_NANOS / 4));
    }
  }

  /** Has the second tables follow what became of the first ones; to be called often. */
  void adjust(long nowNanos) {
    if (services != null && joined) {
      services.adjust(nowNanos);
    }
  }

  void onSelfLookupTimer(long nowNanos) {
    scheduleSelfLookup(nowNanos);
    if (services != null) {
      services.refreshSelf();
    }
    for (AddressFamily family : AddressFamily.values()) {
      startSelfLookup(
          family, NO_CONTACTS, LookupPool.Learns.CLOSEST, newNeighbourhood(nowNanos), nowNanos);
    }
    Contact next = lost == null ? null : lost.poll();
    if (lost != null && next != null) {
      lost.addLast(next);
      outgoing.add(
          Request.findNode(Request.Purpose.LOST, next.endpoint(), next, core.identity.id()));
    }
    if (hasBootstrap && timers.get(EngineTimer.JOIN) == DeadlineQueue.NEVER) {
      for (AddressFamily family : AddressFamily.values()) {
        RoutingTable table = core.table(family);
        if (table != null && table.size() == 0) {
          setJoining(family, true);
          timers.set(EngineTimer.JOIN, nowNanos);
        }
      }
    }
  }

  /** Looks the own id up in a family, if anybody to ask is known there. */
  private void startSelfLookup(
      AddressFamily family,
      Contact[] seeds,
      LookupPool.Learns learns,
      Neighbourhood around,
      long nowNanos) {
    RoutingTable table = core.table(family);
    if (table == null) {
      return;
    }
    Contact[] ofFamily = new Contact[seeds.length];
    int count = 0;
    for (Contact seed : seeds) {
      if (seed.endpoint().family() == family) {
        ofFamily[count++] = seed;
      }
    }
    if (count == 0 && table.size() == 0) {
      return;
    }
    @Nullable Contact[] used = Arrays.copyOf(ofFamily, count);
    boolean started =
        lookups.start(
                new LookupPool.Target(core.identity.id(), family, 0, used, learns, null),
                (id, result, now) -> {
                  around.onLookupEnded(result, core.config.routing().bucketSize(), now);
                  onNeighbours(family, around, now);
                },
                nowNanos)
            != null;
    if (started) {
      around.lookups++;
    }
  }

  private Neighbourhood newNeighbourhood(long nowNanos) {
    return new Neighbourhood(++lastNeighbourhood, nowNanos);
  }

  /** Returns what this attempt to join finds in a family. */
  private Neighbourhood joinOf(AddressFamily family, long nowNanos) {
    Neighbourhood known = joins[family.ordinal()];
    if (known == null) {
      known = newNeighbourhood(nowNanos);
      joins[family.ordinal()] = known;
    }
    return known;
  }

  private boolean asksHosts(AddressFamily family, long nowNanos) {
    Neighbourhood join = joins[family.ordinal()];
    return isJoining(family) && (join == null || !join.isBusy(nowNanos));
  }

  /** A lookup of the own id or a host that was asked ended, or its time is up. */
  private void onNeighbours(AddressFamily family, Neighbourhood around, long nowNanos) {
    boolean isRipe = around.isRipe(nowNanos);
    if (around.isOver() && joins[family.ordinal()] == around) {
      joins[family.ordinal()] = null;
    }
    List<Contact> nearest = around.nearest;
    if (!isRipe) {
      if (!nearest.isEmpty() && isJoining(family)) {
        timers.set(EngineTimer.JOIN, Math.min(timers.get(EngineTimer.JOIN), around.ripeNanos()));
      }
      return;
    }
    lookups.learn(nearest, nowNanos);
    // Those who answered are no contacts before they proved their ids.
    if (!joined && core.contactCount() > 0) {
      join(nearest.size());
    }
    neighbours = nearest.size();
    RoutingTable table = core.table(family);
    // Until there is a contact, go on.
    boolean isAnswer = isJoining(family) && around.number > lastBefore;
    if (!outage && table != null && table.size() > 0 && isAnswer) {
      setJoining(family, false);
      endJoin();
      if (services != null) {
        services.join();
      }
      if (refreshNext == null) {
        refreshNext = new int[] {-1, -1};
      }
      refreshNext[family.ordinal()] = Math.min(NodeId.BITS - 1, depthWith(table, nearest));
      refreshAfterJoin(family, nowNanos);
    }
  }

  /** Returns up to which bucket others are to be looked for, as the nearest are all of the rest. */
  private int depthWith(RoutingTable table, List<Contact> nearest) {
    // They may not be in the table yet.
    NodeId farthest = nearest.get(nearest.size() - 1).id();
    return Math.max(table.depth(), core.identity.id().commonPrefixLength(farthest) + 1);
  }

  private void join(int answered) {
    joined = true;
    core.emit(new EngineEvent.Joined(answered));
  }

  /** Refreshes the buckets one after the other, from the nearest to the farthest. */
  private void refreshAfterJoin(AddressFamily family, long nowNanos) {
    int[] next = refreshNext;
    if (next == null) {
      return;
    }
    int bucket = next[family.ordinal()]--;
    if (bucket >= 0) {
      NodeId target = core.randomInBucket(bucket);
      boolean started =
          lookups.start(
                  LookupPool.Target.forTable(target, family, 0),
                  (id, result, now) -> {
                    core.onOwnLookup(family, result);
                    refreshAfterJoin(family, now);
                    scheduleRefresh(timers.get(EngineTimer.BUCKET_REFRESH), now);
                  },
                  nowNanos)
              != null;
      if (!started) {
        next[family.ordinal()] = -1;
      }
    }
  }

  void onRefreshTimer(long nowNanos) {
    if (services != null) {
      services.refresh(nowNanos);
    }
    for (AddressFamily family : AddressFamily.values()) {
      RoutingTable table = core.table(family);
      int bucket = table == null || table.size() == 0 ? -1 : table.pollDueForRefresh(nowNanos);
      if (bucket >= 0) {
        lookups.start(
            LookupPool.Target.forTable(core.randomInBucket(bucket), family, 0),
            (id, result, now) -> {
              core.onOwnLookup(family, result);
              scheduleRefresh(timers.get(EngineTimer.BUCKET_REFRESH), now);
            },
            nowNanos);
      }
    }
    scheduleRefresh(DeadlineQueue.NEVER, nowNanos);
  }

  private void scheduleSelfLookup(long nowNanos) {
    timers.set(EngineTimer.SELF_LOOKUP, nowNanos + core.entropy.choices().jitter(refreshNanos));
  }

  private void scheduleRefresh(long latestNanos, long nowNanos) {
    // Buckets are due one by one, so that a node's idle traffic is spread.
    long next = nowNanos + core.entropy.choices().jitter(refreshNanos / 32);
    long due = DeadlineQueue.NEVER;
    for (RoutingTable table : core.allTables()) {
      due = Math.min(due, table.nextRefreshNanos(nowNanos));
    }
    // A bucket that is not there yet is not due before those that are.
    next = due == DeadlineQueue.NEVER ? next : Math.max(next, due);
    timers.set(EngineTimer.BUCKET_REFRESH, Math.min(next, latestNanos));
  }
}
