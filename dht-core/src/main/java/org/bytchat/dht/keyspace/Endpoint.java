package org.bytchat.dht.keyspace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import org.apiguardian.api.API;

/**
 * A UDP endpoint: an IPv4 or IPv6 address and a port, held in primitive words.
 *
 * <p>Immutable. No name is ever resolved here. An IPv4-mapped IPv6 address is not an IPv4 endpoint
 * and is never {@link #isRoutable() routable}.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Endpoint implements Comparable<Endpoint> {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private final long high;
  private final long low;
  private final AddressFamily family;
  private final char port;

  private Endpoint(AddressFamily family, long high, long low, int port) {
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("port must be in 0..65535: " + port);
    }
    this.family = family;
    this.high = high;
    this.low = low;
    this.port = (char) port;
  }

  /**
   * Makes an IPv4 endpoint.
   *
   * @param address the address, big-endian
   * @param port 0 to 65535
   * @return the endpoint
   * @throws IllegalArgumentException if the port is out of range
   */
  public static Endpoint ofIpv4(int address, int port) {
    return new Endpoint(AddressFamily.IPV4, 0, Integer.toUnsignedLong(address), port);
  }

  /**
   * Makes an IPv6 endpoint.
   *
   * @param high the first 8 bytes of the address
   * @param low the last 8 bytes of the address
   * @param port 0 to 65535
   * @return the endpoint
   * @throws IllegalArgumentException if the port is out of range
   */
  public static Endpoint ofIpv6(long high, long low, int port) {
    return new Endpoint(AddressFamily.IPV6, high, low, port);
  }

  /**
   * Makes an endpoint of address bytes in network order.
   *
   * @param address 4 or 16 bytes
   * @param port 0 to 65535
   * @return the endpoint
   * @throws IllegalArgumentException if the address has another length or the port is out of range
   */
  public static Endpoint of(byte[] address, int port) {
    if (address.length == 4) {
      return ofIpv4((int) INT.get(address, 0), port);
    }
    if (address.length == 16) {
      return ofIpv6((long) LONG.get(address, 0), (long) LONG.get(address, 8), port);
    }
    throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length);
  }

  /**
   * Reads an endpoint as the wire carries it: address, then port.
   *
   * @param family which length to read
   * @param bytes the array
   * @param offset index of the first byte
   * @return the endpoint
   * @throws IndexOutOfBoundsException if the array ends before the endpoint does
   */
  public static Endpoint read(AddressFamily family, byte[] bytes, int offset) {
    if (family == AddressFamily.IPV4) {
      return ofIpv4((int) INT.get(bytes, offset), (short) SHORT.get(bytes, offset + 4) & 0xffff);
    }
    return ofIpv6(
        (long) LONG.get(bytes, offset),
        (long) LONG.get(bytes, offset + 8),
        (short) SHORT.get(bytes, offset + 16) & 0xffff);
  }

  /**
   * Writes address and port as the wire carries them.
   *
   * @param target the array
   * @param offset index of the first byte written
   * @return how many bytes were written: 6 or 18
   * @throws IndexOutOfBoundsException if the array is too short
   */
  public int write(byte[] target, int offset) {
    if (family == AddressFamily.IPV4) {
      INT.set(target, offset, (int) low);
      SHORT.set(target, offset + 4, (short) port);
      return 6;
    }
    LONG.set(target, offset, high);
    LONG.set(target, offset + 8, low);
    SHORT.set(target, offset + 16, (short) port);
    return 18;
  }

  /**
   * Returns another endpoint of the same address.
   *
   * @param other the port, 0 to 65535
   * @return the endpoint
   * @throws IllegalArgumentException if the port is out of range
   */
  public Endpoint withPort(int other) {
    return new Endpoint(family, high, low, other);
  }

  /**
   * Returns the address family.
   *
   * @return the family
   */
  public AddressFamily family() {
    return family;
  }

  /**
   * Returns the port.
   *
   * @return 0 to 65535
   */
  public int port() {
    return port;
  }

  /**
   * Returns the first 8 bytes of an IPv6 address.
   *
   * @return the word, 0 for IPv4
   */
  public long addressHigh() {
    return high;
  }

  /**
   * Returns the last 8 bytes of an IPv6 address, or the IPv4 address in the low 32 bits.
   *
   * @return the word
   */
  public long addressLow() {
    return low;
  }

  /**
   * Returns the address bytes in network order.
   *
   * @return a new array of 4 or 16 bytes
   */
  public byte[] addressBytes() {
    byte[] bytes = new byte[family.addressBytes()];
    if (family == AddressFamily.IPV4) {
      INT.set(bytes, 0, (int) low);
    } else {
      LONG.set(bytes, 0, high);
      LONG.set(bytes, 8, low);
    }
    return bytes;
  }

  /**
   * Returns the subnet that one operator usually holds whole: the /24 of IPv4, the /48 of IPv6.
   *
   * @return a number equal exactly for endpoints of one family in one subnet
   */
  public long subnet() {
    return family == AddressFamily.IPV4 ? low >>> 8 : 1L << 62 | high >>> 16;
  }

  /**
   * Returns the wider network: the /16 of IPv4, the /32 of IPv6.
   *
   * @return a number equal exactly for endpoints of one family in one network
   */
  public long network() {
    return family == AddressFamily.IPV4 ? low >>> 16 : 1L << 62 | high >>> 32;
  }

  /**
   * Tells whether the address is of this host or of a private network: loopback, RFC 1918, RFC
   * 6598, link-local, RFC 4193.
   *
   * @return whether it is local
   */
  public boolean isLocal() {
    if (family == AddressFamily.IPV6) {
      return (high == 0 && low == 1) || high >>> 57 == 0xfc >>> 1 || high >>> 54 == 0xfe80 >>> 6;
    }
    int address = (int) low;
    return address >>> 24 == 127
        || address >>> 24 == 10
        || address >>> 20 == (172 << 4 | 1)
        || address >>> 16 == (192 << 8 | 168)
        || address >>> 16 == (169 << 8 | 254)
        || address >>> 22 == (100 << 2 | 1);
  }

  /**
   * Tells whether a datagram can be sent there as to one host: port not 0, address neither
   * unspecified nor multicast, broadcast, reserved or IPv4-mapped.
   *
   * @return whether it is a usable unicast endpoint, local ones included
   */
  public boolean isUsable() {
    if (port == 0) {
      return false;
    }
    if (family == AddressFamily.IPV6) {
      boolean mapped = high == 0 && low >>> 32 == 0xffff;
      return !(high == 0 && low == 0) && high >>> 56 != 0xff && !mapped;
    }
    int first = (int) (low >>> 24);
    return first != 0 && first < 224;
  }

  /**
   * Tells whether the endpoint makes sense on the public Internet: usable and not local.
   *
   * @return whether it is routable
   */
  public boolean isRoutable() {
    return isUsable() && !isLocal();
  }

  /**
   * Tells whether two endpoints have the same address, whatever their ports.
   *
   * @param other the other endpoint
   * @return whether family and address are equal
   */
  public boolean sameAddress(Endpoint other) {
    return family == other.family && high == other.high && low == other.low;
  }

  /**
   * Orders by family, address, port, all unsigned, so that a deterministic order exists.
   *
   * @param other the other endpoint
   * @return the usual sign
   */
  @Override
  public int compareTo(Endpoint other) {
    int order = family.compareTo(other.family);
    if (order == 0) {
      order = Long.compareUnsigned(high, other.high);
    }
    if (order == 0) {
      order = Long.compareUnsigned(low, other.low);
    }
    return order != 0 ? order : Integer.compare(port, other.port);
  }

  @Override
  public boolean equals(Object other) {
    return other == this
        || (other instanceof Endpoint that
            && port == that.port
            && low == that.low
            && high == that.high
            && family == that.family);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(mixed() * 0x9E3779B97F4A7C15L);
  }

  /**
   * Returns a number by which most endpoints are told apart without looking at them.
   *
   * @return equal for equal endpoints, and rarely for others
   */
  public long mixed() {
    return (high * 31 + low) * 31 + port;
  }

  /** Returns {@code HOST:PORT}, or {@code [HOST]:PORT} for IPv6. */
  @Override
  public String toString() {
    try {
      if (family == AddressFamily.IPV4) {
        return InetAddress.getByAddress(addressBytes()).getHostAddress() + ":" + (int) port;
      }
      // InetAddress.getByAddress would show an IPv4-mapped address as if it were IPv4.
      String host = Inet6Address.getByAddress(null, addressBytes(), -1).getHostAddress();
      return "[" + host + "]:" + (int) port;
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }
}
