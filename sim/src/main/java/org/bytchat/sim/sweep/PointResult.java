package org.bytchat.sim.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the runs of a point came to.
 *
 * @param point the point
 * @param runs how many are done
 * @param findings of runs in which something is wrong
 * @param statistics by the names of the measures, of the runs that came to their end
 */
record PointResult(
    Point point, int runs, List<RunOutput> findings, Map<String, Statistic> statistics) {

  static PointResult of(Point point, List<Measure> measures, List<RunOutput> outputs) {
    List<RunOutput> whole = outputs.stream().filter(RunOutput::isWhole).toList();
    Map<String, Statistic> statistics = new LinkedHashMap<>();
    for (Measure measure : measures) {
      statistics.put(
          measure.name(),
          Statistic.of(
              whole.stream()
                  .mapToDouble(output -> measure.of(new RunValues(output.values())))
                  .toArray()));
    }
    int runs = (int) outputs.stream().filter(RunOutput::isLasting).count();
    List<RunOutput> findings = outputs.stream().filter(output -> output.exitCode() != 0).toList();
    return new PointResult(point, runs, findings, statistics);
  }

  /** Returns what a measure came to; the plan has it. */
  Statistic of(String measure) {
    Statistic statistic = statistics.get(measure);
    if (statistic == null) {
      throw new IllegalArgumentException("not measured: " + measure);
    }
    return statistic;
  }

  /** Returns this for scripts. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("point", point.number());
    map.put("settings", point.settings());
    map.put("runs", runs);
    map.put("failed", findings.size());
    Map<String, Object> measures = new LinkedHashMap<>();
    statistics.forEach((name, statistic) -> measures.put(name, statistic.toMap()));
    map.put("measures", measures);
    return map;
  }

  /** Returns the names of the cells of {@link #cells}. */
  static List<String> headers(SweepPlan plan) {
    List<String> headers = new ArrayList<>(List.of("point"));
    headers.addAll(plan.keys());
    headers.addAll(List.of("runs", "failed"));
    for (Measure measure : plan.measures()) {
      for (String figure : List.of("mean", "sd", "ci95", "n")) {
        headers.add(measure.name() + "_" + figure);
      }
    }
    return headers;
  }

  /** Returns a row for tables. */
  List<@Nullable Object> cells() {
    List<@Nullable Object> cells = new ArrayList<>();
    cells.add(point.number());
    cells.addAll(point.settings().values());
    cells.add(runs);
    cells.add(findings.size());
    statistics.values().forEach(statistic -> cells.addAll(statistic.toMap().values()));
    return cells;
  }
}
