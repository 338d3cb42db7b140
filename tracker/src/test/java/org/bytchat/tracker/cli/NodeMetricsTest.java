package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.bytchat.dht.DhtStats;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.RecordStore;
import org.junit.jupiter.api.Test;

/** Metrics and the status line, of one node's state. */
class NodeMetricsTest {

  /** A state in which counter number i, from 0, has the value 100 + i, times a factor. */
  static DhtStats stats(long seconds, long factor, boolean joined) {
    List<Long> counters =
        LongStream.range(0, Counter.values().length).map(i -> (100 + i) * factor).boxed().toList();
    EngineStats engine =
        new EngineStats(
            11,
            22,
            2,
            3,
            4,
            5,
            6,
            7,
            800_000_000,
            9_000_000,
            joined,
            false,
            true,
            List.of(),
            21,
            13,
            new RecordStore.Stats(14, 15, 16, 17, 18, 19),
            counters);
    return new DhtStats(NodeId.ZERO, Duration.ofSeconds(seconds), engine, 12);
  }

  private static List<MetricSnapshot> collect(DhtStats stats) {
    return new NodeMetrics("laboratory", () -> stats).collect().stream().toList();
  }

  private static double valueOf(List<MetricSnapshot> metrics, String name) {
    MetricSnapshot metric =
        metrics.stream()
            .filter(m -> m.getMetadata().getName().equals(name))
            .findFirst()
            .orElseThrow();
    return metric instanceof CounterSnapshot counter
        ? counter.getDataPoints().get(0).getValue()
        : ((GaugeSnapshot) metric).getDataPoints().get(0).getValue();
  }

  @Test
  void everyCounter_isAMetric() {
    List<MetricSnapshot> metrics = collect(stats(60, 1, true));
    for (Counter counter : Counter.values()) {
      assertThat(valueOf(metrics, "bytchat_" + counter.name().toLowerCase(Locale.ROOT)))
          .isEqualTo(100 + counter.ordinal());
    }
  }

  @Test
  void everyGauge_isAMetric() {
    List<MetricSnapshot> metrics = collect(stats(60, 1, true));
    assertThat(valueOf(metrics, "bytchat_up")).isEqualTo(1);
    assertThat(valueOf(metrics, "bytchat_uptime_seconds")).isEqualTo(60);
    assertThat(valueOf(metrics, "bytchat_contacts")).isEqualTo(11);
    assertThat(valueOf(metrics, "bytchat_service_contacts")).isEqualTo(22);
    assertThat(valueOf(metrics, "bytchat_buckets")).isEqualTo(2);
    assertThat(valueOf(metrics, "bytchat_requests_under_way")).isEqualTo(3);
    assertThat(valueOf(metrics, "bytchat_lookups_under_way")).isEqualTo(4);
    assertThat(valueOf(metrics, "bytchat_lookups_waiting")).isEqualTo(5);
    assertThat(valueOf(metrics, "bytchat_verifications_waiting")).isEqualTo(6);
    assertThat(valueOf(metrics, "bytchat_effects_under_way")).isEqualTo(7);
    assertThat(valueOf(metrics, "bytchat_soft_timeout_seconds")).isEqualTo(0.8);
    assertThat(valueOf(metrics, "bytchat_rtt_median_seconds")).isEqualTo(0.009);
    assertThat(valueOf(metrics, "bytchat_joined")).isEqualTo(1);
    assertThat(valueOf(metrics, "bytchat_outage")).isZero();
    assertThat(valueOf(metrics, "bytchat_full")).isEqualTo(1);
    assertThat(valueOf(metrics, "bytchat_sends_dropped")).isEqualTo(12);
    assertThat(valueOf(metrics, "bytchat_publications")).isEqualTo(13);
    assertThat(valueOf(metrics, "bytchat_records_held")).isEqualTo(14);
    assertThat(valueOf(metrics, "bytchat_records_held_bytes")).isEqualTo(15);
    assertThat(valueOf(metrics, "bytchat_record_sources")).isEqualTo(16);
    assertThat(valueOf(metrics, "bytchat_remembered_sequences")).isEqualTo(17);
    assertThat(valueOf(metrics, "bytchat_records_evicted")).isEqualTo(18);
    assertThat(valueOf(metrics, "bytchat_sequences_forgotten")).isEqualTo(19);
  }

  @Test
  void nodeThatDoesNotAnswer_isDown() {
    List<MetricSnapshot> metrics =
        new NodeMetrics("laboratory", () -> null).collect().stream().toList();
    assertThat(metrics).hasSize(1);
    assertThat(valueOf(metrics, "bytchat_up")).isZero();
  }

  @Test
  void helpTexts_differ() {
    assertThat(Arrays.stream(Counter.values()).map(NodeMetrics::helpFor)).doesNotHaveDuplicates();
  }

  @Test
  void statusLine_countsSinceTheLast() {
    StatusLine line = new StatusLine();
    long handled = 100L + Counter.ANSWERED.ordinal() + 100L + Counter.REFUSED.ordinal();
    long asked = 100L + Counter.REQUESTS.ordinal();
    String first = line.next(stats(10, 1, false), 64 << 20);
    assertThat(first)
        .isEqualTo(
            "status: 11 contacts, 14 records, %s requests/s in, %s requests/s out, heap 64 MB,"
                + " not joined",
            tenth(handled / 10.0), tenth(asked / 10.0));
    String second = line.next(stats(70, 4, true), 65 << 20);
    assertThat(second)
        .isEqualTo(
            "status: 11 contacts, 14 records, %s requests/s in, %s requests/s out, heap 65 MB",
            tenth(handled * 3 / 60.0), tenth(asked * 3 / 60.0));
  }

  private static String tenth(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
