package org.bytchat.dht;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.store.MutableRecord;

/** Nodes on loopback that all know each other, and users who store records on them. */
final class LoopbackNetwork implements AutoCloseable {

  private final DhtRuntime runtime = DhtRuntime.start(2, 2);
  private final List<DhtNode> nodes = new ArrayList<>();
  private final List<List<DhtEvent>> events = new ArrayList<>();

  private LoopbackNetwork() {}

  /** Starts nodes and waits until each has all others in its table. */
  static LoopbackNetwork start(int count, DhtConfig config) throws Exception {
    LoopbackNetwork network = new LoopbackNetwork();
    for (int i = 0; i < count; i++) {
      network.add(config);
    }
    for (DhtNode node : network.nodes) {
      await().atMost(Loopback.LONG).until(() -> Loopback.get(node.contacts()).size() == count - 1);
    }
    return network;
  }

  /** Starts one more node, without waiting for it. */
  DhtNode add(DhtConfig config) {
    List<DhtEvent> heard = new CopyOnWriteArrayList<>();
    DhtNodeBuilder builder = Loopback.node().runtime(runtime).config(config).listener(heard::add);
    if (!nodes.isEmpty()) {
      builder.bootstrap(Loopback.hostAndPort(nodes.get(0)));
    }
    DhtNode node = builder.build().start();
    nodes.add(node);
    events.add(heard);
    return node;
  }

  List<DhtNode> nodes() {
    return nodes;
  }

  DhtNode node(int index) {
    return nodes.get(index);
  }

  /** What a node has told its listener so far. */
  List<DhtEvent> events(int index) {
    return events.get(index);
  }

  /** Returns a configuration in which what is published lives for so long. */
  static DhtConfig living(Duration ttl) {
    return Loopback.busy()
        .withStore(
            StoreConfig.defaults().withTtl(Duration.ofSeconds(1), ttl, Duration.ofMinutes(1)));
  }

  static UserKey newKey() {
    return UserKey.generateEd25519(new SecureRandom());
  }

  /** Signs a record that lives for a week, from now on. */
  static MutableRecord signed(UserKey key, long sequence, String value) {
    long nowMillis = System.currentTimeMillis();
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            Uid.VERSION_2,
            "note",
            key.publicKey().encoded(),
            sequence,
            nowMillis,
            nowMillis + Duration.ofDays(7).toMillis(),
            value.getBytes(StandardCharsets.UTF_8));
    return draft.signed(key.sign(draft.statement(Keys.networkId(DhtConfig.DEFAULT_NETWORK))));
  }

  @Override
  public void close() {
    Loopback.closeAll(nodes);
    runtime.close();
  }
}
