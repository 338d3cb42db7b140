package org.bytchat.dht.runtime;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.transport.UdpTransport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node as its owner holds it: commands go to its loop, answers come back as futures. Safe
 * for use by several threads.
 */
public final class NodeHandle {

  private static final Logger LOG = LoggerFactory.getLogger(NodeHandle.class);

  private final NodeLoop loop;
  private final LoopNode node;
  private final List<UdpTransport> transports;

  private NodeHandle(NodeLoop loop, LoopNode node, List<UdpTransport> transports) {
    this.loop = loop;
    this.node = node;
    this.transports = transports;
  }

  /**
   * What a node is started with.
   *
   * @param identity its key
   * @param config its configuration
   * @param bootstrap hosts to find the network through
   * @param lastContacts contacts of an earlier life
   * @param events takes its events, on the loop's thread
   */
  public record Start(
      NodeIdentity identity,
      DhtConfig config,
      List<HostAndPort> bootstrap,
      List<Contact> lastContacts,
      Consumer<EngineEvent> events) {}

  /**
   * Puts a node on a loop of a runtime and starts it.
   *
   * @param runtime the runtime
   * @param transports its bound sockets, closed with it
   * @param start what it is started with
   * @return the node
   * @throws IOException if a socket cannot be registered
   * @throws IllegalStateException if the runtime is closed or overloaded
   */
  public static NodeHandle start(DhtRuntime runtime, List<UdpTransport> transports, Start start)
      throws IOException {
    List<AddressFamily> families = new ArrayList<>();
    for (AddressFamily family : AddressFamily.values()) {
      boolean ipv6 = family == AddressFamily.IPV6;
      if (transports.stream().anyMatch(transport -> transport.carries(ipv6))) {
        families.add(family);
      }
    }
    EngineSetup setup =
        new EngineSetup(
            start.identity, start.config, families, SecureEntropy.streams(new SecureRandom()));
    NodeLoop loop = runtime.nextLoop();
    LoopNode.Effects effects =
        new LoopNode.Effects(
            runtime.effects(),
            new EffectPool.Performer(start.identity, () -> resolve(start.bootstrap)));
    LoopNode node = new LoopNode(loop, setup, transports, effects, start.events);
    NodeHandle handle = new NodeHandle(loop, node, transports);
    CompletableFuture<Void> registered = new CompletableFuture<>();
    boolean accepted =
        loop.execute(
            () -> {
              try {
                node.register();
                long now = System.nanoTime();
                node.engine().start(!start.bootstrap.isEmpty(), start.lastContacts, now);
                node.afterInput(now);
                registered.complete(null);
              } catch (IOException | RuntimeException e) {
                registered.completeExceptionally(e);
              }
            });
    if (!accepted) {
      throw new IllegalStateException("the runtime is closed, or overloaded");
    }
    registered.join();
    return handle;
  }

  private static List<Endpoint> resolve(List<HostAndPort> hosts) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (HostAndPort host : hosts) {
      try {
        for (InetAddress address : InetAddress.getAllByName(host.getHost())) {
          endpoints.add(Sockets.toEndpoint(new InetSocketAddress(address, host.getPort())));
        }
      } catch (UnknownHostException e) {
        LOG.warn("bootstrap host {} cannot be resolved; it is tried again later", host);
      }
    }
    return endpoints;
  }

  /** A command on the engine, at a time, with a result. */
  public interface Command<T> {

    /**
     * Runs on the loop's thread.
     *
     * @param engine the node's engine
     * @param nowNanos the time
     * @return the result
     */
    T run(NodeEngine engine, long nowNanos);
  }

  /**
   * Runs a command on the loop.
   *
   * @param command what to do
   * @param onRefused makes the failure of the future if the loop takes no more
   * @param <T> the result
   * @return the command's result
   */
  public <T> CompletableFuture<T> submit(
      Command<T> command, Function<String, RuntimeException> onRefused) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Runnable task =
        () -> {
          try {
            long now = System.nanoTime();
            T result = command.run(node.engine(), now);
            node.afterInput(now);
            future.complete(result);
          } catch (RuntimeException e) {
            future.completeExceptionally(e);
          }
        };
    if (!loop.execute(task)) {
      future.completeExceptionally(onRefused.apply("the node's mailbox is full"));
    }
    return future;
  }

  /**
   * Returns where the node is bound.
   *
   * @return one address for each socket
   */
  public List<InetSocketAddress> localAddresses() {
    return transports.stream().map(UdpTransport::localAddress).toList();
  }

  /**
   * Returns how many datagrams the system did not take; to be called on the loop's thread.
   *
   * @return the count
   */
  public long sendsDropped() {
    return node.sendsDropped();
  }

  /**
   * Tells whether the caller is the node's loop, which must not wait for itself.
   *
   * @return whether it is
   */
  public boolean isLoopThread() {
    return loop.isLoopThread();
  }

  /** Ends the node and closes its sockets. */
  public void close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    loop.complete(
        () -> {
          node.close();
          closed.complete(null);
        });
    if (!loop.isLoopThread()) {
      // A loop that has ended, with its runtime, takes no more: then there is nothing to wait for.
      closed.completeOnTimeout(null, 1, TimeUnit.SECONDS).join();
      transports.forEach(UdpTransport::close);
    }
  }
}
