package org.bytchat.sim.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import org.bytchat.sim.report.Summary;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.RunResult;
import org.jspecify.annotations.Nullable;

/** Runs seeds, and keeps those that fail. */
public final class Fuzzer {

  private final String program;
  private final Path folder;
  private volatile boolean stopped;

  /**
   * Makes a fuzzer.
   *
   * @param program the version of this program
   * @param folder where capsules go
   */
  public Fuzzer(String program, Path folder) {
    this.program = program;
    this.folder = folder;
  }

  /**
   * What came of a seed.
   *
   * @param line a JSON object in one line
   * @param why what is wrong, empty if nothing is
   * @param exitCode the exit code for that
   * @param capsule the file in which it was kept, null if nothing is wrong
   */
  public record Outcome(String line, String why, int exitCode, @Nullable Path capsule) {}

  /** Has the run end soon, from any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Runs a seed.
   *
   * @param seed what all chance follows from
   * @return what came of it, null if it was stopped
   * @throws IOException if a capsule cannot be written
   */
  public @Nullable Outcome run(long seed) throws IOException {
    if (stopped) {
      return null;
    }
    Swarm.Drawn drawn = Swarm.of(seed);
    Plan plan = drawn.plan();
    Trial trial = Trial.run(plan, () -> !stopped);
    if (trial.isStopped()) {
      return null;
    }
    Path capsule =
        trial.finding() == RunResult.Finding.NONE
            ? null
            : Capsule.of(program, plan, trial).write(folder, "");
    String line =
        new Summary()
            .put("seed", seed)
            .put("finding", trial.name())
            .put("why", trial.why())
            .put("trace_hash", trial.traceHash())
            .put("nodes", Plans.living(plan).size())
            .put("faults", plan.faults().size())
            .put("ops", plan.ops().size())
            .put("virtual_s", trial.endMicros() / 1e6)
            .put("options", drawn.options())
            .line();
    return new Outcome(line, trial.why(), trial.finding().exitCode(), capsule);
  }
}
