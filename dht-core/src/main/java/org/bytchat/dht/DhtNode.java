package org.bytchat.dht;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.runtime.NodeHandle;
import org.bytchat.dht.runtime.Sockets;
import org.bytchat.dht.runtime.StateFolder;
import org.bytchat.dht.transport.UdpTransport;
import org.jspecify.annotations.Nullable;

/**
 * A Kademlia node on UDP, to embed in an application.
 *
 * <p>Made by a {@link #builder}, started once, closed once. Safe for use by several threads.
 * Futures complete on the node's own thread: what is chained to them must not block, or be chained
 * with the {@code …Async} methods. Their failures are {@link DhtException}s.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DhtNode implements AutoCloseable {

  private final Builder settings;
  private final DhtRuntime runtime;
  private final boolean ownsRuntime;
  private final CompletableFuture<Integer> joined = new CompletableFuture<>();
  private final Map<LookupId, CompletableFuture<LookupResult>> lookups = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<PingResult>> pings = new ConcurrentHashMap<>();

  /** Every future that is not complete, so that closing completes it. */
  private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();

  private final Object lifecycle = new Object();
  private @Nullable Running running;
  private boolean closed;

  /** What exists only while the node runs. */
  private record Running(
      NodeHandle handle,
      NodeIdentity identity,
      List<AddressFamily> families,
      @Nullable StateFolder folder,
      long startNanos) {}

  private DhtNode(Builder settings) {
    this.settings = settings;
    DhtRuntime shared = settings.runtime;
    this.ownsRuntime = shared == null;
    this.runtime = shared == null ? DhtRuntime.start(1, 1) : shared;
  }

  /**
   * Begins a node.
   *
   * @return a builder with the defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Binds the sockets, opens the data folder and starts to join the network.
   *
   * @return this node
   * @throws DhtException.CannotStart if a port is in use or the data folder cannot be used
   * @throws DhtException.Closed if the node was closed
   * @throws IllegalStateException if it was started before
   */
  public DhtNode start() {
    synchronized (lifecycle) {
      if (closed) {
        throw new DhtException.Closed("the node is closed");
      }
      if (running != null) {
        throw new IllegalStateException("the node was started before");
      }
      running = open();
    }
    return this;
  }

  private Running open() {
    StateFolder folder = null;
    List<UdpTransport> transports = new ArrayList<>();
    try {
      Path data = settings.data;
      folder = data == null ? null : StateFolder.open(data);
      NodeIdentity identity = identity(folder);
      for (InetSocketAddress address : settings.bindAddresses()) {
        transports.add(bind(address));
      }
      List<Contact> lastContacts = folder == null ? List.of() : folder.readContacts();
      NodeHandle handle =
          NodeHandle.start(
              runtime,
              transports,
              new NodeHandle.Start(
                  identity,
                  settings.configFor(transports),
                  settings.bootstrap,
                  lastContacts,
                  this::onEvent));
      List<AddressFamily> families = new ArrayList<>();
      for (AddressFamily family : AddressFamily.values()) {
        boolean ipv6 = family == AddressFamily.IPV6;
        if (transports.stream().anyMatch(transport -> transport.carries(ipv6))) {
          families.add(family);
        }
      }
      return new Running(handle, identity, families, folder, System.nanoTime());
    } catch (IOException | StateFolder.StateException | DhtException e) {
      transports.forEach(UdpTransport::close);
      if (folder != null) {
        folder.close();
      }
      throw e instanceof DhtException known
          ? known
          : new DhtException.CannotStart(String.valueOf(e.getMessage()), e);
    }
  }

  private NodeIdentity identity(@Nullable StateFolder folder) {
    NodeIdentity given = settings.identity;
    if (given != null) {
      return given;
    }
    SecureRandom random = new SecureRandom();
    return folder == null ? NodeIdentity.generate(random) : folder.identity(random);
  }

  private static UdpTransport bind(InetSocketAddress address) {
    try {
      return UdpTransport.bind(address);
    } catch (BindException e) {
      throw new DhtException.CannotStart(
          "UDP "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " cannot be bound ("
              + e.getMessage()
              + "): stop the program that uses the port, or choose another port or address",
          e);
    } catch (IOException e) {
      throw new DhtException.CannotStart("UDP socket for " + address + ": " + e.getMessage(), e);
    }
  }

  private void onEvent(EngineEvent event) {
    if (event instanceof EngineEvent.LookupFinished finished) {
      CompletableFuture<LookupResult> future = lookups.remove(finished.id());
      if (future != null) {
        future.complete(finished.result());
      }
    } else if (event instanceof EngineEvent.PingFinished finished) {
      CompletableFuture<PingResult> future = pings.remove(finished.id());
      Contact contact = finished.contact();
      if (future != null && contact != null) {
        future.complete(new PingResult(contact, Duration.ofNanos(finished.rttNanos())));
      } else if (future != null) {
        future.completeExceptionally(new DhtException.Timeout("nobody answered the ping in time"));
      }
    } else if (event instanceof EngineEvent.Joined reached) {
      joined.complete(reached.contacts());
      settings.listener.accept(new DhtEvent.Joined(reached.contacts()));
    } else if (event instanceof EngineEvent.OutageBegan) {
      settings.listener.accept(new DhtEvent.OutageBegan());
    } else if (event instanceof EngineEvent.OutageEnded) {
      settings.listener.accept(new DhtEvent.OutageEnded());
    } else if (event instanceof EngineEvent.ReachabilityChanged changed) {
      settings.listener.accept(new DhtEvent.ReachabilityChanged(changed.reachable()));
    } else if (event instanceof EngineEvent.ExternalEndpoint external) {
      settings.listener.accept(new DhtEvent.ExternalAddress(Sockets.toSocket(external.endpoint())));
    }
  }

  /**
   * Returns the node's id.
   *
   * @return the id
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public NodeId id() {
    return running().identity.id();
  }

  /**
   * Returns where the node is bound.
   *
   * @return one address for each socket, with its true port
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public List<InetSocketAddress> localAddresses() {
    return running().handle.localAddresses();
  }

  /**
   * Tells when the node has found its network.
   *
   * @return completes with the number of neighbours that answered the first lookup of the own id;
   *     not before there are any, and fails with {@link DhtException.Closed} if the node is closed
   *     first
   */
  public CompletableFuture<Integer> joined() {
    return joined.copy();
  }

  /**
   * Looks up the k nodes closest to a key, in each address family that the node is in.
   *
   * @param target the key
   * @return what was found; fails with {@link DhtException.NoPeers} if nobody answered, {@link
   *     DhtException.Overloaded} if too many lookups wait, {@link DhtException.Closed}
   */
  public CompletableFuture<LookupResult> lookup(NodeId target) {
    Running now = running();
    CompletableFuture<LookupResult> all = null;
    for (AddressFamily family : now.families) {
      CompletableFuture<LookupResult> one = lookup(now, target, family);
      int limit = settings.config.routing().bucketSize();
      all = all == null ? one : all.thenCombine(one, (a, b) -> LookupMerge.merge(a, b, limit));
    }
    if (all == null) {
      throw new IllegalStateException("a node has at least one address family");
    }
    return all.thenApply(DhtNode::requireAnswers);
  }

  private static LookupResult requireAnswers(LookupResult result) {
    if (result.closest().isEmpty()) {
      throw new DhtException.NoPeers(
          result.requests() == 0
              ? "the node knows nobody to ask"
              : "none of " + result.requests() + " nodes answered");
    }
    return result;
  }

  private CompletableFuture<LookupResult> lookup(Running now, NodeId target, AddressFamily family) {
    CompletableFuture<LookupResult> future = track(new CompletableFuture<>());
    now.handle
        .submit(
            (engine, nanos) -> {
              LookupId id = engine.startLookup(target, family, nanos);
              if (id == null) {
                throw new DhtException.Overloaded("too many lookups wait");
              }
              lookups.put(id, future);
              return id;
            },
            DhtException.Overloaded::new)
        .whenComplete((id, failure) -> fail(future, failure));
    return future;
  }

  /**
   * Pings whoever is at an address.
   *
   * @param address a resolved address
   * @return who answered; fails with {@link DhtException.Timeout} if nobody did, {@link
   *     DhtException.Overloaded}, {@link DhtException.Closed}, or {@link IllegalArgumentException}
   *     if the node does not talk to such addresses in its scope
   * @throws IllegalArgumentException if the address is not resolved
   */
  public CompletableFuture<PingResult> ping(InetSocketAddress address) {
    Endpoint endpoint = Sockets.toEndpoint(address);
    CompletableFuture<PingResult> future = track(new CompletableFuture<>());
    running()
        .handle
        .submit(
            (engine, nanos) -> {
              long id = engine.startPing(endpoint, nanos);
              if (id < 0) {
                throw new DhtException.Overloaded("too many requests wait");
              }
              pings.put(id, future);
              return id;
            },
            DhtException.Overloaded::new)
        .whenComplete((id, failure) -> fail(future, failure));
    return future;
  }

  /**
   * Returns the node's state.
   *
   * @return the state; fails with {@link DhtException.Overloaded} or {@link DhtException.Closed}
   */
  public CompletableFuture<DhtStats> stats() {
    Running now = running();
    return track(
        now.handle.submit(
            (engine, nanos) ->
                new DhtStats(
                    engine.id(),
                    Duration.ofNanos(nanos - now.startNanos),
                    engine.stats(),
                    now.handle.sendsDropped()),
            DhtException.Overloaded::new));
  }

  /**
   * Returns the contacts of the node's tables.
   *
   * @return the contacts; fails with {@link DhtException.Overloaded} or {@link DhtException.Closed}
   */
  public CompletableFuture<List<Contact>> contacts() {
    return track(
        running()
            .handle
            .submit((engine, nanos) -> engine.contacts(), DhtException.Overloaded::new));
  }

  /** Tells the node that the host's network changed, so that it rejoins soon. */
  public void networkChanged() {
    running()
        .handle
        .submit(
            (engine, nanos) -> {
              engine.handleNetworkChange(nanos);
              return true;
            },
            DhtException.Overloaded::new);
  }

  /**
   * Writes the contacts to the data folder now; without a folder nothing happens. Closing does so
   * too.
   *
   * @return completes when they are written; fails with {@link DhtException.CannotStart} if the
   *     folder cannot be written
   */
  public CompletableFuture<Void> save() {
    StateFolder folder = running().folder;
    if (folder == null) {
      return CompletableFuture.completedFuture(null);
    }
    return contacts()
        .thenAcceptAsync(
            contacts -> {
              try {
                folder.writeContacts(contacts);
              } catch (StateFolder.StateException e) {
                throw new DhtException.CannotStart(String.valueOf(e.getMessage()), e);
              }
            });
  }

  /**
   * Stops the node: keeps its contacts, closes its sockets and completes what is still open with
   * {@link DhtException.Closed}. Nothing happens if it is closed. Must not be called on the node's
   * own thread.
   */
  @Override
  public void close() {
    Running last;
    synchronized (lifecycle) {
      if (closed) {
        return;
      }
      closed = true;
      last = running;
      running = null;
    }
    if (last != null) {
      closeRunning(last);
    }
    DhtException.Closed reason = new DhtException.Closed("the node is closed");
    joined.completeExceptionally(reason);
    open.forEach(future -> future.completeExceptionally(reason));
    if (ownsRuntime) {
      runtime.close();
    }
  }

  private static void closeRunning(Running last) {
    StateFolder folder = last.folder;
    if (folder != null) {
      try {
        List<Contact> contacts =
            last.handle
                .submit((engine, nanos) -> engine.contacts(), DhtException.Overloaded::new)
                .completeOnTimeout(List.of(), 1, java.util.concurrent.TimeUnit.SECONDS)
                .join();
        if (!contacts.isEmpty()) {
          folder.writeContacts(contacts);
        }
      } finally {
        last.handle.close();
        folder.close();
      }
    } else {
      last.handle.close();
    }
  }

  private Running running() {
    synchronized (lifecycle) {
      Running now = running;
      if (now == null) {
        throw new DhtException.Closed(closed ? "the node is closed" : "the node was not started");
      }
      return now;
    }
  }

  private <T> CompletableFuture<T> track(CompletableFuture<T> future) {
    open.add(future);
    future.whenComplete((value, failure) -> open.remove(future));
    return future;
  }

  private static void fail(CompletableFuture<?> future, @Nullable Throwable failure) {
    if (failure != null) {
      future.completeExceptionally(failure);
    }
  }

  /** Collects what a node is made of. Not thread-safe; of no more use after {@link #build}. */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class Builder {

    /** The port that nodes listen on unless told otherwise. */
    public static final int DEFAULT_PORT = 42962;

    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<HostAndPort> bootstrap = new ArrayList<>();
    private DhtConfig config = DhtConfig.defaults();
    private boolean scopeGiven;
    private int port;
    private Consumer<DhtEvent> listener = event -> {};
    private @Nullable DhtRuntime runtime;
    private @Nullable Path data;
    private @Nullable NodeIdentity identity;

    private Builder() {}

    /**
     * Binds to an address beside those given before; by default the IPv4 wildcard address.
     *
     * @param address a resolved address with a port, 0 for any
     * @return this builder
     * @throws IllegalArgumentException if the address is not resolved
     */
    public Builder bind(InetSocketAddress address) {
      if (address.isUnresolved()) {
        throw new IllegalArgumentException("address to bind cannot be resolved: " + address);
      }
      addresses.add(address);
      return this;
    }

    /**
     * Sets the port for the default address.
     *
     * @param number 0 to 65535; 0, the default, picks a free one
     * @return this builder
     * @throws IllegalArgumentException if the number is out of range
     */
    public Builder port(int number) {
      if (number < 0 || number > 65_535) {
        throw new IllegalArgumentException("port must be in 0..65535: " + number);
      }
      port = number;
      return this;
    }

    /**
     * Adds a host to find the network through.
     *
     * @param hostAndPort {@code HOST:PORT} or {@code [v6]:PORT}; the port may be left out for 42962
     * @return this builder
     * @throws IllegalArgumentException if the text has another form
     */
    public Builder bootstrap(String hostAndPort) {
      HostAndPort host = HostAndPort.fromString(hostAndPort).withDefaultPort(DEFAULT_PORT);
      if (host.getHost().isEmpty() || host.getPort() == 0) {
        throw new IllegalArgumentException("bootstrap must be HOST:PORT: '" + hostAndPort + "'");
      }
      bootstrap.add(host);
      return this;
    }

    /**
     * Sets the configuration of the engine.
     *
     * @param value the configuration; unless it has {@link Scope#LOCAL}, or {@link #scope} is
     *     called, the scope follows from the bound addresses
     * @return this builder
     */
    public Builder config(DhtConfig value) {
      config = value;
      return this;
    }

    /**
     * Sets the scope, whatever the bound addresses are.
     *
     * @param value the scope
     * @return this builder
     */
    public Builder scope(Scope value) {
      config = config.withScope(value);
      scopeGiven = true;
      return this;
    }

    /**
     * Keeps key and contacts in a folder, which is locked while the node runs; by default they are
     * lost when it ends.
     *
     * @param folder the folder, made if it does not exist
     * @return this builder
     */
    public Builder data(Path folder) {
      data = folder;
      return this;
    }

    /**
     * Uses a key instead of the data folder's or a new one.
     *
     * @param value the key
     * @return this builder
     */
    public Builder identity(NodeIdentity value) {
      identity = value;
      return this;
    }

    /**
     * Puts the node on a runtime that it shares; it does not close it.
     *
     * @param value the runtime
     * @return this builder
     */
    public Builder runtime(DhtRuntime value) {
      runtime = value;
      return this;
    }

    /**
     * Sets who is told of events.
     *
     * @param value called on the node's thread, must not block
     * @return this builder
     */
    public Builder listener(Consumer<DhtEvent> value) {
      listener = value;
      return this;
    }

    /**
     * Makes the node.
     *
     * @return a node to be started
     */
    public DhtNode build() {
      return new DhtNode(this);
    }

    private List<InetSocketAddress> bindAddresses() {
      return addresses.isEmpty()
          ? List.of(new InetSocketAddress("0.0.0.0", port))
          : List.copyOf(addresses);
    }

    private DhtConfig configFor(List<UdpTransport> transports) {
      boolean local =
          transports.stream()
              .allMatch(transport -> Sockets.toEndpoint(transport.localAddress()).isLocal());
      return !scopeGiven && local ? config.withScope(Scope.LOCAL) : config;
    }
  }
}
