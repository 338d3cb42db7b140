package org.bytchat.sim.bench;

/** One benchmark, as the command line knows it. */
public interface Benchmark {

  /**
   * Returns its name.
   *
   * @return the word on the command line
   */
  String name();

  /**
   * Returns what it measures.
   *
   * @return one line
   */
  String description();

  /**
   * Tells whether it takes {@link BenchRun#count}.
   *
   * @return whether it does
   */
  default boolean takesCount() {
    return false;
  }

  /**
   * Tells whether it takes {@link BenchRun#servers}, and needs one at least.
   *
   * @return whether it does
   */
  default boolean takesServers() {
    return false;
  }

  /**
   * Measures.
   *
   * @param run how, and where the results go
   * @throws Exception if it cannot be measured here, or what is measured does not work
   */
  void run(BenchRun run) throws Exception;
}
