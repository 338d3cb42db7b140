package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.bytchat.dht.codec.MainlineCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;

/** A network whose nodes speak Mainline's dialect: the same engine, table and lookups. */
class MainlineNetworkTest {

  private static final DhtConfig CONFIG = DhtConfig.defaults().withDialect(Dialect.MAINLINE);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int K = 8;

  private VirtualNetwork network = VirtualNetwork.of(1, Scope.PUBLIC);
  private final List<VirtualNode> nodes = new ArrayList<>();

  private void start(int count, AddressFamily... families) {
    for (int i = nodes.size(); i < count; i++) {
      VirtualNode node = network.add(CONFIG, families);
      nodes.add(node);
      if (i == 0) {
        node.start();
      } else {
        node.start(endpointsOfFirst());
      }
      network.run(Duration.ofSeconds(1));
    }
    network.run(MINUTE.multipliedBy(20));
  }

  private Endpoint[] endpointsOfFirst() {
    return Stream.of(AddressFamily.values())
        .map(nodes.get(0)::endpoint)
        .filter(Objects::nonNull)
        .toArray(Endpoint[]::new);
  }

  @SeededTest(runs = 3)
  void lookup_anyKey_findsTheEightClosest(long seed) {
    network = VirtualNetwork.of(seed, Scope.PUBLIC);
    start(60);
    Random random = Seeds.random(seed);
    for (int i = 0; i < 20; i++) {
      VirtualNode asker = nodes.get(random.nextInt(nodes.size()));
      NodeId key = TestContacts.randomId(random);
      LookupResult result = network.lookup(asker, key);
      assertThat(result.closest()).isEqualTo(network.closest(asker, key, K));
    }
  }

  /** BEP 42: a node learns from others where it is, and then takes an id that it may have there. */
  @Test
  void id_afterOthersToldWhereTheNodeIs_followsFromTheAddress() {
    start(30);
    // Until all contacts that had other names have been asked.
    network.run(MINUTE.multipliedBy(60));
    for (VirtualNode node : nodes) {
      assertThat(SecureIds.isSecure(node.id(), node.endpoint())).as("%s", node).isTrue();
      EngineEvent.IdChanged changed =
          Objects.requireNonNull(node.takeEvent(EngineEvent.IdChanged.class, event -> true));
      assertThat(changed.id()).isEqualTo(node.id()).isNotEqualTo(node.identity().id());
      assertThat(node.takeEvent(EngineEvent.IdChanged.class, event -> true))
          .as("it stays with it")
          .isNull();
    }
    for (VirtualNode node : nodes) {
      assertThat(node.engine().contacts())
          .as("contacts of %s by their present ids", node)
          .isNotEmpty()
          .allMatch(contact -> SecureIds.isSecure(contact.id(), contact.endpoint()));
    }
  }

  private EngineEvent.PeersFound peers(VirtualNode node, NodeId infohash, int announcedPort) {
    MainlineCommands commands = node.engine().mainline();
    long id =
        announcedPort == 0
            ? commands.findPeers(infohash, network.nowNanos())
            : commands.announce(infohash, announcedPort, false, network.nowNanos());
    node.flush();
    return await(node, EngineEvent.PeersFound.class, id);
  }

  private <T extends EngineEvent> T await(VirtualNode node, Class<T> type, long id) {
    List<T> found = new ArrayList<>();
    network.runUntil(
        MINUTE,
        () -> {
          T event = node.takeEvent(type, each -> idOf(each) == id);
          if (event != null) {
            found.add(event);
          }
          return event != null;
        });
    assertThat(found).as("%s of %d", type, id).hasSize(1);
    return found.get(0);
  }

  private static long idOf(EngineEvent event) {
    if (event instanceof EngineEvent.PeersFound found) {
      return found.id();
    }
    if (event instanceof EngineEvent.ItemFound found) {
      return found.id();
    }
    return event instanceof EngineEvent.PutFinished finished ? finished.id() : -1;
  }

  @Test
  void announce_byOne_isFoundByAnother() {
    start(30);
    NodeId infohash = NodeId.of(5, 6, 7);
    assertThat(peers(nodes.get(3), infohash, 0).peers()).isEmpty();
    EngineEvent.PeersFound announced = peers(nodes.get(3), infohash, 7_000);
    PutResult stored = Objects.requireNonNull(announced.announced());
    assertThat(stored.stored()).isEqualTo(K);
    assertThat(stored.isEnough()).isTrue();
    EngineEvent.PeersFound found = peers(nodes.get(20), infohash, 7_001);
    assertThat(found.peers()).containsExactly(nodes.get(3).endpoint().withPort(7_000));
    assertThat(peers(nodes.get(9), infohash, 0).peers())
        .containsExactlyInAnyOrder(
            nodes.get(3).endpoint().withPort(7_000), nodes.get(20).endpoint().withPort(7_001));
  }

  private static byte[] bencoded(String text) {
    return (text.length() + ":" + text).getBytes(StandardCharsets.US_ASCII);
  }

  private MainlineItem signed(VirtualNode owner, String salt, long sequence, String value) {
    byte[] saltBytes = salt.getBytes(StandardCharsets.US_ASCII);
    byte[] statement = MainlineItem.statement(saltBytes, sequence, bencoded(value));
    return MainlineItem.mutable(
        owner.identity().publicKey(),
        saltBytes,
        sequence,
        bencoded(value),
        owner.identity().sign(statement));
  }

  private PutResult put(VirtualNode node, MainlineItem item, long expected) {
    long id = node.engine().mainline().put(item, expected, network.nowNanos());
    node.flush();
    return await(node, EngineEvent.PutFinished.class, id).result();
  }

  private EngineEvent.ItemFound item(VirtualNode node, NodeId target, String salt) {
    byte[] saltBytes = salt.getBytes(StandardCharsets.US_ASCII);
    long id = node.engine().mainline().findItem(target, saltBytes, network.nowNanos());
    node.flush();
    return await(node, EngineEvent.ItemFound.class, id);
  }

  @Test
  void items_putByOne_areReadByAnother() {
    start(30);
    MainlineItem plain = MainlineItem.immutable(bencoded("plain"));
    PutResult stored = put(nodes.get(1), plain, StorePut.ANY_SEQUENCE);
    assertThat(stored.stored()).isEqualTo(K);
    assertThat(stored.place()).isEqualTo(plain.target());
    assertThat(item(nodes.get(2), plain.target(), "").found()).isEqualTo(plain);
    MainlineItem salted = signed(nodes.get(4), "salt", 1, "one");
    put(nodes.get(4), salted, StorePut.ANY_SEQUENCE);
    assertThat(item(nodes.get(5), salted.target(), "salt").found()).isEqualTo(salted);
    EngineEvent.ItemFound without = item(nodes.get(5), salted.target(), "");
    assertThat(without.found()).as("of another salt").isNull();
    assertThat(without.answered()).isPositive();
    assertThat(item(nodes.get(5), NodeId.of(9, 9, 9), "").found()).isNull();
  }

  @Test
  void items_ofSeveralSequences_theHighestIsRead() {
    start(30);
    MainlineItem old = signed(nodes.get(4), "", 1, "old");
    MainlineItem newer = signed(nodes.get(4), "", 2, "new");
    put(nodes.get(4), newer, StorePut.ANY_SEQUENCE);
    List<VirtualNode> holders =
        nodes.stream()
            .sorted((a, b) -> old.target().compareDistance(a.id(), b.id()))
            .limit(K)
            .toList();
    // All but one of the holders die, and others get the old one.
    holders.subList(1, K).forEach(VirtualNode::stop);
    network.run(MINUTE);
    VirtualNode writer = nodes.stream().filter(VirtualNode::isUp).toList().get(5);
    PutResult stale = put(writer, old, StorePut.ANY_SEQUENCE);
    assertThat(stale.isSuperseded()).isTrue();
    assertThat(stale.nodes())
        .anyMatch(node -> node.errorCode() == ErrorCode.SEQUENCE_TOO_OLD)
        .anyMatch(node -> node.outcome() == PutResult.Outcome.STORED);
    assertThat(item(writer, old.target(), "").found()).isEqualTo(newer);
  }

  @Test
  void put_withAnotherSequenceThanIsHeld_isRefusedByAll() {
    start(30);
    put(nodes.get(4), signed(nodes.get(4), "", 4, "four"), StorePut.ANY_SEQUENCE);
    PutResult refused = put(nodes.get(4), signed(nodes.get(4), "", 5, "five"), 3);
    assertThat(refused.isEnough()).isFalse();
    assertThat(refused.nodes())
        .hasSize(K)
        .allMatch(node -> node.errorCode() == ErrorCode.CAS_MISMATCH)
        .allMatch(node -> node.reason().contains("cas"));
    assertThat(put(nodes.get(4), signed(nodes.get(4), "", 5, "five"), 4).stored()).isEqualTo(K);
  }

  /** Whoever holds nothing takes what the holders refuse, and would have something newer. */
  @Test
  void put_refusedByHolders_doesNotGoToNewcomers() {
    start(30);
    put(nodes.get(4), signed(nodes.get(4), "", 4, "four"), StorePut.ANY_SEQUENCE);
    start(60);
    PutResult refused = put(nodes.get(4), signed(nodes.get(4), "", 5, "five"), 3);
    assertThat(refused.nodes())
        .hasSizeBetween(1, K - 1)
        .allMatch(node -> node.errorCode() == ErrorCode.CAS_MISMATCH);
    PutResult taken = put(nodes.get(4), signed(nodes.get(4), "", 5, "five"), 4);
    assertThat(taken.stored()).isEqualTo(K);
  }

  /** Has some nodes hold "five" of sequence 5, and as many others "four" of 4. */
  private void putFourWhereFiveIsMissing() {
    start(30);
    // Until all contacts that had other names have been asked.
    network.run(MINUTE.multipliedBy(60));
    VirtualNode owner = nodes.get(4);
    PutResult five = put(owner, signed(owner, "", 5, "five"), StorePut.ANY_SEQUENCE);
    assertThat(five.stored()).isEqualTo(K);
    List<Endpoint> leaving =
        five.nodes().subList(K / 2, K).stream()
            .map(node -> Objects.requireNonNull(node.contact()).endpoint())
            .toList();
    nodes.stream().filter(node -> leaving.contains(node.endpoint())).forEach(VirtualNode::stop);
    // Until nobody names them any more: a lookup does not go on past the silent.
    network.run(MINUTE.multipliedBy(40));
    PutResult four = put(owner, signed(owner, "", 4, "four"), StorePut.ANY_SEQUENCE);
    assertThat(four.stored()).isEqualTo(K / 2);
    assertThat(four.isEnough()).isTrue();
    assertThat(four.isSuperseded()).as("although enough of them stored it").isTrue();
  }

  @Test
  void put_inPlaceOfWhatOnlySomeHold_isStoredByNobody() {
    putFourWhereFiveIsMissing();
    MainlineItem six = signed(nodes.get(4), "", 6, "six");
    PutResult refused = put(nodes.get(4), six, 4);
    assertThat(refused.isEnough()).isFalse();
    assertThat(refused.isSuperseded()).isTrue();
    assertThat(refused.nodes())
        .hasSize(K / 2)
        .allMatch(node -> node.errorCode() == ErrorCode.CAS_MISMATCH);
    assertThat(item(nodes.get(4), six.target(), "").found())
        .isEqualTo(signed(nodes.get(4), "", 5, "five"));
    PutResult taken = put(nodes.get(4), six, StorePut.ANY_SEQUENCE);
    assertThat(taken.stored()).isEqualTo(K);
    assertThat(taken.isSuperseded()).isFalse();
  }

  /** Those who hold nothing would take it, though nobody has compared anything. */
  @Test
  void put_whoseHoldersFallSilent_isStoredByNobody() {
    start(30);
    VirtualNode owner = nodes.get(4);
    put(owner, signed(owner, "", 4, "four"), StorePut.ANY_SEQUENCE);
    start(60);
    Set<Endpoint> holders = new HashSet<>();
    nodes.subList(0, 30).forEach(node -> holders.add(node.endpoint()));
    // They still get what they are first asked, for what they hold.
    Set<Endpoint> asked = new HashSet<>();
    network.partition(
        (from, to) -> from.equals(owner.endpoint()) && holders.contains(to) && !asked.add(to));
    PutResult silent = put(owner, signed(owner, "", 5, "five"), 4);
    assertThat(silent.isEnough()).isFalse();
    assertThat(silent.isSuperseded()).isFalse();
    assertThat(silent.nodes())
        .hasSizeBetween(1, K - 1)
        .allMatch(node -> node.outcome() == PutResult.Outcome.TIMED_OUT);
    network.heal();
    assertThat(put(owner, signed(owner, "", 5, "five"), 4).stored()).isEqualTo(K);
  }

  private Endpoint endpointOf3(AddressFamily family) {
    return Objects.requireNonNull(nodes.get(3).endpoint(family));
  }

  @Test
  void bothFamilies_storeInEach() {
    start(20, AddressFamily.IPV4, AddressFamily.IPV6);
    NodeId infohash = NodeId.of(5, 6, 7);
    peers(nodes.get(3), infohash, 7_000);
    assertThat(peers(nodes.get(9), infohash, 0).peers())
        .containsExactlyInAnyOrder(
            endpointOf3(AddressFamily.IPV4).withPort(7_000),
            endpointOf3(AddressFamily.IPV6).withPort(7_000));
  }

  /** A node on the way that names very many peers has nobody else's forgotten. */
  @Test
  void peers_ofALiar_doNotCrowdOutOthers() {
    start(30);
    NodeId infohash = NodeId.of(5, 6, 7);
    peers(nodes.get(3), infohash, 7_000);
    VirtualNode asker = nodes.get(9);
    VirtualNode liar =
        nodes.stream()
            .filter(node -> node != asker)
            .min((a, b) -> infohash.compareDistance(a.id(), b.id()))
            .orElseThrow();
    Endpoint at = liar.endpoint();
    NodeId id = liar.id();
    network.move(liar, TestContacts.endpoint(4_000));
    liar.stop();
    network.attach(at, (from, datagram) -> network.inject(at, from, lie(id, datagram)));
    List<Endpoint> found = peers(asker, infohash, 0).peers();
    assertThat(found).hasSize(101);
    assertThat(found.subList(0, 2)).contains(nodes.get(3).endpoint().withPort(7_000));
  }

  /** Answers whatever was asked with 100 peers that do not exist. */
  private static byte[] lie(NodeId id, byte[] query) {
    MainlineCodec codec = new MainlineCodec(ContactInterner.NONE);
    Packet asked = new Packet();
    codec.decode(query, 0, query.length, asked);
    Packet answer = new Packet();
    answer.kind = Kind.RESPONSE;
    answer.sender(id);
    answer.transactionId = asked.transactionId;
    answer.transactionLength = asked.transactionLength;
    answer.peersCount = 100;
    for (int i = 0; i < 100; i++) {
      answer.peers[i] = Endpoint.ofIpv4(0x2e00_0001 + (i << 8), 1);
    }
    byte[] bytes = new byte[codec.sizeOf(answer)];
    codec.encode(answer, bytes, 0);
    return bytes;
  }

  @Test
  void commands_ofTheOtherDialect_areRefused() {
    start(1);
    VirtualNode ours = network.add(DhtConfig.defaults()).start();
    assertThat(catchThrowable(() -> nodes.get(0).engine().records()))
        .hasMessageContaining("Mainline");
    assertThat(catchThrowable(() -> ours.engine().mainline()))
        .hasMessageContaining("our own dialect");
  }

  /** Two networks on the same addresses do not hear each other. */
  @Test
  void datagrams_ofTheOtherDialect_areMalformed() {
    start(2);
    VirtualNode ours = network.add(DhtConfig.defaults()).start(nodes.get(0).endpoint());
    network.run(MINUTE);
    assertThat(ours.stats().contacts()).isZero();
    assertThat(nodes.get(0).stats().count(Counter.DROPPED_MALFORMED)).isPositive();
    assertThat(nodes.get(0).engine().contacts()).hasSize(1);
  }
}
