package org.bytchat.dht.runtime;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.bytchat.dht.keyspace.Endpoint;
import org.jspecify.annotations.Nullable;

/** The platform's socket addresses and ours, and the way between them. */
public final class Sockets {

  private static final int CACHED_MAX = 4096;

  /** A power of two. */
  private static final int SENDERS_MAX = 512;

  private final LoadingCache<Endpoint, InetSocketAddress> addresses =
      Caffeine.newBuilder()
          .maximumSize(CACHED_MAX)
          .executor(Runnable::run)
          .build(Sockets::toSocket);

  /** Who sent something lately, each in the place that its hash gives it, and its endpoint. */
  private final @Nullable InetSocketAddress[] senders = new InetSocketAddress[SENDERS_MAX];

  private final @Nullable Endpoint[] senderEndpoints = new Endpoint[SENDERS_MAX];

  Sockets() {}

  /** Returns the endpoint of a socket address that is likely to send again. */
  Endpoint sender(InetSocketAddress address) {
    int hash = address.hashCode() * 0x9E3779B9;
    int place = hash >>> Integer.numberOfLeadingZeros(SENDERS_MAX - 1);
    Endpoint known = senderEndpoints[place];
    if (known != null && address.equals(senders[place])) {
      return known;
    }
    Endpoint endpoint = toEndpoint(address);
    senders[place] = address;
    senderEndpoints[place] = endpoint;
    return endpoint;
  }

  /** Returns the socket address of an endpoint that is likely to be sent to again. */
  InetSocketAddress cached(Endpoint endpoint) {
    return addresses.get(endpoint);
  }

  /**
   * Returns the endpoint of a socket address.
   *
   * @param address a resolved address
   * @return the endpoint
   * @throws IllegalArgumentException if the address is not resolved
   */
  public static Endpoint toEndpoint(InetSocketAddress address) {
    InetAddress inet = address.getAddress();
    if (inet == null) {
      throw new IllegalArgumentException("not resolved: " + address);
    }
    return Endpoint.of(inet.getAddress(), address.getPort());
  }

  /**
   * Returns the socket address of an endpoint.
   *
   * @param endpoint the endpoint
   * @return a new socket address
   */
  public static InetSocketAddress toSocket(Endpoint endpoint) {
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(endpoint.addressBytes()), endpoint.port());
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }
}
