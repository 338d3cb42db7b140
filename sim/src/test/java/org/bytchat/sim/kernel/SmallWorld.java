package org.bytchat.sim.kernel;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.HashScheme;

/** A world of a few nodes that nobody told of each other, on links of one delay. */
final class SmallWorld implements World, Links {

  static final long DELAY = 5_000;

  private static final int ADDRESS = 0x0801_0101;
  private static final SignatureScheme SCHEME = HashScheme.INSTANCE;

  private final int nodes;
  private final List<Watcher> watchers = new ArrayList<>();

  /** How long a line takes for a datagram, and how long one may wait; 0 for no limits. */
  long upMicros;

  long downMicros;
  long queueMicros = Long.MAX_VALUE;

  /** Who is behind a router. */
  int behindNat = -1;

  SmallWorld(int nodes) {
    this.nodes = nodes;
  }

  /** Keeps the times at which nodes handled something, and what they told. */
  static final class Watcher implements Observer {

    final List<Long> handled = new ArrayList<>();
    final List<EngineEvent> events = new ArrayList<>();

    @Override
    public void onEvent(SimNode node, EngineEvent event, long nowMicros) {
      events.add(event);
    }

    @Override
    public void onHandled(SimNode node, long nowMicros) {
      handled.add(nowMicros);
    }
  }

  Watcher watcher() {
    return watchers.get(0);
  }

  @Override
  public int nodes() {
    return nodes;
  }

  @Override
  public Endpoint endpoint(int node) {
    return Endpoint.ofIpv4(ADDRESS + (node << 8), 4_000);
  }

  @Override
  public int indexOf(Endpoint endpoint) {
    for (int node = 0; node < nodes; node++) {
      if (endpoint(node).equals(endpoint)) {
        return node;
      }
    }
    return -1;
  }

  @Override
  public ContactInterner interner() {
    return ContactInterner.NONE;
  }

  @Override
  public Links links() {
    return this;
  }

  @Override
  public boolean isBehindNat(int node) {
    return node == behindNat;
  }

  @Override
  public long mappingMicros() {
    return 1_000_000;
  }

  @Override
  public EngineSetup setup(SimNode node) {
    byte[] seed = new byte[SignatureScheme.SEED_BYTES];
    seed[0] = (byte) node.index();
    return new EngineSetup(
        NodeIdentity.of(SCHEME, seed),
        DhtConfig.defaults().withAssumeReachable(true),
        List.of(AddressFamily.IPV4),
        Entropy.Streams.simulated(1, node.index()),
        false);
  }

  @Override
  public void begin(SimNode node, NodeEngine engine, long nowMicros) {
    engine.adjustClock(1_800_000_000_000L, nowMicros * 1000);
    engine.start(false, List.of(), nowMicros * 1000);
  }

  @Override
  public Effect.Result perform(SimNode node, Effect effect, long nowMicros) {
    throw new AssertionError("strangers have nothing to sign: " + effect);
  }

  @Override
  public long effectMicros() {
    return 1_000;
  }

  @Override
  public Observer observer() {
    Watcher watcher = new Watcher();
    watchers.add(watcher);
    return watcher;
  }

  @Override
  public long floorMicros() {
    return DELAY;
  }

  @Override
  public int copies(int from, int to, long number, long nowMicros) {
    return 1;
  }

  @Override
  public long delayMicros(int from, int to, long number, int copy) {
    return DELAY;
  }

  @Override
  public long lineMicros(int node, int bytes, boolean up) {
    return up ? upMicros : downMicros;
  }

  @Override
  public long queueMicros(int node, boolean up) {
    return queueMicros;
  }
}
