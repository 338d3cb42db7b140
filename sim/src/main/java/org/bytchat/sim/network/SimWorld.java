package org.bytchat.sim.network;

import java.util.List;
import java.util.function.Supplier;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.engine.XoshiroEntropy;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.sim.kernel.Links;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.World;
import org.jspecify.annotations.Nullable;

/** The world of a run: real nodes with simulated disks, clocks, routers and names. */
public final class SimWorld implements World {

  /** The true wall clock at the start of time. */
  public static final long WALL_MILLIS = 1_800_000_000_000L;

  private static final List<AddressFamily> FAMILIES = List.of(AddressFamily.IPV4);
  private static final long NANOS_PER_MICRO = 1000;

  /** More lives than any node has. */
  private static final long LIVES_MAX = 1 << 20;

  /** Apart from the random numbers of the first table. */
  private static final long SERVICES = 1L << 32;

  private final Parts parts;

  /** Fills tables at time zero, null if nodes have to join. */
  private final @Nullable TableFiller filler;

  /** Fills the second tables of nodes that offer services, null if none does. */
  private final @Nullable TableFiller serviceFiller;

  private final @Nullable Disk[] disks;
  private final DhtConfig open;
  private final DhtConfig behindNat;

  /**
   * What a world is made of.
   *
   * @param seed the run's seed
   * @param directory who there is, where and when
   * @param links what becomes of datagrams
   * @param scheme what verifies signatures
   * @param config every node's configuration
   * @param start how nodes find each other
   * @param machines what differs from machine to machine
   * @param observer makes the observer of a thread
   * @param services the service bits of nodes that have them in their second tables at the start
   */
  public record Parts(
      long seed,
      Directory directory,
      Links links,
      SignatureScheme scheme,
      DhtConfig config,
      Start start,
      Machines machines,
      Supplier<? extends World.Observer> observer,
      int services) {}

  /**
   * How nodes find each other.
   *
   * @param bootstrap who is asked by a node that knows nobody
   * @param isOracle whether the tables of nodes that are up at time zero are filled beforehand
   */
  public record Start(List<Endpoint> bootstrap, boolean isOracle) {

    public Start {
      bootstrap = List.copyOf(bootstrap);
    }
  }

  /** What differs from machine to machine. */
  public interface Machines {

    /**
     * Returns what a node's clock shows.
     *
     * @param node its number
     * @param micros virtual microseconds
     * @return milliseconds since 1970
     */
    long wallMillis(int node, long micros);

    /**
     * Tells whether a node's clock runs at another speed, so that it must be told the time again.
     *
     * @return whether any does
     */
    boolean isDrifting();

    /**
     * Returns how long a router remembers.
     *
     * @return microseconds
     */
    long mappingMicros();

    /**
     * Tells whether nodes have a disk for contacts and records.
     *
     * @return whether what they keep is there in the next life
     */
    boolean hasDisk();

    /**
     * Returns how long an effect takes.
     *
     * @return microseconds
     */
    long effectMicros();
  }

  /**
   * Makes a world.
   *
   * @param parts what it is made of
   */
  public SimWorld(Parts parts) {
    this.parts = parts;
    this.open = parts.config.withAssumeReachable(true);
    this.behindNat = parts.config.withAssumeReachable(false);
    this.filler =
        parts.start.isOracle
            ? new TableFiller(parts.directory, parts.config.routing().bucketSize(), 0)
            : null;
    this.serviceFiller =
        parts.start.isOracle && parts.services != 0
            ? new TableFiller(
                parts.directory, parts.config.routing().bucketSize(), 0, parts.services)
            : null;
    this.disks = new Disk[parts.machines.hasDisk() ? parts.directory.nodes() : 0];
  }

  /**
   * Returns what verifies signatures.
   *
   * @return the run's scheme
   */
  public SignatureScheme scheme() {
    return parts.scheme;
  }

  @Override
  public int nodes() {
    return parts.directory.nodes();
  }

  @Override
  public Endpoint endpoint(int node) {
    // The instance that the contact has too.
    return parts.directory.contact(node, 0).endpoint();
  }

  @Override
  public int indexOf(Endpoint endpoint) {
    return parts.directory.addresses().indexOf(endpoint);
  }

  @Override
  public ContactInterner interner() {
    return parts.directory;
  }

  @Override
  public Links links() {
    return parts.links;
  }

  @Override
  public boolean isBehindNat(int node) {
    return !parts.directory.lives().isReachable(node);
  }

  @Override
  public long mappingMicros() {
    return parts.machines.mappingMicros();
  }

  @Override
  public long effectMicros() {
    return parts.machines.effectMicros();
  }

  @Override
  public World.Observer observer() {
    return parts.observer.get();
  }

  /**
   * Returns what a node's clock shows.
   *
   * @param node its number
   * @param micros virtual microseconds
   * @return milliseconds since 1970
   */
  public long wallMillis(int node, long micros) {
    return parts.machines.wallMillis(node, micros);
  }

  /**
   * Returns the key of a node's present life.
   *
   * @param node the node, up
   * @return its key
   */
  public NodeIdentity identity(SimNode node) {
    return parts.directory.identity(node.index(), identityLife(node));
  }

  private int identityLife(SimNode node) {
    return parts.directory.lives().isFresh() ? node.life() - 1 : 0;
  }

  @Override
  public EngineSetup setup(SimNode node) {
    DhtConfig config = isBehindNat(node.index()) ? behindNat : open;
    int services = parts.directory.contact(node.index(), 0).services();
    if (services != config.services()) {
      config = config.withServices(services);
    }
    long stream = node.index() * LIVES_MAX + node.life();
    return new EngineSetup(
        identity(node),
        config,
        FAMILIES,
        Entropy.Streams.simulated(parts.seed, stream),
        disks.length > 0);
  }

  @Override
  public void begin(SimNode node, NodeEngine engine, long nowMicros) {
    long now = nowMicros * NANOS_PER_MICRO;
    engine.adjustClock(parts.machines.wallMillis(node.index(), nowMicros), now);
    List<Contact> lastContacts = List.of();
    if (disks.length > 0) {
      Disk disk = disk(node.index());
      engine.restore(disk.changes(), now);
      lastContacts = disk.contacts();
    }
    RoutingTable table = engine.table(AddressFamily.IPV4);
    if (filler != null && nowMicros == 0 && table != null) {
      XoshiroEntropy random = new XoshiroEntropy(~parts.seed, node.index());
      filler.fill(node.index(), identityLife(node), table, random);
    }
    RoutingTable second = engine.serviceTable(AddressFamily.IPV4);
    if (serviceFiller != null && nowMicros == 0 && second != null) {
      XoshiroEntropy random = new XoshiroEntropy(~parts.seed, SERVICES | node.index());
      serviceFiller.fill(node.index(), identityLife(node), second, random);
    }
    engine.start(!parts.start.bootstrap.isEmpty(), lastContacts, now);
  }

  /**
   * Returns a node's disk. Only the node's own thread may ask.
   *
   * @param node its number
   * @return the disk, which outlives the node
   * @throws IllegalStateException if nodes have none
   */
  public Disk disk(int node) {
    if (disks.length == 0) {
      throw new IllegalStateException("the nodes of this run have no disks");
    }
    Disk disk = disks[node];
    if (disk == null) {
      disk = new Disk();
      disks[node] = disk;
    }
    return disk;
  }

  @Override
  public Effect.Result perform(SimNode node, Effect effect, long nowMicros) {
    if (effect instanceof Effect.Sign sign) {
      return sign.perform(identity(node));
    }
    if (effect instanceof Effect.Verify verify) {
      return verify.perform(parts.scheme);
    }
    if (effect instanceof Effect.VerifyRecord verify) {
      return verify.perform(parts.scheme);
    }
    if (effect instanceof Effect.SignRecord sign) {
      return sign.perform();
    }
    if (effect instanceof Effect.ResolveBootstrap) {
      return new Effect.Resolved(parts.start.bootstrap);
    }
    if (effect instanceof Effect.Serve) {
      return new Effect.Refused(ErrorCode.METHOD_UNKNOWN, "simulated nodes have no services");
    }
    disk(node.index()).keep(effect);
    return new Effect.Kept();
  }
}
