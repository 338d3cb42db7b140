package org.bytchat.sim.run;

/** Is told how a run goes, on the thread that runs it if nothing else is said. */
public interface RunListener {

  /**
   * Takes what was measured in an interval.
   *
   * @param timeMicros its end
   * @param values one for each of {@link Sampler#COLUMNS}, NaN where there is none
   */
  void onInterval(long timeMicros, double[] values);

  /**
   * Tells how far the run is.
   *
   * @param line for people
   */
  void onProgress(String line);

  /** Tells that the nodes that are up at time zero have started: from now on it is measured. */
  default void onBegun() {}

  /**
   * Tells whether the run should go on. Asked often, and by all threads that handle nodes.
   *
   * @return false to end it with what was measured so far
   */
  boolean goesOn();

  /**
   * Tells whether the heap is measured at the end, which takes a full collection.
   *
   * @return whether it is
   */
  default boolean measuresHeap() {
    return true;
  }
}
