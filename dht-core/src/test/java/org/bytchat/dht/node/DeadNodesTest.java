package org.bytchat.dht.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;

/** Nodes that went without a word cost a lookup some repetitions, not the time of the slowest. */
class DeadNodesTest {

  private static final int NODES = 60;
  private static final int DEAD = 6;

  /** A request fails after this; requests to dead nodes are under way for so long. */
  private static final Duration HARD_TIMEOUT = Duration.ofSeconds(5);

  @SeededTest
  void lookup_oneInTenIsDead_findsTheLivingLongBeforeTheDeadAreGivenUp(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.PUBLIC);
    List<VirtualNode> nodes = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      VirtualNode node = network.add(DhtConfig.defaults().withAssumeReachable(true));
      nodes.add(i == 0 ? node.start() : node.start(nodes.get(0).endpoint()));
    }
    network.run(Duration.ofMinutes(20));
    for (int i = 0; i < DEAD; i++) {
      nodes.get(10 + i).stop();
    }
    VirtualNode asker = nodes.get(1);
    NodeId target = nodes.get(10).id();
    LookupResult result = network.lookup(asker, target);
    // Answers still name the dead instead of those behind them, so not all of the k are heard of.
    assertThat(result.closest()).startsWith(nearest(network, asker, target));
    assertThat(result.elapsed()).isLessThan(HARD_TIMEOUT.multipliedBy(3).dividedBy(5));
  }

  private static Contact[] nearest(VirtualNetwork network, VirtualNode asker, NodeId target) {
    return network.closest(asker, target, 10).toArray(Contact[]::new);
  }
}
