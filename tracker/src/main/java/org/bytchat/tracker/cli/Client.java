package org.bytchat.tracker.cli;

import com.google.common.net.HostAndPort;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.runtime.Sockets;

/** What the commands share that join as a read-only node for a moment. */
final class Client {

  private Client() {}

  /**
   * Finds the addresses of hosts.
   *
   * @throws CommandFailure if none of them has any
   */
  static List<InetSocketAddress> resolve(List<HostAndPort> hosts) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (HostAndPort host : hosts) {
      try {
        for (InetAddress address : InetAddress.getAllByName(host.getHost())) {
          addresses.add(new InetSocketAddress(address, host.getPort()));
        }
      } catch (UnknownHostException e) {
        // Named below if no other can be resolved.
      }
    }
    if (addresses.isEmpty()) {
      throw new CommandFailure(
          ExitCode.NOBODY_ANSWERED,
          names(hosts) + " cannot be resolved: check the name and the name service");
    }
    return addresses;
  }

  /** The hosts as a message names them. */
  static String names(List<HostAndPort> hosts) {
    return String.join(", ", hosts.stream().map(HostAndPort::toString).toList());
  }

  /** Begins a read-only node that can talk to these addresses. */
  static DhtNodeBuilder builder(List<InetSocketAddress> peers, DhtConfig config) {
    boolean local = peers.stream().anyMatch(peer -> Sockets.toEndpoint(peer).isLocal());
    boolean ipv6 = peers.stream().anyMatch(peer -> peer.getAddress() instanceof Inet6Address);
    boolean ipv4 = peers.stream().anyMatch(peer -> !(peer.getAddress() instanceof Inet6Address));
    DhtNodeBuilder builder =
        DhtNode.builder()
            .config(config.withReadOnly(true))
            .scope(local ? Scope.LOCAL : Scope.PUBLIC);
    if (ipv4) {
      builder.bind(new InetSocketAddress("0.0.0.0", 0));
    }
    if (ipv6 && !ipv4) {
      builder.bind(new InetSocketAddress("::", 0));
    }
    return builder;
  }

  /** The lookup configuration in which a request fails after a time. */
  static LookupConfig withTimeout(LookupConfig config, Duration timeout) {
    Duration half = timeout.dividedBy(2);
    Duration soft =
        config.softTimeoutInitial().compareTo(half) < 0 ? config.softTimeoutInitial() : half;
    return new LookupConfig(
        config.parallelism(),
        config.paths(),
        config.candidatesMax(),
        config.lookupsMax(),
        config.transactionsMax(),
        soft,
        timeout,
        config.datagramsPerSecond());
  }

  /**
   * Waits for a node.
   *
   * @throws CommandFailure with the message if it takes longer
   */
  static <T> T await(CompletableFuture<T> future, Duration limit, String otherwise)
      throws InterruptedException {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new CommandFailure(ExitCode.NOBODY_ANSWERED, otherwise, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
