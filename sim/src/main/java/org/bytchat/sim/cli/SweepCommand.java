package org.bytchat.sim.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.bytchat.sim.scenario.ScenarioException;
import org.bytchat.sim.sweep.LocalRunner;
import org.bytchat.sim.sweep.Shard;
import org.bytchat.sim.sweep.Sweep;
import org.bytchat.sim.sweep.SweepPlan;
import org.bytchat.sim.sweep.SweepRunner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a scenario many times, with other values and other seeds. */
@Command(
    name = "sweep",
    description = {
      "Runs a scenario with all combinations of some values, each with several seeds.",
      "Ctrl-C ends it with what is done so far; the same command then goes on."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class SweepCommand implements Callable<Integer> {

  private static final int PARALLEL_MAX = 1_024;

  private final Output output;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "SWEEP", description = "A YAML file.")
  private @Nullable Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where results are kept, so that a sweep can go on, and where aggregate.csv,"
              + " summary.json, report.html and report.md with its plots go.")
  private @Nullable Path out;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description =
          "Only every N-th point, from the I-th on. A run without this option then has the results"
              + " of all parts that are in DIR.")
  private @Nullable String shard;

  @Option(
      names = "--parallel",
      paramLabel = "P",
      description = "How many runs at once, if they fit the heap. Default: one for each core.")
  private int parallel = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--runner",
      paramLabel = "NAME",
      description = "What runs the runs. Default: local, threads of this program.")
  private String runner = "local";

  SweepCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (parallel < 1 || parallel > PARALLEL_MAX) {
      throw usage("option '--parallel': must be 1 to " + PARALLEL_MAX, null);
    }
    final SweepRunner chosen = runner();
    final Shard part = shard();
    SweepPlan plan;
    try {
      plan = SweepPlan.read(Objects.requireNonNull(file));
    } catch (ScenarioException e) {
      throw usage(String.valueOf(e.getMessage()), e);
    }
    Sweep sweep = new Sweep(plan, new Sweep.Options(part, out, typed()), new Console(output));
    try (Interruption interruption = Interruption.listen(sweep::stop)) {
      int exitCode = sweep.run(chosen);
      interruption.done();
      return exitCode;
    }
  }

  private Shard shard() {
    String text = shard;
    if (text == null) {
      return Shard.WHOLE;
    }
    if (out == null) {
      throw usage("option '--shard': needs --out, where the parts come together", null);
    }
    try {
      return Shard.parse(text);
    } catch (IllegalArgumentException e) {
      throw usage("option '--shard': " + e.getMessage(), e);
    }
  }

  private SweepRunner runner() {
    List<SweepRunner> all = new ArrayList<>(List.of(new LocalRunner(parallel)));
    ServiceLoader.load(SweepRunner.class).forEach(all::add);
    List<String> names = all.stream().map(SweepRunner::name).toList();
    int chosen = names.indexOf(runner);
    if (chosen < 0) {
      throw usage(
          "option '--runner': '%s' is not one of %s".formatted(runner, String.join(", ", names)),
          null);
    }
    return all.get(chosen);
  }

  private ParameterException usage(String message, @Nullable Exception cause) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message, cause);
  }

  private String typed() {
    return "bytchat-sim sweep "
        + file
        + (shard == null ? "" : " --shard " + shard)
        + (out == null ? "" : " --out " + out);
  }

  /** Prints how it goes. */
  private record Console(Output output) implements Sweep.Listener {

    @Override
    public void onPoint(String line) {
      output.line(line);
    }

    @Override
    public void onMessage(String text) {
      output.message(text);
    }

    @Override
    public void onProgress(String text) {
      output.progress(text);
    }
  }
}
