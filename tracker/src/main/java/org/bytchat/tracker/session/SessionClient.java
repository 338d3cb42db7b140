package org.bytchat.tracker.session;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.session.SessionException.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Opens sessions with nodes. Each has a static key of its own, so that a node cannot tell whether
 * two have the same client.
 *
 * <p>All methods may be called from any thread.
 */
@API(status = API.Status.EXPERIMENTAL)
@SuppressWarnings("FutureReturnValueIgnored") // of channels that end, or futures with listeners
public final class SessionClient implements AutoCloseable {

  private final SessionRuntime runtime;

  /**
   * Starts the threads that sessions share.
   *
   * @param config the limits; those on connections do not bind a client
   * @param networkId the network, see {@link org.bytchat.dht.keyspace.Keys#networkId}
   */
  public SessionClient(SessionConfig config, int networkId) {
    this(new SessionRuntime("bytchat-client", config, networkId, Clock.systemUTC()));
  }

  SessionClient(SessionRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * Opens a session.
   *
   * @param address where the node was found
   * @param expected the node that was looked up
   * @param introduction what to tell the node in the handshake, unread by anyone else
   * @param listener is told of the session
   * @return the session once it is open, after {@link SessionListener#onOpen}; completed by its
   *     event loop thread, exceptionally with a {@link SessionException}. To cancel it closes the
   *     connection
   * @throws IllegalArgumentException if the introduction is longer than {@link
   *     Session#INTRODUCTION_BYTES_MAX}
   */
  public CompletableFuture<Session> connect(
      InetSocketAddress address, NodeId expected, byte[] introduction, SessionListener listener) {
    return connect(new Route(address, null), expected, introduction, listener);
  }

  /**
   * From where to where to connect.
   *
   * @param to the node's address
   * @param from an address of this host, or null for any
   */
  record Route(InetSocketAddress to, @Nullable InetSocketAddress from) {}

  CompletableFuture<Session> connect(
      Route route, NodeId expected, byte[] introduction, SessionListener listener) {
    if (introduction.length > Session.INTRODUCTION_BYTES_MAX) {
      throw new IllegalArgumentException(
          "an introduction has at most "
              + Session.INTRODUCTION_BYTES_MAX
              + " bytes: "
              + introduction.length);
    }
    CompletableFuture<Session> result = new CompletableFuture<>();
    if (runtime.isClosed()) {
      result.completeExceptionally(new SessionException(Failure.SHUTDOWN, null));
      return result;
    }
    byte[] ownIntroduction = introduction.clone();
    runtime.count(SessionCounter.CONNECTIONS);
    Bootstrap bootstrap = bootstrap();
    bootstrap.handler(
        new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            Connection connection = new Connection(runtime, channel, listener, false);
            connection.prepare(
                new ClientHandshake(connection, expected, ownIntroduction, result), null);
            channel.pipeline().addLast(connection);
          }
        });
    ChannelFuture connecting =
        route.from == null ? bootstrap.connect(route.to) : bootstrap.connect(route.to, route.from);
    connecting.addListener(
        future -> {
          if (!future.isSuccess()) {
            runtime.count(SessionCounter.UNREACHABLE);
            result.completeExceptionally(new SessionException(Failure.UNREACHABLE, future.cause()));
          }
        });
    result.whenComplete(
        (session, thrown) -> {
          if (result.isCancelled()) {
            connecting.channel().close();
          }
        });
    return result;
  }

  private Bootstrap bootstrap() {
    long timeout = runtime.config().times().handshake().toMillis();
    return new Bootstrap()
        .group(runtime.loops())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.RECVBUF_ALLOCATOR, SessionServer.READS);
  }

  /**
   * Returns what the sessions did and hold.
   *
   * @return a snapshot
   */
  public SessionStats stats() {
    return runtime.stats(0);
  }

  /** Ends all sessions and threads. Does nothing the second time. */
  @Override
  public void close() {
    runtime.close();
  }
}
