package org.bytchat.sim.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.runtime.DhtRuntime;
import org.jspecify.annotations.Nullable;

/**
 * A node on a loop of its own whose table real nodes have filled, each proven: their keys are drawn
 * until enough of them fall into buckets with room. The limit of each source is lifted, all else is
 * the default.
 */
final class PeerNetwork implements AutoCloseable {

  /** So high that nothing is refused; the limit is counted all the same. */
  private static final int REQUESTS_PER_SECOND = 1_000_000;

  private static final long FILL_SECONDS = 60;
  private static final long POLL_MILLIS = 50;

  private final MeasuredLoop loop = MeasuredLoop.start();
  private final DhtRuntime peersRuntime = DhtRuntime.start(1, 1);
  private final List<DhtNode> peers = new ArrayList<>();
  private final DhtConfig config;
  private final DhtNode node;

  PeerNetwork(int contacts, @Nullable Path data)
      throws InterruptedException, ExecutionException, TimeoutException {
    this(DhtConfig.defaults(), contacts, data);
  }

  /**
   * Fills a node's table.
   *
   * @param config the node's; that of its peers is of its dialect
   * @param contacts how many contacts it has at last
   * @param data where the node keeps its state, null for nowhere
   */
  PeerNetwork(DhtConfig config, int contacts, @Nullable Path data)
      throws InterruptedException, ExecutionException, TimeoutException {
    this.config = config;
    DhtNodeBuilder builder =
        DhtNode.builder()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .runtime(loop.runtime())
            .config(
                config.withLimits(
                    LimitsConfig.defaults().withRequestsPerSecond(REQUESTS_PER_SECOND)));
    node = (data == null ? builder : builder.data(data)).build().start();
    fill(contacts);
  }

  private void fill(int contacts)
      throws InterruptedException, ExecutionException, TimeoutException {
    SecureRandom random = new SecureRandom();
    int bucket = config.routing().bucketSize();
    int[] sizes = new int[160];
    // Whoever asks from the farther half of the keyspace is to find no place there.
    while (peers.size() < contacts || sizes[0] < bucket) {
      NodeIdentity identity = NodeIdentity.generate(random);
      int prefix = node.id().commonPrefixLength(identity.id());
      if (sizes[prefix] < bucket) {
        sizes[prefix]++;
        peers.add(startPeer(identity));
      }
    }
    Deadline deadline = Deadline.in(FILL_SECONDS);
    while (stats().contacts() < peers.size() || stats().requestsUnderWay() > 0) {
      deadline.pause(POLL_MILLIS, "the table does not fill");
    }
  }

  /** Starts a peer, with small buckets, as what it knows is of no use here. */
  private DhtNode startPeer(NodeIdentity identity) {
    RoutingConfig routing = RoutingConfig.defaults();
    RoutingConfig small =
        new RoutingConfig(
            2,
            0,
            routing.subnetPerBucket(),
            routing.subnetPerTable(),
            routing.networkPerTable(),
            routing.refreshInterval(),
            routing.staleAfter(),
            routing.pingInterval(),
            routing.evictAfterFailures(),
            routing.keepInterval());
    return DhtNode.builder()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .bootstrap("127.0.0.1:" + address().getPort())
        .runtime(peersRuntime)
        .identity(identity)
        .config(DhtConfig.defaults().withDialect(config.dialect()).withRouting(small))
        .build()
        .start();
  }

  DhtNode node() {
    return node;
  }

  InetSocketAddress address() {
    return node.localAddresses().get(0);
  }

  /** Returns the thread that answers. */
  long threadId() {
    return loop.threadId();
  }

  EngineStats stats() throws InterruptedException, ExecutionException, TimeoutException {
    return node.stats().get(FILL_SECONDS, TimeUnit.SECONDS).engine();
  }

  @Override
  public void close() {
    peers.forEach(DhtNode::close);
    node.close();
    peersRuntime.close();
    loop.close();
  }
}
