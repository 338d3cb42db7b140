package org.bytchat.dht.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import java.util.zip.CRC32C;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: the 21 bits are those of BEP 42, all of them and no others. */
class SecureIdsTest {

  private static final int ROUNDS = 200;
  private static final int PREFIX_BITS = 21;

  private static final byte[] IPV4_MASK = {0x03, 0x0f, 0x3f, (byte) 0xff};
  private static final byte[] IPV6_MASK = {
    0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, (byte) 0xff,
  };

  /** The test vectors of BEP 42. */
  @ParameterizedTest
  @CsvSource({
    "124.31.75.21, 5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401",
    "21.75.31.124, 5a3ce9c14e7a08645677bbd1cfe7d8f956d53256",
    "65.23.51.170, a5d43220bc8f112a3d426c84764f8c2a1150e616",
    "84.124.73.14, 1b0321dd1bb1fe518101ceef99462b947a01ff41",
    "43.213.53.83, e56f6cbf5b7c4be0237986d5243b87aa6d51305a",
  })
  void vectors_ofTheSpecification_areSecureAndMade(String address, String id) {
    NodeId secure = NodeId.parse(id);
    Endpoint at = endpoint(address);
    assertThat(SecureIds.isSecure(secure, at)).isTrue();
    assertThat(SecureIds.of(secure, at)).isEqualTo(secure);
    NodeId other = NodeId.of(~secure.high(), secure.middle(), secure.low());
    NodeId made = SecureIds.of(other, at);
    assertThat(made.commonPrefixLength(secure)).isEqualTo(PREFIX_BITS);
    assertThat(other.distanceTo(made).high() << PREFIX_BITS).isZero();
    assertThat(NodeId.of(0, made.middle(), made.low()))
        .isEqualTo(NodeId.of(0, secure.middle(), secure.low()));
  }

  /** The second as another implementation of BEP 42 has it in its tests. */
  @ParameterizedTest
  @CsvSource({
    "2001:4860:4860::8888, 0000000000000000000000000000000000000005,"
        + "ca2af00000000000000000000000000000000005",
    "2600:4040:5251:7000::b939:ea69, 00000062f24dcbece65e7be063198bd6b3eaf17a,"
        + "aa91d062f24dcbece65e7be063198bd6b3eaf17a",
    "2600:4040:5251:7000::, 00000062f24dcbece65e7be063198bd6b3eaf17a,"
        + "aa91d062f24dcbece65e7be063198bd6b3eaf17a",
  })
  void of_ipv6_hashesTheFirstEightBytes(String address, String base, String expected) {
    assertThat(SecureIds.of(NodeId.parse(base), endpoint(address))).hasToString(expected);
  }

  @SeededTest
  void of_anyAddress_isWhatTheSpecificationComputesByteByByte(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      Endpoint at = address(random);
      NodeId base = id(random);
      byte[] expected = specified(base, at);
      assertThat(SecureIds.of(base, at)).isEqualTo(NodeId.of(expected));
    }
  }

  @SeededTest
  void isSecure_eachBitFlipped_dependsOnTheFirst21(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      Endpoint at = publicAddress(random);
      NodeId id = SecureIds.of(id(random), at);
      assertThat(SecureIds.isSecure(id, at)).isTrue();
      for (int bit = 0; bit < NodeId.BITS - 3; bit++) {
        assertThat(SecureIds.isSecure(flipped(id, bit), at))
            .as("bit %d of %s", bit, id)
            .isEqualTo(bit >= PREFIX_BITS);
      }
    }
  }

  @SeededTest
  void isSecure_otherChoice_isSecureOnlyIfItsChecksumBeginsAlike(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      Endpoint at = publicAddress(random);
      NodeId id = SecureIds.of(id(random), at);
      for (int bit = NodeId.BITS - 3; bit < NodeId.BITS; bit++) {
        NodeId other = flipped(id, bit);
        boolean isAlike = NodeId.of(specified(other, at)).equals(other);
        assertThat(SecureIds.isSecure(other, at)).isEqualTo(isAlike);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.1.1",
        "127.0.0.1",
        "::1",
        "fd00::1"
      })
  void isSecure_local_isExemptThoughAnIdCanBeMade(String address) {
    Endpoint at = endpoint(address);
    for (int bit = 0; bit < PREFIX_BITS; bit++) {
      assertThat(SecureIds.isSecure(flipped(NodeId.ZERO, bit), at)).isTrue();
    }
    assertThat(SecureIds.of(NodeId.ZERO, at)).isEqualTo(NodeId.of(specified(NodeId.ZERO, at)));
  }

  /** As the example program of BEP 42 does it, but for its random numbers. */
  private static byte[] specified(NodeId base, Endpoint at) {
    byte[] mask = at.family() == AddressFamily.IPV4 ? IPV4_MASK : IPV6_MASK;
    byte[] address = at.addressBytes();
    byte[] id = base.toBytes();
    for (int i = 0; i < mask.length; i++) {
      address[i] &= mask[i];
    }
    address[0] |= (byte) ((id[19] & 7) << 5);
    CRC32C crc = new CRC32C();
    crc.update(address, 0, mask.length);
    id[0] = (byte) (crc.getValue() >> 24);
    id[1] = (byte) (crc.getValue() >> 16);
    id[2] = (byte) (crc.getValue() >> 8 & 0xf8 | id[2] & 7);
    return id;
  }

  private static NodeId flipped(NodeId id, int bit) {
    byte[] bytes = id.toBytes();
    bytes[bit / 8] ^= (byte) (0x80 >> bit % 8);
    return NodeId.of(bytes);
  }

  private static NodeId id(Random random) {
    return NodeId.of(random.nextLong(), random.nextLong(), random.nextInt());
  }

  private static Endpoint publicAddress(Random random) {
    Endpoint at = address(random);
    while (at.isLocal()) {
      at = address(random);
    }
    return at;
  }

  private static Endpoint address(Random random) {
    return random.nextBoolean()
        ? Endpoint.ofIpv4(random.nextInt(), random.nextInt(1 << 16))
        : Endpoint.ofIpv6(random.nextLong(), random.nextLong(), random.nextInt(1 << 16));
  }

  private static Endpoint endpoint(String address) {
    try {
      return Endpoint.of(InetAddress.getByName(address).getAddress(), 6881);
    } catch (UnknownHostException e) {
      throw new AssertionError("a literal is never resolved", e);
    }
  }
}
