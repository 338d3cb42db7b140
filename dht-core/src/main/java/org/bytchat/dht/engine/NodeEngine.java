package org.bytchat.dht.engine;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.EngineTimer;
import org.bytchat.dht.time.TimerTable;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.MessageSizer;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * A Kademlia node as a deterministic state machine: it opens no socket, starts no thread and reads
 * no clock. Not thread-safe: one driver owns it.
 *
 * <p>Four families of methods:
 *
 * <ul>
 *   <li>inputs: {@link #handlePacket}, {@link #handleTimeout}, {@link #handleEffect}, {@link
 *       #handleMalformed};
 *   <li>commands: {@link #start}, {@link #startLookup}, {@link #startPing}, {@link
 *       #handleNetworkChange};
 *   <li>outputs: messages go to the {@link Outbox} at once; after any input or command the driver
 *       takes all {@link #pollEffect effects}, all {@link #pollEvent events}, and the next {@link
 *       #pollTimeoutNanos deadline}, which the call may have changed;
 *   <li>getters, like {@link #stats}.
 * </ul>
 *
 * <p>Time is monotonic nanoseconds, given with each call; it never goes backwards, equal times may
 * come in any order. A timeout that comes too early does no harm. The same inputs in the same order
 * give the same outputs. No packet makes a method throw.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class NodeEngine {

  private final Outbox out;
  private final Core core;
  private final Requests requests;
  private final LookupPool lookups;
  private final Verifier verifier;
  private final Membership membership;
  private final Upkeep upkeep;
  private final Reachability reachability;
  private final Records held;
  private final RequestHandler handler;
  private final TokenIssuer tokens;
  private final TimerTable timers = new TimerTable();

  /** Null until there is a record. */
  private @Nullable RecordWork work;

  /** Requests that wait for their turn and are not a lookup's. */
  private final Fifo<Request> outgoing = new Fifo<>();

  private final Membership.Duties duties = new Membership.Duties(timers, outgoing);

  private boolean verifyNext;

  private long nextPingId = 1;

  /** The time of the call that is being handled. */
  private long nowNanos;

  /**
   * Makes an engine; nothing happens before {@link #start}.
   *
   * @param setup key, configuration, families and random numbers
   * @param workspace the driver's scratch memory
   * @param sizer the codec's, tells the length of messages
   * @param outbox takes messages
   */
  public NodeEngine(EngineSetup setup, Workspace workspace, MessageSizer sizer, Outbox outbox) {
    this.out = outbox;
    this.core = new Core(setup, workspace, sizer, this::send);
    this.requests = new Requests(core, new Answers());
    this.verifier = new Verifier(core, requests, new Contacts());
    this.lookups = new LookupPool(core, requests, verifier);
    this.tokens = new TokenIssuer(core.identity.id(), core.entropy.secrets(), workspace.hash);
    this.held = new Records(core, timers);
    this.handler = new RequestHandler(core, tokens, verifier, held, new Forwards(core, duties));
    this.membership = new Membership(core, requests, lookups, duties);
    this.reachability = new Reachability(core, duties);
    this.upkeep = new Upkeep(core, requests, membership, duties);
  }

  private int send(Endpoint to, Packet packet) {
    reachability.onSent(to, packet.kind == Kind.QUERY, nowNanos);
    return out.send(to, packet);
  }

  /**
   * Tells the time of the world, by which records are issued and end. To be told before {@link
   * #start}, and again often enough that a clock that is set is noticed.
   *
   * @param wallMillis milliseconds since 1970
   * @param now the time
   */
  public void adjustClock(long wallMillis, long now) {
    held.adjustClock(wallMillis, now);
  }

  /**
   * Takes up the records of an earlier life, before {@link #start} and after {@link #adjustClock}.
   *
   * @param changes what made the store, in order
   * @param now the time
   */
  public void restore(List<StoreChange> changes, long now) {
    held.restore(changes, now);
  }

  /**
   * Returns what can be done with records.
   *
   * @return the commands, the same for the node's life
   * @throws IllegalStateException if the node speaks Mainline's dialect, which has none
   */
  public RecordCommands records() {
    if (core.isMainline) {
      throw new IllegalStateException("Mainline's dialect has no records");
    }
    return work().commands;
  }

  /**
   * Returns what can be done with peers and items in Mainline's dialect.
   *
   * @return the commands, the same for the node's life
   * @throws IllegalStateException if the node speaks our own dialect
   */
  public MainlineCommands mainline() {
    if (!core.isMainline) {
      throw new IllegalStateException("this node speaks our own dialect, not Mainline's");
    }
    return work().mainline;
  }

  private RecordWork work() {
    RecordWork made = work;
    if (made == null) {
      Operations operations = new Operations(core, lookups, held, outgoing);
      made = new RecordWork(operations, timers, this::afterCommand);
      work = made;
    }
    return made;
  }

  private void afterCommand(long now) {
    nowNanos = now;
    pump();
  }

  /**
   * Starts the node. If its tables have contacts already, see {@link #table}, it counts as joined.
   *
   * @param hasBootstrap whether an {@link Effect.ResolveBootstrap} can find anybody
   * @param lastContacts contacts of an earlier life, none of them believed before it answers
   * @param now the time
   */
  public void start(boolean hasBootstrap, List<Contact> lastContacts, long now) {
    nowNanos = now;
    planRotation();
    upkeep.start(now);
    held.start(now);
    planRepair();
    reachability.start(now);
    membership.start(hasBootstrap, lastContacts, now);
    upkeep.adjust(now);
  }

  /**
   * Handles a message that was decoded into the workspace's inbound packet, or given as one.
   *
   * @param packet the message
   * @param sound whether it is whole; otherwise it is a query of which only the envelope is, and is
   *     refused
   * @param length the length of its datagram
   * @param from where it came from
   * @param now the time
   */
  public void handlePacket(Packet packet, boolean sound, int length, Endpoint from, long now) {
    nowNanos = now;
    core.count(Counter.RECEIVED);
    core.count(Counter.RECEIVED_BYTES, length);
    if (packet.networkId != core.networkId && !core.isMainline) {
      core.count(Counter.DROPPED_OTHER_NETWORK);
    } else if (!core.isAcceptable(from) || core.table(from.family()) == null) {
      core.count(Counter.DROPPED_BAD_SOURCE);
    } else if (packet.isSender(core.identity.id())) {
      core.count(Counter.DROPPED_OWN_ID);
    } else if (packet.kind == Kind.QUERY) {
      reachability.onQuery(from, now);
      if (core.isMainline && !core.full) {
        // BEP 43: it is in nobody's table, so nobody misses its answers.
        core.count(Counter.QUERIES_IGNORED);
      } else {
        handler.handle(packet, sound, length, from, now);
      }
    } else {
      requests.handleReply(packet, from, now);
    }
    pump();
  }

  /**
   * Counts a datagram that is no message.
   *
   * @param length its length
   */
  public void handleMalformed(int length) {
    core.count(Counter.RECEIVED);
    core.count(Counter.RECEIVED_BYTES, length);
    core.count(Counter.DROPPED_MALFORMED);
  }

  /**
   * Handles everything whose deadline has come.
   *
   * @param now the time
   */
  public void handleTimeout(long now) {
    nowNanos = now;
    requests.handleTimeout(now);
    if (work != null) {
      work.operations.handleTimeout(now);
    }
    EngineTimer due = timers.pollDue(now);
    while (due != null) {
      handleTimer(due);
      due = timers.pollDue(now);
    }
    pump();
  }

  private void handleTimer(EngineTimer timer) {
    switch (timer) {
      case TOKEN_ROTATION -> {
        tokens.rotate();
        handler.expire(nowNanos);
        planRotation();
      }
      case CONTACT_CHECK -> upkeep.onCheckTimer(nowNanos);
      case BUCKET_REFRESH -> membership.onRefreshTimer(nowNanos);
      case SELF_LOOKUP -> membership.onSelfLookupTimer(nowNanos);
      case JOIN -> membership.onJoinTimer(nowNanos);
      case REACHABILITY -> reachability.onTimer(nowNanos);
      case KEEP_CONTACTS -> upkeep.onKeepTimer(nowNanos);
      case EXPIRY -> held.onExpiryTimer(nowNanos);
      case KEEP_RECORDS -> held.onKeepTimer(nowNanos);
      case REPAIR -> {
        if ((work == null && held.isEmpty()) || core.isMainline) {
          planRepair();
        } else {
          work().repairer.onTimer(nowNanos);
        }
      }
    }
  }

  /**
   * Takes the result of an effect; one that is unknown is ignored.
   *
   * @param id the effect's id
   * @param result what came of it
   * @param now the time
   */
  public void handleEffect(long id, Effect.Result result, long now) {
    nowNanos = now;
    core.handleEffect(id, result, now);
    pump();
  }

  /**
   * Rejoins soon, because the host's network changed.
   *
   * @param now the time
   */
  public void handleNetworkChange(long now) {
    nowNanos = now;
    reachability.onNetworkChanged(now);
    membership.onNetworkChanged(now);
  }

  /**
   * Begins a lookup of the k nodes closest to a key; {@link EngineEvent.LookupFinished} tells the
   * end.
   *
   * @param target the key
   * @param family in which family's network
   * @param now the time
   * @return the lookup's id, or null if too many wait already
   * @throws IllegalArgumentException if the node is not in that family's network
   */
  public @Nullable LookupId startLookup(NodeId target, AddressFamily family, long now) {
    return startLookup(target, family, 0, now);
  }

  /**
   * Begins a lookup as {@link #startLookup(NodeId, AddressFamily, long)} does, of the k closest
   * that offer services.
   *
   * @param services the service bits that each must have, 0 for any node
   */
  public @Nullable LookupId startLookup(
      NodeId target, AddressFamily family, int services, long now) {
    nowNanos = now;
    if (core.table(family) == null) {
      throw new IllegalArgumentException("this node has no endpoint in " + family);
    }
    LookupId id =
        lookups.start(
            LookupPool.Target.offering(target, family, services),
            (lookup, result, end) -> core.emit(new EngineEvent.LookupFinished(lookup, result)),
            now);
    pump();
    return id;
  }

  /**
   * Sends a ping, which need not know who is there; {@link EngineEvent.PingFinished} tells the end.
   *
   * @param endpoint where to
   * @param now the time
   * @return what names the ping, or -1 if too many requests wait already
   * @throws IllegalArgumentException if the node has no endpoint in that family or does not talk to
   *     such an address in its scope
   */
  public long startPing(Endpoint endpoint, long now) {
    nowNanos = now;
    core.requireReachable(endpoint);
    Request request = new Request(Request.Purpose.USER_PING, Method.PING, endpoint, null);
    if (!duties.enqueue(request)) {
      return -1;
    }
    request.reference = nextPingId++;
    pump();
    return request.reference;
  }

  /**
   * Asks the service of a node something; {@link EngineEvent.ServiceAnswered} or {@link
   * EngineEvent.ServiceFailed} tells the end. It may be heard twice, as answers get lost.
   *
   * @param to the node
   * @param method {@link Method#BIND} or {@link Method#FIND}
   * @param key the place that it is about
   * @param payload up to {@link WireLimits#RECORD_BYTES_MAX} bytes, not to be changed any more
   * @param now the time
   * @return what names the question, or -1 if too many are under way
   * @throws IllegalArgumentException if the method is another one, the payload too long, or this
   *     node cannot talk to that one
   */
  public long startServiceQuery(Contact to, Method method, NodeId key, byte[] payload, long now) {
    nowNanos = now;
    core.requireReachable(to.endpoint());
    long reference =
        work().services.start(new ServiceCalls.Question(to, method, key, payload), now);
    pump();
    return reference;
  }

  /**
   * Takes the next effect to perform.
   *
   * @return an effect, or null if there is none
   */
  public @Nullable Effect pollEffect() {
    return core.pollEffect();
  }

  /**
   * Takes the next event.
   *
   * @return an event, or null if there is none
   */
  public @Nullable EngineEvent pollEvent() {
    return core.pollEvent();
  }

  /**
   * Returns when {@link #handleTimeout} is to be called next.
   *
   * @return monotonic nanoseconds, {@link DeadlineQueue#NEVER} for never
   */
  public long pollTimeoutNanos() {
    long next = Math.min(requests.nextDeadlineNanos(), timers.nextNanos());
    next = work == null ? next : Math.min(next, work.operations.nextDeadlineNanos());
    return hasWork() ? Math.min(next, requests.readyAtNanos()) : next;
  }

  /** {@return the node's id} */
  public NodeId id() {
    return core.identity.id();
  }

  /** {@return the contacts of all tables: a new list, bucket by bucket from the farthest} */
  public List<Contact> contacts() {
    return core.contacts();
  }

  /** {@return the contacts of the second tables that offer some services: a new list} */
  public List<Contact> contacts(int services) {
    return core.contacts(services);
  }

  /**
   * Returns the table of a family, for checks, and for a laboratory that fills it before the start.
   *
   * @param family the family
   * @return the table, the engine's; null if the node is not in that family's network
   */
  public @Nullable RoutingTable table(AddressFamily family) {
    return core.table(family);
  }

  /**
   * Returns the second table of a family: of nodes that offer some of the services that this one
   * does. For the same uses as {@link #table}.
   *
   * @param family the family
   * @return the table, the engine's; null if this node offers nothing or is not in that network
   */
  public @Nullable RoutingTable serviceTable(AddressFamily family) {
    return core.serviceTable(family);
  }

  /**
   * Returns the engine's state at this moment.
   *
   * @return the state
   */
  public EngineStats stats() {
    return new EngineStats(
        core.contactCount(),
        core.serviceContactCount(),
        core.depth(),
        requests.underWayCount(),
        lookups.activeCount(),
        lookups.waitingCount(),
        verifier.waitingCount(),
        core.pendingEffectCount(),
        requests.rtt().softTimeoutNanos(),
        requests.rtt().percentileNanos(50),
        membership.isJoined(),
        membership.isOutage(),
        core.full,
        core.externalEndpoints(),
        core.networkSize(),
        work == null ? 0 : work.publisher.count(),
        held.stats(),
        core.counters());
  }

  /**
   * Reads a little of the engine's parts, and changes nothing. For a driver of so many engines that
   * none is in the processor's caches: it does this to several, then {@link #touchFar}, and only
   * then gives them their inputs. So their memory is fetched side by side and not line after line.
   *
   * @return a number without a meaning
   */
  public int touchNear() {
    return core.networkId ^ requests.failuresInRow() ^ lookups.activeCount() ^ handler.touchNear();
  }

  /** {@return a number without a meaning} Reads a little of what the parts have. */
  public int touchFar() {
    return core.touch() ^ requests.touch() ^ handler.touch() ^ (int) timers.nextNanos();
  }

  private void planRotation() {
    long period = core.config.limits().tokenRotation().toNanos();
    timers.set(EngineTimer.TOKEN_ROTATION, nowNanos + period);
  }

  private void planRepair() {
    long interval = core.config.store().repairInterval().toNanos();
    timers.set(EngineTimer.REPAIR, nowNanos + core.entropy.choices().jitter(interval));
  }

  /** A contact came into a table or left it: perhaps others are to hold what is held here. */
  private void onNodeChanged(NodeId node) {
    if (!held.isEmpty() && !core.isMainline) {
      work().repairer.onNodeChanged(node, nowNanos);
    }
  }

  private boolean hasWork() {
    return !outgoing.isEmpty() || lookups.hasReady() || verifier.hasWaiting();
  }

  /**
   * Sends what waits, at the node's pace: single requests first, then lookups and verifications.
   */
  private void pump() {
    membership.adjust(nowNanos);
    while (requests.isReady(nowNanos) && hasWork()) {
      Request next = outgoing.poll();
      if (next != null) {
        requests.send(next, nowNanos);
      } else if (verifier.hasWaiting() && (verifyNext || !lookups.hasReady())) {
        verifyNext = false;
        verifier.sendNext(nowNanos);
      } else {
        verifyNext = true;
        lookups.step(nowNanos);
      }
    }
    upkeep.adjust(nowNanos);
  }

  /** Passes on what became of requests. */
  private final class Answers implements Requests.Listener {

    @Override
    public void onAnswer(Request request, Contact contact, Packet packet, long now) {
      reachability.onObserved(packet.observed, contact.endpoint(), now);
      membership.onAnswer(now);
      boolean known = verifier.noteAnswer(contact, packet.readOnly, now);
      switch (request.purpose) {
        case USER_PING ->
            core.emit(
                new EngineEvent.PingFinished(
                    request.reference, contact, now - request.firstSentNanos));
        case LOOKUP -> lookups.onAnswer(request, contact, packet, now);
        case BOOTSTRAP -> membership.onBootstrapAnswer(request, contact, packet, now);
        case LOST -> membership.onLostAnswer(contact, packet, now);
        case VERIFY, VERIFY_SOURCE -> verifier.onAnswer(request, contact, packet, now);
        case STORE -> request.tellAnswer(packet, now);
        case CHECK, REACHABILITY, FORWARD, REACH_OUT -> {}
      }
      if (known) {
        verifier.onContactAnswered(request, contact, packet);
      } else if (!verifier.isVerifying(request) && !packet.readOnly && lookups.isLearnt(request)) {
        verifier.consider(contact, request.purpose.finds(), now);
      }
    }

    @Override
    public void onSlow(Request request) {
      lookups.onSlow(request);
    }

    @Override
    public void onOverdue(Request request) {
      lookups.onOverdue(request);
    }

    @Override
    public void onFailure(Request request, long now) {
      switch (request.purpose) {
        case USER_PING -> core.emit(new EngineEvent.PingFinished(request.reference, null, 0));
        case LOOKUP -> lookups.onFailure(request);
        case VERIFY, VERIFY_SOURCE -> verifier.onFailure(request);
        case STORE -> request.tellFailure(now);
        case BOOTSTRAP -> membership.onBootstrapEnded(request, now);
        case LOST, CHECK, REACHABILITY, FORWARD, REACH_OUT -> {}
      }
      Contact contact = request.contact;
      if (contact != null && verifier.noteFailure(contact, requests.failedAlone(request), now)) {
        core.count(Counter.CONTACTS_EVICTED);
        membership.onEvicted(contact);
        onNodeChanged(contact.id());
      }
      membership.onFailure(now);
    }

    @Override
    public boolean isWorthRepeating(Request request) {
      return lookups.isAmongClosest(request);
    }
  }

  /** Passes on what became of contacts. */
  private final class Contacts implements Verifier.Listener {

    @Override
    public void onAdded(Contact contact, long now) {
      membership.onAdded(now);
      onNodeChanged(contact.id());
    }

    @Override
    public void onOldest(Contact oldest, long now) {
      duties.enqueue(Request.ping(Request.Purpose.CHECK, oldest));
    }
  }
}
