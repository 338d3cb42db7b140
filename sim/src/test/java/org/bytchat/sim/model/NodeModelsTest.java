package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What nodes differ in: clocks, NATs and access links. */
class NodeModelsTest {

  private static final int NODES = 200_000;

  @Test
  void exactClocks_showVirtualTime() {
    ClockModel clocks = new ClockModel(1, 0, 0);
    assertThat(clocks.wallMillis(5, 0)).isEqualTo(1_800_000_000_000L);
    assertThat(clocks.wallMillis(5, 1_999)).isEqualTo(1_800_000_000_001L);
    assertThat(clocks.describe()).isEqualTo("exact");
  }

  @Test
  void skewAndDrift_areUniformAndApart() {
    ClockModel clocks = new ClockModel(1, 30 * Units.SECOND, 100);
    double[] skews = IntStream.range(0, NODES).mapToDouble(clocks::skewMicros).toArray();
    double[] drifts = IntStream.range(0, NODES).mapToDouble(clocks::driftPpm).toArray();
    Samples.assertDistribution(skews, x -> x / (60.0 * Units.SECOND) + 0.5);
    Samples.assertDistribution(drifts, x -> x / 200 + 0.5);
    double[] products =
        IntStream.range(0, NODES)
            .mapToDouble(i -> skews[i] / (30.0 * Units.SECOND) * drifts[i] / 100)
            .toArray();
    Samples.assertMean(products, 0, 1.0 / 3);
  }

  @Test
  void wallClock_gainsWhatItDrifts() {
    ClockModel clocks = new ClockModel(1, 30 * Units.SECOND, 100);
    long day = 24 * Units.HOUR;
    for (int node = 0; node < 1_000; node++) {
      long passed = clocks.wallMillis(node, day) - clocks.wallMillis(node, 0);
      double gained = clocks.driftPpm(node) * 1e-6 * day / 1000;
      assertThat(passed - day / 1000.0 - gained).isBetween(-2.0, 2.0);
    }
  }

  @Test
  void wallClock_neverFalls() {
    ClockModel clocks = new ClockModel(1, Units.SECOND, ClockModel.DRIFT_MAX_PPM);
    for (int node = 0; node < 100; node++) {
      long last = Long.MIN_VALUE;
      for (long micros = 0; micros < 10_000; micros += 7) {
        long millis = clocks.wallMillis(node, micros);
        assertThat(millis).isGreaterThanOrEqualTo(last);
        last = millis;
      }
    }
  }

  @Test
  void nats_haveTheirShareAndTimeout() {
    NatModel nats = new NatModel(1, 0.517, NatModel.TIMEOUT_DEFAULT_MICROS);
    Samples.assertShare(IntStream.range(0, NODES).filter(nats::isBehind).count(), NODES, 0.517);
    assertThat(nats.isOpen(1_000, 1_000 + 300_000_000)).isTrue();
    assertThat(nats.isOpen(1_000, 1_001 + 300_000_000)).isFalse();
    assertThat(nats.describe()).isEqualTo("51.7 % of nodes behind NATs, mappings of 5 min");
    assertThat(IntStream.range(0, 1_000).filter(new NatModel(1, 0, Units.HOUR)::isBehind))
        .isEmpty();
    assertThat(IntStream.range(0, 1_000).filter(new NatModel(1, 1, Units.HOUR)::isBehind))
        .hasSize(1_000);
  }

  @Test
  void links_takeTheirTime() {
    Bandwidth link = new Bandwidth(1_000_000, 8_000_000, 200_000);
    assertThat(link.sendMicros(125)).isEqualTo(1_000);
    assertThat(link.receiveMicros(125)).isEqualTo(125);
    assertThat(link.sendMicros(0)).isZero();
    assertThat(link.sendQueueMicros()).isEqualTo(1_600_000);
    assertThat(link.receiveQueueMicros()).isEqualTo(200_000);
    assertThat(Bandwidth.transmitMicros(1, 7_000_000)).isEqualTo(2);
    assertThat(Bandwidth.transmitMicros(1 << 30, 1_000)).isEqualTo(8_589_934_592_000L);
  }

  @Test
  void links_areUniformOrOfTheRegion() {
    BandwidthModel uniform = BandwidthModel.uniform(new Bandwidth(1_000_000, 8_000_000, 200_000));
    assertThat(uniform.of(1)).isSameAs(uniform.of(99));
    assertThat(uniform.describe()).isEqualTo("1 Mbit/s up, 8 Mbit/s down, queues of 200,000 bytes");
    Regions regions = new Regions(5);
    BandwidthModel byRegion = BandwidthModel.of(regions, 100_000);
    int european = IntStream.range(0, 1_000).filter(n -> regions.of(n) == 1).findFirst().getAsInt();
    assertThat(byRegion.of(european)).isEqualTo(new Bandwidth(20_700_000, 40_000_000, 100_000));
    assertThat(byRegion.citation()).contains("SimBlock");
  }

  @Test
  void parameters_outOfRange_areRefused() {
    assertThatThrownBy(() -> new ClockModel(1, -1, 0)).hasMessageContaining("skew");
    assertThatThrownBy(() -> new ClockModel(1, 0, 1_001)).hasMessageContaining("drift_ppm");
    assertThatThrownBy(() -> new NatModel(1, 1.5, Units.HOUR)).hasMessageContaining("NAT");
    assertThatThrownBy(() -> new NatModel(1, 0.5, 999_999)).hasMessageContaining("mapping_timeout");
    assertThatThrownBy(() -> new Bandwidth(999, 1_000, 1_500)).hasMessageContaining("up in bits");
    assertThatThrownBy(() -> new Bandwidth(1_000, 1_000, 1_499)).hasMessageContaining("queue");
  }
}
