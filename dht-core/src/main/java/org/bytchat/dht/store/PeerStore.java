package org.bytchat.dht.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.SourceLedger.Measure;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.jspecify.annotations.Nullable;

/**
 * The peers of swarms that were announced to a node ({@code announce_peer} of BEP 5), in memory and
 * bounded. Who gives way to a newcomer:
 *
 * <ul>
 *   <li>Nobody, where its source already has all that one may have.
 *   <li>In a full swarm the oldest announce of the source that has most peers there, the newcomer
 *       counted with its own; the oldest of all where everyone has one. So a large swarm stays
 *       fresh, and no source fills it.
 *   <li>Where there are too many swarms, the one last announced to the longest ago of those that a
 *       single source made up, and of these the source that has most such swarms.
 *   <li>In a full store the oldest announce of the largest source.
 * </ul>
 *
 * <p>In the last two cases nothing of others goes for a source that is as large or larger.
 *
 * <p>The time is a parameter, monotonic nanoseconds. No peer is returned that is past its end; it
 * takes space until {@link #expire} is called. Not thread-safe; deterministic.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class PeerStore {

  private final Limits limits;
  private final Map<NodeId, Swarm> swarms = new LinkedHashMap<>();
  private final SourceLedger<Peer> ledger = new SourceLedger<>();
  private final SourceLedger<Swarm> single = new SourceLedger<>();
  private final DeadlineQueue<Peer> byEnd = new DeadlineQueue<>();

  private long nextOrder;
  private long evicted;

  /**
   * Makes an empty store.
   *
   * @param limits its limits
   */
  public PeerStore(Limits limits) {
    this.limits = limits;
  }

  /**
   * How much is held, and for how long.
   *
   * <p>The constructor throws {@link IllegalArgumentException} if one of them is below 1.
   *
   * @param swarmsMax swarms at the most
   * @param swarmPeersMax peers of one swarm
   * @param peersMax peers of all swarms together
   * @param sourcePeersMax peers of one source, in all swarms together
   * @param lifetimeNanos how long a peer is held after it was announced
   */
  public record Limits(
      int swarmsMax, int swarmPeersMax, int peersMax, int sourcePeersMax, long lifetimeNanos) {

    public Limits {
      if (swarmsMax < 1
          || swarmPeersMax < 1
          || peersMax < 1
          || sourcePeersMax < 1
          || lifetimeNanos < 1) {
        throw new IllegalArgumentException(
            "limits must be at least 1: %d, %d, %d, %d, %d"
                .formatted(swarmsMax, swarmPeersMax, peersMax, sourcePeersMax, lifetimeNanos));
      }
    }
  }

  private static final class Peer extends Timed implements SourceLedger.Charge {

    final Swarm swarm;
    final Endpoint endpoint;
    final long source;
    long order;
    int position;

    Peer(Swarm swarm, Endpoint endpoint, long source) {
      this.swarm = swarm;
      this.endpoint = endpoint;
      this.source = source;
    }

    @Override
    public long source() {
      return source;
    }

    @Override
    public long order() {
      return order;
    }

    @Override
    public int bytes() {
      return 1;
    }
  }

  /** The peers of one infohash; its age is that of the last announce. */
  private static final class Swarm implements SourceLedger.Charge {

    final NodeId infohash;
    final SourceLedger<Peer> ledger = new SourceLedger<>();
    private final List<Peer> ipv4 = new ArrayList<>(0);
    private final List<Peer> ipv6 = new ArrayList<>(0);

    /** Those of both families, the oldest announce first. */
    private final Map<Endpoint, Peer> peers = new LinkedHashMap<>();

    private long order;

    Swarm(NodeId infohash) {
      this.infohash = infohash;
    }

    @Nullable Peer find(Endpoint endpoint) {
      return peers.get(endpoint);
    }

    void add(Peer peer) {
      List<Peer> family = family(peer.endpoint.family());
      peer.position = family.size();
      family.add(peer);
      peers.put(peer.endpoint, peer);
      ledger.add(peer);
      order = peer.order;
    }

    void remove(Peer peer) {
      List<Peer> family = family(peer.endpoint.family());
      swap(family, peer.position, family.size() - 1);
      family.remove(family.size() - 1);
      peers.remove(peer.endpoint);
      ledger.remove(peer);
    }

    List<Peer> family(AddressFamily family) {
      return family == AddressFamily.IPV4 ? ipv4 : ipv6;
    }

    static void swap(List<Peer> family, int a, int b) {
      Peer first = family.get(a);
      Peer second = family.get(b);
      family.set(a, second);
      family.set(b, first);
      second.position = a;
      first.position = b;
    }

    int size() {
      return peers.size();
    }

    boolean isOfOneSource() {
      return ledger.sources() == 1;
    }

    Peer oldest() {
      return peers.values().iterator().next();
    }

    /** Returns who gives way when the swarm is full. */
    Peer oldestOfLargest(long newcomer) {
      Peer largest = ledger.oldestOfLargest(Measure.COUNT, newcomer, 1);
      return largest == null ? oldest() : largest;
    }

    @Override
    public long source() {
      return oldest().source;
    }

    @Override
    public long order() {
      return order;
    }

    @Override
    public int bytes() {
      return 1;
    }
  }

  // Announcing.

  /**
   * Takes in a peer, or prolongs the life of one that is held; who pays for that stays the same.
   *
   * @param infohash its swarm
   * @param endpoint where it is
   * @param source who pays for the space: a number that the caller makes of the announcer's
   *     address, the same for all addresses that one announcer may have
   * @param nowNanos the time
   * @return whether it is held now; false, and nothing changed, if its source has all that one may
   *     have, or all is full and nobody has more than its source
   */
  public boolean announce(NodeId infohash, Endpoint endpoint, long source, long nowNanos) {
    Swarm swarm = swarms.get(infohash);
    Peer peer = swarm == null ? null : swarm.find(endpoint);
    if (peer != null) {
      take(peer);
    } else {
      if (!makeRoom(swarm, source)) {
        return false;
      }
      peer = new Peer(swarm == null ? new Swarm(infohash) : swarm, endpoint, source);
    }
    insert(peer, nowNanos);
    return true;
  }

  /** Makes room for a new peer, or changes nothing. */
  private boolean makeRoom(@Nullable Swarm swarm, long source) {
    if (ledger.sizeOf(source, Measure.COUNT) >= limits.sourcePeersMax) {
      return false;
    }
    if (swarm != null && swarm.size() >= limits.swarmPeersMax) {
      return evict(swarm.oldestOfLargest(source));
    }
    if (swarm == null && swarms.size() >= limits.swarmsMax) {
      return evictSwarm(source);
    }
    return ledger.total(Measure.COUNT) < limits.peersMax
        || evict(ledger.oldestOfLargest(Measure.COUNT, source, 1));
  }

  private boolean evict(@Nullable Peer peer) {
    if (peer == null) {
      return false;
    }
    take(peer);
    evicted++;
    return true;
  }

  private boolean evictSwarm(long source) {
    // All peers of the newcomer's source count, or two of them could make their swarms each
    // other's, which then nobody pays for, and take the place of as many swarms of others.
    long elsewhere = ledger.sizeOf(source, Measure.COUNT) - single.sizeOf(source, Measure.COUNT);
    Swarm swarm = single.oldestOfLargest(Measure.COUNT, source, elsewhere + 1);
    if (swarm == null) {
      return false;
    }
    while (swarm.size() > 0) {
      evict(swarm.oldest());
    }
    return true;
  }

  private void insert(Peer peer, long nowNanos) {
    Swarm swarm = peer.swarm;
    unsort(swarm);
    peer.order = nextOrder++;
    swarm.add(peer);
    swarms.put(swarm.infohash, swarm);
    sort(swarm);
    ledger.add(peer);
    byEnd.schedule(peer, nowNanos + limits.lifetimeNanos);
  }

  private void take(Peer peer) {
    Swarm swarm = peer.swarm;
    unsort(swarm);
    swarm.remove(peer);
    if (swarm.size() == 0) {
      swarms.remove(swarm.infohash);
    }
    sort(swarm);
    ledger.remove(peer);
    byEnd.cancel(peer);
  }

  private void unsort(Swarm swarm) {
    if (swarm.isOfOneSource()) {
      single.remove(swarm);
    }
  }

  private void sort(Swarm swarm) {
    if (swarm.isOfOneSource()) {
      single.add(swarm);
    }
  }

  // Reading.

  /**
   * Draws peers of a swarm, each set of them as likely as any other of the same size.
   *
   * @param infohash the swarm
   * @param family which peers
   * @param into receives them from index 0 on, as many as there are and it takes; the rest of it
   *     stays as it is
   * @param nextBelow random: given a positive bound, returns a number from 0 to below it
   * @param nowNanos the time
   * @return how many there are now in the array, all different and alive
   */
  public int sample(
      NodeId infohash,
      AddressFamily family,
      @Nullable Endpoint[] into,
      IntUnaryOperator nextBelow,
      long nowNanos) {
    Swarm swarm = swarms.get(infohash);
    if (swarm == null) {
      return 0;
    }
    // Fisher and Yates' shuffle as far as it is needed; those that ended go to the end.
    List<Peer> peers = swarm.family(family);
    int end = peers.size();
    int found = 0;
    while (found < into.length && found < end) {
      int drawn = found + nextBelow.applyAsInt(end - found);
      Peer peer = peers.get(drawn);
      if (peer.deadlineNanos() <= nowNanos) {
        Swarm.swap(peers, drawn, --end);
      } else {
        into[found] = peer.endpoint;
        Swarm.swap(peers, drawn, found++);
      }
    }
    return found;
  }

  // Ending.

  /**
   * Gives up what is past its end.
   *
   * @param nowNanos the time
   * @return how many peers that were
   */
  public int expire(long nowNanos) {
    int count = 0;
    Peer ended = byEnd.pollDue(nowNanos);
    while (ended != null) {
      take(ended);
      count++;
      ended = byEnd.pollDue(nowNanos);
    }
    return count;
  }

  /**
   * Returns when {@link #expire} next has something to do.
   *
   * @return monotonic nanoseconds, {@link DeadlineQueue#NEVER} if the store is empty
   */
  public long nextExpiryNanos() {
    return byEnd.nextNanos();
  }

  // Gauges.

  /**
   * Returns how many swarms there are.
   *
   * @return the count; each has at least one peer
   */
  public int swarmCount() {
    return swarms.size();
  }

  /**
   * Returns how many peers take space.
   *
   * @return the count, over all swarms
   */
  public int peerCount() {
    return byEnd.size();
  }

  /**
   * Returns how many peers were given up for others since the store was made.
   *
   * @return the count
   */
  public long evicted() {
    return evicted;
  }
}
