package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of datagrams: as often as configured, and whatever was asked before. */
class PacketFateTest {

  private static final int COUNT = 400_000;
  private static final long FLOOR = 5_000;
  private static final LatencyModel LATENCY = new ConstantLatency(20_000, FLOOR);

  @Test
  void perfectLinks_takeTheLatencyAndNothingElse() {
    PacketFate fates = fates(LinkModel.perfect());
    assertThat(fates.minMicros()).isEqualTo(20_000);
    for (int i = 0; i < 1_000; i++) {
      long fate = fates.of(i, i + 1, i);
      assertThat(fate).isZero();
      assertThat(fates.isLost(fate)).isFalse();
      assertThat(fates.isDuplicated(fate)).isFalse();
      assertThat(fates.delayMicros(i, i + 1, fate, 0)).isEqualTo(20_000);
    }
  }

  @Test
  void shares_areAsConfiguredAndIndependent() {
    PacketFate fates = fates(new LinkModel(0.1, 0.2, 0, 0.3, 40_000));
    int lost = 0;
    int duplicated = 0;
    int both = 0;
    int late = 0;
    for (int i = 0; i < COUNT; i++) {
      long fate = fates.of(i & 7, 9, i);
      lost += fates.isLost(fate) ? 1 : 0;
      duplicated += fates.isDuplicated(fate) ? 1 : 0;
      both += fates.isLost(fate) && fates.isDuplicated(fate) ? 1 : 0;
      late += fates.delayMicros(i & 7, 9, fate, 0) > 20_000 ? 1 : 0;
    }
    Samples.assertShare(lost, COUNT, 0.1);
    Samples.assertShare(duplicated, COUNT, 0.2);
    Samples.assertShare(both, COUNT, 0.02);
    Samples.assertShare(late, COUNT, 0.3);
  }

  @Test
  void sharesOfOne_meanAlways() {
    PacketFate fates = fates(new LinkModel(1, 1, 0, 1, 1));
    for (int i = 0; i < 10_000; i++) {
      long fate = fates.of(1, 2, i);
      assertThat(fates.isLost(fate)).isTrue();
      assertThat(fates.isDuplicated(fate)).isTrue();
      assertThat(fates.delayMicros(1, 2, fate, 0)).isEqualTo(20_001);
    }
  }

  @Test
  void jitter_isUniformAroundTheLatency() {
    PacketFate fates = fates(new LinkModel(0, 0, 0.5, 0, 1));
    double[] delays =
        IntStream.range(0, COUNT)
            .mapToDouble(i -> fates.delayMicros(1, 2, fates.of(1, 2, i), 0))
            .toArray();
    Samples.assertDistribution(delays, x -> (x - 9_999.5) / 20_001);
    assertThat(delays).doesNotContain(9_999, 30_001).contains(10_000).contains(30_000);
    assertThat(fates.minMicros()).isEqualTo(10_000);
  }

  @Test
  void reordering_holdsBackUpToItsLimit() {
    PacketFate fates = fates(new LinkModel(0, 0, 0, 1, 1_000));
    double[] delays =
        IntStream.range(0, COUNT)
            .mapToDouble(i -> fates.delayMicros(1, 2, fates.of(1, 2, i), 0))
            .toArray();
    assertThat(delays).contains(20_001).contains(21_000).doesNotContain(20_000, 21_001);
    Samples.assertMean(delays, 20_500.5, 288.7);
  }

  @Test
  void delays_areNeverUnderTheFloorOrTheMinimum() {
    LatencyModel latency = new LogNormalLatency(4, 30_000, 0.8, FLOOR);
    for (double jitter : new double[] {0, 0.001, 0.3, 1}) {
      PacketFate fates = new PacketFate(1, new LinkModel(0, 0, jitter, 0.1, 500), latency, FLOOR);
      assertThat(fates.minMicros()).isGreaterThanOrEqualTo(FLOOR);
      for (int i = 0; i < COUNT / 4; i++) {
        long fate = fates.of(i, i + 3, i);
        assertThat(fates.delayMicros(i, i + 3, fate, i & 1))
            .isGreaterThanOrEqualTo(fates.minMicros());
      }
    }
  }

  @Test
  void copies_haveDelaysOfTheirOwn() {
    PacketFate fates = fates(new LinkModel(0, 1, 0.5, 0, 1));
    long fate = fates.of(1, 2, 3);
    assertThat(fates.delayMicros(1, 2, fate, 0)).isNotEqualTo(fates.delayMicros(1, 2, fate, 1));
  }

  @Test
  void fates_dependOnAllThatTheyAreOfAndNotOnTheOrder() {
    PacketFate fates = fates(new LinkModel(0.5, 0, 0, 0, 1));
    long[] forward = IntStream.range(0, 100).mapToLong(i -> fates.of(1, 2, i)).toArray();
    PacketFate again = fates(new LinkModel(0.5, 0, 0, 0, 1));
    long[] back = new long[100];
    for (int i = 99; i >= 0; i--) {
      again.of(i, 7, 1);
      back[i] = again.of(1, 2, i);
    }
    assertThat(back).isEqualTo(forward).doesNotHaveDuplicates();
    assertThat(fates.of(2, 1, 0)).isNotEqualTo(fates.of(1, 2, 0));
    assertThat(fates.of(1, 3, 0)).isNotEqualTo(fates.of(1, 2, 0));
    PacketFate other = new PacketFate(2, new LinkModel(0.5, 0, 0, 0, 1), LATENCY, FLOOR);
    assertThat(other.of(1, 2, 0)).isNotEqualTo(fates.of(1, 2, 0));
  }

  @Test
  void bits_areThereAlsoOnPerfectLinks() {
    PacketFate fates = fates(LinkModel.perfect());
    long lost =
        IntStream.range(0, COUNT).filter(i -> Mix.share(fates.bits(4, 5, i)) < 0.25).count();
    Samples.assertShare(lost, COUNT, 0.25);
  }

  @Test
  void parameters_outOfRange_areRefused() {
    assertThatThrownBy(() -> new LinkModel(1.1, 0, 0, 0, 1))
        .hasMessage("loss must be in 0.0..1.0: 1.1");
    assertThatThrownBy(() -> new LinkModel(0, 0, Double.NaN, 0, 1)).hasMessageContaining("jitter");
    assertThatThrownBy(() -> new LinkModel(0, 0, 0, 0, 0)).hasMessageContaining("reordering delay");
  }

  @Test
  void describe_namesOnlyWhatHappens() {
    assertThat(LinkModel.perfect().describe()).isEqualTo("perfect links");
    assertThat(new LinkModel(0.015, 0, 0, 0.1, 50_000).describe())
        .isEqualTo("1.5 % lost, 10 % held back up to 50 ms");
  }

  private static PacketFate fates(LinkModel link) {
    return new PacketFate(1, link, LATENCY, FLOOR);
  }
}
