package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;

/** Goal: no bytes make the reader throw, and what it takes it gives back unchanged. */
class ParsePropertyTest {

  private static final int TRIALS = 5_000;

  @SeededTest(runs = 4)
  void parse_randomBytes_neverThrows(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < TRIALS; i++) {
      byte[] bytes = Items.bytes(random.nextInt(1_100), random);
      if (bytes.length > 2) {
        bytes[0] = (byte) random.nextInt(4);
        bytes[1] = (byte) random.nextInt(4);
        bytes[2] = (byte) random.nextInt(40);
      }
      check(bytes);
    }
  }

  @SeededTest(runs = 4)
  void parse_mutatedItems_neverThrowsAndOftenReads(long seed) {
    Random random = Seeds.random(seed);
    int read = 0;
    for (int i = 0; i < TRIALS; i++) {
      byte[] bytes = mutated(item(random).bytes(), random);
      read += check(bytes) ? 1 : 0;
    }
    assertThat(read).isBetween(TRIALS / 10, TRIALS * 99 / 100);
  }

  private static StoredItem item(Random random) {
    if (random.nextInt(3) == 0) {
      return Chunk.leaf(Items.bytes(1 + random.nextInt(959), random), random.nextLong() >>> 1);
    }
    return new MutableRecord.Draft(
            1 + random.nextInt(2),
            "k".repeat(random.nextInt(33)),
            Items.bytes(1 + random.nextInt(422), random),
            1 + (random.nextLong() >>> 2),
            random.nextLong() >>> 1,
            random.nextLong() >>> 1,
            Items.bytes(random.nextInt(60), random))
        .signed(Items.bytes(64 + random.nextInt(321), random));
  }

  private static byte[] mutated(byte[] bytes, Random random) {
    byte[] changed = bytes;
    for (int i = random.nextInt(3); i >= 0; i--) {
      switch (random.nextInt(4)) {
        case 0 -> changed = Arrays.copyOf(changed, random.nextInt(changed.length + 1));
        case 1 -> changed = Arrays.copyOf(changed, changed.length + random.nextInt(20));
        default -> changed = changed.clone();
      }
      if (changed.length > 0) {
        int range = random.nextBoolean() ? changed.length : Math.min(40, changed.length);
        changed[random.nextInt(range)] ^= (byte) (1 << random.nextInt(8));
      }
    }
    return changed;
  }

  private static boolean check(byte[] bytes) {
    if (!(StoredItem.parse(bytes) instanceof ParseOutcome.Parsed parsed)) {
      return false;
    }
    StoredItem item = parsed.item();
    assertThat(item.bytes()).isEqualTo(bytes);
    assertThat(item.size()).isEqualTo(bytes.length).isBetween(1, StoredItem.BYTES_MAX);
    assertThat(item.expiresMillis()).isNotNegative();
    if (item instanceof MutableRecord read) {
      MutableRecord again =
          new MutableRecord.Draft(
                  read.uidVersion(),
                  read.label(),
                  read.publicKey(),
                  read.sequence(),
                  read.issuedMillis(),
                  read.expiresMillis(),
                  read.value())
              .signed(read.signature());
      assertThat(again).isEqualTo(read);
      assertThat(again.key()).isEqualTo(read.key());
    } else if (item instanceof Chunk read) {
      Chunk again =
          read.isIndex()
              ? Chunk.index(read.ids(), read.expiresMillis())
              : Chunk.leaf(read.data(), read.expiresMillis());
      assertThat(again).isEqualTo(read);
      assertThat(again.key()).isEqualTo(read.key());
    }
    return true;
  }
}
