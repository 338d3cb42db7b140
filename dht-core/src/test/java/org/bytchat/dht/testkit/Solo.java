package org.bytchat.dht.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.MainlineCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.node.DatagramNode;
import org.bytchat.dht.node.DriverResources;
import org.bytchat.dht.node.TransmitQueue;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/**
 * One node with nobody around: a test writes each datagram that it gets, reads each that it sends,
 * and moves its clock. Effects are performed at once unless the test holds them.
 */
public final class Solo {

  /** Where the node is in each family; outside all plans of addresses. */
  public static final Endpoint IPV4 = Endpoint.ofIpv4(0x5db8d822, 6881);

  /** See {@link #IPV4}. */
  public static final Endpoint IPV6 = Endpoint.ofIpv6(0x26062800_02200001L, 0x248, 6881);

  /** The node's wall clock at its start. */
  public static final long WALL_MILLIS = 1_800_000_000_000L;

  private final NodeIdentity identity;
  private final DatagramNode node;
  private final ManualTime time = new ManualTime();
  private final Random random;
  private final DriverResources resources;
  private final List<Sent> sent = new ArrayList<>();
  private final List<Effect> held = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final List<EngineEvent> events = new ArrayList<>();
  private boolean holdsEffects;

  /**
   * A datagram that the node sent.
   *
   * @param to where to
   * @param bytes the datagram
   */
  public record Sent(Endpoint to, byte[] bytes) {

    /**
     * Decodes it.
     *
     * @return the message
     */
    public Packet packet() {
      return SoloPeer.decode(bytes);
    }
  }

  /**
   * Makes and starts a node, in both families and without bootstrap hosts.
   *
   * @param seed what its key and its random numbers follow from
   * @param config its configuration
   */
  public Solo(long seed, DhtConfig config) {
    this(seed, config, false);
  }

  /**
   * Makes and starts a node that may have a place to keep its contacts in.
   *
   * @param seed what its key and its random numbers follow from
   * @param config its configuration
   * @param keepsState whether it has
   */
  public Solo(long seed, DhtConfig config, boolean keepsState) {
    random = Seeds.random(seed);
    resources =
        DriverResources.of(
            config.dialect() == Dialect.MAINLINE
                ? new MainlineCodec(ContactInterner.NONE)
                : new BytchatCodec(ContactInterner.NONE));
    byte[] key = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(key);
    identity = NodeIdentity.of(Ed25519Scheme.INSTANCE, key);
    List<AddressFamily> both = List.of(AddressFamily.values());
    node =
        new DatagramNode(
            new EngineSetup(identity, config, both, Entropy.Streams.simulated(seed, 0), keepsState),
            resources);
    engine().adjustClock(WALL_MILLIS, time.nanos());
    engine().start(false, List.of(), time.nanos());
    flush();
  }

  /**
   * Makes a public node that is a full one from the start.
   *
   * @param seed what its key and its random numbers follow from
   * @return the node
   */
  public static Solo of(long seed) {
    return new Solo(seed, DhtConfig.defaults().withAssumeReachable(true));
  }

  /**
   * Makes a peer in a network of its own.
   *
   * @param index which one, 0 to 10,000
   * @return a new peer over IPv4
   */
  public SoloPeer peer(int index) {
    return new SoloPeer(random, TestContacts.endpoint(index));
  }

  /**
   * Has a peer enter the node's table.
   *
   * @param index which one
   * @return the peer
   * @throws AssertionError if the node does not take it
   */
  public SoloPeer contact(int index) {
    SoloPeer peer = peer(index);
    int before = engine().stats().contacts();
    receive(peer, peer.findNode(peer.id()));
    run(Duration.ofMillis(100));
    for (Sent ping : takeSent(peer.endpoint)) {
      Packet query = ping.packet();
      if (query.kind == Kind.QUERY && query.hasChallenge) {
        receive(peer, peer.proof(query, IPV4));
      }
    }
    if (engine().stats().contacts() != before + 1) {
      throw new AssertionError("peer " + index + " is not in the table: " + engine().stats());
    }
    return peer;
  }

  /**
   * Gives the node a message.
   *
   * @param from who sends it
   * @param packet the message
   */
  public void receive(SoloPeer from, Packet packet) {
    receive(from.endpoint, SoloPeer.encode(packet));
  }

  /**
   * Gives the node a datagram.
   *
   * @param from where it says it comes from
   * @param datagram its bytes
   */
  public void receive(Endpoint from, byte[] datagram) {
    node.handleDatagram(datagram, 0, datagram.length, from, time.nanos());
    flush();
  }

  /**
   * Lets time pass.
   *
   * @param duration how long
   */
  public void run(Duration duration) {
    long end = time.in(duration);
    int atOnce = 0;
    while (engine().pollTimeoutNanos() <= end) {
      long next = Math.max(time.nanos(), engine().pollTimeoutNanos());
      atOnce = next == time.nanos() ? atOnce + 1 : 0;
      if (atOnce > 100) {
        throw new AssertionError("the node is stuck: " + engine().stats());
      }
      time.advanceTo(next);
      engine().handleTimeout(next);
      flush();
    }
    time.advanceTo(end);
  }

  /**
   * Lets time pass while peers answer all that they are asked, naming nobody.
   *
   * @param peers the peers
   * @param duration how long
   */
  public void serve(List<SoloPeer> peers, Duration duration) {
    long end = time.in(duration);
    while (time.nanos() < end) {
      run(Duration.ofMillis(50));
      for (SoloPeer peer : peers) {
        answerAll(peer);
      }
    }
  }

  private void answerAll(SoloPeer peer) {
    for (Sent each : takeSent(peer.endpoint)) {
      Packet query = each.packet();
      if (query.kind == Kind.QUERY) {
        receive(peer, query.hasChallenge ? peer.proof(query, IPV4) : peer.answer(query));
      }
    }
  }

  /**
   * Takes what was sent to an endpoint.
   *
   * @param to the endpoint
   * @return the datagrams, in order; other endpoints' stay
   */
  public List<Sent> takeSent(Endpoint to) {
    List<Sent> taken = sent.stream().filter(each -> each.to.equals(to)).toList();
    sent.removeAll(taken);
    return taken;
  }

  /**
   * Takes all that was sent.
   *
   * @return the datagrams, in order
   */
  public List<Sent> takeSent() {
    List<Sent> taken = List.copyOf(sent);
    sent.clear();
    return taken;
  }

  /**
   * Takes the only message that was sent to an endpoint.
   *
   * @param to the endpoint
   * @return the message
   * @throws AssertionError if there is none or more than one
   */
  public Packet takeOnly(Endpoint to) {
    List<Sent> taken = takeSent(to);
    if (taken.size() != 1) {
      throw new AssertionError(taken.size() + " messages were sent to " + to);
    }
    return taken.get(0).packet();
  }

  /**
   * Keeps effects from being performed, or performs those that wait.
   *
   * @param hold whether to keep them
   */
  public void holdEffects(boolean hold) {
    holdsEffects = hold;
    List<Effect> waiting = List.copyOf(held);
    held.clear();
    waiting.forEach(this::performOrHold);
    flush();
  }

  /** Takes what the engine put out; to be called after a command on it. */
  public void flush() {
    TransmitQueue transmits = resources.transmits();
    while (!transmits.isEmpty()) {
      byte[] datagram = Arrays.copyOf(transmits.buffer(), transmits.length());
      sent.add(new Sent(transmits.target(), datagram));
      transmits.remove();
    }
    for (EngineEvent event = engine().pollEvent(); event != null; event = engine().pollEvent()) {
      events.add(event);
    }
    Effect effect = engine().pollEffect();
    if (effect != null) {
      take(effect);
      flush();
    }
  }

  private void take(Effect effect) {
    effects.add(effect);
    performOrHold(effect);
  }

  private void performOrHold(Effect effect) {
    if (holdsEffects) {
      held.add(effect);
      return;
    }
    Effect.Result result = new Effect.Failed();
    if (effect instanceof Effect.Sign sign) {
      result = sign.perform(identity);
    } else if (effect instanceof Effect.Verify verify) {
      result = verify.perform(identity.scheme());
    } else if (effect instanceof Effect.VerifyRecord verify) {
      result = verify.perform(identity.scheme());
    } else if (effect instanceof Effect.SignRecord sign) {
      result = sign.perform();
    } else if (!(effect instanceof Effect.ResolveBootstrap)) {
      result = new Effect.Kept();
    }
    engine().handleEffect(effect.id(), result, time.nanos());
  }

  /**
   * Returns a counter.
   *
   * @param counter which one
   * @return its value
   */
  public long count(Counter counter) {
    return engine().stats().count(counter);
  }

  /**
   * Returns the engine.
   *
   * @return the engine
   */
  public NodeEngine engine() {
    return node.engine();
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
   * Returns the time.
   *
   * @return monotonic nanoseconds
   */
  public long nowNanos() {
    return time.nanos();
  }

  /**
   * Returns what the engine told.
   *
   * @return all events so far, in order
   */
  public List<EngineEvent> events() {
    return List.copyOf(events);
  }

  /**
   * Returns what the engine wanted done.
   *
   * @return all effects so far, in order
   */
  public List<Effect> effects() {
    return List.copyOf(effects);
  }
}
