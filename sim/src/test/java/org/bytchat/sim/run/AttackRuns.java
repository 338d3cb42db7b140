package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/** A small network under an attack, and what came of it. */
final class AttackRuns {

  static final String BASE =
      """
      seed: 3
      nodes: 200
      bootstrap: {nodes: 4}
      node: {routing: {bucketSize: 8}, store: {replicas: 4}}
      phases: {settle: 30s, measure: 4m}
      network: {latency: {model: constant, one_way: 20ms}}
      workload:
        lookups: {count: 200}
        records: {count: 10, put_over: 20s, get_rate: 2}
      checks: {invariants_every: 50}
      output: {series_interval: 30s}
      """;

  private AttackRuns() {}

  static RunResult run(String attacks, String... settings) throws IOException {
    return Runs.run(Runs.plan(BASE + "attacks:\n  - " + attacks + "\n", settings), 1);
  }

  static double successOf(RunResult result) {
    assertThat(result.end().why()).isEmpty();
    return Simulation.share(result.totals().successes, result.totals().lookups);
  }

  static double figure(RunResult result, String name) {
    return result.attack().toMap().get(name) instanceof Number number
        ? number.doubleValue()
        : Double.NEGATIVE_INFINITY;
  }

  static double found(RunResult result) {
    assertThat(result.records().getsExpected).isPositive();
    return Simulation.share(result.records().found, result.records().getsExpected);
  }
}
