package org.bytchat.dht.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.engine.Entropy;
import org.junit.jupiter.api.Test;

/** Each number that the platform gives is given on once. */
class SecureEntropyTest {

  private static final int NUMBERS = 30_000;

  @Test
  void nextLong_always_usesEachByteOnce() {
    Counting source = new Counting();
    SecureEntropy entropy = new SecureEntropy(source);
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < NUMBERS; i++) {
      numbers.add(entropy.nextLong());
    }
    assertThat(source.bytes).isBetween(8L * NUMBERS, 8L * NUMBERS + 1024);
    assertThat(new HashSet<>(numbers)).hasSize(NUMBERS);
  }

  @Test
  void streams_ofOneSource_shareNoNumber() {
    Entropy.Streams streams = SecureEntropy.streams(new SecureRandom());
    Set<Long> numbers = new HashSet<>();
    for (int i = 0; i < NUMBERS; i++) {
      numbers.add(streams.transactions().nextLong());
      numbers.add(streams.secrets().nextLong());
      numbers.add(streams.choices().nextLong());
    }
    // Two of 90,000 numbers of 64 bits are equal once in four billion runs.
    assertThat(numbers).hasSize(3 * NUMBERS);
  }

  /** Gives no 8 bytes twice, and counts them. */
  private static final class Counting extends SecureRandom {

    private static final long serialVersionUID = 1;

    private long bytes;

    @Override
    public void nextBytes(byte[] target) {
      for (int i = 0; i < target.length; i++) {
        target[i] = (byte) (bytes / 8 >>> 8 * (bytes % 8));
        bytes++;
      }
    }
  }
}
