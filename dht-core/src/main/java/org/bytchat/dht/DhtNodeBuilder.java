package org.bytchat.dht;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.runtime.Sockets;
import org.bytchat.dht.runtime.StateFolder;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a {@link DhtNode} is made of. Not thread-safe; of no more use after {@link #build}.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DhtNodeBuilder {

  /** The port that nodes listen on unless told otherwise. */
  public static final int DEFAULT_PORT = 42962;

  /** Entry nodes that BitTorrent's clients know. */
  private static final String[] MAINLINE_ENTRIES = {
    "router.bittorrent.com:6881",
    "dht.transmissionbt.com:6881",
    "router.utorrent.com:6881",
    "dht.libtorrent.org:25401"
  };

  private final List<InetSocketAddress> addresses = new ArrayList<>();
  final List<HostAndPort> bootstrap = new ArrayList<>();
  @Nullable List<HostAndPort> mainlineEntries;
  DhtConfig config = DhtConfig.defaults();
  private @Nullable Scope scope;
  private int port;
  Consumer<DhtEvent> listener = event -> {};
  @Nullable DhtRuntime runtime;
  @Nullable Path data;
  @Nullable NodeIdentity identity;
  @Nullable DhtService service;
  private int serviceBits;

  DhtNodeBuilder() {}

  /**
   * Binds to an address beside those given before; by default the IPv4 wildcard address.
   *
   * @param address a resolved address with a port, 0 for any
   * @return this builder
   * @throws IllegalArgumentException if the address is not resolved
   */
  public DhtNodeBuilder bind(InetSocketAddress address) {
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
  public DhtNodeBuilder port(int number) {
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
  public DhtNodeBuilder bootstrap(String hostAndPort) {
    bootstrap.add(host(hostAndPort, "bootstrap"));
    return this;
  }

  private static HostAndPort host(String hostAndPort, String what) {
    HostAndPort host = HostAndPort.fromString(hostAndPort).withDefaultPort(DEFAULT_PORT);
    boolean noHost = host.getHost().isBlank();
    // What has colons and no brackets would pass for a host without a port.
    boolean noIpv6 = host.getHost().contains(":") && !InetAddresses.isInetAddress(host.getHost());
    if (noHost || noIpv6 || host.getPort() == 0) {
      throw new IllegalArgumentException(what + " must be HOST:PORT: '" + hostAndPort + "'");
    }
    return host;
  }

  /**
   * Finds the network through Mainline's DHT as well, BitTorrent's: a node of that dialect runs
   * beside this one on the same sockets, announces it under SHA-1("bytchat" ‖ network name), unless
   * it is read-only, and tries who else is announced there. Off by default.
   *
   * @param entryNodes hosts to find Mainline's DHT through, {@code HOST:PORT} or {@code [v6]:PORT};
   *     none for those that are known to all
   * @return this builder
   * @throws IllegalArgumentException if a text has another form
   */
  public DhtNodeBuilder rendezvous(String... entryNodes) {
    List<HostAndPort> entries = new ArrayList<>();
    for (String entry : entryNodes.length == 0 ? MAINLINE_ENTRIES : entryNodes) {
      entries.add(host(entry, "entry node"));
    }
    mainlineEntries = entries;
    return this;
  }

  /**
   * Sets the configuration of the engine.
   *
   * @param value the configuration; unless it has {@link Scope#LOCAL}, or {@link #scope} is called,
   *     the scope follows from the bound addresses
   * @return this builder
   */
  public DhtNodeBuilder config(DhtConfig value) {
    config = value;
    return this;
  }

  /**
   * Sets the scope, whatever the bound addresses and the configuration are.
   *
   * @param value the scope
   * @return this builder
   */
  public DhtNodeBuilder scope(Scope value) {
    scope = value;
    return this;
  }

  /**
   * Keeps key and contacts in a folder, which is locked while the node runs; by default they are
   * lost when it ends.
   *
   * @param folder the folder, made if it does not exist
   * @return this builder
   */
  public DhtNodeBuilder data(Path folder) {
    data = folder;
    return this;
  }

  /**
   * Uses a key instead of the data folder's or a new one.
   *
   * @param value the key
   * @return this builder
   */
  public DhtNodeBuilder identity(NodeIdentity value) {
    identity = value;
    return this;
  }

  /**
   * Puts the node on a runtime that it shares; it does not close it.
   *
   * @param value the runtime
   * @return this builder
   */
  public DhtNodeBuilder runtime(DhtRuntime value) {
    runtime = value;
    return this;
  }

  /**
   * Sets who is told of events.
   *
   * @param value called on the node's thread, must not block
   * @return this builder
   */
  public DhtNodeBuilder listener(Consumer<DhtEvent> value) {
    listener = value;
    return this;
  }

  /**
   * Has the node offer a service, for which others find it. As long as it is read-only it does not
   * say so.
   *
   * @param bits the service bits, see {@link org.bytchat.dht.wire.Services}; those of the
   *     configuration are not used
   * @param value answers queries, on the node's thread; must not block
   * @return this builder
   * @throws IllegalArgumentException if the bits are not in 1 to 255
   */
  public DhtNodeBuilder service(int bits, DhtService value) {
    if (bits < 1 || bits > 0xff) {
      throw new IllegalArgumentException("service bits must be in 1..255: " + bits);
    }
    serviceBits = bits;
    service = value;
    return this;
  }

  /**
   * Makes the node.
   *
   * @return a node to be started
   * @throws IllegalStateException if a node of Mainline's dialect is to find its network through
   *     {@link #rendezvous}, or to offer a service, which are for nodes of ours
   */
  public DhtNode build() {
    if (mainlineEntries != null && config.dialect() == Dialect.MAINLINE) {
      throw new IllegalStateException("a node of Mainline's dialect has no rendezvous there");
    }
    if (service != null && config.dialect() == Dialect.MAINLINE) {
      throw new IllegalStateException("a node of Mainline's dialect offers no services");
    }
    return new DhtNode(this);
  }

  List<InetSocketAddress> bindAddresses() {
    if (addresses.isEmpty()) {
      return List.of(new InetSocketAddress("0.0.0.0", port));
    }
    // A socket on the IPv6 wildcard address carries IPv4 too, and leaves no room for another.
    return addresses.stream()
        .filter(address -> !(isWildcard(address, false) && hasIpv6Wildcard(address.getPort())))
        .toList();
  }

  private boolean hasIpv6Wildcard(int portNumber) {
    return addresses.stream()
        .anyMatch(address -> isWildcard(address, true) && address.getPort() == portNumber);
  }

  private static boolean isWildcard(InetSocketAddress address, boolean ipv6) {
    return address.getAddress().isAnyLocalAddress()
        && address.getAddress() instanceof Inet6Address == ipv6;
  }

  /** Returns the key of the node, of its folder or a new one if none was given. */
  NodeIdentity identity(@Nullable StateFolder folder) throws IOException {
    NodeIdentity given = identity;
    DhtConfig effective = effectiveConfig();
    // Nobody takes a read-only node into a table.
    int bits = effective.readOnly() ? 0 : effective.defences().puzzleBits();
    if (given == null) {
      SecureRandom random = new SecureRandom();
      return folder == null ? NodeIdentity.generate(random, bits) : folder.identity(random, bits);
    }
    if (!NodeIdentity.solves(given.publicKey(), bits)) {
      throw new IOException(
          "the node's key does not solve the network's puzzle of "
              + bits
              + " bits: no other node would take it into its table");
    }
    return given;
  }

  DhtConfig effectiveConfig() {
    DhtConfig offered = service == null ? config : config.withServices(serviceBits);
    if (scope != null) {
      return offered.withScope(scope);
    }
    boolean local =
        bindAddresses().stream().allMatch(address -> Sockets.toEndpoint(address).isLocal());
    return local ? offered.withScope(Scope.LOCAL) : offered;
  }
}
