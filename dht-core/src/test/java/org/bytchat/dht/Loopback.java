package org.bytchat.dht;

import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.runtime.DhtRuntime;
import org.jspecify.annotations.Nullable;

/** Nodes with real sockets on this host's loopback addresses, and what tests ask about them. */
final class Loopback {

  static final InetSocketAddress IPV4 =
      new InetSocketAddress(InetAddresses.forString("127.0.0.1"), 0);
  static final InetSocketAddress IPV6 = new InetSocketAddress(InetAddresses.forString("::1"), 0);

  /** More than anything here takes, unless it hangs. */
  static final Duration LONG = Duration.ofSeconds(30);

  private Loopback() {}

  static DhtNodeBuilder node() {
    return DhtNode.builder().bind(IPV4);
  }

  /** Returns a configuration in which who is silent has failed after 200 ms. */
  static DhtConfig impatient() {
    return DhtConfig.defaults()
        .withLookup(
            new LookupConfig(
                3, 1, 200, 64, 1024, Duration.ofMillis(50), Duration.ofMillis(200), 250));
  }

  /** Returns a configuration in which tables are refreshed within seconds. */
  static DhtConfig busy() {
    return DhtConfig.defaults()
        .withRouting(
            RoutingConfig.defaults()
                .withPeriods(
                    Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofMillis(500)));
  }

  static InetSocketAddress addressOf(DhtNode node) {
    return node.localAddresses().get(0);
  }

  static String hostAndPort(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    boolean ipv6 = address.getAddress() instanceof Inet6Address;
    return (ipv6 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  static String hostAndPort(DhtNode node) {
    return hostAndPort(addressOf(node));
  }

  /** Opens a socket that takes what is sent to it and never answers. */
  static DatagramSocket silent() throws SocketException {
    return new DatagramSocket(IPV4);
  }

  static InetSocketAddress addressOf(DatagramSocket socket) {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  /** Waits for a future's end; returns its failure as one sees it who chains to the future. */
  static @Nullable Throwable failureOf(CompletableFuture<?> future) throws Exception {
    return get(future.handle((value, failure) -> failure));
  }

  /**
   * Blocks a node's loop; returns when it is blocked.
   *
   * @return ends the block
   */
  static CountDownLatch block(DhtNode node, DatagramSocket silent) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Boolean> blocked = new CompletableFuture<>();
    // Nobody answers for a while, so that this is chained before the future completes.
    var unused =
        node.ping(addressOf(silent))
            .whenComplete(
                (pong, failure) -> {
                  blocked.complete(true);
                  awaitUninterrupted(release);
                });
    get(blocked);
    return release;
  }

  static void awaitUninterrupted(CountDownLatch latch) {
    try {
      if (!latch.await(LONG.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("nobody released the loop");
      }
    } catch (InterruptedException e) {
      throw new AssertionError("a loop was interrupted", e);
    }
  }

  /** Returns the threads of nodes and runtimes that live. */
  static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("bytchat-"))
        .collect(Collectors.toSet());
  }

  /** Waits until no thread of a node or runtime is left. */
  static void awaitNoThreads() {
    await().atMost(LONG).until(Loopback::threads, Set::isEmpty);
  }

  /** Returns how many descriptors this process has open, or -1 where that cannot be told. */
  static long descriptors() throws IOException {
    Path folder = Path.of("/proc/self/fd");
    if (!Files.isDirectory(folder)) {
      return -1;
    }
    try (Stream<Path> open = Files.list(folder)) {
      return open.count();
    }
  }

  /** Fails unless a port can be bound. */
  static void requireFree(InetSocketAddress address) throws SocketException {
    try (DatagramSocket socket = new DatagramSocket(address)) {
      if (!socket.isBound()) {
        throw new AssertionError(address + " is not bound");
      }
    }
  }

  /** Finds a port that nobody uses now. */
  static int freePort() throws SocketException {
    try (DatagramSocket socket = silent()) {
      return socket.getLocalPort();
    }
  }

  static boolean hasIpv6() {
    try (DatagramSocket socket = new DatagramSocket(IPV6)) {
      return socket.isBound();
    } catch (SocketException e) {
      return false;
    }
  }

  static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Closes before its end what a try statement opened. */
  static void close(DhtRuntime runtime) {
    runtime.close();
  }

  static void closeAll(List<DhtNode> nodes) {
    nodes.forEach(DhtNode::close);
  }
}
