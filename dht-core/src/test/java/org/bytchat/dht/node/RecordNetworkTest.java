package org.bytchat.dht.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.RecordUser;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;
import org.bytchat.dht.wire.ErrorCode;

/** Records in whole networks on virtual time. */
class RecordNetworkTest {

  private static final Duration WEEK = Duration.ofDays(7);
  private static final int REPLICAS = 5;

  private static RecordUser user(VirtualNetwork network, long seed) {
    return new RecordUser(network, HashScheme.INSTANCE, seed);
  }

  /** Returns the nodes that hold something alive for a key. */
  private static List<VirtualNode> holders(VirtualNetwork network, NodeId key) {
    return network.nodes().stream()
        .filter(VirtualNode::isUp)
        .filter(node -> node.engine().records().held(key, network.nowNanos()) != null)
        .sorted(Comparator.comparing(VirtualNode::id, key::compareDistance))
        .toList();
  }

  private static List<VirtualNode> closest(VirtualNetwork network, NodeId key) {
    return network.nodes().stream()
        .filter(VirtualNode::isUp)
        .sorted(Comparator.comparing(VirtualNode::id, key::compareDistance))
        .limit(REPLICAS)
        .toList();
  }

  @SeededTest(runs = 3)
  void put_fiftyNodes_theFiveClosestHoldIt(long seed) {
    VirtualNetwork network = Networks.joined(seed, 50);
    RecordUser user = user(network, seed);
    MutableRecord signed = user.record("meta", 7, network.nodes().get(3).wallMillis(), WEEK);
    PutResult result = user.put(network.nodes().get(3), signed, -1);
    assertThat(result.isEnough()).isTrue();
    assertThat(result.stored()).isEqualTo(REPLICAS);
    assertThat(result.isSuperseded()).isFalse();
    assertThat(result.durability()).isGreaterThan(0.9999);
    assertThat(holders(network, signed.key())).isEqualTo(closest(network, signed.key()));
    for (VirtualNode node : network.nodes()) {
      EngineEvent.GetFinished read = user.get(node, signed.key());
      assertThat(read.found()).as("through %s", node).isEqualTo(signed);
      assertThat(read.answered()).isPositive();
    }
  }

  @SeededTest(runs = 2)
  void put_newerThenOlderThenConflicting_theNewerStays(long seed) {
    VirtualNetwork network = Networks.joined(seed, 30);
    RecordUser user = user(network, seed);
    long now = network.nodes().get(0).wallMillis();
    MutableRecord newer = user.record("meta", 9, now, WEEK);
    assertThat(user.put(network.nodes().get(1), newer, -1).isEnough()).isTrue();
    PutResult older = user.put(network.nodes().get(2), user.record("meta", 8, now, WEEK), -1);
    assertThat(older.isEnough()).isFalse();
    assertThat(older.isSuperseded()).isTrue();
    assertThat(older.nodes())
        .hasSize(REPLICAS)
        .allMatch(node -> node.outcome() == PutResult.Outcome.REJECTED)
        .allMatch(node -> node.errorCode() == ErrorCode.SEQUENCE_TOO_OLD);
    PutResult conflicting =
        user.put(network.nodes().get(2), user.record("meta", 9, now - 1, WEEK), -1);
    assertThat(conflicting.nodes())
        .allMatch(node -> node.errorCode() == ErrorCode.SEQUENCE_CONFLICT);
    assertThat(user.get(network.nodes().get(5), newer.key()).found()).isEqualTo(newer);
    PutResult unexpected = user.put(network.nodes().get(2), user.record("meta", 11, now, WEEK), 8);
    assertThat(unexpected.nodes()).allMatch(node -> node.errorCode() == ErrorCode.CAS_MISMATCH);
    assertThat(user.put(network.nodes().get(2), user.record("meta", 11, now, WEEK), 9).isEnough())
        .isTrue();
  }

  @SeededTest(runs = 2)
  void get_nothingThere_saysSoAndThatNodesAnswered(long seed) {
    VirtualNetwork network = Networks.joined(seed, 20);
    RecordUser user = user(network, seed);
    EngineEvent.GetFinished read = user.get(network.nodes().get(7), user.place("meta"));
    assertThat(read.found()).isNull();
    assertThat(read.answered()).isEqualTo(19);
  }

  @SeededTest(runs = 2)
  void blob_ofAnySize_readThroughEveryNode(long seed) {
    VirtualNetwork network = Networks.joined(seed, 20);
    RecordUser user = user(network, seed);
    Random random = Seeds.random(seed);
    for (int size : new int[] {1, 959, 20_000, 65_536}) {
      byte[] content = new byte[size];
      random.nextBytes(content);
      VirtualNode through = network.nodes().get(random.nextInt(20));
      Blob blob = Blob.cut(content, through.wallMillis() + WEEK.toMillis());
      PutResult result = user.putBlob(through, blob);
      assertThat(result.isEnough()).isTrue();
      List<VirtualNode> closest = closest(network, blob.reference().root());
      assertThat(blob.chunks())
          .allMatch(chunk -> holders(network, chunk.key()).containsAll(closest));
      for (VirtualNode node : network.nodes()) {
        assertThat(user.getBlob(node, blob.reference()).content()).isEqualTo(content);
      }
    }
  }

  @SeededTest(runs = 2)
  void holdersKilled_twoOfFive_heldByTheFiveClosestAgain(long seed) {
    VirtualNetwork network = Networks.joined(seed, 40);
    RecordUser user = user(network, seed);
    VirtualNode through = network.nodes().get(3);
    MutableRecord signed = user.record("meta", 7, through.wallMillis(), WEEK);
    user.put(through, signed, -1);
    byte[] content = new byte[20_000];
    Seeds.random(seed).nextBytes(content);
    Blob blob = Blob.cut(content, through.wallMillis() + WEEK.toMillis());
    user.putBlob(through, blob);
    closest(network, signed.key()).subList(0, 2).forEach(VirtualNode::stop);
    closest(network, blob.reference().root()).subList(0, 2).forEach(VirtualNode::stop);
    VirtualNode reader =
        network.nodes().stream().filter(VirtualNode::isUp).findFirst().orElseThrow();
    assertThat(user.get(reader, signed.key()).found()).isEqualTo(signed);
    assertThat(user.getBlob(reader, blob.reference()).content()).isEqualTo(content);
    network.run(Duration.ofHours(3));
    assertThat(holders(network, signed.key())).containsAll(closest(network, signed.key()));
    for (StoredItem chunk : blob.chunks()) {
      assertThat(holders(network, chunk.key()))
          .containsAll(closest(network, blob.reference().root()));
    }
    assertThat(user.getBlob(reader, blob.reference()).content()).isEqualTo(content);
  }

  /**
   * A dead node is given up after five seconds, but those who are there are enough for a reader.
   */
  @SeededTest(runs = 3)
  void get_twoOfFiveHoldersJustDied_doesNotWaitForThem(long seed) {
    VirtualNetwork network = Networks.joined(seed, 40);
    RecordUser user = user(network, seed);
    VirtualNode through = network.nodes().get(3);
    MutableRecord signed = user.record("meta", 7, through.wallMillis(), WEEK);
    assertThat(user.put(through, signed, -1).stored()).isEqualTo(REPLICAS);
    closest(network, signed.key()).subList(0, 2).forEach(VirtualNode::stop);
    VirtualNode reader =
        network.nodes().stream().filter(VirtualNode::isUp).findFirst().orElseThrow();
    long before = network.nowNanos();
    assertThat(user.get(reader, signed.key()).found()).isEqualTo(signed);
    assertThat(Duration.ofNanos(network.nowNanos() - before)).isLessThan(Duration.ofSeconds(4));
  }

  @SeededTest(runs = 2)
  void newcomer_closerThanAHolder_isGivenTheRecordSoon(long seed) {
    VirtualNetwork network = Networks.joined(seed, 20);
    RecordUser user = user(network, seed);
    VirtualNode through = network.nodes().get(3);
    MutableRecord signed = user.record("meta", 7, through.wallMillis(), WEEK);
    user.put(through, signed, -1);
    for (int i = 0; i < 20; i++) {
      network.add(DhtConfig.defaults()).start(through.endpoint());
      network.run(Duration.ofSeconds(30));
    }
    network.run(Duration.ofMinutes(20));
    assertThat(holders(network, signed.key())).containsAll(closest(network, signed.key()));
  }

  /** In a network at rest nothing is asked again and again. */
  @SeededTest(runs = 2)
  void repair_nothingChanges_costsLittle(long seed) {
    VirtualNetwork network = Networks.joined(seed, 20);
    RecordUser user = user(network, seed);
    VirtualNode through = network.nodes().get(3);
    user.put(through, user.record("meta", 7, through.wallMillis(), WEEK), -1);
    network.run(Duration.ofHours(1));
    long before = sum(network, Counter.REPAIR_CHECKS);
    network.run(Duration.ofHours(10));
    // Five holders ask four others about once an hour.
    assertThat(sum(network, Counter.REPAIR_CHECKS) - before).isBetween(40L, 250L);
    assertThat(sum(network, Counter.REPAIRS)).isZero();
  }

  private static long sum(VirtualNetwork network, Counter counter) {
    return network.nodes().stream().mapToLong(node -> node.stats().count(counter)).sum();
  }

  @SeededTest(runs = 2)
  void put_bothFamilies_heldInEach(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode first = network.add(DhtConfig.defaults(), AddressFamily.values()).start();
    for (int i = 1; i < 30; i++) {
      AddressFamily[] families =
          i % 3 == 0 ? AddressFamily.values() : new AddressFamily[] {AddressFamily.values()[i % 2]};
      VirtualNode node = network.add(DhtConfig.defaults(), families);
      AddressFamily family = node.endpoint().family();
      node.start(Objects.requireNonNull(first.endpoint(family)));
      network.run(Duration.ofMillis(500));
    }
    network.run(Duration.ofMinutes(20));
    RecordUser user = user(network, seed);
    MutableRecord signed = user.record("meta", 7, first.wallMillis(), WEEK);
    assertThat(user.put(first, signed, -1).isEnough()).isTrue();
    for (VirtualNode node : network.nodes()) {
      assertThat(user.get(node, signed.key()).found()).as("through %s", node).isEqualTo(signed);
    }
  }

  @SeededTest(runs = 2)
  void restart_withItsDisk_stillHolds(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode first = network.add(DhtConfig.defaults()).withDisk().start();
    for (int i = 1; i < 5; i++) {
      network.add(DhtConfig.defaults()).withDisk().start(first.endpoint());
    }
    network.run(Duration.ofMinutes(20));
    RecordUser user = user(network, seed);
    MutableRecord signed = user.record("meta", 7, first.wallMillis(), WEEK);
    assertThat(user.put(first, signed, -1).stored()).isEqualTo(REPLICAS);
    network.run(Duration.ofSeconds(1));
    network.nodes().forEach(VirtualNode::stop);
    network.run(Duration.ofMinutes(1));
    network.nodes().forEach(node -> node.start(first.endpoint()));
    for (VirtualNode node : network.nodes()) {
      assertThat(node.engine().records().held(signed.key(), network.nowNanos())).isEqualTo(signed);
    }
    network.run(Duration.ofDays(7));
    assertThat(holders(network, signed.key())).isEmpty();
    assertThat(network.nodes()).allMatch(node -> node.stats().store().items() == 0);
  }
}
