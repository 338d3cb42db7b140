package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Latencies that need no file. */
class LatencyModelsTest {

  private static final long FLOOR = 5_000;
  private static final int PAIRS = 400_000;

  private static final List<LatencyModel> ALL =
      List.of(
          new ConstantLatency(50_000, FLOOR),
          new LogNormalLatency(3, 154_000, 0.48, FLOOR),
          new LogNormalLatency(3, 20_000, 2, FLOOR),
          new RegionLatency(new Regions(3), FLOOR));

  @Test
  void oneWay_isSymmetricAndNeverUnderTheFloor() {
    for (LatencyModel model : ALL) {
      assertThat(model.minMicros()).isGreaterThanOrEqualTo(FLOOR);
      for (int a = 0; a < 300; a++) {
        for (int b = 0; b < 300; b++) {
          long micros = model.oneWayMicros(a, b);
          assertThat(micros)
              .isEqualTo(model.oneWayMicros(b, a))
              .isBetween(model.minMicros(), LatencyModel.LATENCY_MAX_MICROS);
        }
      }
    }
  }

  @Test
  void logNormal_hasMedianMeanAndQuantilesOfKing() {
    LatencyModel model = new LogNormalLatency(1, 156_000, 0.514, 1);
    double[] rtts = rtts(model);
    double mean = 156_000 * Math.exp(0.514 * 0.514 / 2);
    assertThat(mean).isEqualTo(178_000, Offset.offset(500.0));
    Samples.assertMean(rtts, mean, mean * Math.sqrt(Math.exp(0.514 * 0.514) - 1));
    Arrays.sort(rtts);
    assertThat(rtts[PAIRS / 2]).isEqualTo(156_000, Offset.offset(700.0));
    // One standard deviation to either side: 15.87 % and 84.13 %.
    assertThat(rtts[(int) (0.158655 * PAIRS)]).isEqualTo(93_300, Offset.offset(600.0));
    assertThat(rtts[(int) (0.841345 * PAIRS)]).isEqualTo(260_830, Offset.offset(1700.0));
  }

  @Test
  void logNormal_ofOtherSeeds_isOtherPairs() {
    LatencyModel one = new LogNormalLatency(1, 154_000, 0.48, FLOOR);
    LatencyModel two = new LogNormalLatency(2, 154_000, 0.48, FLOOR);
    long same =
        IntStream.range(0, 1_000)
            .filter(i -> one.oneWayMicros(i, i + 1) == two.oneWayMicros(i, i + 1))
            .count();
    assertThat(same).isLessThan(10);
  }

  @Test
  void logNormal_withoutSpread_isConstant() {
    LatencyModel model = new LogNormalLatency(9, 100_000, 0, FLOOR);
    assertThat(model.minMicros()).isEqualTo(50_000);
    assertThat(model.oneWayMicros(7, 8)).isEqualTo(50_000);
  }

  @Test
  void logNormal_belowTheFloor_isRaisedToIt() {
    LatencyModel model = new LogNormalLatency(9, 10_000, 0.48, FLOOR);
    long raised =
        IntStream.range(0, PAIRS).filter(i -> model.oneWayMicros(i, i + 1) == FLOOR).count();
    Samples.assertShare(raised, PAIRS, 0.5);
    assertThat(model.minMicros()).isEqualTo(FLOOR);
  }

  @Test
  void regions_haveTheirShares() {
    Regions regions = new Regions(8);
    long[] found = new long[Regions.COUNT];
    for (int node = 0; node < PAIRS; node++) {
      found[regions.of(node)]++;
    }
    for (int region = 0; region < Regions.COUNT; region++) {
      Samples.assertShare(found[region], PAIRS, Regions.share(region));
    }
  }

  @Test
  void regions_takeHalfOfTheTable() {
    Regions regions = new Regions(8);
    LatencyModel model = new RegionLatency(regions, 1);
    int america = nodeIn(regions, 0);
    int europe = nodeIn(regions, 1);
    int asia = nodeIn(regions, 3);
    assertThat(model.oneWayMicros(america, europe)).isEqualTo(62_000);
    assertThat(model.oneWayMicros(europe, asia)).isEqualTo(118_500);
    assertThat(model.oneWayMicros(europe, europe)).isEqualTo(5_500);
    assertThat(model.minMicros()).isEqualTo(5_500);
    assertThat(new RegionLatency(regions, 20_000).oneWayMicros(europe, europe)).isEqualTo(20_000);
  }

  @Test
  void constant_underTheFloor_isRefused() {
    assertThatThrownBy(() -> new ConstantLatency(4_999, FLOOR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("constant latency in microseconds must be in 5000..60000000: 4999");
  }

  @Test
  void parameters_outOfRange_areRefused() {
    assertThatThrownBy(() -> new LogNormalLatency(1, Double.NaN, 0.5, FLOOR))
        .hasMessageContaining("median_rtt");
    assertThatThrownBy(() -> new LogNormalLatency(1, 154_000, 2.1, FLOOR))
        .hasMessageContaining("sigma must be in 0.0..2.0: 2.1");
    assertThatThrownBy(() -> new RegionLatency(new Regions(1), 0)).hasMessageContaining("floor");
  }

  @Test
  void models_sayWhatTheyAre() {
    assertThat(new LogNormalLatency(3, 154_000, 0.48, FLOOR).describe())
        .isEqualTo(
            "log-normal RTT for each pair, median 154 ms, sigma 0.48, at least 5 ms one way");
    assertThat(ALL).allSatisfy(model -> assertThat(model.citation()).isNotBlank());
  }

  private static double[] rtts(LatencyModel model) {
    return IntStream.range(0, PAIRS)
        .mapToDouble(i -> 2 * model.oneWayMicros(i, i + 1 + i % 1_000))
        .toArray();
  }

  private static int nodeIn(Regions regions, int region) {
    return IntStream.range(0, 100_000)
        .filter(node -> regions.of(node) == region)
        .findFirst()
        .orElseThrow();
  }
}
