package org.bytchat.sim.run;

import java.io.IOException;
import java.util.List;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Scenarios;

/** Scenarios and plans of tests. */
final class Runs {

  /** A small network to which everything happens that can. */
  static final String ALL =
      """
      seed: 7
      nodes: 150
      bootstrap: {kind: join, nodes: 2, join_over: 10s}
      node: {routing: {bucketSize: 8}}
      phases: {settle: 20s, measure: 1m, heal: 10s}
      network:
        floor: 10ms
        latency: {model: log_normal}
        jitter: 0.2
        loss: 0.03
        duplication: 0.05
        reordering: {share: 0.1, delay: 80ms}
        bandwidth: {up: 200k, down: 400k, queue: 4000}
      churn: {model: exponential, session_mean: 2m, absence_mean: 1m}
      nat: {share: 0.2, mapping_timeout: 20s}
      clocks: {skew: 5s, drift_ppm: 100}
      faults:
        - {kind: crash, at: 10s, share: 0.1, back_after: 10s, folder: torn}
        - {kind: crash, at: 15s, share: 0.1, back_after: 0s, folder: lost}
        - {kind: clock, at: 18s, share: 0.1, by: -1m}
        - {kind: partition, at: 20s, until: 30s, share: 0.3, one_way: true}
        - {kind: loss, at: 32s, until: 37s, share: 0.3}
        - {kind: isolate, at: 40s, until: 45s, nodes: [3, 4]}
        - {kind: join, at: 35s, over: 10s, nodes: 10}
      workload:
        lookups: {count: 60}
        records: {count: 10, put_over: 10s, get_rate: 2, update_every: 20s, republish: true}
        profiles: {count: 3, update_every: 15s}
      checks: {invariants_every: 20, lookups: recall}
      output: {series_interval: 7s}
      """;

  /** Nothing but nodes, all up all the time. */
  static final String PLAIN =
      """
      nodes: 30
      phases: {measure: 5m}
      """;

  private Runs() {}

  static Scenario scenario(String text, String... settings) {
    return Scenarios.parse("small.yaml", text, List.of(settings));
  }

  static Plan plan(String text, String... settings) throws IOException {
    return Simulation.plan(scenario(text, settings));
  }

  static Plan with(Plan plan, PlannedFault... faults) {
    return plan.with(List.of(faults), plan.ops());
  }

  /** A run to its end, without anybody who listens. */
  static RunResult run(Plan plan, int threads) throws IOException {
    try (Simulation simulation = Simulation.of(plan, threads, new Silent())) {
      return simulation.run();
    }
  }

  /** Listens to nothing, and lets everything go on. */
  static class Silent implements RunListener {

    @Override
    public void onInterval(long timeMicros, double[] values) {}

    @Override
    public void onProgress(String line) {}

    @Override
    public boolean goesOn() {
      return true;
    }
  }
}
