package org.bytchat.sim.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.node.DatagramNode;
import org.bytchat.dht.node.DriverResources;
import org.bytchat.dht.node.TransmitQueue;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/**
 * A node without sockets whose table is filled as a network would fill it: each contact asks
 * something, is pinged, and answers. Proofs of id are off, as its contacts' ids are made up.
 */
final class FedEngine {

  static final int BUCKET = 20;

  private static final long STEP_NANOS = 10_000_000;

  /** So high that nothing is refused; the limit is counted all the same. */
  private static final int REQUESTS_PER_SECOND = 1_000_000;

  private final DriverResources resources;
  private final boolean isMainline;
  private final DatagramNode node;
  private final Random random = new Random(1);
  private final Queries queries;
  private final Map<Endpoint, NodeId> peers = new HashMap<>();
  private final Packet asked = new Packet();
  private final NodeIdentity identity;
  private long nowNanos = 1;

  FedEngine(int contacts) {
    this(DhtConfig.defaults(), contacts);
  }

  FedEngine(DhtConfig base, int contacts) {
    Dialect dialect = base.dialect();
    isMainline = dialect == Dialect.MAINLINE;
    resources = DriverResources.of(Queries.codec(dialect));
    queries = new Queries(dialect, DhtConfig.DEFAULT_NETWORK);
    int bucket = base.routing().bucketSize();
    byte[] key = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(key);
    identity = NodeIdentity.of(Ed25519Scheme.INSTANCE, key);
    DhtConfig config =
        base.withScope(isMainline ? Scope.LOCAL : Scope.PUBLIC)
            .withAssumeReachable(true)
            .withProofOfId(false)
            .withLimits(LimitsConfig.defaults().withRequestsPerSecond(REQUESTS_PER_SECOND));
    node =
        new DatagramNode(
            new EngineSetup(
                identity,
                config,
                List.of(AddressFamily.IPV4),
                Entropy.Streams.simulated(1, 0),
                false),
            resources);
    node.engine().adjustClock(System.currentTimeMillis(), nowNanos);
    node.engine().start(false, List.of(), nowNanos);
    for (int i = 0; i < contacts; i++) {
      add(Contact.of(Ids.sharing(id(), i / bucket, random), endpoint(i), 0));
    }
    if (node.engine().contacts().size() != contacts) {
      throw new IllegalStateException("the table does not fill: " + node.engine().stats());
    }
  }

  /** Returns where a node is; in Mainline's dialect a local address, as ids are made up. */
  Endpoint endpoint(int index) {
    return isMainline ? Endpoint.ofIpv4(10 << 24 | index << 8 | 1, 4000) : Ids.endpoint(index);
  }

  private void add(Contact contact) {
    peers.put(contact.endpoint(), contact.id());
    handle(queries.findNode(contact.id(), contact.id(), false), contact.endpoint());
    answerAll();
    nowNanos += STEP_NANOS;
    node.engine().handleTimeout(nowNanos);
    answerAll();
  }

  private void answerAll() {
    TransmitQueue transmits = resources.transmits();
    while (!transmits.isEmpty()) {
      Endpoint to = transmits.target();
      boolean whole = queries.decode(transmits.buffer(), transmits.length(), asked);
      transmits.remove();
      NodeId peer = peers.get(to);
      if (whole && asked.kind == Kind.QUERY && peer != null) {
        handle(queries.answer(asked, peer, null), to);
      }
    }
    performAll();
  }

  private void handle(byte[] datagram, Endpoint from) {
    node.handleDatagram(datagram, 0, datagram.length, from, nowNanos);
  }

  /** Has the node handle a datagram and what follows of it at once. */
  void give(byte[] datagram, Endpoint from) {
    handle(datagram, from);
    performAll();
  }

  /** Lets time pass; timers fire when they are due. */
  void advance(long nanos) {
    long end = nowNanos + nanos;
    while (node.engine().pollTimeoutNanos() <= end) {
      nowNanos = Math.max(nowNanos, node.engine().pollTimeoutNanos());
      node.engine().handleTimeout(nowNanos);
      performAll();
    }
    nowNanos = end;
  }

  private void performAll() {
    NodeEngine engine = node.engine();
    Effect effect = engine.pollEffect();
    while (effect != null) {
      engine.handleEffect(effect.id(), perform(effect), nowNanos);
      effect = engine.pollEffect();
    }
    EngineEvent event = engine.pollEvent();
    while (event != null) {
      event = engine.pollEvent();
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
    if (effect instanceof Effect.Serve) {
      return new Effect.Refused(ErrorCode.METHOD_UNKNOWN, "measured nodes have no services");
    }
    return new Effect.Kept();
  }

  /** Returns the datagrams that wait to be sent; who uses them removes them. */
  TransmitQueue transmits() {
    return resources.transmits();
  }

  EngineStats stats() {
    return node.engine().stats();
  }

  NodeId id() {
    return node.engine().id();
  }

  List<Contact> contacts() {
    return node.engine().contacts();
  }

  /** Gives the node a query at the last time there was; returns the length of the answer. */
  int ask(byte[] query, Endpoint from) {
    handle(query, from);
    TransmitQueue transmits = resources.transmits();
    int length = transmits.length();
    transmits.remove();
    if (!transmits.isEmpty()) {
      throw new IllegalStateException("more than an answer was sent");
    }
    return length;
  }
}
