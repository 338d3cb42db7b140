package org.bytchat.sim.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.NodeFailure;
import org.bytchat.sim.kernel.TraceEntry;
import org.jspecify.annotations.Nullable;

/** Runs something twice, and finds the first event in which the runs differ. */
final class RunComparison {

  private final Source source;
  private final long endMicros;

  /** Makes the run, the same each time as far as anybody knows. */
  @FunctionalInterface
  interface Source {
    Run open() throws IOException;
  }

  /** A run that goes on as far as it is told. */
  interface Run extends AutoCloseable {

    Kernel kernel();

    /** Goes on to a time, or until it is stopped. */
    void advance(long untilMicros);

    @Override
    void close();
  }

  RunComparison(Source source, long endMicros) {
    this.source = source;
    this.endMicros = endMicros;
  }

  /**
   * Compares.
   *
   * @return the first event that differs, in words; null if there is none
   * @throws IOException if a run cannot be made, or is stopped before its end
   */
  @Nullable String firstDifference() throws IOException {
    List<Long> first = hashes();
    List<Long> second = hashes();
    int both = Math.min(first.size(), second.size());
    int differing = 0;
    while (differing < both && first.get(differing).equals(second.get(differing))) {
      differing++;
    }
    boolean isSame = differing == both && first.size() == second.size();
    return isSame ? null : inSecond(differing);
  }

  /** Returns the hash of each second, and that of the rest. */
  private List<Long> hashes() throws IOException {
    try (Run run = source.open()) {
      boolean hasFailed = advance(run, endMicros);
      if (!hasFailed && run.kernel().nowMicros() < endMicros) {
        throw new IOException("stopped before the runs could be compared");
      }
      List<Long> hashes = new ArrayList<>(run.kernel().secondHashes());
      if (!hasFailed) {
        hashes.add(run.kernel().traceHash());
      }
      return hashes;
    }
  }

  /** Goes on; true if a node fails, which both runs may as well. */
  private static boolean advance(Run run, long untilMicros) {
    try {
      run.advance(untilMicros);
      return false;
    } catch (NodeFailure e) {
      return true;
    }
  }

  /** Runs both again up to a second, and writes that second down. */
  private String inSecond(int second) throws IOException {
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
    try (Run run = source.open()) {
      boolean hasFailed = advance(run, Math.min(endMicros, second * Plan.SECOND));
      run.kernel().logTrace(true);
      if (!hasFailed) {
        advance(run, Math.min(endMicros, (second + 1) * Plan.SECOND));
      }
      return run.kernel().traceEntries();
    }
  }
}
