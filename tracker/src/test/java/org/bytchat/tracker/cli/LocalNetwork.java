package org.bytchat.tracker.cli;

import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.runtime.DhtRuntime;

/** Nodes on the loopback address in this process, each of which knows all others. */
final class LocalNetwork implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final DhtRuntime runtime = DhtRuntime.start(1, 1);
  private final List<DhtNode> nodes = new ArrayList<>();

  /** Starts so many nodes, and waits until they are acquainted. */
  static LocalNetwork start(int count, StoreConfig store) throws Exception {
    LocalNetwork network = new LocalNetwork();
    InetSocketAddress any = new InetSocketAddress(InetAddresses.forString("127.0.0.1"), 0);
    for (int i = 0; i < count; i++) {
      var builder =
          DhtNode.builder()
              .bind(any)
              .runtime(network.runtime)
              .config(DhtConfig.defaults().withStore(store));
      if (i > 0) {
        builder.bootstrap(network.bootstrap());
      }
      network.nodes.add(builder.build().start());
    }
    for (DhtNode node : network.nodes) {
      await()
          .atMost(LIMIT)
          .until(
              () -> node.contacts().get(LIMIT.toSeconds(), TimeUnit.SECONDS).size() == count - 1);
    }
    return network;
  }

  /** Where commands find the network. */
  String bootstrap() {
    return Output.text(nodes.get(0).localAddresses().get(0));
  }

  /** One of the nodes, to do what no command does. */
  DhtNode node() {
    return nodes.get(0);
  }

  @Override
  public void close() {
    nodes.forEach(DhtNode::close);
    runtime.close();
  }
}
