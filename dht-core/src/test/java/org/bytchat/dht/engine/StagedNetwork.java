package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.RecordUser;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;

/**
 * One real node among many peers that a test makes up, so many that the size of the network can be
 * told. Each peer knows whom a node would know: about 20 in each bucket.
 */
final class StagedNetwork {

  /** How many honest peers there are. */
  static final int HONEST = 1_000;

  static final int K = 20;

  private static final Duration WEEK = Duration.ofDays(7);

  final VirtualNetwork network;
  final VirtualNode node;
  final RecordUser user;
  final List<StagedPeer> honest = new ArrayList<>();

  private final Random random;
  private int endpoints;
  final List<StagedPeer> peers = new ArrayList<>();
  private final Map<StagedPeer, RoutingTable> tables = new LinkedHashMap<>();
  private final ClosestSearch search = new ClosestSearch(K);

  /** Makes a network whose node has not joined. */
  StagedNetwork(long seed, DhtConfig config) {
    network = VirtualNetwork.of(seed, Scope.PUBLIC);
    user = new RecordUser(network, HashScheme.INSTANCE, seed);
    random = Seeds.random(seed);
    for (int i = 0; i < HONEST; i++) {
      honest.add(add(randomIdentity()));
    }
    VirtualNode candidate = network.add(config.withAssumeReachable(true));
    while (!isOrdinary(candidate.id())) {
      candidate = network.add(config.withAssumeReachable(true));
    }
    node = candidate;
  }

  /** Tells whether as many peers are around an id as should be: the size is told from them. */
  private boolean isOrdinary(NodeId id) {
    NodeId last = closest(honest, id, K).get(K - 1).id();
    return isBetween(nodesWithin(id, last), 17, 23);
  }

  /** Returns the defaults with some defences switched off or on. */
  static DhtConfig config(boolean coverage, boolean provenHolders) {
    return config(coverage, provenHolders, true);
  }

  static DhtConfig config(boolean coverage, boolean provenHolders, boolean pacing) {
    DefenceConfig some = DefenceConfig.defaults();
    DefenceConfig switched =
        new DefenceConfig(
            some.puzzleBits(),
            some.strictTable(),
            some.unsolicitedPerBucket(),
            some.learntPerLookup(),
            some.lookupPerSubnet(),
            some.lookupPerNetwork(),
            some.scoring(),
            coverage,
            provenHolders,
            pacing,
            some.secureIds());
    return DhtConfig.defaults().withDefences(switched);
  }

  /** Returns the defaults with other limits of a lookup, and of how many there may be. */
  static LookupConfig lookups(int candidatesMax, int lookupsMax) {
    LookupConfig some = LookupConfig.defaults();
    return new LookupConfig(
        some.parallelism(),
        some.paths(),
        candidatesMax,
        lookupsMax,
        some.transactionsMax(),
        some.softTimeoutInitial(),
        some.hardTimeout(),
        some.datagramsPerSecond());
  }

  private NodeIdentity randomIdentity() {
    byte[] seed = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(seed);
    return NodeIdentity.of(HashScheme.INSTANCE, seed);
  }

  private StagedPeer add(NodeIdentity identity) {
    return add(identity, TestContacts.endpoint(endpoints++));
  }

  private StagedPeer add(NodeIdentity identity, Endpoint endpoint) {
    StagedPeer peer = new StagedPeer(identity, endpoint);
    peers.add(peer);
    network.attach(peer.contact.endpoint(), (from, datagram) -> receive(peer, from, datagram));
    return peer;
  }

  private void receive(StagedPeer peer, Endpoint from, byte[] datagram) {
    Packet query = SoloPeer.decode(datagram);
    if (query.kind == Kind.QUERY) {
      NodeId key = query.key();
      List<Contact> closest = key == null ? List.of() : closestKnown(peer, key);
      Packet answer = peer.answer(query, from, closest);
      if (answer != null) {
        network.inject(peer.contact.endpoint(), from, SoloPeer.encode(answer));
      }
    }
  }

  private List<Contact> closestKnown(StagedPeer peer, NodeId key) {
    RoutingTable table = tables.computeIfAbsent(peer, this::tableOf);
    List<Contact> closest = new ArrayList<>();
    int count = table.closest(search.begin(key, K));
    for (int i = 0; i < count; i++) {
      closest.add(search.get(i));
    }
    return closest;
  }

  private RoutingTable tableOf(StagedPeer peer) {
    RoutingTable table =
        new RoutingTable(peer.id(), RoutingConfig.defaults(), DefenceConfig.defaults(), false);
    List<StagedPeer> others = new ArrayList<>(peers);
    Collections.shuffle(others, random);
    others.forEach(other -> table.fill(other.contact, 0));
    return table;
  }

  /** Has the node join, and get to know as many peers as nodes do. */
  StagedNetwork join() {
    node.start(honest.get(0).contact.endpoint());
    network.run(Duration.ofMinutes(1));
    assertThat(node.stats().networkSize()).isBetween(HONEST * 2L / 3, HONEST * 3L / 2);
    return this;
  }

  /** Adds peers that chose their ids: nearer than all honest ones, and than one should be. */
  List<StagedPeer> gather(NodeId key, int count) {
    NodeId nearest = closest(honest, key, 1).get(0).id();
    return gather(key, count, Math.min(1, nodesWithin(key, nearest)));
  }

  /**
   * Adds peers that chose their ids: within a distance in which so many honest peers are expected.
   */
  List<StagedPeer> gather(NodeId key, int count, double nodes) {
    List<StagedPeer> gang = new ArrayList<>();
    while (gang.size() < count) {
      gang.add(add(identityWithin(key, 0, nodes)));
    }
    tables.clear();
    return gang;
  }

  /**
   * Adds peers of one /16, in a /24 each, that are as far from a key as so many honest ones should
   * be.
   */
  List<StagedPeer> gatherInOneNetwork(NodeId key, int count, double least, double most) {
    List<StagedPeer> gang = new ArrayList<>();
    while (gang.size() < count) {
      Endpoint endpoint = TestContacts.endpoint(9, 9, gang.size(), 1, 4000);
      gang.add(add(identityWithin(key, least, most), endpoint));
    }
    tables.clear();
    return gang;
  }

  /** Has the honest peers leave that are within a distance in which so many are expected. */
  void clear(NodeId key, double nodes) {
    List<StagedPeer> leaving =
        honest.stream().filter(peer -> nodesWithin(key, peer.id()) <= nodes).toList();
    leaving.forEach(peer -> peer.manner = (query, answer) -> null);
    honest.removeAll(leaving);
    peers.removeAll(leaving);
    tables.clear();
  }

  private NodeIdentity identityWithin(NodeId key, double least, double most) {
    NodeIdentity identity = randomIdentity();
    while (!isBetween(nodesWithin(key, identity.id()), least, most)) {
      identity = randomIdentity();
    }
    return identity;
  }

  /** Returns a label around whose place peers are spread evenly, and where the node is far. */
  String calmLabel() {
    return label(this::isCalm);
  }

  /** Returns one where nobody is about as far as the fifth. */
  String gapLabel() {
    return label(place -> isCalm(place) && isFar(place, 5, 7.5, HONEST));
  }

  private boolean isCalm(NodeId place) {
    return nodesWithin(place, node.id()) > 100
        && isFar(place, 0, 0.7, 7)
        && isFar(place, 4, 4, 7)
        && isOrdinary(place);
  }

  /** Returns a label around whose place seven peers are where there should be four. */
  String fullLabel() {
    return label(place -> isFar(place, 4, 3.3, 4) && isFar(place, 6, 3.3, 4));
  }

  /** Returns a label whose place is next to the node. */
  String ownLabel() {
    return ownLabel(0, 1);
  }

  /** Returns one whose place is as far from the node as so many should be. */
  String ownLabel(double least, double most) {
    return label(place -> isBetween(nodesWithin(place, node.id()), least, most));
  }

  private String label(Predicate<NodeId> condition) {
    return IntStream.range(0, 1_000_000)
        .mapToObj(i -> "label" + i)
        .filter(label -> condition.test(user.place(label)))
        .findFirst()
        .orElseThrow();
  }

  /** Tells whether the honest peer of a rank is as far as so many should be. */
  private boolean isFar(NodeId place, int rank, double least, double most) {
    StagedPeer peer = closest(honest, place, rank + 1).get(rank);
    return isBetween(nodesWithin(place, peer.id()), least, most);
  }

  private static boolean isBetween(double value, double least, double most) {
    return value >= least && value <= most;
  }

  /** Returns how many honest peers are expected at most as far from a key as an id is. */
  static double nodesWithin(NodeId key, NodeId id) {
    long distance = key.high() ^ id.high();
    return ((distance >>> 1) * 0x1.0p-63) * HONEST;
  }

  /** Returns those of some peers that are closest to a key, nearest first. */
  static List<StagedPeer> closest(Collection<StagedPeer> some, NodeId key, int count) {
    return some.stream()
        .sorted((a, b) -> key.compareDistance(a.id(), b.id()))
        .limit(count)
        .toList();
  }

  /** Returns the contacts of those that are closest to a key. */
  static List<Contact> contacts(Collection<StagedPeer> some, NodeId key, int count) {
    return closest(some, key, count).stream().map(peer -> peer.contact).toList();
  }

  /** Has each of a gang name only others of it, and say that it holds nothing. */
  static void conspire(List<StagedPeer> gang) {
    conspire(gang, gang);
  }

  /** Has each of some peers name only friends, and say that it holds nothing. */
  static void conspire(List<StagedPeer> liars, List<StagedPeer> friends) {
    for (StagedPeer peer : liars) {
      peer.manner =
          (query, answer) -> {
            NodeId key = query.key();
            if (answer.contacts4Count > 0 && key != null) {
              StagedPeer.name(answer, contacts(friends, key, K));
            }
            if (query.method == Method.GET) {
              answer.sequence = -1;
              answer.record = null;
            }
            return answer;
          };
    }
  }

  /** Returns all peers that hold something at a key. */
  List<StagedPeer> holders(NodeId key) {
    return closest(peers.stream().filter(peer -> peer.held.containsKey(key)).toList(), key, HONEST);
  }

  /** Signs a record, now. */
  MutableRecord record(String label, long sequence) {
    return user.record(label, sequence, node.wallMillis(), WEEK);
  }

  Duration now() {
    return Duration.ofNanos(network.nowNanos());
  }

  long count(Counter counter) {
    return node.stats().count(counter);
  }

  /** Forgets what peers were asked so far. */
  void forgetQueries() {
    peers.forEach(peer -> peer.asked.clear());
  }

  /** Returns all that peers were asked. */
  List<Packet> queries() {
    return peers.stream().flatMap(peer -> peer.asked.values().stream()).toList();
  }
}
