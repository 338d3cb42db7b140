package org.bytchat.dht.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.RecordUser;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;
import org.jspecify.annotations.Nullable;

/** Who counts as a holder, and what is read when clocks, links and families are not all good. */
class RecordQuorumTest {

  private static final Duration WEEK = Duration.ofDays(7);

  /** Two nodes that are in both families are two holders, not four. */
  @SeededTest(runs = 2)
  void put_nodesInBothFamilies_countOnce(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode first = network.add(DhtConfig.defaults(), AddressFamily.values()).start();
    VirtualNode second = network.add(DhtConfig.defaults(), AddressFamily.values());
    second.start(first.endpoint(), Objects.requireNonNull(first.endpoint(AddressFamily.IPV6)));
    network.run(Duration.ofMinutes(20));
    RecordUser user = new RecordUser(network, HashScheme.INSTANCE, seed);
    MutableRecord signed = user.record("meta", 7, first.wallMillis(), WEEK);
    PutResult result = user.put(first, signed, -1);
    assertThat(result.nodes()).hasSizeGreaterThan(2);
    assertThat(result.stored()).isEqualTo(2);
    assertThat(result.durability()).isLessThan(0.995);
    assertThat(result.isEnough()).isFalse();
  }

  /** A node alone in the second family does not take itself for a holder of everything. */
  @SeededTest(runs = 2)
  void put_nobodyInTheOtherFamily_onlyTheClosestHoldIt(long seed) {
    VirtualNetwork network = Networks.joined(seed, 20);
    RecordUser user = new RecordUser(network, HashScheme.INSTANCE, seed);
    NodeId place = user.place("meta");
    VirtualNode writer = network.add(DhtConfig.defaults(), AddressFamily.values());
    long closer =
        network.nodes().stream()
            .filter(node -> place.compareDistance(node.id(), writer.id()) < 0)
            .count();
    writer.start(network.nodes().get(0).endpoint());
    network.run(Duration.ofMinutes(20));
    MutableRecord signed = user.record("meta", 7, writer.wallMillis(), WEEK);
    PutResult result = user.put(writer, signed, -1);
    assertThat(result.stored()).isEqualTo(5);
    assertThat(result.nodes().stream().anyMatch(node -> node.contact() == null))
        .isEqualTo(closer < 5);
  }

  /** Writer ahead, reader behind, holders in between: what these took, the reader takes. */
  @SeededTest(runs = 2)
  void get_readersClockFarBehindTheWriters_readsTheNewest(long seed) {
    VirtualNetwork network = Networks.joined(seed, 20);
    RecordUser user = new RecordUser(network, HashScheme.INSTANCE, seed);
    VirtualNode writer = network.nodes().get(2);
    VirtualNode reader = network.add(DhtConfig.defaults()).withClockError(Duration.ofMinutes(-9));
    reader.start(writer.endpoint());
    network.run(Duration.ofMinutes(5));
    long ahead = writer.wallMillis() + Duration.ofMinutes(9).toMillis();
    MutableRecord older = user.record("meta", 7, writer.wallMillis(), Duration.ofDays(5));
    MutableRecord newer = user.record("meta", 8, ahead, WEEK);
    assertThat(user.put(writer, older, -1).isEnough()).isTrue();
    assertThat(user.put(writer, newer, -1).isEnough()).isTrue();
    assertThat(user.get(reader, newer.key()).found()).isEqualTo(newer);
    MutableRecord tooFar = user.record("meta", 9, ahead + Duration.ofMinutes(2).toMillis(), WEEK);
    assertThat(user.put(writer, tooFar, -1).stored()).isZero();
  }

  /** A holder whose clock is far behind refuses what is newest; the next one takes it. */
  @SeededTest(runs = 2)
  void put_holdersClocksBehind_othersTakeIt(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    RecordUser user = new RecordUser(network, HashScheme.INSTANCE, seed);
    NodeId place = user.place("meta");
    for (int i = 0; i < 20; i++) {
      network.add(DhtConfig.defaults());
    }
    List<VirtualNode> byDistance =
        network.nodes().stream()
            .sorted(Comparator.comparing(VirtualNode::id, place::compareDistance))
            .toList();
    byDistance.subList(0, 3).forEach(node -> node.withClockError(Duration.ofMinutes(-9)));
    VirtualNode writer = byDistance.get(19).start();
    for (VirtualNode node : network.nodes()) {
      if (node != writer) {
        node.start(writer.endpoint());
        network.run(Duration.ofMillis(500));
      }
    }
    network.run(Duration.ofMinutes(20));
    long ahead = writer.wallMillis() + Duration.ofMinutes(9).toMillis();
    PutResult result = user.put(writer, user.record("meta", 7, ahead, WEEK), -1);
    assertThat(result.isEnough()).isTrue();
    List<Contact> closest = network.closest(writer, place, 8);
    assertThat(result.nodes().stream().map(node -> node.id()).toList())
        .isEqualTo(closest.stream().map(Contact::id).toList());
    assertThat(result.stored()).isEqualTo(5);
  }

  /** Three of five took something newer and are silent at first: the reader asks them again. */
  @SeededTest(runs = 2)
  void get_whoHoldsTheNewestIsSilentAtFirst_readsTheNewest(long seed) {
    VirtualNetwork network = Networks.joined(seed, 20);
    RecordUser user = new RecordUser(network, HashScheme.INSTANCE, seed);
    NodeId place = user.place("meta");
    List<VirtualNode> byDistance =
        network.nodes().stream()
            .sorted(Comparator.comparing(VirtualNode::id, place::compareDistance))
            .toList();
    VirtualNode writer = byDistance.get(18);
    VirtualNode reader = byDistance.get(19);
    MutableRecord older = user.record("meta", 7, writer.wallMillis(), WEEK);
    MutableRecord newer = user.record("meta", 8, writer.wallMillis(), WEEK);
    assertThat(user.put(writer, older, -1).stored()).isEqualTo(5);
    cut(network, writer, byDistance.subList(3, 5));
    assertThat(user.put(writer, newer, -1).isEnough()).isTrue();
    network.heal();
    List<VirtualNode> holders =
        byDistance.stream()
            .filter(node -> Objects.equals(held(network, node, place), newer))
            .toList();
    assertThat(holders).containsAll(byDistance.subList(0, 3)).doesNotContain(byDistance.get(3));
    cut(network, reader, holders);
    long id = reader.engine().records().get(place, network.nowNanos());
    reader.flush();
    network.run(Duration.ofSeconds(7));
    network.heal();
    network.run(Duration.ofSeconds(20));
    EngineEvent.GetFinished read =
        reader.takeEvent(EngineEvent.GetFinished.class, event -> event.id() == id);
    assertThat(Objects.requireNonNull(read).found()).isEqualTo(newer);
  }

  private static @Nullable StoredItem held(VirtualNetwork network, VirtualNode node, NodeId place) {
    return node.engine().records().held(place, network.nowNanos());
  }

  private static void cut(VirtualNetwork network, VirtualNode one, List<VirtualNode> others) {
    List<Endpoint> far = others.stream().map(VirtualNode::endpoint).toList();
    network.partition(
        (from, to) ->
            (from.equals(one.endpoint()) && far.contains(to))
                || (to.equals(one.endpoint()) && far.contains(from)));
  }

  /** Holders are asked more often than others before they count as silent. */
  @SeededTest(runs = 2)
  void put_manyDatagramsLost_mostHoldersHearOfIt(long seed) {
    VirtualNetwork network = Networks.joined(seed, 20);
    network.links().loss(0.4);
    int asked = 0;
    int silent = 0;
    for (int i = 0; i < 20; i++) {
      RecordUser user = new RecordUser(network, HashScheme.INSTANCE, seed + i);
      VirtualNode writer = network.nodes().get(i);
      PutResult result = user.put(writer, user.record("meta", 7, writer.wallMillis(), WEEK), -1);
      asked += result.nodes().size();
      silent +=
          (int)
              result.nodes().stream()
                  .filter(node -> node.outcome() == PutResult.Outcome.TIMED_OUT)
                  .count();
    }
    // An attempt comes through with 0.36; of two attempts four in ten would fail, of five one.
    assertThat(asked).isGreaterThan(80);
    assertThat(silent).isLessThan(asked / 4);
  }
}
