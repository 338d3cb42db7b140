package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Hashing: the published sequence, and no pattern in what is close together. */
class MixTest {

  @Test
  void at_fromAState_isSplitMix64() {
    // The first outputs that reference implementations of SplitMix64 print for seed 1234567.
    assertThat(Mix.at(1_234_567, 0)).isEqualTo(6457827717110365317L);
    assertThat(Mix.at(1_234_567, 1)).isEqualTo(3203168211198807973L);
    assertThat(Mix.at(1_234_567, 2)).isEqualTo(Long.parseUnsignedLong("9817491932198370423"));
    assertThat(Mix.at(1_234_567, 3)).isEqualTo(4593380528125082431L);
    assertThat(Mix.at(1_234_567, 4)).isEqualTo(Long.parseUnsignedLong("16408922859458223821"));
  }

  @Test
  void combine_ofSmallNumbers_neverCollidesAndMindsTheOrder() {
    Set<Long> seen = new HashSet<>();
    for (int first = 0; first < 1_000; first++) {
      for (int second = 0; second < 1_000; second++) {
        seen.add(Mix.combine(first, second));
      }
    }
    assertThat(seen).hasSize(1_000_000);
    assertThat(Mix.combine(1, 2)).isNotEqualTo(Mix.combine(2, 1));
  }

  @Test
  void combine_ofAFlippedBit_flipsHalfOfTheBits() {
    for (int bit = 0; bit < 64; bit++) {
      long flipped = 0;
      int runs = 2_000;
      for (int i = 0; i < runs; i++) {
        flipped += Long.bitCount(Mix.combine(i, 5) ^ Mix.combine(i ^ 1L << bit, 5));
        flipped += Long.bitCount(Mix.combine(7, i) ^ Mix.combine(7, i ^ 1L << bit));
      }
      // Variance 16 for each of the 2 * runs.
      assertThat((double) flipped / (2 * runs)).isBetween(32 - 0.32, 32 + 0.32);
    }
  }

  @Test
  void shares_ofExtremes_stayInTheirIntervals() {
    assertThat(Mix.share(0)).isZero();
    assertThat(Mix.share(-1)).isEqualTo(1 - 0x1p-53);
    assertThat(Mix.openShare(0)).isEqualTo(0x1p-53);
    assertThat(Mix.openShare(-1)).isEqualTo(1 - 0x1p-53);
  }

  @Test
  void below_coversAllOfTheRange() {
    assertThat(Mix.below(0, 10)).isZero();
    assertThat(Mix.below(-1, 10)).isEqualTo(9);
    assertThat(Mix.below(-1, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE - 1);
  }

  @Test
  void seed_ofPurposes_differs() {
    assertThat(Mix.seed(1, Purpose.CHURN)).isNotEqualTo(Mix.seed(1, Purpose.LATENCY));
    assertThat(Mix.seed(1, Purpose.CHURN)).isNotEqualTo(Mix.seed(2, Purpose.CHURN));
  }
}
