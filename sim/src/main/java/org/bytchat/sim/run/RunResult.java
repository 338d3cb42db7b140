package org.bytchat.sim.run;

import java.util.List;
import org.bytchat.sim.kernel.Outcome;
import org.bytchat.sim.mail.MailFigures;
import org.bytchat.sim.report.LookupLog;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run.
 *
 * @param plan what was to happen
 * @param end how it ended
 * @param totals what users' lookups came to
 * @param records what users' records came to
 * @param log a sample of the lookups
 * @param bucketFill contacts in each bucket at the end, on average
 * @param cost what it took
 * @param attack what attackers came to
 * @param mail what mail came to, null if there was none
 */
public record RunResult(
    Plan plan,
    End end,
    Recorder.Totals totals,
    RecordBook.Counts records,
    LookupLog log,
    double[] bucketFill,
    Cost cost,
    AttackFigures attack,
    @Nullable MailFigures mail) {

  /**
   * How a run ended.
   *
   * @param verdict what is wrong, if anything
   * @param why in a line, empty if all is well
   * @param problems what was found, the first ones
   * @param isPartial whether it was stopped before its end
   * @param virtualMicros the virtual time that passed
   * @param traceHash equal for equal runs
   * @param secondHashes for each virtual second
   */
  public record End(
      Finding verdict,
      String why,
      List<String> problems,
      boolean isPartial,
      long virtualMicros,
      long traceHash,
      List<Long> secondHashes) {}

  /** What can be wrong with a run; the exit code of the command. */
  public enum Finding {
    /** Nothing. */
    NONE(0),
    /** Something was so that must never be so. */
    INVARIANT(10),
    /** Something did not happen that has to happen in the end. */
    LIVENESS(11),
    /** A result is not what it has to be. */
    ORACLE(12);

    private final int exitCode;

    Finding(int exitCode) {
      this.exitCode = exitCode;
    }

    /**
     * Returns the exit code of a command that finds it.
     *
     * @return 0 for nothing
     */
    public int exitCode() {
      return exitCode;
    }
  }

  /**
   * What a run took.
   *
   * @param nodesUp nodes that were up at its end
   * @param wallNanos from the start of planning to the end of the run
   * @param runNanos of that, handling events after time zero
   * @param measuredCpuNanos time of all cores while it was measured, collections included
   * @param measuredDatagrams datagrams that arrived while it was measured
   * @param outcomes how many datagrams had each {@link Outcome}
   * @param events events handled
   * @param checks nodes checked
   * @param heapBytes heap after a collection at the end, less what there was before
   */
  record Cost(
      int nodesUp,
      long wallNanos,
      long runNanos,
      long measuredCpuNanos,
      long measuredDatagrams,
      List<Long> outcomes,
      long events,
      long checks,
      long heapBytes) {

    long count(Outcome outcome) {
      return outcomes.get(outcome.ordinal());
    }
  }
}
