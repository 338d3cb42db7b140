package org.bytchat.sim.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.bytchat.sim.mail.MailFigures;
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

  /** Whether a run is under way whose result will be told. */
  private volatile boolean measuring;

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

  /**
   * Has the run end soon, with what was measured so far; from any thread.
   *
   * @return whether anything was: before that there is nothing to wait for
   */
  public boolean stop() {
    stopped = true;
    return measuring;
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

  /**
   * Runs, and leaves no files.
   *
   * @param listener is told how it goes, in place of who is told of the progress
   * @return what came of it
   * @throws IOException if a file that the scenario names cannot be read, or it cannot fit the heap
   */
  public Outcome measure(RunListener listener) throws IOException {
    HeapEstimate.check(scenario);
    try (Simulation simulation = Simulation.of(Simulation.plan(scenario), threads, listener)) {
      RunResult result = simulation.run();
      return outcome(result, RunSummary.of(result, threads));
    }
  }

  /**
   * Returns the names of what is measured in each interval.
   *
   * @return as many as {@link RunListener#onInterval} has values
   */
  public static List<String> columns() {
    return Sampler.COLUMNS;
  }

  /**
   * Returns the names of the figures of an attack.
   *
   * @return those of the part {@code attack} of a summary
   */
  public static List<String> attackFigures() {
    return AttackFigures.NAMES;
  }

  /**
   * Returns the names of the figures of mail.
   *
   * @return those of the part {@code mail} of a summary that are one number
   */
  public static List<String> mailFigures() {
    return MailFigures.names();
  }

  /**
   * A model that a scenario asks for.
   *
   * @param name what it is a model of
   * @param text what it does
   * @param citation where that is from; may be empty
   */
  public record Described(String name, String text, String citation) {}

  /**
   * Returns the models that a scenario asks for.
   *
   * @param scenario the scenario
   * @return in a fixed order
   * @throws IOException if a file that it names cannot be read
   */
  public static List<Described> describe(Scenario scenario) throws IOException {
    return Models.of(scenario).described();
  }

  private static Outcome outcome(RunResult result, Summary summary) {
    return new Outcome(summary.line(), result.end().why(), result.end().verdict().exitCode());
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
    return outcome(result, summary);
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

    @Override
    public void onBegun() {
      measuring = true;
    }
  }

  /**
   * Runs twice and looks for a difference.
   *
   * @return the first event that differs, in words; null if there is none
   * @throws IOException if a file that the scenario names cannot be read, or it was stopped
   */
  public @Nullable String compare() throws IOException {
    HeapEstimate.check(scenario);
    Plan plan = Simulation.plan(scenario);
    Rows rows = new Rows(null);
    return new RunComparison(() -> Simulation.of(plan, threads, rows), plan.endMicros())
        .firstDifference();
  }
}
