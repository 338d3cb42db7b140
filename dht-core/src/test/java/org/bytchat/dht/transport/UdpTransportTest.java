package org.bytchat.dht.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Selector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A socket hands over what arrives, and never throws because of what does not. */
@Timeout(60)
class UdpTransportTest {

  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddresses.forString("127.0.0.1"), 0);
  private static final InetSocketAddress ANY_IPV6 =
      new InetSocketAddress(InetAddresses.forString("::1"), 0);

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(2048);

  @Test
  void send_toAnother_arrivesWithItsSource() throws Exception {
    try (UdpTransport a = UdpTransport.bind(ANY);
        UdpTransport b = UdpTransport.bind(ANY)) {
      assertThat(a.localAddress().getPort()).isPositive();
      assertThat(b.receive(buffer)).as("nothing waits").isNull();
      assertThat(a.send(ByteBuffer.wrap(new byte[] {1, 2, 3}), b.localAddress())).isTrue();
      awaitReadable(b);
      assertThat(b.receive(buffer)).isEqualTo(a.localAddress());
      assertThat(buffer.position()).isEqualTo(3);
      assertThat(b.receive(buffer)).isNull();
    }
  }

  @Test
  void receive_longerThanTheBuffer_isCut() throws Exception {
    try (UdpTransport a = UdpTransport.bind(ANY);
        UdpTransport b = UdpTransport.bind(ANY)) {
      assertThat(a.send(ByteBuffer.wrap(new byte[3_000]), b.localAddress())).isTrue();
      assertThat(a.send(ByteBuffer.wrap(new byte[5]), b.localAddress())).isTrue();
      awaitReadable(b);
      assertThat(b.receive(buffer)).isEqualTo(a.localAddress());
      assertThat(buffer.position()).isEqualTo(2048);
      buffer.clear();
      assertThat(b.receive(buffer)).isEqualTo(a.localAddress());
      assertThat(buffer.position()).as("the rest is gone").isEqualTo(5);
      assertThat(b.receiveErrors()).isZero();
    }
  }

  @Test
  void send_whatTheSystemRefuses_isCounted() throws Exception {
    try (UdpTransport transport = UdpTransport.bind(ANY)) {
      assertThat(transport.send(ByteBuffer.allocate(70_000), transport.localAddress())).isFalse();
      assertThat(
              transport.send(
                  ByteBuffer.allocate(1), new InetSocketAddress(InetAddresses.forString("::1"), 9)))
          .isFalse();
      assertThat(
              transport.send(
                  ByteBuffer.allocate(1), InetSocketAddress.createUnresolved("nobody.invalid", 9)))
          .isFalse();
      assertThat(transport.sendErrors()).isEqualTo(3);
    }
  }

  @Test
  void bind_portInUse_throwsAndLeaksNothing() throws Exception {
    InetSocketAddress address;
    try (UdpTransport transport = UdpTransport.bind(ANY)) {
      address = transport.localAddress();
      assertThatThrownBy(() -> UdpTransport.bind(address)).isInstanceOf(BindException.class);
    }
    UdpTransport.bind(address).close();
  }

  @Test
  void close_always_makesTheRestHarmless() throws Exception {
    UdpTransport transport = UdpTransport.bind(ANY);
    transport.close();
    transport.close();
    assertThat(transport.receive(buffer)).isNull();
    assertThat(transport.send(ByteBuffer.allocate(1), transport.localAddress())).isFalse();
    try (Selector selector = Selector.open()) {
      assertThatThrownBy(() -> transport.register(selector, this))
          .isInstanceOf(ClosedChannelException.class);
    }
  }

  @Test
  void carries_eachKindOfAddress_itsFamilies() throws Exception {
    try (UdpTransport ipv4 = UdpTransport.bind(ANY)) {
      assertThat(ipv4.carries(false)).isTrue();
      assertThat(ipv4.carries(true)).isFalse();
    }
    try (UdpTransport ipv6 = bindIpv6(ANY_IPV6);
        UdpTransport both = bindIpv6(new InetSocketAddress("::", 0))) {
      assertThat(ipv6.carries(true)).isTrue();
      assertThat(ipv6.carries(false)).isFalse();
      assertThat(both.carries(true)).isTrue();
      assertThat(both.carries(false)).isTrue();
    }
  }

  @Test
  void receive_ipv4OnASocketForBoth_tellsTheIpv4Address() throws Exception {
    try (UdpTransport both = bindIpv6(new InetSocketAddress("::", 0));
        UdpTransport ipv4 = UdpTransport.bind(ANY)) {
      InetSocketAddress target =
          new InetSocketAddress(
              InetAddresses.forString("127.0.0.1"), both.localAddress().getPort());
      assertThat(ipv4.send(ByteBuffer.allocate(1), target)).isTrue();
      awaitReadable(both);
      assertThat(both.receive(buffer)).isEqualTo(ipv4.localAddress());
      assertThat(both.send(ByteBuffer.allocate(1), ipv4.localAddress())).isTrue();
      awaitReadable(ipv4);
      assertThat(ipv4.receive(buffer)).isEqualTo(target);
    }
  }

  private static UdpTransport bindIpv6(InetSocketAddress address) {
    try {
      return UdpTransport.bind(address);
    } catch (IOException | UnsupportedOperationException e) {
      assumeTrue(false, "this host has no IPv6: " + e.getMessage());
      throw new AssertionError(e);
    }
  }

  private void awaitReadable(UdpTransport transport) throws IOException {
    buffer.clear();
    try (Selector selector = Selector.open()) {
      transport.register(selector, this);
      assertThat(selector.select(30_000)).isEqualTo(1);
    }
  }
}
