package org.bytchat.tracker.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Goal: for all bytes, not only those that somebody thought of. */
class MessageCodecPropertyTest {

  private static final List<byte[]> FRAMES = frames();

  private final MessageCodecHarness harness = new MessageCodecHarness();

  private static List<byte[]> frames() {
    MessageCodec codec = new MessageCodec(Ed25519Scheme.INSTANCE);
    List<byte[]> frames = new ArrayList<>();
    SampleMessages.requests().values().forEach(request -> frames.add(codec.encode(300, request)));
    SampleMessages.responses()
        .values()
        .forEach(response -> frames.add(codec.encode(300, response)));
    return frames;
  }

  @Test
  void decode_everyTruncation_isNoFrame() {
    for (byte[] frame : FRAMES) {
      for (int length = 0; length < frame.length; length++) {
        assertThat(harness.checkAnyBytes(Arrays.copyOf(frame, length)))
            .as("%d of %d bytes", length, frame.length)
            .isInstanceOf(Decoded.NoFrame.class);
      }
    }
  }

  @SeededTest
  void decode_mutatedFrame_neverThrowsAndStaysConsistent(long seed) {
    Random random = Seeds.random(seed);
    int messages = 0;
    int malformed = 0;
    int noFrames = 0;
    for (byte[] frame : FRAMES) {
      for (int i = 0; i < 20; i++) {
        Decoded<?> decoded = harness.checkAnyBytes(mutated(frame, random));
        messages += decoded instanceof Decoded.Message ? 1 : 0;
        malformed += decoded instanceof Decoded.Malformed ? 1 : 0;
        noFrames += decoded instanceof Decoded.NoFrame ? 1 : 0;
      }
    }
    // Without some of each, the test would test little.
    assertThat(messages).isGreaterThan(FRAMES.size());
    assertThat(malformed).isGreaterThan(FRAMES.size());
    assertThat(noFrames).isGreaterThan(FRAMES.size());
  }

  /** Changes near the start more often than elsewhere, because most frames end with content. */
  private static byte[] mutated(byte[] frame, Random random) {
    byte[] mutated = frame.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(random.nextBoolean() ? mutated.length : Math.min(40, mutated.length));
      switch (random.nextInt(4)) {
        case 0 -> mutated[at] = (byte) (mutated[at] ^ 1 << random.nextInt(8));
        case 1 -> mutated[at] = header(random);
        case 2 -> {
          int from = random.nextInt(mutated.length);
          int length = Math.min(random.nextInt(40), mutated.length - Math.max(at, from));
          System.arraycopy(mutated, from, mutated, at, length);
        }
        default ->
            mutated =
                Packed.concat(
                    Arrays.copyOf(mutated, at),
                    new byte[] {header(random)},
                    Arrays.copyOfRange(mutated, at, mutated.length));
      }
    }
    return mutated;
  }

  /** A byte that is a header more often than content would be. */
  private static byte header(Random random) {
    return (byte) (random.nextBoolean() ? 0xc0 + random.nextInt(0x20) : random.nextInt(0x100));
  }

  @SeededTest
  void decode_randomBytes_neverThrowsAndIsNoMessage(long seed) {
    Random random = Seeds.random(seed);
    byte[] start = Packed.concat(new byte[] {0}, Packed.string("i"), new byte[] {7});
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(600)];
      if (random.nextBoolean()) {
        random.nextBytes(bytes);
      } else {
        for (int j = 0; j < bytes.length; j++) {
          bytes[j] = header(random);
        }
      }
      if (random.nextBoolean()) {
        bytes = Packed.concat(start, bytes);
        bytes[0] = (byte) (0x80 | 1 + random.nextInt(15));
      }
      assertThat(harness.checkAnyBytes(bytes)).isNotInstanceOf(Decoded.Message.class);
    }
  }
}
