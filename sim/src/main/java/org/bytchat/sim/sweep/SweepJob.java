package org.bytchat.sim.sweep;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.run.RunListener;
import org.bytchat.sim.run.Runner;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Scenarios;
import org.jspecify.annotations.Nullable;

/** Runs one run of a sweep, on one thread. */
public final class SweepJob implements RunListener {

  private final SweepRunner.Results results;
  private final long fromMicros;
  private final long toMicros;
  private final Map<String, Column> columns = new LinkedHashMap<>();

  private SweepJob(Scenario scenario, SweepRunner.Results results) {
    this.results = results;
    this.fromMicros = scenario.phases().settle().toNanos() / 1000;
    this.toMicros = fromMicros + scenario.phases().measure().toNanos() / 1000;
    Runner.columns().forEach(name -> columns.put(name, new Column()));
  }

  /**
   * Runs.
   *
   * @param run what
   * @param results is told how far it is, and says whether it goes on; the result is returned only
   * @return what came of it, null if it was ended early
   * @throws IOException if a file that the scenario names cannot be read, or it cannot fit the heap
   */
  public static @Nullable RunOutput run(RunSpec run, SweepRunner.Results results)
      throws IOException {
    Scenario scenario = scenario(run);
    SweepJob job = new SweepJob(scenario, results);
    Runner.Outcome outcome = new Runner(scenario, 1, results::onProgress).measure(job);
    Map<String, Object> values = Json.map(outcome.summary());
    boolean isPartial = Boolean.TRUE.equals(values.get("partial"));
    if (isPartial && !results.goesOn()) {
      return null;
    }
    Map<String, Object> series = new LinkedHashMap<>();
    job.columns.forEach((name, column) -> series.put(name, column.figures()));
    values.put(RunValues.SERIES, series);
    return new RunOutput(run.key(), run.label(), outcome.exitCode(), outcome.problem(), values);
  }

  static Scenario scenario(RunSpec run) {
    return Scenarios.of(run.label(), Json.map(run.scenario()), List.of());
  }

  @Override
  public void onInterval(long timeMicros, double[] values) {
    if (timeMicros > fromMicros && timeMicros <= toMicros) {
      int i = 0;
      for (Column column : columns.values()) {
        column.add(values[i++]);
      }
    }
  }

  @Override
  public void onProgress(String line) {
    results.onProgress(line);
  }

  @Override
  public boolean goesOn() {
    return results.goesOn();
  }

  /** What a column came to, intervals without a value left out. */
  private static final class Column {
    private int count;
    private double sum;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private double last;

    void add(double value) {
      if (Double.isFinite(value)) {
        count++;
        sum += value;
        min = Math.min(min, value);
        max = Math.max(max, value);
        last = value;
      }
    }

    Map<String, Double> figures() {
      Map<String, Double> map = new LinkedHashMap<>();
      if (count > 0) {
        map.put("mean", sum / count);
        map.put("min", min);
        map.put("max", max);
        map.put("last", last);
      }
      return map;
    }
  }
}
