package org.bytchat.dht.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.InetAddresses;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.junit.jupiter.api.Test;

/** The platform's addresses and ours name the same places. */
class SocketsTest {

  @Test
  void toEndpoint_bothFamilies_keepsAddressAndPort() {
    Endpoint ipv4 = Sockets.toEndpoint(new InetSocketAddress("203.0.113.7", 65_535));
    assertThat(ipv4).isEqualTo(Endpoint.ofIpv4(0xcb007107, 65_535));
    Endpoint ipv6 = Sockets.toEndpoint(new InetSocketAddress("2001:db8::7", 1));
    assertThat(ipv6).isEqualTo(Endpoint.ofIpv6(0x2001_0db8L << 32, 7, 1));
  }

  /** More senders than are remembered: whoever has another's place makes it his. */
  @Test
  void sender_manyAddresses_isAlwaysTheirEndpoint() {
    Sockets sockets = new Sockets();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 5_000; i++) {
        InetSocketAddress address = Sockets.toSocket(Endpoint.ofIpv4(0x0b00_0000 + i, 1 + i));
        assertThat(sockets.sender(address)).isEqualTo(Sockets.toEndpoint(address));
      }
    }
    InetSocketAddress one = new InetSocketAddress("203.0.113.7", 5);
    assertThat(sockets.sender(one)).isSameAs(sockets.sender(one));
  }

  @Test
  void toSocket_bothFamilies_isTheWayBack() {
    for (String host : new String[] {"127.0.0.1", "203.0.113.7", "::1", "2001:db8::7"}) {
      InetSocketAddress address = new InetSocketAddress(InetAddresses.forString(host), 4000);
      assertThat(Sockets.toSocket(Sockets.toEndpoint(address))).isEqualTo(address);
    }
    assertThat(Sockets.toSocket(Endpoint.ofIpv4(1, 1)).getAddress())
        .isInstanceOf(Inet4Address.class);
    assertThat(Sockets.toSocket(Endpoint.ofIpv6(1, 1, 1)).getAddress())
        .isInstanceOf(Inet6Address.class);
  }

  /** A socket for both families tells of an IPv4 sender in this form on some systems. */
  @Test
  void toEndpoint_ipv4MappedAddress_isIpv4() throws Exception {
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1};
    Endpoint endpoint =
        Sockets.toEndpoint(new InetSocketAddress(InetAddress.getByAddress(mapped), 4000));
    assertThat(endpoint).isEqualTo(Endpoint.ofIpv4(10 << 24 | 1, 4000));
    assertThat(endpoint.family()).isEqualTo(AddressFamily.IPV4);
  }

  @Test
  void toEndpoint_scopedAddress_dropsTheScope() throws Exception {
    byte[] linkLocal = {-2, -128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    InetAddress scoped = Inet6Address.getByAddress(null, linkLocal, 3);
    assertThat(Sockets.toEndpoint(new InetSocketAddress(scoped, 1)))
        .isEqualTo(Endpoint.of(linkLocal, 1));
  }

  @Test
  void toEndpoint_unresolvedAddress_throws() {
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nobody.invalid", 1);
    assertThatThrownBy(() -> Sockets.toEndpoint(unresolved))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nobody.invalid");
  }

  @Test
  void cached_again_isTheSameObject() {
    Sockets sockets = new Sockets();
    Endpoint endpoint = Endpoint.ofIpv4(0x7f000001, 4000);
    assertThat(sockets.cached(endpoint))
        .isEqualTo(new InetSocketAddress(InetAddresses.forString("127.0.0.1"), 4000));
    assertThat(sockets.cached(Endpoint.ofIpv4(0x7f000001, 4000)))
        .isSameAs(sockets.cached(endpoint));
  }
}
