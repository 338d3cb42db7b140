package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Figures of many values from few buckets. */
class LogHistogramTest {

  @SeededTest(runs = 5)
  void quantile_ofManyValues_isNearTheTrueOne(long seed) {
    Random random = Seeds.random(seed);
    long[] values = random.longs(20_000).map(bits -> (bits >>> 1) >>> random.nextInt(63)).toArray();
    LogHistogram histogram = of(values);
    Arrays.sort(values);
    for (double share : new double[] {0.001, 0.1, 0.5, 0.9, 0.999}) {
      double truth = values[(int) Math.ceil(share * values.length) - 1];
      assertThat((double) histogram.quantile(share)).isCloseTo(truth, within(truth * 0.004));
    }
    assertThat(histogram.quantile(0)).isEqualTo(histogram.min()).isEqualTo(values[0]);
    assertThat(histogram.quantile(1)).isEqualTo(histogram.max()).isEqualTo(values[19_999]);
  }

  @Test
  void quantile_ofSmallValues_isExact() {
    LogHistogram histogram = new LogHistogram();
    for (int i = 0; i <= 255; i++) {
      histogram.record(i);
    }
    assertThat(histogram.quantile(0.5)).isEqualTo(127);
    assertThat(histogram.quantile(0.25)).isEqualTo(63);
    assertThat(histogram.mean()).isEqualTo(127.5);
  }

  @Test
  void mean_beyondLong_isExact() {
    LogHistogram histogram = new LogHistogram();
    histogram.record(Long.MAX_VALUE, 5);
    histogram.record(1, 5);
    histogram.record(7, 0);
    assertThat(histogram.count()).isEqualTo(10);
    assertThat(histogram.mean()).isEqualTo(0x1p62);
    assertThat(histogram.max()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void mean_ofNothing_isNotANumber() {
    LogHistogram histogram = new LogHistogram();
    histogram.record(3);
    histogram.reset();
    assertThat(histogram.count()).isZero();
    assertThat(histogram.mean()).isNaN();
    assertThat(histogram.quantile(0.5)).isZero();
    assertThat(histogram.figures()).containsEntry("count", 0L).containsEntry("p50", null);
    assertThat(histogram.cumulative(1).values()).isEmpty();
  }

  @SeededTest(runs = 5)
  void add_inAnyOrder_givesTheSame(long seed) {
    Random random = Seeds.random(seed);
    LogHistogram[] parts = new LogHistogram[4];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = of(random.longs(1000, 0, 1L << 8 * i + 4).toArray());
    }
    LogHistogram forward = new LogHistogram();
    LogHistogram backward = new LogHistogram();
    for (int i = 0; i < parts.length; i++) {
      forward.add(parts[i]);
      backward.add(parts[parts.length - 1 - i]);
    }
    forward.add(new LogHistogram());
    assertThat(forward.toMap()).isEqualTo(backward.toMap());
    assertThat(forward.count()).isEqualTo(4000);
  }

  @Test
  void fromMap_ofWhatToMapGaveAsJson_isEqual() throws Exception {
    LogHistogram histogram = of(new Random(5).longs(3000, 0, 1L << 50).toArray());
    histogram.record(Long.MAX_VALUE, 1L << 40);
    ObjectMapper json = new ObjectMapper();
    Map<?, ?> map = json.readValue(json.writeValueAsString(histogram.toMap()), Map.class);
    LogHistogram back = LogHistogram.fromMap(map);
    assertThat(back.toMap()).isEqualTo(histogram.toMap());
    back.add(histogram);
    assertThat(back.count()).isEqualTo(2 * histogram.count());
    assertThat(LogHistogram.fromMap(new LogHistogram().toMap()).count()).isZero();
  }

  @Test
  void fromMap_ofSomethingElse_saysSo() {
    assertThatThrownBy(() -> LogHistogram.fromMap(Map.of("count", 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a histogram: no hdr");
    Map<String, Object> cut = new HashMap<>(of(1, 2, 3).toMap());
    cut.put("hdr", String.valueOf(cut.get("hdr")).substring(0, 20));
    assertThatThrownBy(() -> LogHistogram.fromMap(cut))
        .isInstanceOf(IllegalArgumentException.class);
    Map<String, Object> wrong = new HashMap<>(of(1, 2, 3).toMap());
    wrong.put("count", 4);
    assertThatThrownBy(() -> LogHistogram.fromMap(wrong))
        .hasMessage("not a histogram: count and buckets differ");
  }

  @Test
  void cumulative_endsAtOne() {
    LogHistogram.Cumulative all = of(1000, 1000, 2000, 4000).cumulative(1000);
    assertThat(all.shares()).containsExactly(0.5, 0.75, 1);
    assertThat(all.values()).hasSize(3);
    assertThat(all.values()[0]).isCloseTo(1, within(0.004));
    assertThat(all.values()[1]).isCloseTo(2, within(0.008));
    assertThat(all.values()[2]).isEqualTo(4);
  }

  @Test
  void record_ofNegative_isRefused() {
    LogHistogram histogram = new LogHistogram();
    assertThatThrownBy(() -> histogram.record(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> histogram.record(1, -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> histogram.quantile(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(histogram.count()).isZero();
  }

  private static LogHistogram of(long... values) {
    LogHistogram histogram = new LogHistogram();
    Arrays.stream(values).forEach(histogram::record);
    return histogram;
  }
}
