package org.bytchat.tracker.interop;

import com.google.common.net.InetAddresses;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.Mainline;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.tracker.interop.LibtorrentSwarm.Peer;

/** Nodes of ours that speak Mainline's dialect, in this process, each on an address of its own. */
final class OurSwarm implements AutoCloseable {

  private static final long LIMIT_SECONDS = 30;

  private final DhtRuntime runtime = DhtRuntime.start(1, 1);
  private final List<DhtNode> nodes = new ArrayList<>();

  /** Starts a node that finds the others through HOST:PORT, or is found by them. */
  DhtNode add(String address, String... bootstrap) {
    DhtNodeBuilder builder =
        DhtNode.builder()
            .runtime(runtime)
            .config(DhtConfig.defaults().withDialect(Dialect.MAINLINE))
            .bind(new InetSocketAddress(InetAddresses.forString(address), 0));
    for (String host : bootstrap) {
      builder.bootstrap(host);
    }
    DhtNode node = builder.build();
    // Before it has started, so that it is closed if it does not.
    nodes.add(node);
    return node.start();
  }

  /** One of the nodes, by its place. */
  DhtNode node(int index) {
    return nodes.get(index);
  }

  /** All nodes. */
  List<DhtNode> nodes() {
    return List.copyOf(nodes);
  }

  /** A node as others see it. */
  Peer peer(int index) {
    DhtNode node = nodes.get(index);
    InetSocketAddress at = node.localAddresses().get(0);
    return new Peer(at.getAddress().getHostAddress(), at.getPort(), node.id().toString());
  }

  /** All nodes as others see them. */
  List<Peer> peers() {
    return IntStream.range(0, nodes.size()).mapToObj(this::peer).toList();
  }

  /** What a node has counted since its start. */
  long count(int index, Counter counter) {
    return result(nodes.get(index).stats()).engine().count(counter);
  }

  /** What becomes of an order, which must be within half a minute. */
  static <T> T result(CompletableFuture<T> future) {
    try {
      return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("our node did not do what it was asked", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Announces a peer with a node's address and a port; returns how many nodes took it. */
  static int announce(Mainline node, NodeId infoHash, int port) {
    PutResult announced = result(node.announce(infoHash, port)).announced();
    return announced == null ? 0 : announced.stored();
  }

  /** The peers, HOST:PORT, that a node finds. */
  static List<String> peersOf(Mainline node, NodeId infoHash) {
    return result(node.peers(infoHash)).peers().stream()
        .map(peer -> peer.getAddress().getHostAddress() + ":" + peer.getPort())
        .toList();
  }

  /** The ids closest to a key among all there are, nearest first. */
  static List<NodeId> closest(Collection<NodeId> all, NodeId key, int count) {
    Comparator<NodeId> nearer = key::compareDistance;
    return all.stream().sorted(nearer).limit(count).toList();
  }

  @Override
  public void close() {
    nodes.forEach(DhtNode::close);
    runtime.close();
  }
}
