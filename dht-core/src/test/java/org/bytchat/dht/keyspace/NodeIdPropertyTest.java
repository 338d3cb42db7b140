package org.bytchat.dht.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;

/** Goal: 160-bit arithmetic in words is that of BigInteger. */
class NodeIdPropertyTest {

  private static final int ROUNDS = 500;

  @SeededTest
  void order_randomIds_isThatOfUnsignedNumbers(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      NodeId a = id(random);
      NodeId b = near(a, random);
      assertThat(sign(a.compareTo(b))).isEqualTo(number(a).compareTo(number(b)));
      assertThat(a.equals(b)).isEqualTo(number(a).equals(number(b)));
      assertThat(a.compareTo(b) == 0).isEqualTo(a.equals(b));
    }
  }

  @SeededTest
  void distance_randomIds_isXorAndOrdersLikeIt(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      NodeId target = id(random);
      NodeId a = near(target, random);
      NodeId b = near(random.nextBoolean() ? a : target, random);
      BigInteger toA = number(target).xor(number(a));
      BigInteger toB = number(target).xor(number(b));
      assertThat(new BigInteger(target.distanceTo(a).toString(), 16)).isEqualTo(toA);
      int order = toA.compareTo(toB);
      assertThat(sign(target.distanceTo(a).compareTo(target.distanceTo(b)))).isEqualTo(order);
      assertThat(sign(target.compareDistance(a, b))).isEqualTo(order);
      assertThat(a.distanceTo(target)).isEqualTo(target.distanceTo(a));
    }
  }

  @SeededTest
  void commonPrefixLength_randomIds_isWhatTheXorLeaves(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      NodeId a = id(random);
      NodeId b = near(a, random);
      int expected = NodeId.BITS - number(a).xor(number(b)).bitLength();
      assertThat(a.commonPrefixLength(b)).isEqualTo(expected);
      assertThat(a.distanceTo(b).leadingZeros()).isEqualTo(expected);
    }
  }

  @SeededTest
  void bit_everyIndex_isThatOfTheNumber(long seed) {
    NodeId id = id(Seeds.random(seed));
    for (int index = 0; index < NodeId.BITS; index++) {
      assertThat(id.bit(index)).isEqualTo(number(id).testBit(NodeId.BITS - 1 - index));
    }
  }

  @SeededTest
  void textAndBytes_randomIds_giveTheIdBack(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      NodeId id = id(random);
      assertThat(NodeId.parse(id.toString())).isEqualTo(id).hasSameHashCodeAs(id);
      assertThat(new BigInteger(id.toString(), 16)).isEqualTo(number(id));
      int offset = random.nextInt(10);
      byte[] target = new byte[offset + NodeId.BYTES + 3];
      Arrays.fill(target, (byte) 0x5a);
      id.write(target, offset);
      assertThat(NodeId.read(target, offset)).isEqualTo(id);
      assertThat(Arrays.copyOfRange(target, offset, offset + NodeId.BYTES)).isEqualTo(id.toBytes());
      for (int outside = 0; outside < offset; outside++) {
        assertThat(target[outside]).isEqualTo((byte) 0x5a);
      }
      assertThat(Arrays.copyOfRange(target, offset + NodeId.BYTES, target.length))
          .containsOnly(0x5a);
    }
  }

  @SeededTest
  void endpoint_randomWords_givesItselfBack(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] address = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(address);
      int port = random.nextInt(0x1_0000);
      Endpoint endpoint = Endpoint.of(address, port);
      assertThat(endpoint.addressBytes()).isEqualTo(address);
      assertThat(endpoint.port()).isEqualTo(port);
      int offset = random.nextInt(10);
      byte[] wire = new byte[offset + 18];
      assertThat(endpoint.write(wire, offset)).isEqualTo(address.length + 2);
      assertThat(Endpoint.read(endpoint.family(), wire, offset)).isEqualTo(endpoint);
      assertThat(new BigInteger(1, Arrays.copyOfRange(wire, offset, offset + address.length)))
          .isEqualTo(new BigInteger(1, address));
    }
  }

  private static NodeId id(Random random) {
    return NodeId.of(random.nextLong(), random.nextLong(), random.nextInt());
  }

  /** An id that shares a random prefix with another, the whole of it at times. */
  private static NodeId near(NodeId id, Random random) {
    int shared = random.nextInt(NodeId.BITS + 1);
    BigInteger mask = BigInteger.ONE.shiftLeft(NodeId.BITS - shared).subtract(BigInteger.ONE);
    BigInteger xor = new BigInteger(NodeId.BITS, random).and(mask);
    return NodeId.parse(String.format("%040x", number(id).xor(xor)));
  }

  private static BigInteger number(NodeId id) {
    return new BigInteger(1, id.toBytes());
  }

  private static int sign(int order) {
    return Integer.signum(order);
  }
}
