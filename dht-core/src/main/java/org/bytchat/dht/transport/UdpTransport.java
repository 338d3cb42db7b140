package org.bytchat.dht.transport;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * One bound, non-blocking UDP socket. Owned by the thread whose selector it is registered with;
 * {@link #close} may be called from any thread.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class UdpTransport implements AutoCloseable {

  private static final int RECEIVE_BUFFER_BYTES = 2 << 20;
  private static final int SEND_BUFFER_BYTES = 1 << 20;

  private final DatagramChannel channel;
  private final InetSocketAddress local;
  private final boolean ipv6;
  private final boolean wildcard;
  private long receiveErrors;
  private long sendErrors;

  private UdpTransport(DatagramChannel channel, InetSocketAddress local) {
    this.channel = channel;
    this.local = local;
    this.ipv6 = local.getAddress() instanceof Inet6Address;
    this.wildcard = local.getAddress().isAnyLocalAddress();
  }

  /**
   * Binds a socket.
   *
   * @param address where to; port 0 picks a free one
   * @return the transport
   * @throws IOException if the address cannot be bound, because it is in use or not this host's
   */
  public static UdpTransport bind(InetSocketAddress address) throws IOException {
    boolean ipv6 = address.getAddress() instanceof Inet6Address;
    DatagramChannel channel =
        DatagramChannel.open(ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    try {
      channel.configureBlocking(false);
      // The system may grant less; a burst that does not fit is lost, as UDP allows.
      channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
      channel.bind(address);
      return new UdpTransport(channel, (InetSocketAddress) channel.getLocalAddress());
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Returns where the socket is bound.
   *
   * @return the address with the true port
   */
  public InetSocketAddress localAddress() {
    return local;
  }

  /**
   * Tells whether the socket carries an address family.
   *
   * @param wantsIpv6 IPv6, otherwise IPv4
   * @return whether it does; a wildcard IPv6 socket carries both
   */
  public boolean carries(boolean wantsIpv6) {
    return ipv6 == wantsIpv6 || (ipv6 && wildcard);
  }

  /**
   * Registers the socket for reading.
   *
   * @param selector the loop's
   * @param attachment what the loop finds again in the key
   * @throws IOException if the socket is closed
   */
  public void register(Selector selector, Object attachment) throws IOException {
    channel.register(selector, SelectionKey.OP_READ, attachment);
  }

  /**
   * Receives one datagram if there is one.
   *
   * @param buffer takes it; what does not fit is cut off
   * @return where it came from, or null if none waits
   */
  public @Nullable InetSocketAddress receive(ByteBuffer buffer) {
    try {
      return (InetSocketAddress) channel.receive(buffer);
    } catch (IOException e) {
      // An ICMP error of an earlier send, or a socket that was closed: neither concerns what
      // follows.
      receiveErrors++;
      return null;
    }
  }

  /**
   * Sends one datagram.
   *
   * @param buffer holds it
   * @param to where it goes
   * @return whether the system took it; if not, it is lost
   */
  public boolean send(ByteBuffer buffer, SocketAddress to) {
    try {
      if (channel.send(buffer, to) > 0) {
        return true;
      }
    } catch (IOException | RuntimeException e) {
      // No route, no permission, a bad address: the request that it belonged to will time out.
    }
    sendErrors++;
    return false;
  }

  /**
   * Returns how many receives failed.
   *
   * @return the count
   */
  public long receiveErrors() {
    return receiveErrors;
  }

  /**
   * Returns how many datagrams the system did not take.
   *
   * @return the count
   */
  public long sendErrors() {
    return sendErrors;
  }

  /** Closes the socket; nothing happens if it is closed. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      receiveErrors++;
    }
  }
}
