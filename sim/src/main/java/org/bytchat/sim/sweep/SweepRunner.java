package org.bytchat.sim.sweep;

import java.io.IOException;
import java.util.List;

/**
 * What runs the runs of a sweep: threads of this JVM ({@link LocalRunner}), or other machines.
 *
 * <p>Runners other than the local one are found by {@link java.util.ServiceLoader}: a jar on the
 * class path has the name of its class, which has a public constructor without parameters, in
 * {@code META-INF/services/org.bytchat.sim.sweep.SweepRunner}. On each machine {@link SweepJob#run}
 * does the work. A run is a function of its {@link RunSpec}, so one that got lost can just be run
 * again.
 */
public interface SweepRunner {

  /**
   * Returns what users call it.
   *
   * @return a word
   */
  String name();

  /**
   * Runs, and comes back when every run has a result or {@link Results#goesOn} says no.
   *
   * @param runs what to run, in any order
   * @param results takes what came of them
   * @throws IOException if no more runs can be run
   * @throws InterruptedException if this thread is interrupted
   */
  void submit(List<RunSpec> runs, Results results) throws IOException, InterruptedException;

  /** Takes results, from any thread. */
  interface Results {

    /**
     * Takes what came of a run. A run that was ended early has no result.
     *
     * @param output what came of it
     */
    void onResult(RunOutput output);

    /**
     * Takes how far a run is.
     *
     * @param line for people
     */
    void onProgress(String line);

    /**
     * Returns whether results are wanted still; if not, runs are ended early.
     *
     * @return false from some time on
     */
    boolean goesOn();
  }
}
