package org.bytchat.sim.fuzz;

import java.io.IOException;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.RunListener;
import org.bytchat.sim.run.RunResult;
import org.bytchat.sim.run.Simulation;

/**
 * What came of one run of a plan.
 *
 * @param finding what is wrong, if anything
 * @param why in a line, empty if nothing is
 * @param traceHash equal for equal runs
 * @param endMicros the virtual time at which it ended
 * @param isStopped whether it was stopped before its end, and not by what it found
 */
public record Trial(
    RunResult.Finding finding, String why, String traceHash, long endMicros, boolean isStopped) {

  /**
   * Runs a plan on one thread.
   *
   * @param plan what is to happen
   * @param goesOn is asked now and then whether to go on
   * @return what came of it
   * @throws IOException if a file that its scenario names cannot be read
   */
  public static Trial run(Plan plan, BooleanSupplier goesOn) throws IOException {
    try (Simulation simulation = Simulation.of(plan, 1, new Listener(goesOn))) {
      RunResult.End end = simulation.run().end();
      return new Trial(
          end.verdict(),
          end.why(),
          "%016x".formatted(end.traceHash()),
          end.virtualMicros(),
          end.isPartial() && end.verdict() == RunResult.Finding.NONE);
    }
  }

  /**
   * Tells what fails, without who and when, so that a smaller plan can be said to fail in the same
   * way.
   *
   * @return the finding and its words, numbers left out
   */
  public String signature() {
    return name() + ": " + why.replaceAll("[0-9a-f]{16,}|[0-9]+([.][0-9]+)?", "#");
  }

  /**
   * Returns the finding as a word.
   *
   * @return in lower case
   */
  public String name() {
    return finding.name().toLowerCase(Locale.ROOT);
  }

  private record Listener(BooleanSupplier isWanted) implements RunListener {

    @Override
    public void onInterval(long timeMicros, double[] values) {}

    @Override
    public void onProgress(String line) {}

    @Override
    public boolean goesOn() {
      return isWanted.getAsBoolean();
    }

    @Override
    public boolean measuresHeap() {
      return false;
    }
  }
}
