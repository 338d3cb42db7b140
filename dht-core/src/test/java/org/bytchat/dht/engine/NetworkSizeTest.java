package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.junit.jupiter.api.Test;

/** The size of a network, estimated from distances. */
class NetworkSizeTest {

  private static final int K = 20;
  private static final int NODES = 5_000;
  private final ClosestSearch search = new ClosestSearch(K);

  /** A network, and what one of its nodes knows. */
  private static final class World {
    final Random random;
    final NodeId own;
    final List<NodeId> ids = new ArrayList<>();
    final RoutingTable table;
    final NetworkSize size;

    World(long seed) {
      random = Seeds.random(seed);
      own = TestContacts.randomId(random);
      table = new RoutingTable(own, RoutingConfig.defaults(), DefenceConfig.defaults(), false);
      size = new NetworkSize(own, K);
      for (int i = 0; i < NODES; i++) {
        ids.add(TestContacts.randomId(random));
        table.fill(contact(ids.get(i), i), 0);
      }
    }

    /** Looks a key up among so many nodes. */
    void lookUp(NodeId key, int nodes) {
      List<Contact> closest =
          ids.subList(0, nodes).stream()
              .sorted(key::compareDistance)
              .limit(K)
              .map(id -> contact(id, 1))
              .toList();
      size.onLookup(key, closest);
    }

    private static Contact contact(NodeId id, int number) {
      return Contact.of(id, TestContacts.endpoint(number), 0);
    }
  }

  @SeededTest(runs = 20)
  void estimate_lookups_medianIsNear(long seed) {
    World world = new World(seed);
    for (int i = 0; i < 40; i++) {
      world.lookUp(TestContacts.randomId(world.random), NODES);
    }
    assertThat(world.size.estimate(world.table, search)).isCloseTo(NODES, withPercentage(35));
  }

  @SeededTest(runs = 20)
  void estimate_noLookups_isOfTheOwnNeighbourhood(long seed) {
    World world = new World(seed);
    assertThat(world.size.estimate(world.table, search)).isBetween(NODES * 0.4, NODES * 2.5);
  }

  @Test
  void estimate_fewerContactsThanK_areAllThereAre() {
    NodeId own = NodeId.ZERO;
    RoutingTable table =
        new RoutingTable(own, RoutingConfig.defaults(), DefenceConfig.defaults(), false);
    for (int i = 1; i <= 7; i++) {
      table.fill(World.contact(NodeId.of(i, 0, 0), i), 0);
    }
    NetworkSize size = new NetworkSize(own, K);
    assertThat(size.estimate(table, search)).isEqualTo(8);
    assertThat(size.reach(1, table, search)).as("too small to tell").isZero();
  }

  /** Made-up nodes around each key make the network look large, but not out of all proportion. */
  @SeededTest(runs = 20)
  void reach_lookupsInflated_isBoundedByTheNeighbourhood(long seed) {
    World world = new World(seed);
    long before = world.size.reach(16, world.table, search);
    for (int i = 0; i < 20; i++) {
      NodeId key = TestContacts.randomId(world.random);
      List<Contact> near = new ArrayList<>();
      for (int j = 0; j < K; j++) {
        NodeId id = NodeId.of(key.high() ^ (world.random.nextLong() >>> 40), 0, j);
        near.add(World.contact(id, j));
      }
      near.sort((a, b) -> key.compareDistance(a.id(), b.id()));
      world.size.onLookup(key, near);
    }
    assertThat(world.size.estimate(world.table, search)).isGreaterThan(NODES * 100.0);
    assertThat(world.size.reach(16, world.table, search)).isBetween((long) (before / 1.6), before);
  }

  /** Who shall hold something is told rather too far away: one of two estimates may be too high. */
  @SeededTest(runs = 20)
  void holderReach_oneEstimateInflated_followsTheOther(long seed) {
    World world = new World(seed);
    for (int i = 0; i < 16; i++) {
      world.lookUp(TestContacts.randomId(world.random), NODES);
    }
    double before = holdersSeen(world);
    assertThat(before).isBetween(NODES * 0.4, NODES * 1.3);
    for (int i = 0; i < 40; i++) {
      NodeId id = NodeId.of(world.own.high() ^ (world.random.nextLong() >>> 24), 0, i);
      world.table.fill(World.contact(id, NODES + i), 0);
    }
    assertThat(sizeSeen(world)).as("crowded").isGreaterThan(2.0 * NODES);
    assertThat(holdersSeen(world)).isBetween(before, NODES * 1.3);
  }

  /** An estimate that is too low does not end it, as long as the other one is not. */
  @SeededTest(runs = 5)
  void holderReach_oneEstimateTooSmall_isAsFarAsItMayBe(long seed) {
    World world = new World(seed);
    for (int i = 0; i < 16; i++) {
      world.lookUp(TestContacts.randomId(world.random), K + 1);
    }
    assertThat(holdersSeen(world)).isCloseTo(160, withPercentage(1));
  }

  private double holdersSeen(World world) {
    return 16 / (world.size.holderReach(16, world.table, search) * 0x1.0p-64);
  }

  /** Who wants to hide a crowd from one node might crowd that node as well. */
  @SeededTest(runs = 20)
  void reach_ownNeighbourhoodCrowded_isBoundedByTheLookups(long seed) {
    World world = new World(seed);
    for (int i = 0; i < 40; i++) {
      NodeId id = NodeId.of(world.own.high() ^ (world.random.nextLong() >>> 24), 0, i);
      world.table.fill(World.contact(id, NODES + i), 0);
    }
    assertThat(world.size.estimate(world.table, search)).isGreaterThan(NODES * 100.0);
    for (int i = 0; i < 16; i++) {
      world.lookUp(TestContacts.randomId(world.random), NODES);
    }
    assertThat(sizeSeen(world)).isCloseTo(4.0 * NODES, withPercentage(40));
    NodeId near = NodeId.of(world.own.high() ^ 0x03ff_ffff_ffff_ffffL, 0, 0);
    List<Contact> crowd = new ArrayList<>();
    for (int i = 0; i < K; i++) {
      crowd.add(World.contact(NodeId.of(near.high(), 0, i), i));
    }
    for (int i = 0; i < 16; i++) {
      world.size.onLookup(near, crowd);
      world.size.onLookup(world.own, crowd);
    }
    assertThat(sizeSeen(world))
        .as("lookups near this node say nothing")
        .isCloseTo(4.0 * NODES, withPercentage(40));
  }

  @SeededTest(runs = 20)
  void reach_networkGrew_isBetweenBeforeAndNow(long seed) {
    World world = new World(seed);
    for (int i = 0; i < 16; i++) {
      world.lookUp(TestContacts.randomId(world.random), NODES / 5);
    }
    assertThat(sizeSeen(world)).isBetween(NODES * 0.35, NODES * 1.3);
    for (int i = 0; i < 8; i++) {
      world.lookUp(TestContacts.randomId(world.random), NODES);
    }
    assertThat(world.size.estimate(world.table, search))
        .as("the new lookups are the majority")
        .isCloseTo(NODES, withPercentage(50));
  }

  private double sizeSeen(World world) {
    return 16 / (world.size.reach(16, world.table, search) * 0x1.0p-64);
  }

  @SeededTest(runs = 5)
  void onLookup_fewerThanK_saysNothing(long seed) {
    World world = new World(seed);
    double before = world.size.estimate(world.table, search);
    for (int i = 0; i < 20; i++) {
      world.lookUp(TestContacts.randomId(world.random), K - 1);
    }
    assertThat(world.size.estimate(world.table, search)).isEqualTo(before);
  }
}
