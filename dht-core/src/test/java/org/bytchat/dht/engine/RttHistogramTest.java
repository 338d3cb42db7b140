package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

class RttHistogramTest {

  private static final long INITIAL = Duration.ofSeconds(1).toNanos();

  private final RttHistogram histogram = new RttHistogram(INITIAL);

  private void record(long millis, int times) {
    for (int i = 0; i < times; i++) {
      histogram.record(Duration.ofMillis(millis).toNanos());
    }
  }

  @Test
  void softTimeout_fewSamples_isTheInitialOne() {
    assertThat(histogram.softTimeoutNanos()).isEqualTo(INITIAL);
    record(10, 7);
    assertThat(histogram.softTimeoutNanos()).isEqualTo(INITIAL);
    record(10, 1);
    assertThat(histogram.softTimeoutNanos()).isLessThan(INITIAL);
  }

  @Test
  void softTimeout_fastPeers_keepsAMargin() {
    record(10, 100);
    assertThat(Duration.ofNanos(histogram.softTimeoutNanos()).toMillis()).isBetween(110L, 115L);
  }

  @Test
  void softTimeout_slowPeers_isNeverAboveTheInitialOne() {
    record(4_000, 100);
    assertThat(histogram.softTimeoutNanos()).isEqualTo(INITIAL);
  }

  @Test
  void softTimeout_aTenthOfThePeersIsSlow_waitsForNineTenths() {
    record(20, 85);
    record(400, 15);
    assertThat(Duration.ofNanos(histogram.softTimeoutNanos()).toMillis()).isBetween(400L, 500L);
  }

  @Test
  void softTimeout_networkChanges_followsWithinAThousandAnswers() {
    record(400, 10_000);
    record(20, 2_000);
    assertThat(Duration.ofNanos(histogram.softTimeoutNanos()).toMillis()).isLessThan(150);
  }

  @Test
  void percentile_nothingRecorded_isZero() {
    assertThat(histogram.percentileNanos(50)).isZero();
  }

  @SeededTest(runs = 50)
  void percentile_anySamples_isAtMostAQuarterAboveTheTrueOne(long seed) {
    Random random = Seeds.random(seed);
    List<Long> samples = new ArrayList<>();
    int count = 1 + random.nextInt(500);
    for (int i = 0; i < count; i++) {
      long nanos = 1_000_000L << random.nextInt(14);
      nanos += (long) (random.nextDouble() * nanos);
      samples.add(nanos);
      histogram.record(nanos);
    }
    Collections.sort(samples);
    for (int percent : new int[] {1, 10, 50, 90, 100}) {
      long exact = samples.get((count * percent + 99) / 100 - 1);
      assertThat(histogram.percentileNanos(percent)).isBetween(exact, exact + exact / 4 + 1);
    }
  }

  @Test
  void record_anyTime_isTaken() {
    for (long nanos : new long[] {0, 1, 999_999, Long.MAX_VALUE}) {
      histogram.record(nanos);
    }
    assertThat(histogram.percentileNanos(100)).isPositive();
  }
}
