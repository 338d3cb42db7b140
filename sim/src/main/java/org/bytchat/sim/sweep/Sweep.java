package org.bytchat.sim.sweep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.bytchat.sim.report.Csv;
import org.bytchat.sim.report.RunFolder;
import org.bytchat.sim.report.Summary;
import org.bytchat.sim.run.HeapEstimate;
import org.jspecify.annotations.Nullable;

/** Runs what a sweep lacks, and writes down what follows from all of its runs. */
public final class Sweep {

  private static final String TABLE = "aggregate.csv";

  private final SweepPlan plan;
  private final Options options;
  private final Listener listener;
  private final String program = Program.version();
  private final List<Point> points;
  private final Map<Integer, List<RunSpec>> runs = new LinkedHashMap<>();
  private final Map<String, RunOutput> outputs = new LinkedHashMap<>();
  private volatile boolean stopped;

  /**
   * How a sweep is run.
   *
   * @param shard which of the points
   * @param out where results are kept, null for nowhere
   * @param command what was typed, for the report
   */
  public record Options(Shard shard, @Nullable Path out, String command) {}

  /** Is told how a sweep goes, by one thread at a time. */
  public interface Listener {

    /**
     * Takes a point that is done.
     *
     * @param line a JSON object
     */
    void onPoint(String line);

    /**
     * Takes something to be read now.
     *
     * @param text a line
     */
    void onMessage(String text);

    /**
     * Takes how far the sweep is.
     *
     * @param text a line that replaces the one before
     */
    void onProgress(String text);
  }

  /**
   * Makes a sweep.
   *
   * @param plan what to run
   * @param options how
   * @param listener is told how it goes
   */
  public Sweep(SweepPlan plan, Options options, Listener listener) {
    this.plan = plan;
    this.options = options;
    this.listener = listener;
    this.points = plan.points().stream().filter(options.shard()::has).toList();
    for (Point point : points) {
      runs.put(point.number(), specs(point));
    }
  }

  private List<RunSpec> specs(Point point) {
    String label = plan.name() + " point " + point.number() + " (" + point.label() + ")";
    return plan.seeds().stream()
        .map(seed -> RunSpec.of(point.scenario(), seed, label, program))
        .toList();
  }

  /** Has the sweep end soon, with what is done so far; from any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Runs what is missing.
   *
   * @param runner what runs it
   * @return the exit code: 0 if nothing is wrong in any run, else what is wrong in one
   * @throws IOException if files cannot be read or written, or a point cannot fit the heap
   * @throws InterruptedException if this thread is interrupted
   */
  public int run(SweepRunner runner) throws IOException, InterruptedException {
    Path out = options.out();
    if (out == null) {
      work(runner, null);
      return exitCode();
    }
    RunFolder folder = RunFolder.open(out);
    try (ResultStore store = ResultStore.open(out, options.shard().file())) {
      outputs.putAll(store.outputs());
      work(runner, store);
    }
    if (options.shard().isWhole()) {
      write(folder);
    }
    return exitCode();
  }

  // The runs.

  private void work(SweepRunner runner, @Nullable ResultStore store)
      throws IOException, InterruptedException {
    Map<String, RunSpec> missing = new LinkedHashMap<>();
    Map<String, Double> costs = new LinkedHashMap<>();
    for (Point point : points) {
      double cost = CostEstimate.datagrams(point.scenario());
      for (RunSpec run : runs.getOrDefault(point.number(), List.of())) {
        if (!outputs.containsKey(run.key()) && missing.put(run.key(), run) == null) {
          costs.put(run.key(), cost);
        }
      }
      HeapEstimate.check(point.scenario());
    }
    Progress progress = new Progress(store, costs);
    progress.begin(missing.size());
    if (!missing.isEmpty()) {
      runner.submit(List.copyOf(missing.values()), progress);
    }
    progress.end();
  }

  /** Takes the results of the runs. */
  private final class Progress implements SweepRunner.Results {

    private static final int MINUTE = 60;

    private final @Nullable ResultStore store;
    private final Map<String, Double> costs;
    private final double allCosts;
    private final long startNanos = System.nanoTime();
    private double doneCosts;
    private int done;
    private int printed;
    private volatile @Nullable IOException failure;

    private Progress(@Nullable ResultStore store, Map<String, Double> costs) {
      this.store = store;
      this.costs = costs;
      this.allCosts = costs.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private synchronized void begin(int missing) {
      int all = points.size() * plan.seeds().size();
      String part =
          options.shard().isWhole()
              ? ""
              : " of part " + options.shard().index() + " of " + options.shard().count();
      listener.onMessage(
          "sweep %s: %d points%s with %d seeds, %d runs, %s"
              .formatted(
                  plan.name(), points.size(), part, plan.seeds().size(), all, work(missing)));
      print(false);
    }

    private String work(int missing) {
      return missing == 0
          ? "all done before"
          : String.format(
              Locale.ROOT,
              "%d to do: about %.2g datagrams, %s on one core",
              missing,
              allCosts,
              time(allCosts / CostEstimate.DATAGRAMS_PER_SECOND));
    }

    @Override
    public synchronized void onResult(RunOutput output) {
      if (outputs.put(output.key(), output) != null) {
        return;
      }
      done++;
      doneCosts += costs.getOrDefault(output.key(), 0.0);
      if (output.exitCode() != 0) {
        listener.onProgress("");
        listener.onMessage("sweep %s: %s: %s".formatted(plan.name(), output.label(), output.why()));
      }
      if (store != null && output.isLasting() && failure == null) {
        try {
          store.add(output);
        } catch (IOException e) {
          failure = e;
        }
      }
      print(false);
    }

    @Override
    public synchronized void onProgress(String line) {
      double wall = (System.nanoTime() - startNanos) / 1e9;
      String left = doneCosts > 0 ? ", " + time(wall * (allCosts / doneCosts - 1)) + " left" : "";
      listener.onProgress("%d of %d runs%s; %s".formatted(done, costs.size(), left, line));
    }

    @Override
    public boolean goesOn() {
      return !stopped && failure == null;
    }

    /** Prints the points that are done and have not been printed, in their order. */
    private void print(boolean isLast) {
      while (printed < points.size() && (isLast || isDone(points.get(printed)))) {
        Point point = points.get(printed++);
        if (isDone(point)) {
          listener.onProgress("");
          Summary summary = new Summary().put("sweep", plan.name());
          result(point).toMap().forEach(summary::put);
          listener.onPoint(summary.line());
        }
      }
    }

    private synchronized void end() throws IOException {
      listener.onProgress("");
      print(true);
      if (failure != null) {
        throw failure;
      }
      if (done < costs.size()) {
        listener.onMessage(
            "sweep %s: stopped, %d of %d runs done%s"
                .formatted(
                    plan.name(),
                    done,
                    costs.size(),
                    store == null ? "" : "; the same command goes on"));
      }
    }

    private static String time(double seconds) {
      return seconds < 2 * MINUTE
          ? String.format(Locale.ROOT, "%.0f s", seconds)
          : String.format(Locale.ROOT, "%.0f min", seconds / MINUTE);
    }
  }

  private boolean isDone(Point point) {
    return runs.getOrDefault(point.number(), List.of()).stream()
        .allMatch(run -> outputs.containsKey(run.key()));
  }

  // What follows from them.

  private PointResult result(Point point) {
    List<RunOutput> all = new ArrayList<>();
    for (RunSpec run : runs.getOrDefault(point.number(), List.of())) {
      RunOutput output = outputs.get(run.key());
      if (output != null) {
        all.add(output);
      }
    }
    return PointResult.of(point, plan.measures(), all);
  }

  private void write(RunFolder folder) throws IOException {
    List<PointResult> results = points.stream().map(this::result).toList();
    StringBuilder table = new StringBuilder(Csv.line(PointResult.headers(plan)));
    results.forEach(result -> table.append(Csv.line(result.cells())));
    folder.write(TABLE, table.toString());
    List<RunOutput> findings =
        results.stream().flatMap(result -> result.findings().stream()).toList();
    int done = results.stream().mapToInt(PointResult::runs).sum();
    new Summary()
        .put("sweep", plan.name())
        .put("description", plan.description())
        .put("citation", plan.citation())
        .put("program", program)
        .put("seeds", plan.seeds())
        .put("runs", done)
        .put("partial", done < points.size() * plan.seeds().size())
        .put("exit_code", exitCode())
        .put(
            "findings",
            findings.stream()
                .map(
                    each ->
                        Map.of(
                            "run", each.label(), "exit_code", each.exitCode(), "why", each.why()))
                .toList())
        .put("points", results.stream().map(PointResult::toMap).toList())
        .write(folder);
    new SweepReport(plan, results).make(options.command(), program).write(folder);
    new SweepMarkdown(plan, results).write(folder, options.command());
  }

  /** What must never be is worse than what did not happen, and that than a number that is off. */
  private int exitCode() {
    return runs.values().stream()
        .flatMap(List::stream)
        .map(run -> outputs.get(run.key()))
        .filter(Objects::nonNull)
        .mapToInt(RunOutput::exitCode)
        .filter(code -> code != 0)
        .sorted()
        .boxed()
        .reduce((one, other) -> one > RunOutput.BROKEN ? one : other)
        .orElse(0);
  }
}
