package org.bytchat.sim.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.TraceEntry;
import org.bytchat.sim.report.RunFolder;
import org.bytchat.sim.report.Series;
import org.bytchat.sim.report.Summary;
import org.bytchat.sim.scenario.Scenario;
import org.jspecify.annotations.Nullable;

/** Runs a scenario for somebody: plans, runs, writes down what came of it. */
public final class Runner {

  private static final int SERIES_KEPT = 2_000;

  private final Scenario scenario;
  private final int threads;
  private final Consumer<String> progress;
  private volatile boolean stopped;

  /**
   * Makes a runner.
   *
   * @param scenario what to run
   * @param threads how many threads handle the nodes
   * @param progress is told how far it is
   */
  public Runner(Scenario scenario, int threads, Consumer<String> progress) {
    this.scenario = scenario;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * What came of it, for a command.
   *
   * @param summary a JSON object in one line
   * @param problem what is wrong, empty if nothing is
   * @param exitCode the exit code for that
   */
  public record Outcome(String summary, String problem, int exitCode) {}

  /** Has the run end soon, with what was measured so far; from any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Runs.
   *
   * @param out where the files go, null for no files
   * @param command what was typed, for the report
   * @return what came of it
   * @throws IOException if a file cannot be read or written
   */
  public Outcome run(@Nullable Path out, String command) throws IOException {
    HeapEstimate.check(scenario);
    RunFolder folder = out == null ? null : RunFolder.open(out);
    Series series = folder == null ? null : new Series(folder, Sampler.COLUMNS, SERIES_KEPT);
    try {
      return run(folder, series, command);
    } finally {
      if (series != null) {
        series.close();
      }
    }
  }

  private Outcome run(@Nullable RunFolder folder, @Nullable Series series, String command)
      throws IOException {
    progress.accept(scenario.name() + ": planning");
    Plan plan = Simulation.plan(scenario);
    Rows rows = new Rows(series);
    RunResult result;
    try (Simulation simulation = Simulation.of(plan, threads, rows)) {
      result = simulation.run();
    }
    if (rows.failure != null) {
      throw rows.failure;
    }
    Summary summary = RunSummary.of(result, threads);
    if (folder != null && series != null) {
      progress.accept(scenario.name() + ": writing");
      summary.write(folder);
      if (scenario.output().lookupsMax() > 0) {
        result.log().write(folder);
      }
      RunReport.of(result, series, command).write(folder);
    }
    return new Outcome(summary.line(), result.end().why(), result.end().verdict().exitCode());
  }

  /** Hands each row on to the file. */
  private final class Rows implements RunListener {

    private final @Nullable Series series;
    private @Nullable IOException failure;

    private Rows(@Nullable Series series) {
      this.series = series;
    }

    @Override
    public void onInterval(long timeMicros, double[] values) {
      if (series != null && failure == null) {
        try {
          series.row(timeMicros, values);
        } catch (IOException e) {
          failure = e;
        }
      }
    }

    @Override
    public void onProgress(String line) {
      progress.accept(line);
    }

    @Override
    public boolean goesOn() {
      return !stopped && failure == null;
    }
  }

  /**
   * Runs twice and looks for a difference.
   *
   * @return the first event that differs, in words; null if there is none
   * @throws IOException if a file that the scenario names cannot be read
   */
  public @Nullable String compare() throws IOException {
    HeapEstimate.check(scenario);
    List<Long> first = secondHashes();
    List<Long> second = secondHashes();
    int both = Math.min(first.size(), second.size());
    int differing = 0;
    while (differing < both && first.get(differing).equals(second.get(differing))) {
      differing++;
    }
    boolean isSame = differing == both && first.size() == second.size();
    return isSame ? null : firstDifference(differing);
  }

  private List<Long> secondHashes() throws IOException {
    try (Simulation simulation = simulation()) {
      return simulation.run().end().secondHashes();
    }
  }

  private Simulation simulation() throws IOException {
    return Simulation.of(Simulation.plan(scenario), threads, new Rows(null));
  }

  /** Runs both again up to a second, and writes that second down. */
  private String firstDifference(int second) throws IOException {
    List<TraceEntry> first = entriesOf(second);
    List<TraceEntry> other = entriesOf(second);
    for (int i = 0; i < Math.min(first.size(), other.size()); i++) {
      if (!first.get(i).equals(other.get(i))) {
        return "the runs differ, first in:\n  " + first.get(i) + "\n  " + other.get(i);
      }
    }
    if (first.size() == other.size()) {
      return "the runs differ in second " + second + ", but did not when they were run again";
    }
    List<TraceEntry> longer = first.size() > other.size() ? first : other;
    return "one of the runs alone has:\n  " + longer.get(Math.min(first.size(), other.size()));
  }

  private List<TraceEntry> entriesOf(int second) throws IOException {
    try (Simulation simulation = simulation()) {
      Kernel kernel = simulation.kernel();
      kernel.runTo(second * Plan.SECOND);
      kernel.logTrace(true);
      kernel.runTo((second + 1) * Plan.SECOND);
      return kernel.traceEntries();
    }
  }
}
