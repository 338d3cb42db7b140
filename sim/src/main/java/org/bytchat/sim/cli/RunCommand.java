package org.bytchat.sim.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.bytchat.sim.run.Runner;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.ScenarioException;
import org.bytchat.sim.scenario.Scenarios;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one simulation. */
@Command(
    name = "run",
    description = {
      "Runs one simulation of the nodes that run in production, on virtual time.",
      "Ctrl-C ends it with what was measured so far."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RunCommand implements Callable<Integer> {

  private static final int THREADS_MAX = 64;

  private final Output output;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "SCENARIO",
      description = "A YAML file, or the name of a scenario that comes with the program.")
  private String scenario = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "What all chance follows from, instead of the scenario's.")
  private @Nullable Long seed;

  @Option(
      names = "--threads",
      paramLabel = "T",
      description = "How many threads handle the nodes; the result is the same. Default: 1.")
  private int threads = 1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where summary.json, series.csv, lookups.csv and report.html go.")
  private @Nullable Path out;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A key of the scenario, as in network.loss=0.1 or faults.0.share=0.2.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--check-determinism",
      description = "Run it twice, and name the first event in which the runs differ.")
  private boolean checkDeterminism;

  RunCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws IOException {
    CommandSpec command = Objects.requireNonNull(spec);
    if (threads < 1 || threads > THREADS_MAX) {
      throw new ParameterException(
          command.commandLine(), "option '--threads': must be 1 to " + THREADS_MAX);
    }
    List<String> all = new ArrayList<>(settings);
    if (seed != null) {
      all.add("seed=" + seed);
    }
    Scenario read;
    try {
      read = Scenarios.load(scenario, all);
    } catch (ScenarioException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
    Runner runner = new Runner(read, threads, output::progress);
    String typed = "bytchat-sim run " + String.join(" ", arguments(read.seed()));
    try (Interruption interruption = Interruption.listenIf(() -> stop(runner))) {
      if (checkDeterminism) {
        return ended(runner.compare());
      }
      Runner.Outcome outcome = runner.run(out, typed);
      output.progress("");
      output.line(outcome.summary());
      if (!outcome.problem().isEmpty()) {
        output.message("bytchat-sim: " + outcome.problem());
      }
      interruption.done();
      return outcome.exitCode();
    }
  }

  private boolean stop(Runner runner) {
    boolean hasResult = runner.stop();
    if (!hasResult) {
      output.progress("");
      output.message("bytchat-sim: stopped before there was a result");
    }
    return hasResult;
  }

  private int ended(@Nullable String difference) {
    output.progress("");
    if (difference == null) {
      output.message("bytchat-sim: both runs are the same");
      return 0;
    }
    output.message("bytchat-sim: " + difference);
    return ExitCode.NONDETERMINISM;
  }

  private List<String> arguments(long usedSeed) {
    List<String> words = new ArrayList<>();
    words.add(scenario);
    words.add("--seed " + usedSeed);
    words.add("--threads " + threads);
    settings.forEach(each -> words.add("--set " + each));
    return words;
  }
}
