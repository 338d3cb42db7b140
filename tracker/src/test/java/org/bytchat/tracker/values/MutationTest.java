package org.bytchat.tracker.values;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.bytchat.dht.testkit.SeededTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: whatever a stranger changes in a good value, nobody takes it. */
class MutationTest {

  private static final long SEED = 7;

  static Stream<Sample<?>> samples() {
    return Sample.all(SEED).stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("samples")
  void take_theValueItself_isTaken(Sample<?> sample) {
    assertThat(sample.takes(sample.bytes())).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("samples")
  void take_anyBitFlipped_isNotTaken(Sample<?> sample) {
    byte[] bytes = sample.bytes();
    for (int bit = 0; bit < Byte.SIZE * bytes.length; bit++) {
      byte[] changed = bytes.clone();
      changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertThat(sample.takes(changed)).as("bit %d of byte %d", bit % 8, bit / 8).isFalse();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("samples")
  void take_anyTruncation_isNotTaken(Sample<?> sample) {
    byte[] bytes = sample.bytes();
    for (int length = 0; length < bytes.length; length++) {
      assertThat(sample.takes(Arrays.copyOf(bytes, length))).as("%d bytes", length).isFalse();
      byte[] end = Arrays.copyOfRange(bytes, bytes.length - length, bytes.length);
      assertThat(sample.takes(end)).as("the last %d bytes", length).isFalse();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("samples")
  void take_anyExtension_isNotTaken(Sample<?> sample) {
    byte[] bytes = sample.bytes();
    for (int more = 1; more <= 400; more++) {
      assertThat(sample.takes(Arrays.copyOf(bytes, bytes.length + more))).isFalse();
    }
    byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
    System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
    assertThat(sample.takes(twice)).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("samples")
  void take_anyByteMissingOrTwice_isNotTaken(Sample<?> sample) {
    byte[] bytes = sample.bytes();
    for (int at = 0; at < bytes.length; at++) {
      byte[] without = new byte[bytes.length - 1];
      System.arraycopy(bytes, 0, without, 0, at);
      System.arraycopy(bytes, at + 1, without, at, bytes.length - at - 1);
      assertThat(sample.takes(without)).as("without byte %d", at).isFalse();
      byte[] twice = new byte[bytes.length + 1];
      System.arraycopy(bytes, 0, twice, 0, at + 1);
      System.arraycopy(bytes, at, twice, at + 1, bytes.length - at);
      assertThat(sample.takes(twice)).as("byte %d twice", at).isFalse();
    }
  }

  @SeededTest(runs = 10)
  void take_severalBytesChanged_isNotTaken(long seed) {
    RandomValues random = new RandomValues(seed);
    for (Sample<?> sample : Sample.all(seed)) {
      for (int round = 0; round < 10; round++) {
        byte[] changed = sample.bytes();
        for (int changes = 1 + random.below(4); changes > 0; changes--) {
          changed[random.below(changed.length)] ^= (byte) (1 + random.below(255));
        }
        if (!Arrays.equals(changed, sample.bytes())) {
          assertThat(sample.takes(changed)).as(sample.name()).isFalse();
        }
      }
    }
  }

  @SeededTest(runs = 10)
  void take_theValueOfAnother_isNotTaken(long seed) {
    for (Sample<?> sample : Sample.all(seed)) {
      for (Sample<?> other : Sample.all(seed + 1)) {
        assertThat(sample.takes(other.bytes())).as("%s for %s", other, sample).isFalse();
      }
    }
  }
}
