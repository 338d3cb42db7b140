package org.bytchat.dht.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;

/** Networks for tests, and what is true of their lookups. */
final class Networks {

  /** k. */
  private static final int CLOSEST = 20;

  /** How many lookups make a test of a network. */
  static final int LOOKUPS = 200;

  private Networks() {}

  /**
   * How long tables take to be whole: until its bucket is refreshed, a node need not know a
   * newcomer far from it.
   */
  private static final Duration SETTLING = Duration.ofMinutes(20);

  /** Makes a local network whose nodes join through the first of them, and lets it settle. */
  static VirtualNetwork joined(long seed, int count) {
    return joinAll(VirtualNetwork.of(seed, Scope.LOCAL), count);
  }

  /**
   * Adds nodes to an empty network; they join through the first of them, two in a second, and the
   * network settles.
   */
  static VirtualNetwork joinAll(VirtualNetwork network, int count) {
    VirtualNode first = network.add(DhtConfig.defaults()).start();
    for (int i = 1; i < count; i++) {
      network.add(DhtConfig.defaults()).start(first.endpoint());
      network.run(Duration.ofMillis(500));
    }
    network.run(SETTLING);
    return network;
  }

  /** Looks random keys up from random nodes; each lookup must find exactly the closest nodes. */
  static void assertExact(VirtualNetwork network, long seed) {
    Random random = Seeds.random(seed);
    List<VirtualNode> up = network.nodes().stream().filter(VirtualNode::isUp).toList();
    for (int i = 0; i < LOOKUPS; i++) {
      VirtualNode asker = up.get(random.nextInt(up.size()));
      NodeId target = TestContacts.randomId(random);
      List<Contact> found = network.lookup(asker, target).closest();
      assertThat(found)
          .as("lookup %s of %s by %s", i, target, asker)
          .isEqualTo(network.closest(asker, target, CLOSEST))
          .isNotEmpty();
    }
  }

  /** Looks random keys up; returns which share of the closest nodes was found. */
  static double recall(VirtualNetwork network, long seed) {
    Random random = Seeds.random(seed);
    List<VirtualNode> up = network.nodes().stream().filter(VirtualNode::isUp).toList();
    int found = 0;
    int wanted = 0;
    for (int i = 0; i < LOOKUPS; i++) {
      VirtualNode asker = up.get(random.nextInt(up.size()));
      NodeId target = TestContacts.randomId(random);
      List<Contact> closest = network.lookup(asker, target).closest();
      List<Contact> right = new ArrayList<>(network.closest(asker, target, CLOSEST));
      wanted += right.size();
      right.retainAll(closest);
      found += right.size();
    }
    return (double) found / wanted;
  }
}
