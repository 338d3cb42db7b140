package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

/** Goal: for all messages and all bytes, not only those that somebody thought of. */
class BytchatCodecPropertyTest {

  private static final int PACKETS = 200;

  private final CodecHarness harness = new CodecHarness();

  @SeededTest
  void decode_encodedPacket_givesThePacketBack(long seed) {
    RandomPackets packets = new RandomPackets(Seeds.random(seed));
    for (int i = 0; i < PACKETS; i++) {
      Packet sent = packets.next();
      Packet received = harness.decoded(harness.encode(sent));
      assertThat(PacketView.of(received)).isEqualTo(PacketView.of(sent));
    }
  }

  @SeededTest
  void encode_randomPacket_keepsToLimitAndPadding(long seed) {
    RandomPackets packets = new RandomPackets(Seeds.random(seed));
    for (int i = 0; i < PACKETS; i++) {
      Packet packet = packets.next();
      int wanted = packet.paddedBytes;
      int padded = harness.encode(packet).length;
      assertThat(packet.paddedBytes).as("left as it was").isEqualTo(wanted);
      packet.paddedBytes = 0;
      int unpadded = harness.encode(packet).length;
      assertThat(padded).isBetween(wanted, WireLimits.DATAGRAM_BYTES);
      assertThat(padded - Math.max(wanted, unpadded)).isBetween(0, 3);
    }
  }

  @SeededTest
  void encode_randomPacket_isTheMapThatMsgpackCoreReads(long seed) {
    RandomPackets packets = new RandomPackets(Seeds.random(seed));
    for (int i = 0; i < PACKETS; i++) {
      Packet packet = packets.next();
      Value map = MsgpackOracle.unpack(harness.encode(packet));
      Value content = MsgpackOracle.without(map, "p");
      assertThat(content).isEqualTo(MsgpackOracle.contentOf(packet));
      Value padding = map.asMapValue().map().get(ValueFactory.newString("p"));
      if (padding != null) {
        byte[] zeros = padding.asBinaryValue().asByteArray();
        assertThat(zeros).containsOnly(new byte[zeros.length]);
      }
    }
  }

  @SeededTest
  void decode_anyOrderAndUnknownKeys_givesTheSamePacket(long seed) throws IOException {
    Random random = Seeds.random(seed);
    RandomPackets packets = new RandomPackets(random);
    RandomValues values = new RandomValues(random);
    for (int i = 0; i < PACKETS; i++) {
      Packet sent = packets.next();
      sent.paddedBytes = 0;
      Value content = MsgpackOracle.contentOf(sent);
      byte[] shuffled = shuffled(content, 2, random, values);
      if (shuffled.length > WireLimits.DATAGRAM_BYTES) {
        continue;
      }
      Packet received = harness.decoded(shuffled);
      assertThat(PacketView.of(received)).isEqualTo(PacketView.of(sent));
    }
  }

  /** Packs a map and the bodies in it with its entries in random order and unknown ones between. */
  private static byte[] shuffled(Value map, int depth, Random random, RandomValues values)
      throws IOException {
    RawMap raw = new RawMap();
    for (Map.Entry<Value, Value> entry : map.asMapValue().entrySet()) {
      Value value = entry.getValue();
      boolean body = depth > 1 && value.isMapValue();
      raw.with(
          entry.getKey().asStringValue().asString(),
          body ? shuffled(value, depth - 1, random, values) : pack(value));
    }
    for (int unknown = random.nextInt(4); unknown > 0; unknown--) {
      raw.with("unknown" + unknown, values.next(3));
    }
    return raw.shuffled(random).bytes();
  }

  private static byte[] pack(Value value) throws IOException {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packValue(value);
      return packer.toByteArray();
    }
  }

  @SeededTest(runs = 10)
  void decode_everyTruncation_isTruncatedOrTooShort(long seed) {
    RandomPackets packets = new RandomPackets(Seeds.random(seed));
    for (int i = 0; i < 10; i++) {
      byte[] whole = harness.encode(packets.next());
      for (int length = 0; length < whole.length; length++) {
        assertThat(harness.decode(Arrays.copyOf(whole, length)))
            .as("%d of %d bytes", length, whole.length)
            .isEqualTo(
                length < WireLimits.DATAGRAM_BYTES_MIN
                    ? DecodeOutcome.TOO_SHORT
                    : DecodeOutcome.TRUNCATED);
      }
    }
  }

  @SeededTest
  void decode_mutatedMessage_neverThrowsAndStaysConsistent(long seed) {
    Random random = Seeds.random(seed);
    RandomPackets packets = new RandomPackets(random);
    int accepted = 0;
    for (int i = 0; i < PACKETS; i++) {
      byte[] whole = harness.encode(packets.next());
      for (int j = 0; j < 20; j++) {
        byte[] mutated = mutate(whole, random);
        accepted += harness.checkAnyBytes(mutated).hasEnvelope() ? 1 : 0;
      }
    }
    // Most mutations hit content, not structure: without these the test would test little.
    assertThat(accepted).isGreaterThan(PACKETS);
  }

  private static byte[] mutate(byte[] whole, Random random) {
    byte[] mutated = whole.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(4)) {
        case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutated[at] = RandomValues.header(random);
        case 2 -> {
          int from = random.nextInt(mutated.length);
          int length = Math.min(random.nextInt(40), mutated.length - Math.max(at, from));
          System.arraycopy(mutated, from, mutated, at, length);
        }
        default -> {
          byte[] head = Arrays.copyOf(mutated, at);
          byte[] tail = Arrays.copyOfRange(mutated, at, mutated.length);
          mutated = RawMap.concat(head, new byte[] {RandomValues.header(random)}, tail);
        }
      }
    }
    return mutated;
  }

  @SeededTest
  void decode_randomBytes_neverThrowsAndStaysConsistent(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(1_300)];
      if (random.nextBoolean()) {
        random.nextBytes(bytes);
      } else {
        for (int j = 0; j < bytes.length; j++) {
          bytes[j] = RandomValues.header(random);
        }
      }
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[0] = (byte) (0x80 | random.nextInt(16));
      }
      assertThat(harness.checkAnyBytes(bytes)).isNotEqualTo(DecodeOutcome.DECODED);
    }
  }

  @Test
  void decode_packetUsedBefore_isClearedFirst() {
    RandomPackets packets = new RandomPackets(Seeds.random(1));
    for (int i = 0; i < PACKETS; i++) {
      byte[] datagram = harness.encode(packets.next());
      Map<String, String> reused = PacketView.of(harness.decoded(datagram));
      CodecHarness fresh = new CodecHarness();
      assertThat(reused).isEqualTo(PacketView.of(fresh.decoded(datagram)));
    }
  }
}
