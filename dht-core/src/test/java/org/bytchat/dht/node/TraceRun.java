package org.bytchat.dht.node;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.RecordUser;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;

/**
 * A run in which much happens, as a function of its seed. {@code main} prints its hash, so that
 * another Java can be asked for it.
 */
final class TraceRun {

  private TraceRun() {}

  /**
   * Runs.
   *
   * @param arguments the seed
   */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
    out.println(Long.toHexString(hash(Long.parseLong(arguments[0]))));
  }

  /** Returns a hash of all datagrams. */
  static long hash(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.PUBLIC);
    Duration jitter = Duration.ofMillis(200);
    network.links().latency(Duration.ofMillis(5), Duration.ofMillis(60), jitter);
    network.links().loss(0.1).duplication(0.1);
    VirtualNode first = network.add(DhtConfig.defaults().withAssumeReachable(true)).start();
    for (int i = 1; i < 30; i++) {
      network.add(DhtConfig.defaults().withAssumeReachable(i % 3 != 0)).start(first.endpoint());
      network.run(Duration.ofMillis(300));
    }
    network.run(Duration.ofMinutes(20));
    network.partition((from, to) -> from.port() % 2 != to.port() % 2);
    network.run(Duration.ofMinutes(20));
    network.heal();
    for (int i = 0; i < 30; i += 4) {
      network.nodes().get(i).stop();
    }
    network.run(Duration.ofMinutes(20));
    for (int i = 0; i < 30; i += 4) {
      network.nodes().get(i).start();
    }
    storeAndRead(network, seed);
    for (int i = 0; i < 30; i++) {
      VirtualNode asker = network.nodes().get(i);
      if (!asker.isUp()) {
        continue;
      }
      network.lookup(asker, TestContacts.randomId(Seeds.random(seed + i)));
    }
    return network.traceHash();
  }

  /** Publishes a record with a blob, kills a node that holds it, and reads it after the repair. */
  private static void storeAndRead(VirtualNetwork network, long seed) {
    RecordUser user = new RecordUser(network, HashScheme.INSTANCE, seed);
    byte[] blob = new byte[5_000];
    Seeds.random(seed).nextBytes(blob);
    VirtualNode through = network.nodes().get(1);
    VirtualNode reader = network.nodes().get(2);
    user.publish(through, user.publication("meta", "it", blob, Duration.ofDays(3)));
    network.nodes().stream()
        .filter(node -> node != through && node != reader && holds(network, node, user))
        .findFirst()
        .orElseThrow()
        .stop();
    network.run(Duration.ofHours(1));
    user.get(reader, user.place("meta"));
  }

  private static boolean holds(VirtualNetwork network, VirtualNode node, RecordUser user) {
    return node.engine().records().held(user.place("meta"), network.nowNanos()) != null;
  }
}
