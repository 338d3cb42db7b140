package org.bytchat.sim.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytchat.sim.kernel.Outcome;
import org.bytchat.sim.run.Runner;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to: the fields of its summary, and below {@code series} what the columns of its
 * series came to while it was measured.
 *
 * @param all maps, lists and plain values
 */
record RunValues(Map<String, ?> all) {

  static final String SERIES = "series";

  /** What is made of a column; without any of these the mean is meant. */
  static final List<String> SERIES_FIGURES = List.of("mean", "min", "max", "last");

  private static final String MEAN = "mean";

  private static final List<String> HISTOGRAMS =
      List.of("lookup_micros", "lookup_depth", "lookup_rounds", "lookup_requests");

  private static final List<String> HISTOGRAM_FIGURES =
      List.of("count", MEAN, "min", "p50", "p90", "p95", "p99", "p999", "max");

  private static final List<String> RECORDS =
      List.of(
          "puts",
          "puts_enough",
          "gets",
          "gets_expected",
          "found",
          "stale",
          "missed",
          "violations",
          "get_ms_p50",
          "put_ms_p50");

  private static final List<String> PLAIN =
      List.of(
          "virtual_s",
          "wall_s",
          "run_wall_s",
          "datagrams",
          "datagrams_per_s",
          "datagrams_per_core_s",
          "events",
          "nodes_up",
          "refused",
          "lookups",
          "lookup_success",
          "lookup_exact",
          "lookup_recall",
          "lookup_failures_mean",
          "heap_bytes_per_node",
          "heap_bytes",
          "checks",
          "final_lookup_success");

  /** Returns all names that {@link #number} knows, whether or not a run has them. */
  static List<String> names() {
    List<String> names = new ArrayList<>(PLAIN);
    for (String histogram : HISTOGRAMS) {
      names.add(histogram);
      HISTOGRAM_FIGURES.forEach(figure -> names.add(histogram + "." + figure));
    }
    RECORDS.forEach(name -> names.add("records." + name));
    Runner.attackFigures().forEach(name -> names.add("attack." + name));
    Runner.mailFigures().forEach(name -> names.add("mail." + name));
    for (Outcome outcome : Outcome.values()) {
      names.add("outcomes." + outcome.name().toLowerCase(Locale.ROOT));
    }
    for (String column : Runner.columns()) {
      names.add(SERIES + "." + column);
      SERIES_FIGURES.forEach(figure -> names.add(SERIES + "." + column + "." + figure));
    }
    return names;
  }

  /**
   * Returns a number.
   *
   * @param path names joined with dots; of a distribution the mean is taken if no figure is named
   * @return NaN if there is none
   */
  double number(String path) {
    Object value = all;
    for (String name : path.split("\\.", -1)) {
      value = get(value, name);
    }
    if (value instanceof Map<?, ?>) {
      value = get(value, MEAN);
    }
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static @Nullable Object get(@Nullable Object value, String name) {
    return value instanceof Map<?, ?> map ? map.get(name) : null;
  }
}
