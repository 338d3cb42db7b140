package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;

/** Goal: for all messages and all bytes of the Mainline dialect. */
class MainlineCodecPropertyTest {

  private static final int PACKETS = 200;

  private static final byte[] LIKELY =
      "d1:ad2:idl1:qe1:t1:v1:yei0-0123456789".getBytes(StandardCharsets.US_ASCII);

  private final CodecHarness harness = CodecHarness.mainline();

  @SeededTest
  void decode_encodedPacket_givesThePacketBack(long seed) {
    RandomMainlinePackets packets = new RandomMainlinePackets(Seeds.random(seed));
    for (int i = 0; i < PACKETS; i++) {
      Packet sent = packets.next();
      byte[] datagram = harness.encode(sent);
      assertThat(Bencode.end(datagram)).as("sorted and minimal").isEqualTo(datagram.length);
      assertThat(PacketView.of(harness.decoded(datagram))).isEqualTo(PacketView.of(sent));
    }
  }

  @SeededTest(runs = 10)
  void decode_everyTruncation_isTruncatedOrTooShort(long seed) {
    RandomMainlinePackets packets = new RandomMainlinePackets(Seeds.random(seed));
    for (int i = 0; i < 10; i++) {
      byte[] whole = harness.encode(packets.next());
      for (int length = 0; length < whole.length; length++) {
        assertThat(harness.decode(Arrays.copyOf(whole, length)))
            .as("%d of %d bytes", length, whole.length)
            .isEqualTo(
                length < WireLimits.MAINLINE_DATAGRAM_BYTES_MIN
                    ? DecodeOutcome.TOO_SHORT
                    : DecodeOutcome.TRUNCATED);
      }
    }
  }

  @SeededTest
  void decode_mutatedMessage_neverThrowsAndStaysConsistent(long seed) {
    Random random = Seeds.random(seed);
    RandomMainlinePackets packets = new RandomMainlinePackets(random);
    int accepted = 0;
    for (int i = 0; i < PACKETS; i++) {
      byte[] whole = harness.encode(packets.next());
      for (int j = 0; j < 20; j++) {
        accepted += harness.checkAnyBytes(mutate(whole, random)).hasEnvelope() ? 1 : 0;
      }
    }
    // Most mutations hit content, not structure: without these the test would test little.
    assertThat(accepted).isGreaterThan(PACKETS);
  }

  private static byte[] mutate(byte[] whole, Random random) {
    byte[] mutated = whole.clone();
    int at = random.nextInt(mutated.length);
    switch (random.nextInt(4)) {
      case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> mutated[at] = LIKELY[random.nextInt(LIKELY.length)];
      case 2 -> {
        int from = random.nextInt(mutated.length);
        int length = Math.min(random.nextInt(40), mutated.length - Math.max(at, from));
        System.arraycopy(mutated, from, mutated, at, length);
      }
      default ->
          mutated =
              RawMap.concat(
                  Arrays.copyOf(mutated, at),
                  new byte[] {LIKELY[random.nextInt(LIKELY.length)]},
                  Arrays.copyOfRange(mutated, at, mutated.length));
    }
    return mutated;
  }

  @SeededTest
  void decode_randomBytes_neverThrowsAndIsNoMessage(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(1_600)];
      random.nextBytes(bytes);
      if (random.nextBoolean()) {
        for (int j = 0; j < bytes.length; j++) {
          bytes[j] = LIKELY[random.nextInt(LIKELY.length)];
        }
      }
      assertThat(harness.checkAnyBytes(bytes)).isNotEqualTo(DecodeOutcome.DECODED);
    }
  }

  @Test
  void decode_packetUsedBefore_isClearedFirst() {
    RandomMainlinePackets packets = new RandomMainlinePackets(Seeds.random(1));
    for (int i = 0; i < PACKETS; i++) {
      byte[] datagram = harness.encode(packets.next());
      Map<String, String> reused = PacketView.of(harness.decoded(datagram));
      CodecHarness fresh = CodecHarness.mainline();
      assertThat(reused).isEqualTo(PacketView.of(fresh.decoded(datagram)));
    }
  }
}
