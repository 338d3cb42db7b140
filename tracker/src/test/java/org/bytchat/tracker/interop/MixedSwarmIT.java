package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.bytchat.tracker.interop.OurSwarm.result;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.Mainline;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.tracker.interop.LibtorrentSwarm.Item;
import org.bytchat.tracker.interop.LibtorrentSwarm.Mutable;
import org.bytchat.tracker.interop.LibtorrentSwarm.Peer;
import org.bytchat.tracker.interop.LibtorrentSwarm.Put;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Twenty nodes of libtorrent and twenty of ours in one network. */
@Tag("interop")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MixedSwarmIT {

  private static final int NODES = 20;
  private static final int HALF = NODES / 2;
  private static final int K = 8;
  private static final int ASKERS = 5;
  private static final int KEYS = 5;
  private static final int HASH_BYTES = 20;
  private static final int PEER_PORT = 12_345;
  private static final byte[] NO_SALT = {};
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Random random = Seeds.random(2);

  private LibtorrentSwarm theirs;
  private OurSwarm ours;
  private List<NodeId> everybody;

  /**
   * Half of each side is there first or comes through its own, and the other half through the other
   * side: theirs, then ours through theirs, ours through ours, and theirs through ours.
   */
  @BeforeAll
  void form() throws Exception {
    theirs = LibtorrentSwarm.startLocal("127.0.91", NODES);
    ours = new OurSwarm();
    for (int i = 0; i < HALF; i++) {
      for (int j = 0; j < i; j++) {
        sayHello(i, theirs.peers().get(j));
        sayHello(j, theirs.peers().get(i));
      }
    }
    for (int i = 0; i < HALF; i++) {
      int node = i;
      await().atMost(LIMIT).until(() -> theirs.table(node).verified() == HALF - 1);
    }
    for (int i = 0; i < HALF; i++) {
      ours.add("127.0.92." + (i + 1), theirs.peers().get(i).endpoint());
    }
    ours.nodes().forEach(node -> assertThat(result(node.joined())).isGreaterThanOrEqualTo(K));
    for (int i = HALF; i < NODES; i++) {
      ours.add("127.0.92." + (i + 1), ours.peer(i - HALF).endpoint());
    }
    ours.nodes().forEach(node -> assertThat(result(node.joined())).isGreaterThanOrEqualTo(K));
    for (int i = HALF; i < NODES; i++) {
      int node = i;
      sayHello(node, ours.peer(node));
      await().atMost(LIMIT).until(() -> theirs.table(node).contacts() > K);
    }
    acquaint();
    everybody = new ArrayList<>(ours.nodes().stream().map(DhtNode::id).toList());
    for (int i = 0; i < NODES; i++) {
      everybody.add(NodeId.parse(theirs.nodeId(i)));
    }
    assertThat(new HashSet<>(everybody)).hasSize(2 * NODES);
  }

  /** Lets libtorrent know all others, as left alone it verifies one newcomer in five seconds. */
  private void acquaint() throws Exception {
    theirs.acquaint();
    for (int i = 0; i < NODES; i++) {
      for (int j = 0; j < NODES; j++) {
        sayHello(i, ours.peer(j));
      }
    }
    for (int i = 0; i < NODES; i++) {
      int node = i;
      await().atMost(LIMIT).until(() -> theirs.table(node).verified() == 2 * NODES - 1);
    }
  }

  private void sayHello(int node, Peer to) throws InterruptedException {
    theirs.bootstrap(node, to.address(), to.port());
  }

  @AfterAll
  void end() {
    if (theirs != null) {
      theirs.close();
    }
    if (ours != null) {
      ours.close();
    }
  }

  @Test
  void lookups_findTheClosestOfBothKinds() {
    Set<NodeId> found = new HashSet<>();
    for (int i = 0; i < NODES; i++) {
      List<NodeId> others = new ArrayList<>(everybody);
      others.remove(ours.node(i).id());
      for (int j = 0; j < KEYS; j++) {
        NodeId key = NodeId.of(bytes(HASH_BYTES));
        List<NodeId> closest = idsOf(result(ours.node(i).lookup(key)).closest());
        assertThat(closest.subList(0, K)).isEqualTo(OurSwarm.closest(others, key, K));
        found.addAll(closest);
      }
    }
    assertThat(found).isEqualTo(new HashSet<>(everybody));
  }

  private static List<NodeId> idsOf(List<Contact> contacts) {
    return contacts.stream().map(Contact::id).toList();
  }

  @Test
  void tables_holdTheOtherKind() throws Exception {
    List<NodeId> ids = ours.nodes().stream().map(DhtNode::id).toList();
    for (int i = 0; i < NODES; i++) {
      List<NodeId> known =
          theirs.liveNodes(i).stream().map(peer -> NodeId.parse(peer.nodeId())).toList();
      assertThat(known).containsAll(ids);
    }
    for (DhtNode node : ours.nodes()) {
      List<NodeId> others = new ArrayList<>(everybody);
      others.remove(node.id());
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(perBucket(node, idsOf(result(node.contacts()))))
                      .isEqualTo(perBucket(node, others)));
    }
  }

  /** How many each bucket has, or could have, up to those it takes for having asked the node. */
  private static Map<Integer, Integer> perBucket(DhtNode node, List<NodeId> ids) {
    Map<Integer, Integer> counts = new TreeMap<>();
    for (NodeId id : ids) {
      counts.merge(node.id().commonPrefixLength(id), 1, (a, b) -> Math.min(ASKERS, a + b));
    }
    return counts;
  }

  @Test
  void messages_areUnderstoodByBoth() throws Exception {
    List<Counter> drops =
        List.of(
            Counter.DROPPED_MALFORMED,
            Counter.DROPPED_INCOMPLETE,
            Counter.DROPPED_BAD_SOURCE,
            Counter.DROPPED_RATE_LIMITED,
            Counter.DROPPED_WRONG_ENDPOINT,
            Counter.READS_INVALID,
            Counter.BAD_TOKENS);
    List<String> complaints =
        List.of(
            "dht.dht_messages_in_dropped",
            "dht.dht_messages_out_dropped",
            "dht.dht_invalid_announce",
            "dht.dht_invalid_find_node",
            "dht.dht_invalid_get",
            "dht.dht_invalid_get_peers");
    for (int i = 0; i < NODES; i++) {
      assertThat(ours.count(i, Counter.RESPONSES)).isPositive();
      assertThat(theirs.counter(i, "dht.dht_messages_in")).isPositive();
      for (Counter drop : drops) {
        assertThat(ours.count(i, drop)).as("%s of ours %d", drop, i).isZero();
      }
      for (String complaint : complaints) {
        assertThat(theirs.counter(i, complaint)).as("%s of theirs %d", complaint, i).isZero();
      }
    }
  }

  @Test
  void announcementOfOurs_isFoundByBoth() throws Exception {
    byte[] infoHash = bytes(HASH_BYTES);
    assertThat(OurSwarm.announce(ours.node(3).mainline(), NodeId.of(infoHash), PEER_PORT))
        .isEqualTo(K);
    String peer = ours.peer(3).address() + ":" + PEER_PORT;
    assertThat(theirs.peers(17, infoHash, 1, LIMIT)).containsExactly(peer);
    assertThat(peersOf(14, infoHash)).containsExactly(peer);
  }

  @Test
  void announcementOfTheirs_isFoundByBoth() throws Exception {
    byte[] infoHash = bytes(HASH_BYTES);
    theirs.announce(3, infoHash);
    String peer = theirs.peers().get(3).endpoint();
    await().atMost(LIMIT).until(() -> !peersOf(17, infoHash).isEmpty());
    assertThat(peersOf(17, infoHash)).containsExactly(peer);
    assertThat(theirs.peers(14, infoHash, 1, LIMIT)).containsExactly(peer);
  }

  private List<String> peersOf(int node, byte[] infoHash) {
    return OurSwarm.peersOf(ours.node(node).mainline(), NodeId.of(infoHash));
  }

  @Test
  void immutableItems_goBothWays() throws Exception {
    MainlineItem own = MainlineItem.immutable(SignedItem.bencoded("of ours"));
    PutResult put = result(ours.node(4).mainline().put(own));
    assertThat(put.stored()).isEqualTo(K);
    assertThat(theirs.getImmutable(16, own.target().toBytes()).map(Item::text)).hasValue("of ours");

    Put foreign = theirs.putImmutable(4, "of theirs");
    assertThat(foreign.stored()).isPositive();
    assertThat(result(ours.node(16).mainline().item(NodeId.of(foreign.where()), NO_SALT)))
        .hasValueSatisfying(item -> assertThat(text(item)).isEqualTo("of theirs"));
    assertThat(result(ours.node(16).mainline().item(NodeId.of(bytes(HASH_BYTES)), NO_SALT)))
        .isEmpty();
  }

  private static String text(MainlineItem item) {
    String bencoded = new String(item.value(), StandardCharsets.UTF_8);
    return bencoded.substring(bencoded.indexOf(':') + 1);
  }

  @Test
  void mutableItem_isReplacedInTurn() throws Exception {
    replaceInTurn("");
  }

  @Test
  void mutableItem_withSalt_isReplacedInTurn() throws Exception {
    replaceInTurn("salt");
  }

  private void replaceInTurn(String salt) throws Exception {
    SignedItem owner = new SignedItem(bytes(SignedItem.SEED_BYTES), salt);
    MainlineItem first = owner.sign(1, "first");
    assertThat(result(ours.node(5).mainline().put(first)).stored()).isEqualTo(K);
    assertThat(theirs.getMutable(15, owner.publicKey(), salt))
        .hasValueSatisfying(
            item -> {
              assertThat(item.text()).isEqualTo("first");
              assertThat(item.seq()).isEqualTo(1);
            });

    Put second = theirs.putMutable(6, new Mutable(owner.seed(), salt, "second"));
    assertThat(second.seq()).isEqualTo(2);
    assertThat(result(ours.node(14).mainline().item(first.target(), first.salt())))
        .hasValueSatisfying(
            item -> {
              assertThat(text(item)).isEqualTo("second");
              assertThat(item.sequence()).isEqualTo(2);
            });

    // What it replaces is there, at theirs and at ours. libtorrent may have left out some of them.
    PutResult third = result(ours.node(7).mainline().put(owner.sign(3, "third"), 2));
    assertThat(third.stored()).isGreaterThanOrEqualTo(second.stored());
    assertThat(third.nodes().stream().filter(node -> node.outcome() != PutResult.Outcome.STORED))
        .allMatch(node -> node.errorCode() == ErrorCode.CAS_MISMATCH);
    assertThat(theirs.getMutable(13, owner.publicKey(), salt).map(Item::text)).hasValue("third");
  }

  @Test
  void mutableItem_ofAnOldSequence_isRefusedByBoth() {
    SignedItem owner = ownerBesideBoth(8);
    Mainline node = ours.node(8).mainline();
    assertThat(result(node.put(owner.sign(5, "new"))).stored()).isEqualTo(K);
    assertRefused(result(node.put(owner.sign(4, "old"))), 302);
    assertRefused(result(node.put(owner.sign(6, "newer"), 4)), 301);
    assertThat(result(node.put(owner.sign(6, "newer"), 5)).stored()).isEqualTo(K);
  }

  /** Somebody whose item belongs on nodes of both kinds, if a certain one of ours puts it. */
  private SignedItem ownerBesideBoth(int putter) {
    List<NodeId> others = new ArrayList<>(everybody);
    others.remove(ours.node(putter).id());
    Set<NodeId> own = new HashSet<>(ours.nodes().stream().map(DhtNode::id).toList());
    while (true) {
      SignedItem owner = new SignedItem(bytes(SignedItem.SEED_BYTES), "salt");
      List<NodeId> holders = OurSwarm.closest(others, owner.sign(1, "").target(), K);
      if (!own.containsAll(holders) && holders.stream().anyMatch(own::contains)) {
        return owner;
      }
    }
  }

  /** Each of the closest refuses, and there are some of both kinds among them. */
  private void assertRefused(PutResult put, int code) {
    assertThat(put.nodes()).hasSize(K);
    assertThat(put.nodes())
        .allSatisfy(
            node -> {
              assertThat(node.outcome()).isEqualTo(PutResult.Outcome.REJECTED);
              assertThat(node.errorCode()).isEqualTo(code);
            });
    Set<NodeId> own = new HashSet<>(ours.nodes().stream().map(DhtNode::id).toList());
    assertThat(put.nodes()).anyMatch(node -> own.contains(node.id()));
    assertThat(put.nodes()).anyMatch(node -> !own.contains(node.id()));
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
