package org.bytchat.dht.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;
import org.bytchat.dht.wire.Services;

/**
 * Networks in which some nodes offer a service: whoever looks for them finds exactly the closest
 * that are alive, so that all who look find the same.
 */
class ServiceNetworkTest {

  private static final int REPLICAS = 5;
  private static final int LOOKUPS = 60;

  /** Makes a network of which each so-maniest node offers the service, and lets it settle. */
  private static VirtualNetwork joined(long seed, int count, int share) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode first = network.add(DhtConfig.defaults()).start();
    for (int i = 1; i < count; i++) {
      network.add(config(i, share)).start(first.endpoint());
      network.run(Duration.ofMillis(500));
    }
    network.run(Duration.ofMinutes(20));
    return network;
  }

  private static DhtConfig config(int index, int share) {
    return DhtConfig.defaults().withServices(index % share == 1 ? Services.TRACKER : 0);
  }

  private static VirtualNode readOnly(VirtualNetwork network) {
    VirtualNode node = network.add(DhtConfig.defaults().withReadOnly(true).withServices(1));
    node.start(network.nodes().get(0).endpoint());
    network.run(Duration.ofMinutes(1));
    return node;
  }

  private static List<Contact> closest(VirtualNetwork network, VirtualNode asker, NodeId target) {
    return network.closest(asker, target, network.nodes().size()).stream()
        .filter(contact -> contact.offers(Services.TRACKER))
        .limit(REPLICAS)
        .toList();
  }

  private static void assertExact(VirtualNetwork network, List<VirtualNode> askers, long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < LOOKUPS; i++) {
      VirtualNode asker = askers.get(i % askers.size());
      NodeId target = TestContacts.randomId(random);
      LookupResult result = network.lookup(asker, target, Services.TRACKER);
      assertThat(result.closest()).allMatch(contact -> contact.offers(Services.TRACKER));
      assertThat(result.closest().stream().limit(REPLICAS))
          .as("lookup %s of %s by %s", i, target, asker)
          .containsExactlyElementsOf(closest(network, asker, target))
          .isNotEmpty();
    }
  }

  /** One without the service, one with it, and one that is read-only. */
  private static List<VirtualNode> askers(VirtualNetwork network, long seed, int share) {
    int some = Seeds.random(seed).nextInt(network.nodes().size() / share - 1) * share;
    return List.of(network.nodes().get(some + 2), network.nodes().get(some + 1), readOnly(network));
  }

  @SeededTest(runs = 2)
  void lookup_oneInTenOffersIt_exactAlsoAfterChurn(long seed) {
    assertExactThroughChurn(seed, 300, 10);
  }

  /** So many offer it that no table knows them all. */
  @SeededTest(runs = 1)
  void lookup_aHundredOfSixHundredOfferIt_exactAlsoAfterChurn(long seed) {
    assertExactThroughChurn(seed, 600, 6);
  }

  @SeededTest(runs = 2)
  void lookup_oneInFiftyOffersIt_exactAlsoAfterChurn(long seed) {
    assertExactThroughChurn(seed, 300, 50);
  }

  private static void assertExactThroughChurn(long seed, int count, int share) {
    VirtualNetwork network = joined(seed, count, share);
    List<VirtualNode> askers = askers(network, seed, share);
    assertExact(network, askers, seed);
    // A third of all go, of those that offer it too, and as many newcomers come.
    for (int i = 1; i < count; i++) {
      VirtualNode node = network.nodes().get(i);
      boolean offers = i % share == 1;
      if ((offers ? i / share : i) % 3 == 1 && !askers.contains(node)) {
        node.stop();
      }
    }
    assertExact(network, askers, seed + 1);
    for (int i = 1; i < count / 3; i++) {
      network.add(config(i, share)).start(network.nodes().get(0).endpoint());
      network.run(Duration.ofMillis(500));
    }
    network.run(Duration.ofMinutes(5));
    assertExact(network, askers, seed + 2);
  }

  /** Most find in their first table whom they look for, and leave out lookups for the second. */
  @SeededTest(runs = 1)
  void lookup_nineInTenOfferIt_exactAlsoAfterChurn(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    network.add(DhtConfig.defaults()).start();
    addMostlyOffering(network, 200);
    network.run(Duration.ofMinutes(40));
    List<VirtualNode> askers = List.of(network.nodes().get(10), network.nodes().get(11));
    assertExact(network, askers, seed);
    for (int i = 1; i < 200; i += 3) {
      if (!askers.contains(network.nodes().get(i))) {
        network.nodes().get(i).stop();
      }
    }
    addMostlyOffering(network, 70);
    network.run(Duration.ofMinutes(5));
    assertExact(network, askers, seed + 1);
  }

  private static void addMostlyOffering(VirtualNetwork network, int count) {
    for (int i = 0; i < count; i++) {
      network
          .add(DhtConfig.defaults().withServices(i % 10 == 9 ? 0 : Services.TRACKER))
          .start(network.nodes().get(0).endpoint());
      network.run(Duration.ofMillis(500));
    }
  }

  @SeededTest(runs = 1)
  void upkeep_whereAllOfferIt_takesHardlyMoreThanWhereNobodyDoes(long seed) {
    long nobody = lookupsOfAnHour(seed, 0);
    long all = lookupsOfAnHour(seed, Services.TRACKER);
    assertThat(all).isBetween(nobody * 8 / 10, nobody * 15 / 10);
  }

  private static long lookupsOfAnHour(long seed, int services) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode first = network.add(DhtConfig.defaults().withServices(services)).start();
    for (int i = 1; i < 100; i++) {
      network.add(DhtConfig.defaults().withServices(services)).start(first.endpoint());
      network.run(Duration.ofMillis(500));
    }
    network.run(Duration.ofMinutes(40));
    long before = lookups(network);
    network.run(Duration.ofHours(1));
    return lookups(network) - before;
  }

  private static long lookups(VirtualNetwork network) {
    return network.nodes().stream().mapToLong(node -> node.stats().count(Counter.LOOKUPS)).sum();
  }
}
