package org.bytchat.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.bytchat.sim.theory.Experiment;
import org.bytchat.sim.theory.TableNetwork;
import org.bytchat.sim.theory.Trial;
import org.bytchat.sim.theory.Validation;
import org.bytchat.sim.validate.NodeTrials;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the published experiments. */
@Command(
    name = "validate",
    description = "Runs published experiments and says whether the same numbers come out.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ValidateCommand implements Callable<Integer> {

  private final Output output;
  private final Plan plan;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--quick",
      description =
          "Fewer lookups, no network above 100,000 nodes, and wider tolerances for survival.")
  private boolean quick;

  @Option(
      names = "--k",
      paramLabel = "K",
      description =
          "The only bucket size, 1 to "
              + TableNetwork.BUCKET_SIZE_MAX
              + "; what nobody published for it is measured without an expectation.")
  private @Nullable Integer bucketSize;

  /** Says what is to be validated. */
  interface Plan {

    /** Returns the pieces, for all bucket sizes that are published if none is given. */
    List<Trial> trials(boolean quick, @Nullable Integer bucketSize);
  }

  ValidateCommand(Output output) {
    this(
        output,
        (quick, bucketSize) -> {
          List<Trial> all = new ArrayList<>(new Validation(quick, bucketSize).trials());
          all.addAll(new NodeTrials(quick, bucketSize).trials());
          return all;
        });
  }

  ValidateCommand(Output output, Plan plan) {
    this.output = output;
    this.plan = plan;
  }

  @Override
  public Integer call() {
    Integer only = bucketSize;
    if (only != null && (only < 1 || only > TableNetwork.BUCKET_SIZE_MAX)) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "option '--k': must be 1 to " + TableNetwork.BUCKET_SIZE_MAX);
    }
    boolean allOk = true;
    List<Trial> trials = plan.trials(quick, only);
    for (int i = 0; i < trials.size(); i++) {
      Trial trial = trials.get(i);
      output.progress((i + 1) + "/" + trials.size() + " " + trial.name());
      List<Experiment> experiments = trial.work().get();
      output.progress("");
      for (Experiment experiment : experiments) {
        output.line(experiment.json());
        allOk &= experiment.ok();
      }
    }
    return allOk ? 0 : ExitCode.MISMATCH;
  }
}
