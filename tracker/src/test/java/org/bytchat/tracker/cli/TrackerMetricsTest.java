package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytchat.tracker.engine.TrackerCounter;
import org.bytchat.tracker.engine.TrackerStats;
import org.bytchat.tracker.session.SessionCounter;
import org.bytchat.tracker.session.SessionStats;
import org.bytchat.tracker.store.StoreStats;
import org.bytchat.tracker.store.WriterStats;
import org.junit.jupiter.api.Test;

/** Metrics of one tracker's state. */
class TrackerMetricsTest {

  /** A state in which counter number i has the value 100 + i, or 200 + i for sessions. */
  static TrackerMetrics.State state() {
    List<Long> counters =
        LongStream.range(0, TrackerCounter.values().length).map(i -> 100 + i).boxed().toList();
    Map<SessionCounter, Long> sessions = new EnumMap<>(SessionCounter.class);
    for (SessionCounter counter : SessionCounter.values()) {
      sessions.put(counter, 200L + counter.ordinal());
    }
    List<Long> waits = LongStream.range(0, WriterStats.WAIT_PLACES).boxed().toList();
    return new TrackerMetrics.State(
        new TrackerStats(1, 2, 3, 4, 5, 6, 66, 67, 7, counters),
        new SessionStats(sessions, 8, 9, 10, 11, 12),
        new StoreStats(13, 14, 15, 16, 17, 18),
        new WriterStats(19, 20, 21, 22, 23, 24, 2_500_000, 2_600_000, 27, 28, waits));
  }

  private static List<MetricSnapshot> collect() {
    return new TrackerMetrics(TrackerMetricsTest::state).collect().stream().toList();
  }

  private static MetricSnapshot metric(List<MetricSnapshot> metrics, String name) {
    return metrics.stream()
        .filter(metric -> metric.getMetadata().getName().equals("bytchat_" + name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name));
  }

  private static double valueOf(List<MetricSnapshot> metrics, String name) {
    MetricSnapshot metric = metric(metrics, name);
    return metric instanceof CounterSnapshot counter
        ? counter.getDataPoints().get(0).getValue()
        : ((GaugeSnapshot) metric).getDataPoints().get(0).getValue();
  }

  @Test
  void everyCounter_isAMetric() {
    List<MetricSnapshot> metrics = collect();
    for (TrackerCounter counter : TrackerCounter.values()) {
      assertThat(valueOf(metrics, "tracker_" + counter.name().toLowerCase(Locale.ROOT)))
          .isEqualTo(100 + counter.ordinal());
    }
    for (SessionCounter counter : SessionCounter.values()) {
      assertThat(valueOf(metrics, "session_" + counter.name().toLowerCase(Locale.ROOT)))
          .isEqualTo(200 + counter.ordinal());
    }
  }

  @Test
  void everyGauge_isAMetric() {
    List<MetricSnapshot> metrics = collect();
    Map<String, Double> expected =
        Map.ofEntries(
            Map.entry("tracker_up", 1.0),
            Map.entry("tracker_clients", 1.0),
            Map.entry("tracker_devices", 2.0),
            Map.entry("tracker_mailboxes", 3.0),
            Map.entry("tracker_entries", 4.0),
            Map.entry("tracker_effects_under_way", 5.0),
            Map.entry("tracker_waiting_fetches", 6.0),
            Map.entry("tracker_bindings", 66.0),
            Map.entry("tracker_neighbours", 67.0),
            Map.entry("tracker_stamp_bits", 7.0),
            Map.entry("sessions", 8.0),
            Map.entry("sessions_half_open", 9.0),
            Map.entry("sessions_outbound_bytes", 10.0),
            Map.entry("sessions_inbound_bytes", 11.0),
            Map.entry("session_sources", 12.0),
            Map.entry("mailboxes", 13.0),
            Map.entry("envelopes", 14.0),
            Map.entry("envelopes_bytes", 15.0),
            Map.entry("tombstones", 16.0),
            Map.entry("ack_batches", 17.0),
            Map.entry("mailboxes_disk_bytes", 18.0),
            Map.entry("commits", 19.0),
            Map.entry("commit_lists", 20.0),
            Map.entry("commit_changes", 21.0),
            Map.entry("commit_lists_failed", 22.0),
            Map.entry("commit_lists_refused", 23.0),
            Map.entry("commit_lists_last", 24.0),
            Map.entry("commit_last_seconds", 0.0025),
            Map.entry("commit_average_seconds", 0.0026),
            Map.entry("commit_queue", 27.0),
            Map.entry("commit_queue_bytes", 28.0));
    expected.forEach((name, value) -> assertThat(valueOf(metrics, name)).as(name).isEqualTo(value));
    assertThat(metrics)
        .hasSize(
            expected.size() + TrackerCounter.values().length + SessionCounter.values().length + 1);
  }

  @Test
  void waits_areAHistogramOfSeconds() {
    ClassicHistogramBuckets buckets =
        ((HistogramSnapshot) metric(collect(), "commit_wait_seconds"))
            .getDataPoints()
            .get(0)
            .getClassicBuckets();
    assertThat(buckets.size()).isEqualTo(WriterStats.WAIT_PLACES);
    assertThat(buckets.getUpperBound(10)).isEqualTo(0.001024);
    assertThat(buckets.getCount(10)).isEqualTo(10);
    assertThat(buckets.getUpperBound(WriterStats.WAIT_PLACES - 1)).isInfinite();
  }

  @Test
  void trackerThatDoesNotAnswer_isDown() {
    List<MetricSnapshot> metrics = new TrackerMetrics(() -> null).collect().stream().toList();
    assertThat(metrics).hasSize(1);
    assertThat(valueOf(metrics, "tracker_up")).isZero();
  }

  @Test
  void helpTexts_differ() {
    assertThat(
            Stream.concat(
                Arrays.stream(TrackerCounter.values()).map(TrackerMetrics::helpFor),
                Arrays.stream(SessionCounter.values()).map(TrackerMetrics::helpFor)))
        .doesNotHaveDuplicates()
        .allMatch(text -> text.endsWith("."));
  }
}
