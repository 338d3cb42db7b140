package org.bytchat.dht.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;

/**
 * Whole networks on virtual time: whatever happened to them, in the end every lookup finds exactly
 * the closest live nodes.
 */
class NetworkTest {

  @SeededTest(runs = 3)
  void lookup_fiftyNodes_exact(long seed) {
    Networks.assertExact(Networks.joined(seed, 50), seed);
  }

  @SeededTest(runs = 2)
  void lookup_twoHundredNodes_exact(long seed) {
    VirtualNetwork network = Networks.joined(seed, 200);
    Networks.assertExact(network, seed);
    network.run(Duration.ofHours(1));
    Networks.assertExact(network, seed + 1);
  }

  @SeededTest(runs = 2)
  void lookup_datagramsDuplicatedAndOutOfOrder_exact(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    Duration jitter = Duration.ofMillis(300);
    network.links().latency(Duration.ofMillis(5), Duration.ofMillis(50), jitter).duplication(0.3);
    Networks.assertExact(Networks.joinAll(network, 50), seed);
  }

  @SeededTest(runs = 2)
  void lookup_aFifthOfTheNodesKilled_exactAfterHours(long seed) {
    VirtualNetwork network = Networks.joined(seed, 200);
    network.run(Duration.ofMinutes(10));
    for (int i = 0; i < 200; i += 5) {
      network.nodes().get(i).stop();
    }
    network.run(Duration.ofHours(2));
    Networks.assertExact(network, seed);
    for (VirtualNode node : network.nodes()) {
      if (node.isUp()) {
        assertThat(node.engine().contacts()).allMatch(contact -> isUp(network, contact.id()));
      }
    }
  }

  /** Nearly all whom the two know are dead, so that many fail for each answer. */
  @SeededTest(runs = 2)
  void stop_allButTwoOfForty_theTwoForgetTheDead(long seed) {
    VirtualNetwork network = Networks.joined(seed, 40);
    for (VirtualNode node : network.nodes().subList(2, 40)) {
      node.stop();
    }
    network.run(Duration.ofHours(2));
    VirtualNode one = network.nodes().get(0);
    VirtualNode two = network.nodes().get(1);
    assertThat(one.engine().contacts()).containsExactly(two.contact());
    assertThat(two.engine().contacts()).containsExactly(one.contact());
  }

  @SeededTest(runs = 2)
  void latency_allPeersBecomeSlow_repetitionsEnd(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    network.links().latency(Duration.ofMillis(5), Duration.ofMillis(1), Duration.ZERO);
    Networks.joinAll(network, 30);
    VirtualNode node = network.add(DhtConfig.defaults().withReadOnly(true));
    node.start(network.nodes().get(0).endpoint());
    network.run(Duration.ofMinutes(30));
    network.links().latency(Duration.ofMillis(200), Duration.ofMillis(1), Duration.ZERO);
    lookUp(network, node, seed);
    EngineStats before = node.stats();
    lookUp(network, node, seed + 1);
    EngineStats after = node.stats();
    long requests = after.count(Counter.REQUESTS) - before.count(Counter.REQUESTS);
    long resent = after.count(Counter.RESENT) - before.count(Counter.RESENT);
    assertThat(resent).isLessThan(requests / 20);
  }

  private static void lookUp(VirtualNetwork network, VirtualNode asker, long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < 100; i++) {
      network.lookup(asker, TestContacts.randomId(random));
    }
  }

  private static boolean isUp(VirtualNetwork network, NodeId id) {
    return network.nodes().stream().anyMatch(node -> node.isUp() && node.id().equals(id));
  }

  /**
   * With 30 % loss each way an attempt fails in 51 % of all cases, and one in eight candidates does
   * not answer three of them; more is not tried by design. So most closest nodes are found, the
   * tables are whole, and without loss the next lookup is exact.
   */
  @SeededTest(runs = 2)
  void lookup_thirtyPercentLoss_findsMostAndKeepsTablesWhole(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    network.links().loss(0.3);
    Networks.joinAll(network, 100);
    network.run(Duration.ofHours(1));
    assertThat(network.nodes()).allMatch(node -> node.stats().joined());
    assertThat(Networks.recall(network, seed)).isBetween(0.8, 0.95);
    network.links().loss(0);
    Networks.assertExact(network, seed);
  }

  @SeededTest(runs = 2)
  void lookup_cutInTwoForHours_exactAfterHealing(long seed) {
    VirtualNetwork network = Networks.joined(seed, 60);
    network.run(Duration.ofMinutes(10));
    network.partition((from, to) -> from.port() % 2 != to.port() % 2);
    network.run(Duration.ofHours(3));
    assertThat(network.nodes().get(0).engine().contacts())
        .as("the halves forgot each other")
        .allMatch(contact -> contact.endpoint().port() % 2 == 0);
    network.heal();
    network.run(Duration.ofHours(1));
    Networks.assertExact(network, seed);
  }

  @SeededTest(runs = 2)
  void join_tableEmptyAndContactedFirst_joins(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode alone = network.add(DhtConfig.defaults()).start();
    network.run(Duration.ofHours(1));
    assertThat(alone.stats().joined()).isFalse();
    assertThat(alone.stats().count(Counter.SENT)).isZero();
    network.add(DhtConfig.defaults()).start(alone.endpoint());
    network.run(Duration.ofSeconds(10));
    assertThat(alone.stats().joined()).isTrue();
    assertThat(alone.events()).contains(new EngineEvent.Joined(1));
    assertThat(alone.stats().contacts()).isEqualTo(1);
  }

  @SeededTest(runs = 2)
  void join_bootstrapSilentForAnHour_retriesWithBackoffForEver(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode host = network.add(DhtConfig.defaults());
    VirtualNode node = network.add(DhtConfig.defaults()).start(host.endpoint());
    network.run(Duration.ofMinutes(1));
    long early = node.stats().count(Counter.REQUESTS);
    network.run(Duration.ofMinutes(59));
    long late = node.stats().count(Counter.REQUESTS) - early;
    assertThat(early).as("attempts of the first minute").isBetween(5L, 8L);
    assertThat(late).as("attempts of the other 59").isBetween(45L, 80L);
    host.start();
    boolean joined = network.runUntil(Duration.ofSeconds(80), () -> node.stats().joined());
    assertThat(joined).isTrue();
    network.run(Duration.ofMinutes(5));
    long then = node.stats().count(Counter.REQUESTS);
    network.run(Duration.ofMinutes(5));
    assertThat(node.stats().count(Counter.REQUESTS) - then).as("no join goes on").isLessThan(5);
  }

  /** The host answers and stays out of tables, and no proof of the one it names comes in time. */
  @SeededTest(runs = 3)
  void join_nobodyProvenAtFirst_goesOnUntilSomebodyIsInTheTable(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode host = network.add(DhtConfig.defaults().withReadOnly(true)).start();
    VirtualNode other = network.add(DhtConfig.defaults()).start(host.endpoint());
    network.run(Duration.ofMinutes(1));
    VirtualNode node = network.add(DhtConfig.defaults()).start(host.endpoint());
    network.run(Duration.ofMillis(2));
    network.effectLatency(Duration.ofSeconds(20));
    network.run(Duration.ofSeconds(30));
    assertThat(node.stats().joined()).isFalse();
    assertThat(node.stats().contacts()).isZero();
    network.effectLatency(Duration.ofMillis(1));
    network.run(Duration.ofMinutes(2));
    assertThat(node.stats().joined()).isTrue();
    assertThat(node.engine().contacts()).containsExactly(other.contact());
  }

  /** Fewer could not reach it unasked: a node contacts all of a small network again and again. */
  @SeededTest(runs = 5)
  void reachability_twentyFourFullNodesInAsManyNetworks_newcomerBecomesFull(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.PUBLIC);
    VirtualNode first = network.add(DhtConfig.defaults().withAssumeReachable(true)).start();
    for (int i = 1; i < 4 * 24; i++) {
      VirtualNode node = network.add(DhtConfig.defaults().withAssumeReachable(true));
      if (i % 4 == 0) {
        node.start(first.endpoint());
      }
    }
    network.run(Duration.ofMinutes(30));
    VirtualNode newcomer = network.add(DhtConfig.defaults()).start(first.endpoint());
    network.run(Duration.ofMinutes(5));
    assertThat(newcomer.stats().full()).as("nobody reached it unasked yet").isFalse();
    assertThat(network.runUntil(Duration.ofHours(4), () -> newcomer.stats().full())).isTrue();
    assertThat(newcomer.events()).contains(new EngineEvent.ReachabilityChanged(true));
    boolean known =
        network.runUntil(
            Duration.ofHours(1), () -> first.engine().contacts().contains(newcomer.contact()));
    assertThat(known).isTrue();
  }

  @SeededTest(runs = 3)
  void restart_allFromSavedContactsWithoutBootstrap_exact(long seed) {
    for (Scope scope : Scope.values()) {
      VirtualNetwork network = VirtualNetwork.of(seed, scope);
      DhtConfig config = DhtConfig.defaults().withAssumeReachable(true);
      VirtualNode first = network.add(config).start();
      for (int i = 1; i < 8; i++) {
        network.add(config).start(first.endpoint());
      }
      network.run(Duration.ofMinutes(5));
      network.nodes().forEach(VirtualNode::stop);
      network.run(Duration.ofHours(1));
      for (VirtualNode node : network.nodes()) {
        node.start();
        network.run(Duration.ofSeconds(20));
      }
      network.run(Duration.ofMinutes(2));
      assertThat(network.nodes()).allMatch(node -> node.stats().contacts() == 7);
      Networks.assertExact(network, seed);
    }
  }

  @SeededTest(runs = 3)
  void restart_atAnotherEndpoint_othersFollow(long seed) {
    VirtualNetwork network = Networks.joined(seed, 30);
    VirtualNode moved = network.nodes().get(7);
    network.run(Duration.ofMinutes(10));
    moved.stop();
    network.move(moved, Endpoint.ofIpv4(127 << 24 | 1, 9));
    moved.start();
    network.run(Duration.ofHours(2));
    Networks.assertExact(network, seed);
  }

  @SeededTest(runs = 2)
  void reachability_openNodesBecomeFull_thoseBehindRoutersStayReadOnly(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.PUBLIC);
    VirtualNode first = network.add(DhtConfig.defaults().withAssumeReachable(true)).start();
    for (int i = 1; i < 60; i++) {
      // The first 40 have ten that are known to be reachable, each in a network of its own.
      boolean known = i < 40 && i % 4 == 0;
      VirtualNode node = network.add(DhtConfig.defaults().withAssumeReachable(known));
      if (i % 10 == 9) {
        node.putBehindRouter();
      }
      node.start(first.endpoint());
      network.run(Duration.ofMillis(500));
    }
    network.run(Duration.ofHours(4));
    for (int i = 0; i < 60; i++) {
      VirtualNode node = network.nodes().get(i);
      assertThat(node.stats().full()).as("%s is full", node).isEqualTo(i % 10 != 9);
      assertThat(node.stats().external()).containsExactly(node.endpoint());
    }
    for (VirtualNode node : network.nodes()) {
      assertThat(node.engine().contacts())
          .noneMatch(contact -> network.nodes().indexOf(byId(network, contact.id())) % 10 == 9);
    }
    Networks.assertExact(network, seed);
  }

  private static VirtualNode byId(VirtualNetwork network, NodeId id) {
    return network.nodes().stream().filter(node -> node.id().equals(id)).findAny().orElseThrow();
  }

  /** The other family has joined by then. */
  @SeededTest(runs = 3)
  void join_oneFamilyComesUpLater_joinsInItWithinAMinute(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.PUBLIC);
    DhtConfig config = DhtConfig.defaults().withAssumeReachable(true);
    AddressFamily[] both = AddressFamily.values();
    VirtualNode first = network.add(config, both).start();
    Endpoint first6 = Objects.requireNonNull(first.endpoint(AddressFamily.IPV6));
    for (int i = 1; i < 30; i++) {
      network.add(config, both).start(first.endpoint(), first6);
      network.run(Duration.ofMillis(500));
    }
    network.run(Duration.ofMinutes(30));
    VirtualNode late = network.add(config, both);
    Endpoint late6 = Objects.requireNonNull(late.endpoint(AddressFamily.IPV6));
    network.partition((from, to) -> from.equals(late6) || to.equals(late6));
    late.start(first.endpoint(), first6);
    network.run(Duration.ofSeconds(20));
    assertThat(late.stats().joined()).isTrue();
    network.heal();
    network.run(Duration.ofMinutes(1));
    long in6 =
        late.engine().contacts().stream()
            .filter(contact -> contact.endpoint().family() == AddressFamily.IPV6)
            .count();
    assertThat(in6).isGreaterThan(15);
  }

  /** A host with addresses of a family and no way out does not try for ever. */
  @SeededTest(runs = 2)
  void join_oneFamilyNeverComesUp_attemptsGetRare(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.PUBLIC);
    DhtConfig config = DhtConfig.defaults().withAssumeReachable(true);
    VirtualNode first = network.add(config).start();
    VirtualNode node = network.add(config, AddressFamily.values());
    Endpoint nobody = Endpoint.ofIpv6(0x2606_0000_0000_0001L, 1, 6881);
    node.start(first.endpoint(), nobody);
    network.run(Duration.ofMinutes(10));
    long before = node.stats().count(Counter.TIMEOUTS);
    network.run(Duration.ofHours(3));
    assertThat(node.stats().count(Counter.TIMEOUTS) - before)
        .as("about seven for each lookup of the own id")
        .isBetween(12L, 140L);
    assertThat(node.stats().count(Counter.OUTAGES)).isZero();
  }

  /** Two networks, one for each family, of which most nodes are in both. */
  @SeededTest(runs = 2)
  void lookup_dualStack_findsTheNodesOfEachFamily(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.PUBLIC);
    DhtConfig config = DhtConfig.defaults().withAssumeReachable(true);
    AddressFamily[] both = AddressFamily.values();
    VirtualNode first = network.add(config, both).start();
    Endpoint first6 = Objects.requireNonNull(first.endpoint(AddressFamily.IPV6));
    for (int i = 1; i < 30; i++) {
      VirtualNode node =
          i % 3 == 0 ? network.add(config, AddressFamily.IPV6) : network.add(config, both);
      node.start(first.endpoint(), first6);
      network.run(Duration.ofMillis(500));
    }
    network.run(Duration.ofMinutes(30));
    for (VirtualNode node : network.nodes()) {
      boolean isDual = node.endpoint(AddressFamily.IPV4) != null;
      long in4 =
          node.engine().contacts().stream()
              .filter(contact -> contact.endpoint().family() == AddressFamily.IPV4)
              .count();
      assertThat(in4).isEqualTo(isDual ? 20 : 0);
      assertThat(node.stats().contacts() - in4).isGreaterThanOrEqualTo(20);
    }
    VirtualNode asker = network.nodes().get(3);
    NodeId target = TestContacts.randomId(Seeds.random(seed));
    List<NodeId> closest =
        network.lookup(asker, target).closest().stream().map(contact -> contact.id()).toList();
    assertThat(closest)
        .isEqualTo(
            network.closest(asker, target, 20).stream().map(contact -> contact.id()).toList());
  }
}
