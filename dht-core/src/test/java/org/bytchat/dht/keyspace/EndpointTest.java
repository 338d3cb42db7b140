package org.bytchat.dht.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

  @ParameterizedTest
  @CsvSource({
    "9.255.255.255, false",
    "10.0.0.0, true",
    "10.255.255.255, true",
    "11.0.0.0, false",
    "100.63.255.255, false",
    "100.64.0.0, true",
    "100.127.255.255, true",
    "100.128.0.0, false",
    "126.255.255.255, false",
    "127.0.0.0, true",
    "127.0.0.1, true",
    "127.255.255.255, true",
    "128.0.0.0, false",
    "169.253.255.255, false",
    "169.254.0.0, true",
    "169.254.255.255, true",
    "169.255.0.0, false",
    "172.15.255.255, false",
    "172.16.0.0, true",
    "172.31.255.255, true",
    "172.32.0.0, false",
    "192.167.255.255, false",
    "192.168.0.0, true",
    "192.168.255.255, true",
    "192.169.0.0, false",
    "::1, true",
    "::2, false",
    "fbff:ffff::, false",
    "fc00::, true",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "fe00::, false",
    "fe7f:ffff::, false",
    "fe80::, true",
    "fe80::1, true",
    "febf:ffff::, true",
    "fec0::, false",
    "2001:db8::1, false",
    "::ffff:127.0.0.1, false",
  })
  void isLocal_edgesOfEachRange_areTold(String address, boolean local) {
    Endpoint endpoint = endpoint(address, 1);
    assertThat(endpoint.isLocal()).isEqualTo(local);
    if (local) {
      assertThat(endpoint.isUsable()).isTrue();
      assertThat(endpoint.isRoutable()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, false",
    "0.255.255.255, false",
    "1.0.0.0, true",
    "203.0.113.7, true",
    "223.255.255.255, true",
    "224.0.0.0, false",
    "239.255.255.255, false",
    "240.0.0.0, false",
    "255.255.255.255, false",
    "::, false",
    "::2, true",
    "2001:db8::1, true",
    "feff:ffff::, true",
    "ff00::, false",
    "ff02::1, false",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "0:0:0:0:0:fffe:102:304, true",
    "0:0:0:0:1:0:102:304, true",
  })
  void isUsable_notLocal_isRoutableAsWell(String address, boolean usable) {
    Endpoint endpoint = endpoint(address, 1);
    assertThat(endpoint.isUsable()).isEqualTo(usable);
    assertThat(endpoint.isRoutable()).isEqualTo(usable);
    assertThat(endpoint(address, 0).isUsable()).as("port 0").isFalse();
    assertThat(endpoint(address, 65535).isUsable()).as("port 65535").isEqualTo(usable);
  }

  @ParameterizedTest
  @ValueSource(longs = {0xffff_0102_0304L, 0xffff_7f00_0001L, 0xffff_0000_0000L, 0xffff_ffff_ffffL})
  void isUsable_ipv4Mapped_isFalse(long low) {
    Endpoint mapped = Endpoint.ofIpv6(0, low, 6881);
    assertThat(mapped.isUsable()).isFalse();
    assertThat(mapped.isRoutable()).isFalse();
    assertThat(mapped).isNotEqualTo(Endpoint.ofIpv4((int) low, 6881));
    assertThat(mapped.toString()).startsWith("[0:0:0:0:0:ffff:").endsWith("]:6881");
  }

  @Test
  void subnet_ipv4_isThe24AndNetworkThe16() {
    Endpoint endpoint = endpoint("203.0.113.7", 1);
    assertThat(endpoint("203.0.113.255", 9).subnet()).isEqualTo(endpoint.subnet());
    assertThat(endpoint("203.0.112.7", 1).subnet()).isNotEqualTo(endpoint.subnet());
    assertThat(endpoint("203.0.112.7", 1).network()).isEqualTo(endpoint.network());
    assertThat(endpoint("203.1.113.7", 1).network()).isNotEqualTo(endpoint.network());
  }

  @Test
  void subnet_ipv6_isThe48AndNetworkThe32() {
    Endpoint endpoint = endpoint("2001:db8:1:2::7", 1);
    assertThat(endpoint("2001:db8:1:ffff::1", 9).subnet()).isEqualTo(endpoint.subnet());
    assertThat(endpoint("2001:db8:2:2::7", 1).subnet()).isNotEqualTo(endpoint.subnet());
    assertThat(endpoint("2001:db8:2:2::7", 1).network()).isEqualTo(endpoint.network());
    assertThat(endpoint("2001:db9:1:2::7", 1).network()).isNotEqualTo(endpoint.network());
  }

  @Test
  void subnet_sameNumberInBothFamilies_differs() {
    Endpoint ipv4 = Endpoint.ofIpv4(0x01020304, 1);
    Endpoint ipv6 = Endpoint.ofIpv6(0x010203L << 16, 0, 1);
    assertThat(ipv6.subnet()).isNotEqualTo(ipv4.subnet());
    assertThat(Endpoint.ofIpv6(0x0102L << 32, 0, 1).network()).isNotEqualTo(ipv4.network());
  }

  @Test
  void write_bothFamilies_isAddressThenPort() {
    byte[] target = new byte[20];
    assertThat(endpoint("203.0.113.7", 0x1ae1).write(target, 1)).isEqualTo(6);
    assertThat(hex(target)).isEqualTo("00cb0071071ae1" + "00".repeat(13));
    assertThat(endpoint("2001:db8:1:2:3:4:5:6", 0xffff).write(target, 2)).isEqualTo(18);
    assertThat(hex(target)).isEqualTo("00cb" + "20010db8000100020003000400050006ffff");
    assertThatThrownBy(() -> endpoint("1.2.3.4", 5).write(new byte[7], 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void read_bothFamilies_isUnsigned() {
    byte[] source = HexFormat.of().parseHex("99ffffffffffff" + "ff".repeat(12));
    Endpoint ipv4 = Endpoint.read(AddressFamily.IPV4, source, 1);
    assertThat(ipv4).isEqualTo(Endpoint.ofIpv4(-1, 65535)).hasToString("255.255.255.255:65535");
    assertThat(ipv4.addressLow()).isEqualTo(0xffff_ffffL);
    assertThat(ipv4.addressHigh()).isZero();
    Endpoint ipv6 = Endpoint.read(AddressFamily.IPV6, source, 1);
    assertThat(ipv6).isEqualTo(Endpoint.ofIpv6(-1, -1, 65535));
    assertThatThrownBy(() -> Endpoint.read(AddressFamily.IPV6, source, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 65536, Integer.MAX_VALUE})
  void of_portOutOfRange_isRefused(int port) {
    assertThatThrownBy(() -> Endpoint.ofIpv4(1, port))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Integer.toString(port));
    assertThatThrownBy(() -> Endpoint.ofIpv6(1, 1, port))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 5, 15, 17})
  void of_addressOfWrongLength_isRefused(int length) {
    assertThatThrownBy(() -> Endpoint.of(new byte[length], 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void compareTo_familyAddressPort_areUnsignedInThatOrder() {
    List<Endpoint> ascending =
        List.of(
            endpoint("1.0.0.0", 65535),
            endpoint("127.0.0.1", 1),
            endpoint("128.0.0.1", 0),
            endpoint("128.0.0.1", 65535),
            endpoint("::1", 1),
            endpoint("::8000:0:0:0", 1),
            endpoint("1::", 1),
            endpoint("8000::", 0));
    assertThat(ascending).isSorted().doesNotHaveDuplicates();
    assertThat(ascending.get(3)).isGreaterThan(ascending.get(2));
    assertThat(ascending.get(5)).isGreaterThan(ascending.get(4));
    assertThat(ascending.get(4)).isGreaterThan(ascending.get(3));
  }

  @Test
  void equals_anyPartDiffers_isFalse() {
    Endpoint endpoint = endpoint("1.2.3.4", 5);
    assertThat(endpoint).isEqualTo(endpoint("1.2.3.4", 5));
    assertThat(endpoint).hasSameHashCodeAs(endpoint("1.2.3.4", 5));
    assertThat(endpoint).isNotEqualTo(endpoint("1.2.3.4", 6)).isNotEqualTo(endpoint("1.2.3.5", 5));
    assertThat(endpoint).isNotEqualTo(Endpoint.ofIpv6(0, 0x01020304, 5)).isNotEqualTo("1.2.3.4:5");
    assertThat(endpoint.sameAddress(endpoint("1.2.3.4", 6))).isTrue();
    assertThat(endpoint.sameAddress(endpoint("1.2.3.5", 5))).isFalse();
    assertThat(endpoint.sameAddress(Endpoint.ofIpv6(0, 0x01020304, 5))).isFalse();
  }

  @Test
  void toString_bothFamilies_showsHostAndPort() {
    assertThat(endpoint("203.0.113.7", 6881)).hasToString("203.0.113.7:6881");
    assertThat(endpoint("2001:db8::1", 0)).hasToString("[2001:db8:0:0:0:0:0:1]:0");
  }

  @Test
  void sizes_ofFamilies_areThoseOfTheWire() {
    assertThat(AddressFamily.IPV4.contactBytes()).isEqualTo(27);
    assertThat(AddressFamily.IPV6.contactBytes()).isEqualTo(39);
    assertThat(AddressFamily.IPV4.endpointBytes()).isEqualTo(6);
    assertThat(AddressFamily.IPV6.endpointBytes()).isEqualTo(18);
  }

  /** An address in digits, so nothing is looked up; IPv4-mapped ones become 16 bytes again. */
  private static Endpoint endpoint(String address, int port) {
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress();
      if (address.contains(":") && bytes.length == 4) {
        return Endpoint.ofIpv6(0, 0xffff_0000_0000L | Endpoint.of(bytes, port).addressLow(), port);
      }
      return Endpoint.of(bytes, port);
    } catch (UnknownHostException e) {
      throw new AssertionError("not an address: " + address, e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
