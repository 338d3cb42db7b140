package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Set;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

class XoshiroEntropyTest {

  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  /** The first outputs of Blackman and Vigna's xoshiro256starstar.c for the state 1, 2, 3, 4. */
  @Test
  void nextLong_referenceState_referenceOutputs() {
    XoshiroEntropy entropy = XoshiroEntropy.ofState(1, 2, 3, 4);
    long[] expected = {
      11520L,
      0L,
      1509978240L,
      1215971899390074240L,
      1216172134540287360L,
      607988272756665600L,
      Long.parseUnsignedLong("16172922978634559625"),
      8476171486693032832L,
      Long.parseUnsignedLong("10595114339597558777"),
      2904607092377533576L
    };
    for (long each : expected) {
      assertThat(entropy.nextLong()).isEqualTo(each);
    }
  }

  /** The state is four outputs of SplitMix64, whose mixing is that of the test kit's seeds. */
  @SeededTest(runs = 20)
  void constructor_seedAndStream_seedsBySplitMix(long seed) {
    long stream = seed >>> 40;
    long start = Seeds.derive(seed - GAMMA, 0) + stream * 0xD1B54A32D192ED03L;
    XoshiroEntropy expected =
        XoshiroEntropy.ofState(
            Seeds.derive(start, 0),
            Seeds.derive(start, 1),
            Seeds.derive(start, 2),
            Seeds.derive(start, 3));
    XoshiroEntropy entropy = new XoshiroEntropy(seed, stream);
    for (int i = 0; i < 5; i++) {
      assertThat(entropy.nextLong()).isEqualTo(expected.nextLong());
    }
  }

  @Test
  void streams_manyNodesAndPurposes_shareNoNumber() {
    Set<Long> seen = new LinkedHashSet<>();
    for (int node = 0; node < 1000; node++) {
      Entropy.Streams streams = Entropy.Streams.simulated(42, node);
      for (int i = 0; i < 4; i++) {
        assertThat(seen.add(streams.transactions().nextLong())).isTrue();
        assertThat(seen.add(streams.secrets().nextLong())).isTrue();
        assertThat(seen.add(streams.choices().nextLong())).isTrue();
      }
    }
  }

  @SeededTest(runs = 20)
  void jitter_anyDuration_isUniformFromThreeToFiveQuarters(long seed) {
    Entropy entropy = new XoshiroEntropy(seed, 0);
    long nanos = 1_000_000_000L;
    int[] quarters = new int[4];
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 10_000; i++) {
      long jittered = entropy.jitter(nanos);
      assertThat(jittered).isBetween(nanos * 3 / 4, nanos * 5 / 4);
      least = Math.min(least, jittered);
      most = Math.max(most, jittered);
      quarters[(int) Math.min(3, (jittered - nanos * 3 / 4) * 8 / nanos)]++;
    }
    assertThat(least).isLessThan(nanos * 76 / 100);
    assertThat(most).isGreaterThan(nanos * 124 / 100);
    for (int quarter : quarters) {
      // 2,500 expected, standard deviation 43.
      assertThat(quarter).isBetween(2_250, 2_750);
    }
  }

  @Test
  void jitter_tinyDurations_stayBounded() {
    Entropy entropy = new XoshiroEntropy(1, 0);
    for (long nanos = 0; nanos < 10; nanos++) {
      for (int i = 0; i < 100; i++) {
        assertThat(entropy.jitter(nanos)).isBetween(nanos - nanos / 2, nanos + nanos / 2);
      }
    }
  }

  @SeededTest(runs = 20)
  void nextBelow_anyBound_isBelowItAndReachesAll(long seed) {
    Entropy entropy = new XoshiroEntropy(seed, 0);
    int bound = 1 + (int) (seed >>> 59);
    boolean[] seen = new boolean[bound];
    for (int i = 0; i < 2_000; i++) {
      seen[entropy.nextBelow(bound)] = true;
    }
    assertThat(seen).doesNotContain(false);
    assertThat(entropy.nextBelow(Integer.MAX_VALUE)).isNotNegative();
  }
}
