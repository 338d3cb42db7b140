package org.bytchat.tracker.session;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.NodeIdentity;

/**
 * Takes sessions for a node, on one or several TCP addresses.
 *
 * <p>All methods may be called from any thread.
 */
@API(status = API.Status.EXPERIMENTAL)
@SuppressWarnings("FutureReturnValueIgnored") // of channels that end, or futures with listeners
public final class SessionServer implements AutoCloseable {

  private static final int BACKLOG = 1_024;

  /** Reads of 64 B to 16 KiB, so that what is left of a read never holds a large buffer. */
  static final AdaptiveRecvByteBufAllocator READS =
      new AdaptiveRecvByteBufAllocator(64, 1 << 10, 16 << 10);

  private final SessionRuntime runtime;
  private final SourceLimits limits;
  private final ServerHandshake.StaticKey key;
  private final SessionListener listener;
  private final List<Channel> channels = new ArrayList<>();

  private SessionServer(SessionRuntime runtime, NodeIdentity identity, SessionListener listener) {
    this.runtime = runtime;
    this.limits = new SourceLimits(runtime.config(), new SecureRandom());
    this.key = new ServerHandshake.StaticKey(identity, runtime.networkId(), runtime.clock());
    this.listener = listener;
  }

  /**
   * Starts to take sessions.
   *
   * @param config the limits
   * @param networkId the network, see {@link org.bytchat.dht.keyspace.Keys#networkId}
   * @param identity the node's, which certifies a session key made now
   * @param addresses where; port 0 picks a free one for each
   * @param listener is told of all sessions
   * @return the server
   * @throws IOException if an address cannot be bound
   * @throws IllegalArgumentException if there is no address
   */
  public static SessionServer bind(
      SessionConfig config,
      int networkId,
      NodeIdentity identity,
      List<InetSocketAddress> addresses,
      SessionListener listener)
      throws IOException {
    SessionRuntime runtime =
        new SessionRuntime("bytchat-sessions", config, networkId, Clock.systemUTC());
    return bind(runtime, identity, addresses, listener);
  }

  static SessionServer bind(
      SessionRuntime runtime,
      NodeIdentity identity,
      List<InetSocketAddress> addresses,
      SessionListener listener)
      throws IOException {
    SessionServer server = new SessionServer(runtime, identity, listener);
    try {
      if (addresses.isEmpty()) {
        throw new IllegalArgumentException("at least one address is needed");
      }
      for (InetSocketAddress address : addresses) {
        server.listen(address);
      }
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void listen(InetSocketAddress address) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(runtime.loops())
            .channelFactory(() -> serverSocket(address))
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, READS)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accept(channel);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on " + address, bound.cause());
    }
    channels.add(bound.channel());
  }

  /** A socket of IPv4 only for an IPv4 address: else the wildcard would take IPv6 as well. */
  private static NioServerSocketChannel serverSocket(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address
        ? new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET)
        : new NioServerSocketChannel();
  }

  private void accept(SocketChannel channel) {
    runtime.count(SessionCounter.CONNECTIONS);
    InetSocketAddress remote = channel.remoteAddress();
    if (remote == null) {
      // It ended before it was taken.
      channel.close();
      return;
    }
    Connection connection = new Connection(runtime, channel, listener, true);
    SourceLimits.Place place =
        new SourceLimits.Place(limits.sourceOf(remote), connection::displace);
    SessionCounter refusal = limits.admit(place, System.nanoTime());
    if (refusal != null) {
      runtime.count(refusal);
      // A reset: nothing of a refused connection stays behind here.
      channel.config().setSoLinger(0);
      channel.close();
      return;
    }
    connection.limit(limits, place);
    connection.prepare(
        new ServerHandshake(connection, key, limits, place), () -> limits.closed(place));
    channel.pipeline().addLast(connection);
  }

  /**
   * Returns where sessions are taken.
   *
   * @return the addresses with their true ports, in the order given
   */
  public List<InetSocketAddress> addresses() {
    return channels.stream().map(channel -> (InetSocketAddress) channel.localAddress()).toList();
  }

  /**
   * Returns what the sessions did and hold.
   *
   * @return a snapshot
   */
  public SessionStats stats() {
    return runtime.stats(limits.sourceCount());
  }

  /** Ends all sessions and threads. Does nothing the second time. */
  @Override
  public void close() {
    channels.forEach(Channel::close);
    runtime.close();
  }
}
