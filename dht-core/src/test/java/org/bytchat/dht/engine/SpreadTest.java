package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.TestContacts;
import org.junit.jupiter.api.Test;

/** How many holders a put has: r, and more where somebody may have chosen their ids. */
class SpreadTest {

  private static final int REPLICAS = 5;

  /** The node may take the network for so many times smaller or larger than it is. */
  private static final double ERROR = 1.5;

  private static final double DENSE = 1.6 * REPLICAS;
  private static final double CROWDED = 3.2 * REPLICAS;

  /** A network, and a record that is to be put. */
  private static final class Stage {
    final StagedNetwork network;
    final MutableRecord item;

    Stage(long seed, DhtConfig config) {
      this(seed, config, StagedNetwork::calmLabel);
    }

    Stage(long seed, DhtConfig config, Function<StagedNetwork, String> label) {
      network = new StagedNetwork(seed, config).join();
      item = network.record(label.apply(network), 7);
    }

    /** Adds liars who are nearer than all others; they hold what they get. */
    List<StagedPeer> gather(int count) {
      List<StagedPeer> gang = network.gather(item.key(), count);
      StagedNetwork.conspire(gang);
      return gang;
    }

    /** Has r peers of one network be all that are as near as r should be, or a bit farther. */
    List<StagedPeer> settleOneNetwork() {
      network.clear(item.key(), ERROR * REPLICAS + 0.5);
      double dense = ERROR * REPLICAS / 2;
      return network.gatherInOneNetwork(item.key(), REPLICAS, dense, REPLICAS);
    }

    PutResult put() {
      return network.user.put(network.node, item, -1);
    }

    List<StagedPeer> holders() {
      return network.holders(item.key());
    }

    /** Returns the honest peers within a distance in which so many are expected. */
    List<StagedPeer> honestWithin(double nodes) {
      NodeId key = item.key();
      return network.honest.stream()
          .filter(peer -> StagedNetwork.nodesWithin(key, peer.id()) < nodes)
          .toList();
    }

    /** All holders are within reach, and all within reach hold it. */
    void assertHeldWithin(double nodes, List<StagedPeer> gang) {
      assertThat(holders()).containsAll(gang).containsAll(honestWithin(nodes / ERROR));
      assertThat(holders().stream().filter(peer -> !gang.contains(peer)))
          .isSubsetOf(honestWithin(nodes * ERROR));
      assertThat(honestWithin(nodes / ERROR)).isNotEmpty();
    }
  }

  @SeededTest(runs = 3)
  void put_nobodyChoseIds_exactlyRHoldIt(long seed) {
    Stage stage = new Stage(seed, StagedNetwork.config(true, true), StagedNetwork::gapLabel);
    PutResult result = stage.put();
    assertThat(result.nodes()).hasSize(REPLICAS);
    assertThat(stage.holders())
        .isEqualTo(StagedNetwork.closest(stage.network.honest, stage.item.key(), REPLICAS));
  }

  @SeededTest(runs = 3)
  void put_moreThanRWithinTheirDistance_allOfThemHoldIt(long seed) {
    Stage stage = new Stage(seed, StagedNetwork.config(true, true), StagedNetwork::fullLabel);
    PutResult result = stage.put();
    assertThat(stage.holders()).hasSizeGreaterThan(REPLICAS);
    stage.assertHeldWithin(REPLICAS, List.of());
    assertThat(result.stored()).isEqualTo(stage.holders().size());
  }

  /** It is one of the r closest, or only as near as r should be. */
  @SeededTest(runs = 3)
  void put_writerIsNear_itAndAllOthersWithinTheDistanceHoldIt(long seed) {
    for (double far : new double[] {0, 2.5}) {
      Stage stage =
          new Stage(
              seed, StagedNetwork.config(true, true), network -> network.ownLabel(far, far + 0.5));
      NodeId key = stage.item.key();
      List<StagedPeer> crew = stage.network.gather(key, 2 * REPLICAS - 3, 2);
      stage.network.network.run(Duration.ofHours(1));
      PutResult result = stage.put();
      assertThat(stage.holders())
          .containsAll(crew)
          .containsAll(stage.honestWithin(REPLICAS / ERROR));
      assertThat(result.nodes())
          .as("the node itself")
          .anyMatch(node -> node.contact() == null && node.outcome() == PutResult.Outcome.STORED);
    }
  }

  @Test
  void put_moreThanRWithinTheirDistanceAndNobodyMinds_exactlyRHoldIt() {
    Stage stage = new Stage(1, StagedNetwork.config(false, true), StagedNetwork::fullLabel);
    stage.put();
    assertThat(stage.holders()).hasSize(REPLICAS);
  }

  /** Two of a network count, so that it takes others for three to acknowledge a put. */
  @Test
  void diverse_manyOfOneNetwork_othersBesideThem() {
    assertThat(diverse(false, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)).isEqualTo(5);
    assertThat(diverse(false, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8)).isEqualTo(6);
    assertThat(diverse(false, 1, 2, 1, 2, 1, 2, 3, 4, 5, 6)).isEqualTo(7);
    assertThat(diverse(false, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3)).as("as far as it goes").isEqualTo(10);
    assertThat(diverse(false, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)).as("no others").isEqualTo(5);
    assertThat(diverse(false, 1, 1, 1)).as("few").isEqualTo(5);
    assertThat(diverse(true, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6)).as("of this host").isEqualTo(5);
  }

  private static int diverse(boolean isLocal, int... networks) {
    List<Endpoint> nearest =
        IntStream.range(0, networks.length)
            .mapToObj(i -> TestContacts.endpoint(isLocal ? 127 : 9, networks[i], i, 1, 4000))
            .toList();
    return PutOperation.diverse(nearest, REPLICAS, 2, isLocal);
  }

  /** They are no nearer than r should be, and nobody else is as near. */
  @SeededTest(runs = 3)
  void put_closestAreOfOneNetwork_asManyOthersAsAcknowledgeAPutHoldIt(long seed) {
    Stage stage = new Stage(seed, StagedNetwork.config(true, true));
    List<StagedPeer> neighbours = stage.settleOneNetwork();
    PutResult result = stage.put();
    assertThat(stage.network.count(Counter.LOOKUPS_CROWDED)).isZero();
    assertThat(stage.holders()).hasSize(REPLICAS + 3).containsAll(neighbours);
    assertThat(result.stored()).isEqualTo(stage.holders().size());
  }

  @Test
  void put_closestAreOfOneNetworkAndNobodyMinds_onlyTheyHoldIt() {
    Stage stage = new Stage(1, StagedNetwork.config(false, true));
    List<StagedPeer> neighbours = stage.settleOneNetwork();
    stage.put();
    assertThat(stage.holders()).hasSize(REPLICAS).containsAll(neighbours);
  }

  /** Also those who come later. */
  @SeededTest(runs = 3)
  void repair_moreThanRWithinTheirDistance_allOfThemAreGivenIt(long seed) {
    Stage stage = new Stage(seed, StagedNetwork.config(true, true), StagedNetwork::ownLabel);
    stage.put();
    List<StagedPeer> newcomers = stage.network.gather(stage.item.key(), REPLICAS + 1, 2);
    stage.network.network.run(Duration.ofHours(2));
    assertThat(stage.holders()).containsAll(newcomers);
  }

  /** Too few for a crowd, and the r closest: honest ones get it too. */
  @SeededTest(runs = 3)
  void put_closestAreTooNear_honestOnesBesideThemHoldIt(long seed) {
    Stage stage = new Stage(seed, StagedNetwork.config(true, true));
    List<StagedPeer> gang = stage.gather(REPLICAS);
    PutResult result = stage.put();
    assertThat(stage.network.count(Counter.LOOKUPS_CROWDED)).isZero();
    stage.assertHeldWithin(DENSE, gang);
    assertThat(result.stored()).isEqualTo(stage.holders().size());
  }

  @Test
  void put_closestAreTooNearAndNobodyMinds_onlyLiarsHoldIt() {
    Stage stage = new Stage(1, StagedNetwork.config(false, true));
    List<StagedPeer> gang = stage.gather(REPLICAS);
    stage.put();
    assertThat(stage.holders()).hasSize(REPLICAS).isSubsetOf(gang);
  }

  @SeededTest(runs = 3)
  void put_crowd_allWithinTwiceTheDistanceHoldIt(long seed) {
    Stage stage = new Stage(seed, StagedNetwork.config(true, true));
    List<StagedPeer> gang = stage.gather(40);
    PutResult result = stage.put();
    assertThat(stage.network.count(Counter.LOOKUPS_CROWDED)).isEqualTo(1);
    stage.assertHeldWithin(CROWDED, gang);
    assertThat(result.stored()).isEqualTo(stage.holders().size());
  }

  /** More than a put goes to: who gets it does not depend on who is nearest. */
  @Test
  void put_crowdOfVeryMany_aHundredOfThemHoldIt() {
    LookupConfig patient = StagedNetwork.lookups(600, LookupConfig.defaults().lookupsMax());
    Stage stage = new Stage(1, StagedNetwork.config(true, true).withLookup(patient));
    List<StagedPeer> gang = stage.gather(150);
    PutResult result = stage.put();
    assertThat(result.nodes()).hasSize(100);
    assertThat(stage.holders()).hasSize(100);
    assertThat(stage.holders().stream().filter(peer -> !gang.contains(peer))).isNotEmpty();
  }
}
