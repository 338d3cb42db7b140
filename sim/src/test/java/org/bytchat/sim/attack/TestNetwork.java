package org.bytchat.sim.attack;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.Links;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.model.AddressPlan;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.network.SimWorld;
import org.bytchat.sim.network.SimulatedScheme;

/** Honest nodes that know each other, and empty places for strangers, on links of one delay. */
final class TestNetwork implements AutoCloseable {

  static final long SECOND = 1_000_000;

  private static final long SEED = 11;
  private static final long DELAY = 20_000;

  final DhtConfig config;
  final Directory directory;
  final Kernel kernel;
  private final int honest;

  TestNetwork(int honest, int strangers, DhtConfig config, int threads, boolean codec) {
    this.honest = honest;
    this.config = config;
    AddressPlan plan = new AddressPlan(SEED, honest + strangers);
    this.directory =
        new Directory(
            new Addresses(plan), new Lives(honest, honest + strangers), TestNetwork::key, 1);
    SimWorld world =
        new SimWorld(
            new SimWorld.Parts(
                SEED,
                directory,
                new OneDelay(),
                SimulatedScheme.INSTANCE,
                config,
                new SimWorld.Start(List.of(), true),
                new Machines(),
                Silent::new,
                0));
    this.kernel = new Kernel(world, threads, codec);
    for (int node = 0; node < honest; node++) {
      kernel.schedule(0, node, true, (each, control) -> control.start(each));
    }
  }

  private static NodeIdentity key(int node, int life) {
    byte[] seed = new byte[32];
    for (int i = 0; i < seed.length; i++) {
      seed[i] = (byte) Mix.at(Mix.combine(SEED, node), i);
    }
    return NodeIdentity.of(SimulatedScheme.INSTANCE, seed);
  }

  /** Returns the place of a stranger. */
  SimNode stranger(int number) {
    return kernel.nodes().get(honest + number);
  }

  Endpoint endpoint(SimNode place) {
    return directory.contact(place.index(), 0).endpoint();
  }

  List<Contact> contacts(int count) {
    List<Contact> contacts = new ArrayList<>();
    for (int node = 0; node < count; node++) {
      contacts.add(directory.contact(node, 0));
    }
    return contacts;
  }

  int networkId() {
    return Keys.networkId(config.network());
  }

  @Override
  public void close() {
    kernel.close();
  }

  private record Addresses(AddressPlan plan) implements Directory.Addresses {

    @Override
    public Endpoint endpoint(int node) {
      return plan.endpoint(node);
    }

    @Override
    public int indexOf(Endpoint endpoint) {
      return plan.indexOf(endpoint);
    }
  }

  private record Lives(int honest, int nodes) implements Directory.Lives {

    @Override
    public long[] of(int node) {
      return node < honest ? new long[] {0, Long.MAX_VALUE} : new long[0];
    }

    @Override
    public boolean isFresh() {
      return false;
    }

    @Override
    public boolean isReachable(int node) {
      return true;
    }
  }

  private static final class Machines implements SimWorld.Machines {

    @Override
    public long wallMillis(int node, long micros) {
      return SimWorld.WALL_MILLIS + micros / 1000;
    }

    @Override
    public boolean isDrifting() {
      return false;
    }

    @Override
    public long mappingMicros() {
      return 60 * SECOND;
    }

    @Override
    public boolean hasDisk() {
      return false;
    }

    @Override
    public long effectMicros() {
      return 1_000;
    }
  }

  private static final class OneDelay implements Links {

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
  }

  private static final class Silent implements World.Observer {

    @Override
    public void onEvent(SimNode node, EngineEvent event, long nowMicros) {}

    @Override
    public void onHandled(SimNode node, long nowMicros) {}
  }
}
