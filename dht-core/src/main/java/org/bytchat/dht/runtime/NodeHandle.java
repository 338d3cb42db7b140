package org.bytchat.dht.runtime;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.transport.UdpTransport;
import org.bytchat.dht.wire.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node as its owner holds it: commands go to its loop. Safe for use by several threads.
 */
public final class NodeHandle {

  private static final Logger LOG = LoggerFactory.getLogger(NodeHandle.class);
  private static final long CLOSE_SECONDS = 1;
  private static final String RUNTIME_CLOSED = "the runtime is closed: start another";

  private final NodeLoop loop;
  private final LoopNode node;
  private final Start start;
  private final List<UdpTransport> transports;

  private NodeHandle(NodeLoop loop, LoopNode node, Start start, List<UdpTransport> transports) {
    this.loop = loop;
    this.node = node;
    this.start = start;
    this.transports = transports;
  }

  /**
   * What a node is started with.
   *
   * @param identity its key
   * @param config its configuration
   * @param bootstrap hosts to find the network through
   * @param entries hosts of Mainline's DHT to find the network through, by {@link Rendezvous}; null
   *     for not
   * @param folder where it keeps its contacts and records, if anywhere; not closed with it
   * @param owner is told what happens
   */
  public record Start(
      NodeIdentity identity,
      DhtConfig config,
      List<HostAndPort> bootstrap,
      @Nullable List<HostAndPort> entries,
      @Nullable StateFolder folder,
      Owner owner) {}

  /** Whom a node belongs to; called on the node's loop. */
  public interface Owner {

    /**
     * Takes an event.
     *
     * @param event the event
     */
    void onEvent(EngineEvent event);

    /**
     * Takes what a search through Mainline's DHT came to.
     *
     * @param outcome what was found
     */
    void onRendezvous(Rendezvous.Outcome outcome);

    /** The node has ended: no event follows, and what was asked of it will not be answered. */
    void onEnd();

    /**
     * Answers what others ask a service of the node; by default there is none. Must not block.
     *
     * @param query what is asked
     * @return {@link Effect.Served} or {@link Effect.Refused}; if it fails, others are told so
     */
    default CompletionStage<Effect.Result> serve(Effect.Serve query) {
      return CompletableFuture.completedFuture(
          new Effect.Refused(ErrorCode.METHOD_UNKNOWN, "this node has no service"));
    }
  }

  /** Why a command was not run. */
  public enum Refusal {
    /** The mailbox is full. */
    OVERLOADED,
    /** The node, or its runtime, has ended. */
    ENDED
  }

  /** A command on the engine. */
  public interface Command {

    /**
     * Runs on the loop's thread.
     *
     * @param engine the node's engine
     * @param nowNanos the time
     */
    void run(NodeEngine engine, long nowNanos);
  }

  /**
   * Binds a node's sockets and puts it on a loop of a runtime. It hears nothing and does nothing
   * before {@link #begin}.
   *
   * @param runtime the runtime
   * @param addresses where to bind, at least one
   * @param start what it is started with
   * @return the node
   * @throws IOException if an address cannot be bound; the message says what to do
   */
  public static NodeHandle open(DhtRuntime runtime, List<InetSocketAddress> addresses, Start start)
      throws IOException {
    List<UdpTransport> transports = new ArrayList<>();
    try {
      for (InetSocketAddress address : addresses) {
        transports.add(bind(address));
      }
      return create(runtime, transports, start);
    } catch (IOException | RuntimeException e) {
      transports.forEach(UdpTransport::close);
      throw e;
    }
  }

  private static UdpTransport bind(InetSocketAddress address) throws IOException {
    boolean ipv6 = address.getAddress() instanceof Inet6Address;
    String host = address.getAddress().getHostAddress();
    String where = "UDP " + (ipv6 ? "[" + host + "]" : host) + ":" + address.getPort();
    try {
      return UdpTransport.bind(address);
    } catch (BindException e) {
      throw new IOException(
          where
              + " cannot be bound ("
              + e.getMessage()
              + "): stop the program that uses the port, or choose another port or address",
          e);
    } catch (IOException e) {
      throw new IOException(where + " cannot be opened: " + e.getMessage(), e);
    } catch (UnsupportedOperationException e) {
      throw new IOException(where + " cannot be opened: this host has no IPv6", e);
    }
  }

  private static NodeHandle create(DhtRuntime runtime, List<UdpTransport> transports, Start start) {
    EngineSetup setup =
        new EngineSetup(
            start.identity,
            start.config,
            familiesOf(transports),
            SecureEntropy.streams(new SecureRandom()),
            start.folder != null);
    Rendezvous rendezvous =
        start.entries == null
            ? null
            : new Rendezvous(
                start.config, transports.get(0).localAddress().getPort(), new SecureRandom());
    EffectPool.Performer performer =
        new EffectPool.Performer(
            start.identity, () -> bootstrapEndpoints(start, rendezvous), start.folder);
    LoopNode.Effects effects = new LoopNode.Effects(runtime.effects(), performer);
    NodeLoop loop = runtime.nextLoop();
    LoopNode node = new LoopNode(loop, setup, transports, effects, start.owner);
    if (rendezvous != null) {
      addBeside(node, start, setup.families(), rendezvous);
    }
    return new NodeHandle(loop, node, start, List.copyOf(transports));
  }

  /** Puts a node of Mainline's dialect beside a node, with a key and a table of its own. */
  private static void addBeside(
      LoopNode node, Start start, List<AddressFamily> families, Rendezvous rendezvous) {
    SecureRandom random = new SecureRandom();
    NodeIdentity identity = NodeIdentity.generate(random);
    DhtConfig config =
        DhtConfig.defaults()
            .withDialect(Dialect.MAINLINE)
            .withScope(start.config.scope())
            .withReadOnly(start.config.readOnly())
            .withLookup(start.config.lookup())
            .withLimits(start.config.limits())
            .withStore(start.config.store());
    EngineSetup setup =
        new EngineSetup(identity, config, families, SecureEntropy.streams(random), false);
    List<HostAndPort> entries = start.entries == null ? List.of() : start.entries;
    node.addBeside(
        setup,
        new EffectPool.Performer(identity, () -> resolve(entries, start.config.scope()), null),
        rendezvous);
  }

  private static List<Endpoint> bootstrapEndpoints(Start start, @Nullable Rendezvous rendezvous) {
    List<Endpoint> endpoints = resolve(start.bootstrap, start.config.scope());
    if (rendezvous != null) {
      endpoints.addAll(rendezvous.found());
    }
    return endpoints;
  }

  private static List<AddressFamily> familiesOf(List<UdpTransport> transports) {
    List<AddressFamily> families = new ArrayList<>();
    for (AddressFamily family : AddressFamily.values()) {
      boolean ipv6 = family == AddressFamily.IPV6;
      if (transports.stream().anyMatch(transport -> transport.carries(ipv6))) {
        families.add(family);
      }
    }
    return families;
  }

  private static List<Endpoint> resolve(List<HostAndPort> hosts, Scope scope) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (HostAndPort host : hosts) {
      try {
        for (InetAddress address : InetAddress.getAllByName(host.getHost())) {
          endpoints.add(Sockets.toEndpoint(new InetSocketAddress(address, host.getPort())));
          if (scope == Scope.PUBLIC && endpoints.get(endpoints.size() - 1).isLocal()) {
            LOG.warn(
                "bootstrap host {} has a local address, which a node that is bound to a public or"
                    + " the wildcard address ignores; to make a network on one machine or in one"
                    + " private network, bind the node to an address there",
                host);
          }
        }
      } catch (UnknownHostException e) {
        LOG.warn("bootstrap host {} cannot be resolved; it is tried again later", host);
      }
    }
    return endpoints;
  }

  /**
   * Gives the node the records of its earlier life; takes long if they are many. To be called
   * before {@link #begin}, and before anybody else has this handle: it is done on the caller's
   * thread, not on the loop, whose other nodes would wait.
   *
   * @throws StateFolder.StateException if the records cannot be read
   */
  public void restore() {
    StateFolder folder = start.folder;
    if (folder != null) {
      node.engine().restore(folder.readRecords(), System.nanoTime());
    }
  }

  /**
   * Starts the node. Waits for its loop, but not on a loop: called there, the node ends if a socket
   * cannot be registered.
   *
   * @param lastContacts contacts of an earlier life
   * @throws IOException if the runtime is closed or overloaded, or a socket cannot be registered
   */
  public void begin(List<Contact> lastContacts) throws IOException {
    CompletableFuture<@Nullable IOException> registered = new CompletableFuture<>();
    boolean waits = !DhtRuntime.isLoopThread();
    Runnable registration =
        () -> {
          IOException failure = register();
          registered.complete(failure);
          if (failure == null) {
            node.run(
                (engine, nowNanos) ->
                    node.start(
                        !start.bootstrap.isEmpty() || start.entries != null,
                        lastContacts,
                        nowNanos),
                System.nanoTime());
          } else if (!waits) {
            node.close();
          }
        };
    if (!loop.execute(registration)) {
      throw new IOException(
          loop.isRunning() ? "the runtime is overloaded: try again later" : RUNTIME_CLOSED);
    }
    IOException failure = waits ? registered.join() : null;
    if (failure != null) {
      throw failure;
    }
  }

  /** Registers the sockets; returns why they cannot be. */
  private @Nullable IOException register() {
    // A loop that ends closes the nodes that it knows, and after that runs what waits.
    if (!loop.isRunning()) {
      return new IOException(RUNTIME_CLOSED);
    }
    try {
      node.register();
      return null;
    } catch (IOException e) {
      return e;
    } catch (RuntimeException e) {
      return new IOException("the loop does not take the socket", e);
    }
  }

  /**
   * Runs a command on the loop.
   *
   * @param command what to do
   * @param onRefused told, on any thread, if it is not run
   */
  public void execute(Command command, Consumer<Refusal> onRefused) {
    Runnable task =
        () -> {
          if (node.isClosed()) {
            onRefused.accept(Refusal.ENDED);
            return;
          }
          node.run(command, System.nanoTime());
        };
    if (!loop.execute(task)) {
      onRefused.accept(loop.isRunning() ? Refusal.OVERLOADED : Refusal.ENDED);
    }
  }

  /**
   * Returns the address families that the node is in.
   *
   * @return the families, IPv4 first
   */
  public List<AddressFamily> families() {
    return familiesOf(transports);
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
   * Writes the contacts of the node to a folder, unless it has none or does not answer soon.
   *
   * @param folder where to
   * @throws StateFolder.StateException if they cannot be written
   */
  public void keepContacts(StateFolder folder) {
    CompletableFuture<List<Contact>> contacts = new CompletableFuture<>();
    execute(
        (engine, nowNanos) -> contacts.complete(engine.contacts()),
        refusal -> contacts.complete(List.of()));
    List<Contact> last =
        contacts.completeOnTimeout(List.of(), CLOSE_SECONDS, TimeUnit.SECONDS).join();
    if (!last.isEmpty()) {
      folder.writeContacts(last);
    }
  }

  /**
   * Ends the node, after the records that it took are written, and closes its sockets. Waits for
   * the loop, but not for longer than a second, and not on a loop.
   */
  public void close() {
    CompletableFuture<Boolean> closed = new CompletableFuture<>();
    loop.complete(
        () ->
            node.end(
                () -> {
                  loop.releaseClosed();
                  closed.complete(true);
                }));
    if (!DhtRuntime.isLoopThread()) {
      // A loop that has ended closed its nodes and takes no more.
      closed
          .completeOnTimeout(false, loop.isRunning() ? CLOSE_SECONDS : 0, TimeUnit.SECONDS)
          .join();
    }
    transports.forEach(UdpTransport::close);
  }
}
