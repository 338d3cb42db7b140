package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;

/** Whom a table learns of in lookups. */
class LearningTest {

  private static final int FEW = DefenceConfig.defaults().learntPerLookup();
  private static final int GANG = 100;
  private static final double ANYWHERE = 2 * StagedNetwork.HONEST;
  private static final Duration REFRESH = DhtConfig.defaults().routing().refreshInterval();

  @SeededTest(runs = 5)
  void join_learnsAllNeighbours_andAFewOfAFarBucket(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults()).join();
    assertThat(stage.node.engine().contacts())
        .containsAll(StagedNetwork.contacts(stage.honest, stage.node.id(), StagedNetwork.K));
    assertThat(far(stage)).as("and the host").hasSizeBetween(FEW, FEW + 1);
    // Who is learnt may be known; of five hundred that is rare.
    stage.network.run(REFRESH.multipliedBy(3));
    assertThat(far(stage)).hasSizeBetween(2 * FEW, StagedNetwork.K);
  }

  @SeededTest(runs = 5)
  void refresh_ofAThinBucket_comesSooner(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults()).join();
    stage.network.run(REFRESH.dividedBy(3));
    assertThat(far(stage)).hasSizeGreaterThan(FEW + 2);
    stage.network.run(REFRESH.dividedBy(3));
    assertThat(far(stage)).hasSizeGreaterThan(2 * FEW + 1);
    long lookups = stage.count(Counter.LOOKUPS);
    stage.network.run(REFRESH.multipliedBy(4));
    assertThat(stage.count(Counter.LOOKUPS) - lookups).as("no more often then").isLessThan(60);
  }

  @SeededTest(runs = 5)
  void lookup_forAUser_learnsNobody(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults()).join();
    assertThat(far(stage)).as("there is room").hasSizeLessThan(StagedNetwork.K / 2);
    List<Contact> before = stage.node.engine().contacts();
    Random random = Seeds.random(seed + 1);
    for (int i = 0; i < 5; i++) {
      stage.network.lookup(stage.node, TestContacts.randomId(random));
    }
    stage.network.run(Duration.ofSeconds(10));
    assertThat(stage.node.engine().contacts()).containsExactlyInAnyOrderElementsOf(before);
  }

  /**
   * A tenth of all peers is hostile, and one of two hosts. Of those on the way to a key up to all
   * are hostile then, of those that are closest to it a tenth: without the defence it is a quarter.
   */
  @SeededTest(runs = 5)
  void join_hostilePeersNameEachOther_areFewOfTheTable(long seed) {
    assertThat(hostileShare(seed)).isLessThan(0.16);
  }

  private static double hostileShare(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults());
    List<StagedPeer> gang = stage.gather(NodeId.ZERO, GANG, ANYWHERE);
    for (StagedPeer peer : gang) {
      List<StagedPeer> friends = gang.stream().filter(each -> isFriend(peer, each)).toList();
      StagedNetwork.conspire(List.of(peer), friends);
    }
    Endpoint[] hosts = {gang.get(0).contact.endpoint(), stage.honest.get(0).contact.endpoint()};
    stage.node.start(hosts);
    stage.network.run(Duration.ofMinutes(2));
    Set<Contact> hostile = new HashSet<>(gang.stream().map(peer -> peer.contact).toList());
    List<Contact> table = stage.node.engine().contacts();
    return table.stream().filter(hostile::contains).count() / (double) table.size();
  }

  /** Each names others, so that a limit for what one node names would admit more of them. */
  private static boolean isFriend(StagedPeer one, StagedPeer other) {
    return ((one.id().high() ^ other.id().high()) & 3) == 0;
  }

  private static List<Contact> far(StagedNetwork stage) {
    NodeId own = stage.node.id();
    return stage.node.engine().contacts().stream()
        .filter(contact -> own.commonPrefixLength(contact.id()) == 0)
        .toList();
  }
}
