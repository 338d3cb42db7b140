package org.bytchat.sim.run;

import java.io.IOException;
import java.util.List;
import org.bytchat.sim.scenario.Scenario;

/**
 * The figures of a run, for those who compare them with others.
 *
 * @param lookups how many lookups ended
 * @param success the share that found the closest node
 * @param exact the share that found exactly the closest nodes
 * @param requests of a lookup, on average
 * @param rounds of a lookup, on average
 * @param medianMicros of the time of a lookup
 * @param bytesPerNodeSecond what a node sent a second in the last interval, headers included
 * @param contacts of a table at the end, on average
 */
public record Measured(
    long lookups,
    double success,
    double exact,
    double requests,
    double rounds,
    long medianMicros,
    double bytesPerNodeSecond,
    double contacts) {

  /**
   * Runs a scenario.
   *
   * @param scenario what to run
   * @param threads how many threads handle the nodes
   * @return its figures
   * @throws IOException if a file that it names cannot be read
   * @throws IllegalStateException if something was found that must not be
   */
  public static Measured of(Scenario scenario, int threads) throws IOException {
    LastRow last = new LastRow();
    try (Simulation simulation = Simulation.of(Simulation.plan(scenario), threads, last)) {
      RunResult result = simulation.run();
      if (result.end().verdict() == RunResult.Finding.INVARIANT) {
        throw new IllegalStateException(result.end().why());
      }
      Recorder.Totals totals = result.totals();
      return new Measured(
          totals.lookups,
          Simulation.share(totals.successes, totals.lookups),
          Simulation.share(totals.exact, totals.lookups),
          totals.requestCounts.mean(),
          totals.rounds.mean(),
          totals.latency.quantile(0.5),
          last.of("bytes_per_node_s"),
          last.of("contacts_mean"));
    }
  }

  private static final class LastRow implements RunListener {

    private double[] row = {};

    @Override
    public void onInterval(long timeMicros, double[] values) {
      row = values;
    }

    double of(String column) {
      List<String> columns = Sampler.COLUMNS;
      return row.length == 0 ? Double.NaN : row[columns.indexOf(column)];
    }

    @Override
    public void onProgress(String line) {}

    @Override
    public boolean goesOn() {
      return true;
    }
  }
}
