package org.bytchat.sim.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.bytchat.sim.report.Summary;
import org.bytchat.sim.run.Plan;

/** Runs a capsule again, and makes it smaller if it still fails. */
public final class Replay {

  private final Capsule capsule;
  private final String program;
  private final Consumer<String> progress;
  private volatile boolean stopped;

  /**
   * Makes a replay.
   *
   * @param capsule what failed
   * @param program the version of this program
   * @param progress is told how far it is
   */
  public Replay(Capsule capsule, String program, Consumer<String> progress) {
    this.capsule = capsule;
    this.program = program;
    this.progress = progress;
  }

  /**
   * What came of it.
   *
   * @param line a JSON object in one line
   * @param message for people, perhaps empty
   * @param exitCode that of what was found
   */
  public record Outcome(String line, String message, int exitCode) {}

  /** Has it end soon, with the smallest plan found so far; from any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Runs it.
   *
   * @param folder where the smaller capsule goes
   * @return what came of it
   * @throws IOException if it cannot be written
   */
  public Outcome run(Path folder) throws IOException {
    progress.accept("replaying");
    Trial again = Trial.run(capsule.plan(), () -> !stopped);
    boolean isReproduced = again.signature().equals(capsule.trial().signature());
    if (!isReproduced || again.isStopped()) {
      return outcome(capsule.plan(), again, false, differing(again));
    }
    Shrinker shrinker = new Shrinker(capsule.plan(), again, () -> !stopped, progress);
    Plan plan = shrinker.shrink();
    Trial trial = shrinker.trial();
    Path file = new Capsule(program, plan, trial).write(folder, "-min");
    boolean isSame = again.traceHash().equals(capsule.trial().traceHash());
    return outcome(
        plan,
        trial,
        true,
        "%s%nThe same failure%s, made smaller: %s"
            .formatted(trial.why(), isSame ? " and trace" : ", with another trace", file));
  }

  private String differing(Trial again) {
    if (again.isStopped()) {
      return "stopped";
    }
    return again.why().isEmpty()
        ? "it does not fail any more"
        : "it fails in another way: " + again.why() + "; it was: " + capsule.trial().why();
  }

  private static Outcome outcome(Plan plan, Trial trial, boolean isReproduced, String message) {
    String line =
        new Summary()
            .put("reproduced", isReproduced)
            .put("finding", trial.name())
            .put("nodes", Plans.living(plan).size())
            .put("faults", plan.faults().size())
            .put("ops", plan.ops().size())
            .put("virtual_s", plan.endMicros() / 1e6)
            .put("why", trial.why())
            .put("trace_hash", trial.traceHash())
            .line();
    return new Outcome(line, message, trial.finding().exitCode());
  }
}
