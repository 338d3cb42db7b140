package org.bytchat.dht.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.node.DatagramNode;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.wire.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * One node of a {@link VirtualNetwork}: the real one, driven on virtual time. It can be stopped and
 * started again with the same key, which is another life of it.
 */
public final class VirtualNode {

  /** How often timers may fire at one instant before that is taken for a livelock. */
  private static final int FIRINGS_MAX = 100;

  /** How long a router in between remembers whom a node behind it sent to (RFC 4787, REQ-5). */
  private static final long MAPPING_NANOS = Duration.ofMinutes(5).toNanos();

  private final VirtualNetwork network;
  private final int index;
  private final NodeIdentity identity;
  private final DhtConfig config;
  private final Map<AddressFamily, Endpoint> endpoints = new LinkedHashMap<>();

  private @Nullable DatagramNode node;
  private int life;
  private long timerNanos = DeadlineQueue.NEVER;
  private long firedNanos = Long.MIN_VALUE;
  private int firings;
  private long sentCount;
  private List<Contact> lastContacts = List.of();
  private @Nullable List<Endpoint> bootstrap;

  private Duration clockError = Duration.ZERO;
  private boolean keepsRecords;

  /** What the node has written, and finds again when it is started. */
  private final List<StoreChange> disk = new ArrayList<>();

  private Function<Effect.Serve, Effect.Result> service =
      query -> new Effect.Refused(ErrorCode.METHOD_UNKNOWN, "no service");

  private boolean behindRouter;
  private final Map<Endpoint, Long> mappings = new LinkedHashMap<>();

  private final List<EngineEvent> events = new ArrayList<>();
  private final Map<LookupId, LookupResult> results = new LinkedHashMap<>();

  VirtualNode(VirtualNetwork network, int index, NodeIdentity identity, DhtConfig config) {
    this.network = network;
    this.index = index;
    this.identity = identity;
    this.config = config;
  }

  void move(Endpoint endpoint) {
    endpoints.put(endpoint.family(), endpoint);
  }

  /**
   * Starts the node, or starts it again with what it knew at its end.
   *
   * @param bootstrapEndpoints what its bootstrap hosts resolve to; nobody for a node that has none
   * @return this node
   */
  public VirtualNode start(Endpoint... bootstrapEndpoints) {
    if (node != null) {
      throw new IllegalStateException("node " + index + " runs already");
    }
    List<Endpoint> hosts = List.of(bootstrapEndpoints);
    bootstrap = hosts;
    life++;
    Entropy.Streams entropy = Entropy.Streams.simulated(network.seed() + life, index);
    EngineSetup setup =
        new EngineSetup(identity, config, List.copyOf(endpoints.keySet()), entropy, keepsRecords);
    DatagramNode started = new DatagramNode(setup, network.resources(config.dialect()));
    node = started;
    started.engine().adjustClock(wallMillis(), network.nowNanos());
    if (keepsRecords) {
      started.engine().restore(List.copyOf(disk), network.nowNanos());
    }
    started.engine().start(!hosts.isEmpty(), lastContacts, network.nowNanos());
    flush();
    return this;
  }

  /** Stops the node without a word; its contacts are remembered for the next start. */
  public void stop() {
    lastContacts = engine().contacts();
    node = null;
    life++;
    timerNanos = DeadlineQueue.NEVER;
  }

  /** Forgets the contacts that the next start would begin with. */
  public void forget() {
    lastContacts = List.of();
  }

  /**
   * Sets how wrong the node's clock is from its next start on.
   *
   * @param error what it is ahead, negative if it is behind
   * @return this node
   */
  public VirtualNode withClockError(Duration error) {
    clockError = error;
    return this;
  }

  /**
   * Has the node keep its records for its next start.
   *
   * @return this node
   */
  public VirtualNode withDisk() {
    keepsRecords = true;
    return this;
  }

  /**
   * Returns the node's wall clock.
   *
   * @return milliseconds since 1970
   */
  public long wallMillis() {
    return VirtualNetwork.WALL_MILLIS + network.nowNanos() / 1_000_000 + clockError.toMillis();
  }

  /**
   * Gives the node a service; that it offers one is for its configuration to say.
   *
   * @param answers what it says to each query
   * @return this node
   */
  public VirtualNode withService(Function<Effect.Serve, Effect.Result> answers) {
    service = answers;
    return this;
  }

  /** Puts the node behind a router that lets in only what comes from where something was sent. */
  public void putBehindRouter() {
    behindRouter = true;
  }

  /**
   * Tells whether the node runs.
   *
   * @return whether it was started and not stopped
   */
  public boolean isUp() {
    return node != null;
  }

  /**
   * Returns the engine; after a command on it, {@link #flush} must follow.
   *
   * @return the engine
   * @throws IllegalStateException if the node does not run
   */
  public NodeEngine engine() {
    return running().engine();
  }

  private DatagramNode running() {
    DatagramNode current = node;
    if (current == null) {
      throw new IllegalStateException("node " + index + " does not run");
    }
    return current;
  }

  /**
   * Returns the engine's state.
   *
   * @return the state
   */
  public EngineStats stats() {
    return engine().stats();
  }

  /**
   * Returns the node's id.
   *
   * @return the id, in Mainline's dialect the one that it has at the time
   */
  public NodeId id() {
    return node == null ? identity.id() : engine().id();
  }

  /**
   * Returns the node's key.
   *
   * @return the identity
   */
  public NodeIdentity identity() {
    return identity;
  }

  /**
   * Returns the node's first endpoint.
   *
   * @return the endpoint
   */
  public Endpoint endpoint() {
    return endpoints.values().iterator().next();
  }

  /**
   * Returns the endpoint in a family.
   *
   * @param family the family
   * @return the endpoint, or null if the node has none in it
   */
  public @Nullable Endpoint endpoint(AddressFamily family) {
    return endpoints.get(family);
  }

  /**
   * Returns the node as others know it.
   *
   * @return the contact
   */
  public Contact contact() {
    return Contact.of(id(), endpoint(), config.services());
  }

  /**
   * Returns what the engine told, lookups and their results excepted.
   *
   * @return the events so far, in order
   */
  public List<EngineEvent> events() {
    return List.copyOf(events);
  }

  /**
   * Takes an event out of those that the engine told.
   *
   * @param type its type
   * @param which tells the one that is meant
   * @param <T> its type
   * @return the first such event, or null if there is none
   */
  public <T extends EngineEvent> @Nullable T takeEvent(Class<T> type, Predicate<T> which) {
    for (int i = 0; i < events.size(); i++) {
      EngineEvent event = events.get(i);
      if (type.isInstance(event) && which.test(type.cast(event))) {
        events.remove(i);
        return type.cast(event);
      }
    }
    return null;
  }

  /**
   * Begins a lookup.
   *
   * @param target the key
   * @return the lookup's id
   * @throws IllegalStateException if the engine refuses it
   */
  public LookupId startLookup(NodeId target) {
    return startLookup(target, 0);
  }

  /**
   * Begins a lookup of nodes that offer services.
   *
   * @param target the key
   * @param services the service bits that each must have
   * @return the lookup's id
   * @throws IllegalStateException if the engine refuses it
   */
  public LookupId startLookup(NodeId target, int services) {
    LookupId id = engine().startLookup(target, endpoint().family(), services, network.nowNanos());
    flush();
    if (id == null) {
      throw new IllegalStateException("node " + index + " has too many lookups");
    }
    return id;
  }

  /**
   * Takes the result of a lookup.
   *
   * @param id the lookup
   * @return the result, or null if it has not ended
   */
  public @Nullable LookupResult takeResult(LookupId id) {
    return results.remove(id);
  }

  /** Takes what the engine put out, and notes when it wants to be called. */
  public void flush() {
    NodeEngine engine = engine();
    network.takeTransmits(this);
    for (Effect effect = engine.pollEffect(); effect != null; effect = engine.pollEffect()) {
      Effect.Result result = perform(effect);
      long id = effect.id();
      whileAlive(
          network.nowNanos() + network.effectNanos(),
          () -> engine.handleEffect(id, result, network.nowNanos()));
    }
    for (EngineEvent event = engine.pollEvent(); event != null; event = engine.pollEvent()) {
      if (event instanceof EngineEvent.LookupFinished finished) {
        results.put(finished.id(), finished.result());
      } else {
        events.add(event);
      }
    }
    long deadline = engine.pollTimeoutNanos();
    if (deadline != timerNanos) {
      timerNanos = deadline;
      if (deadline != DeadlineQueue.NEVER) {
        whileAlive(Math.max(deadline, network.nowNanos()), () -> fire(engine, deadline));
      }
    }
  }

  private Effect.Result perform(Effect effect) {
    if (effect instanceof Effect.Sign sign) {
      return sign.perform(identity);
    }
    if (effect instanceof Effect.Verify verify) {
      return verify.perform(identity.scheme());
    }
    if (effect instanceof Effect.VerifyRecord verify) {
      return verify.perform(identity.scheme());
    }
    if (effect instanceof Effect.SignRecord sign) {
      return sign.perform();
    }
    if (effect instanceof Effect.AppendChanges append) {
      disk.addAll(append.changes());
      return new Effect.Kept();
    }
    if (effect instanceof Effect.KeepRecords keep) {
      disk.clear();
      disk.addAll(keep.snapshot().get());
      return new Effect.Kept();
    }
    if (effect instanceof Effect.KeepContacts) {
      return new Effect.Kept();
    }
    if (effect instanceof Effect.Serve query) {
      return service.apply(query);
    }
    List<Endpoint> hosts = bootstrap;
    return hosts == null ? new Effect.Failed() : new Effect.Resolved(hosts);
  }

  private void whileAlive(long atNanos, Runnable action) {
    int scheduledIn = life;
    network.schedule(
        atNanos,
        () -> {
          if (life == scheduledIn && node != null) {
            action.run();
            flush();
          }
        });
  }

  private void fire(NodeEngine engine, long deadline) {
    if (deadline != timerNanos) {
      return;
    }
    timerNanos = DeadlineQueue.NEVER;
    long now = network.nowNanos();
    firings = now == firedNanos ? firings + 1 : 0;
    firedNanos = now;
    if (firings > FIRINGS_MAX) {
      throw new AssertionError("node " + index + " is stuck at " + now + ": " + engine.stats());
    }
    engine.handleTimeout(now);
  }

  /** A datagram arrives at the node, or at the router before it. */
  void receive(Endpoint from, byte[] datagram) {
    DatagramNode current = node;
    if (current == null || (behindRouter && !isMapped(from))) {
      return;
    }
    current.handleDatagram(datagram, 0, datagram.length, from, network.nowNanos());
    flush();
  }

  private boolean isMapped(Endpoint from) {
    Long sentNanos = mappings.get(addressOf(from));
    return sentNanos != null && network.nowNanos() - sentNanos < MAPPING_NANOS;
  }

  /** Notes that the node sends something; returns the number of the datagram. */
  long onSend(Endpoint to) {
    if (behindRouter) {
      mappings.put(addressOf(to), network.nowNanos());
    }
    return sentCount++;
  }

  private static Endpoint addressOf(Endpoint endpoint) {
    return Endpoint.of(endpoint.addressBytes(), 1);
  }

  @Override
  public String toString() {
    return "node " + index + " " + id() + "@" + endpoints.values();
  }
}
