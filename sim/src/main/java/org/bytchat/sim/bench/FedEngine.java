package org.bytchat.sim.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.node.DatagramNode;
import org.bytchat.dht.node.DriverResources;
import org.bytchat.dht.node.TransmitQueue;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/**
 * A public node without sockets whose table is filled as a network would fill it: each contact asks
 * something, is pinged, and answers. Proofs of id are off, as its contacts' ids are made up.
 */
final class FedEngine {

  static final int BUCKET = 20;

  private static final long STEP_NANOS = 10_000_000;

  private final DriverResources resources =
      DriverResources.of(new BytchatCodec(ContactInterner.NONE));
  private final DatagramNode node;
  private final Random random = new Random(1);
  private final Queries queries = new Queries(DhtConfig.DEFAULT_NETWORK);
  private final Map<Endpoint, NodeId> peers = new HashMap<>();
  private final Packet asked = new Packet();
  private long nowNanos = 1;

  FedEngine(int contacts) {
    byte[] key = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(key);
    DhtConfig config =
        DhtConfig.defaults()
            .withAssumeReachable(true)
            .withProofOfId(false)
            .withLimits(LimitsConfig.defaults().withRequestsPerSecond(0));
    node =
        new DatagramNode(
            new EngineSetup(
                NodeIdentity.of(Ed25519Scheme.INSTANCE, key),
                config,
                List.of(AddressFamily.IPV4),
                Entropy.Streams.simulated(1, 0),
                false),
            resources);
    node.engine().adjustClock(System.currentTimeMillis(), nowNanos);
    node.engine().start(false, List.of(), nowNanos);
    for (int i = 0; i < contacts; i++) {
      add(Contact.of(Ids.sharing(id(), i / BUCKET, random), Ids.endpoint(i), 0));
    }
    if (node.engine().contacts().size() != contacts) {
      throw new IllegalStateException("the table does not fill: " + node.engine().stats());
    }
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
    node.engine().pollEvent();
  }

  private void handle(byte[] datagram, Endpoint from) {
    node.handleDatagram(datagram, 0, datagram.length, from, nowNanos);
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
