package org.bytchat.dht.testkit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.MainlineCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.node.DriverResources;
import org.bytchat.dht.node.TransmitQueue;
import org.jspecify.annotations.Nullable;

/**
 * Many real nodes on one virtual clock, in one thread: the driver beside the one on UDP.
 *
 * <p>Events happen in the order of (time, order of scheduling). A run is a function of its seed and
 * of what the test does; {@link #traceHash} tells two runs apart.
 */
public final class VirtualNetwork {

  /** The true wall clock at the start of time. */
  public static final long WALL_MILLIS = 1_800_000_000_000L;

  private static final long FNV_PRIME = 0x100000001b3L;
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final long seed;
  private final Scope scope;
  private final SignatureScheme scheme;
  private final ManualTime time = new ManualTime();
  private final LinkModel links;
  private final AddressPlan plan;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<VirtualNode> nodes = new ArrayList<>();
  private final Map<Endpoint, VirtualNode> byEndpoint = new LinkedHashMap<>();
  private final Map<Endpoint, Tap> taps = new LinkedHashMap<>();
  private final DriverResources resources =
      DriverResources.of(new BytchatCodec(ContactInterner.NONE));
  private final DriverResources mainlineResources =
      resources.withCodec(new MainlineCodec(ContactInterner.NONE));

  private @Nullable BiPredicate<Endpoint, Endpoint> cut;
  private long effectNanos = Duration.ofMillis(1).toNanos();
  private long scheduled;
  private long injected;
  private long datagrams;
  private long traceHash = 0xcbf29ce484222325L;

  /** Something that is no node and gets datagrams. */
  @FunctionalInterface
  public interface Tap {

    /**
     * Takes a datagram.
     *
     * @param from where it came from
     * @param datagram its bytes
     */
    void onDatagram(Endpoint from, byte[] datagram);
  }

  private record Event(long timeNanos, long order, Runnable action) implements Comparable<Event> {

    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(timeNanos, other.timeNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  /**
   * Makes a network without nodes.
   *
   * @param seed what keys, addresses, latencies and fates follow from
   * @param scope public-looking or loopback addresses
   * @param scheme the algorithm of the nodes' keys
   */
  public VirtualNetwork(long seed, Scope scope, SignatureScheme scheme) {
    this.seed = seed;
    this.scope = scope;
    this.scheme = scheme;
    this.links = new LinkModel(seed);
    this.plan = new AddressPlan(seed, scope);
  }

  /**
   * Makes a network without nodes whose signatures are cheap.
   *
   * @param seed what keys, addresses, latencies and fates follow from
   * @param scope public-looking or loopback addresses
   * @return the network
   */
  public static VirtualNetwork of(long seed, Scope scope) {
    return new VirtualNetwork(seed, scope, HashScheme.INSTANCE);
  }

  /**
   * Adds a node, which does nothing before it is started.
   *
   * @param config its configuration; its scope becomes that of the network
   * @param families where it has an endpoint; IPv4 only if none is named
   * @return the node
   */
  public VirtualNode add(DhtConfig config, AddressFamily... families) {
    int index = nodes.size();
    byte[] key = new byte[SignatureScheme.SEED_BYTES];
    Seeds.random(Seeds.derive(seed, index)).nextBytes(key);
    VirtualNode node =
        new VirtualNode(this, index, NodeIdentity.of(scheme, key), config.withScope(scope));
    nodes.add(node);
    for (AddressFamily family : families.length == 0 ? IPV4 : families) {
      move(node, plan.endpoint(index, family));
    }
    return node;
  }

  private static final AddressFamily[] IPV4 = {AddressFamily.IPV4};

  /**
   * Gives a node an endpoint, instead of the one that it had in that family.
   *
   * @param node the node
   * @param endpoint where it is from now on
   */
  public void move(VirtualNode node, Endpoint endpoint) {
    Endpoint before = node.endpoint(endpoint.family());
    if (before != null) {
      byEndpoint.remove(before);
    }
    if (byEndpoint.putIfAbsent(endpoint, node) != null) {
      throw new IllegalArgumentException("somebody is at " + endpoint);
    }
    node.move(endpoint);
  }

  /**
   * Has something receive what is sent to an endpoint at which no node is.
   *
   * @param endpoint where
   * @param tap who
   */
  public void attach(Endpoint endpoint, Tap tap) {
    taps.put(endpoint, tap);
  }

  /**
   * Sends a datagram on behalf of anybody.
   *
   * @param from where it says it comes from
   * @param to where it goes
   * @param datagram its bytes
   */
  public void inject(Endpoint from, Endpoint to, byte[] datagram) {
    carry(from, to, datagram.clone(), -1 - injected++);
  }

  /**
   * Cuts links, until {@link #heal}.
   *
   * @param isCut whether nothing gets from the first endpoint to the second
   */
  public void partition(BiPredicate<Endpoint, Endpoint> isCut) {
    cut = isCut;
  }

  /** Ends a partition. */
  public void heal() {
    cut = null;
  }

  /**
   * Returns the fate of datagrams.
   *
   * @return the model, which may be changed at any time
   */
  public LinkModel links() {
    return links;
  }

  /**
   * Sets how long effects take.
   *
   * @param latency from an effect to its result
   */
  public void effectLatency(Duration latency) {
    effectNanos = latency.toNanos();
  }

  /**
   * Lets time pass.
   *
   * @param duration how long
   */
  public void run(Duration duration) {
    long end = time.in(duration);
    while (!events.isEmpty() && events.element().timeNanos <= end) {
      step();
    }
    time.advanceTo(end);
  }

  /**
   * Lets time pass until something is so.
   *
   * @param most the longest time to wait
   * @param condition what to wait for
   * @return whether it came to be
   */
  public boolean runUntil(Duration most, BooleanSupplier condition) {
    long end = time.in(most);
    while (!condition.getAsBoolean()) {
      if (events.isEmpty() || events.element().timeNanos > end) {
        time.advanceTo(end);
        return condition.getAsBoolean();
      }
      step();
    }
    return true;
  }

  /**
   * Jumps to the next thing that happens.
   *
   * @return whether there was one
   */
  public boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    time.advanceTo(next.timeNanos);
    next.action.run();
    return true;
  }

  /**
   * Looks a key up and waits for the result.
   *
   * @param asker the node that looks
   * @param target the key
   * @return what it found
   * @throws AssertionError if the lookup does not end within ten minutes
   */
  public LookupResult lookup(VirtualNode asker, NodeId target) {
    return lookup(asker, target, 0);
  }

  /**
   * Looks those up that offer services and waits for the result.
   *
   * @param asker the node that looks
   * @param target the key
   * @param services the service bits that each must have
   * @return what it found
   * @throws AssertionError if the lookup does not end within ten minutes
   */
  public LookupResult lookup(VirtualNode asker, NodeId target, int services) {
    LookupId id = asker.startLookup(target, services);
    LookupResult[] result = new LookupResult[1];
    boolean ended =
        runUntil(
            Duration.ofMinutes(10),
            () -> {
              LookupResult found = asker.takeResult(id);
              if (found != null) {
                result[0] = found;
              }
              return found != null;
            });
    if (!ended) {
      throw new AssertionError("lookup of " + target + " by " + asker + " does not end");
    }
    return result[0];
  }

  /**
   * Computes what a lookup has to find.
   *
   * @param asker the node that looks
   * @param target the key
   * @param count how many
   * @return the closest full nodes that are up, nearest first, the asker excepted
   */
  public List<Contact> closest(VirtualNode asker, NodeId target, int count) {
    return nodes.stream()
        .filter(node -> node != asker && node.isUp() && node.stats().full())
        .map(VirtualNode::contact)
        .sorted((a, b) -> target.compareDistance(a.id(), b.id()))
        .limit(count)
        .toList();
  }

  /**
   * Returns all nodes.
   *
   * @return those that are down too, in the order in which they were added
   */
  public List<VirtualNode> nodes() {
    return List.copyOf(nodes);
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
   * Returns how many datagrams were sent.
   *
   * @return the count, lost ones included
   */
  public long datagramCount() {
    return datagrams;
  }

  /**
   * Returns a hash over time, sender, receiver and bytes of all datagrams so far.
   *
   * @return the hash, equal for equal runs
   */
  public long traceHash() {
    return traceHash;
  }

  long seed() {
    return seed;
  }

  long effectNanos() {
    return effectNanos;
  }

  DriverResources resources(Dialect dialect) {
    return dialect == Dialect.MAINLINE ? mainlineResources : resources;
  }

  void schedule(long atNanos, Runnable action) {
    events.add(new Event(atNanos, scheduled++, action));
  }

  /** Sends what a node just put out. */
  void takeTransmits(VirtualNode node) {
    TransmitQueue transmits = resources.transmits();
    while (!transmits.isEmpty()) {
      Endpoint to = transmits.target();
      byte[] datagram = Arrays.copyOf(transmits.buffer(), transmits.length());
      transmits.remove();
      long number = node.onSend(to);
      Endpoint from = node.endpoint(to.family());
      if (from == null) {
        throw new AssertionError(node + " has no endpoint to send to " + to + " from");
      }
      carry(from, to, datagram, number);
    }
  }

  private void carry(Endpoint from, Endpoint to, byte[] datagram, long number) {
    datagrams++;
    trace(from, to, datagram);
    BiPredicate<Endpoint, Endpoint> isCut = cut;
    if (isCut != null && isCut.test(from, to)) {
      return;
    }
    for (long delay : links.delaysNanos(from, to, number)) {
      schedule(time.nanos() + delay, () -> deliver(from, to, datagram));
    }
  }

  private void deliver(Endpoint from, Endpoint to, byte[] datagram) {
    VirtualNode node = byEndpoint.get(to);
    if (node != null) {
      node.receive(from, datagram);
      return;
    }
    Tap tap = taps.get(to);
    if (tap != null) {
      tap.onDatagram(from, datagram);
    }
  }

  private void trace(Endpoint from, Endpoint to, byte[] datagram) {
    trace(time.nanos());
    for (Endpoint endpoint : new Endpoint[] {from, to}) {
      trace(endpoint.addressHigh());
      trace(endpoint.addressLow());
      trace(endpoint.port());
    }
    int i = 0;
    for (; i + Long.BYTES <= datagram.length; i += Long.BYTES) {
      trace((long) WORDS.get(datagram, i));
    }
    for (; i < datagram.length; i++) {
      trace(datagram[i]);
    }
  }

  private void trace(long value) {
    traceHash = (traceHash ^ value) * FNV_PRIME;
    traceHash ^= traceHash >>> 29;
  }
}
