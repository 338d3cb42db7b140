package org.bytchat.sim.scenario;

import java.util.List;

/** Texts that several tests read. */
final class Samples {

  /** Every key, and every kind of fault; files need a folder that has them. */
  static final String FULL =
      """
      name: full
      description: all there is
      citation: none
      seed: -9223372036854775808
      nodes: 5000
      mode: codec
      signatures: ed25519
      bootstrap: {kind: join, nodes: 7, join_over: 90s}
      node:
        network: laboratory
        scope: LOCAL
        services: 3
        readOnly: false
        assumeReachable: false
        proofOfId: false
        routing: {bucketSize: 16, refreshInterval: 1h}
        lookup: {parallelism: 5}
        limits: {proofsPerSecond: 7}
        store: {replicas: 8, repairInterval: 2s}
      phases: {settle: 5m, measure: 1h, heal: 10m}
      network:
        floor: 10ms
        latency: {model: constant, one_way: 100ms}
        jitter: 0.1
        loss: 0.01
        duplication: 0.02
        reordering: {share: 0.03, delay: 200ms}
        bandwidth: {up: 1M, down: 10M, queue: 128Ki}
        effect_latency: 2ms
      churn:
        model: weibull
        session: {shape: 0.5, scale: 2h}
        absence: {shape: 0.6, scale: 3h}
        identity: fresh
        folder: lost
      nat: {share: 0.4, mapping_timeout: 2m}
      clocks: {skew: 10s, drift_ppm: 50}
      faults:
        - {kind: partition, at: 1m, until: 2m, share: 0.3, one_way: true}
        - {kind: partition, at: 3m, until: 4m, groups: 3}
        - {kind: crash, at: 5m, share: 0.1, back_after: 30s, folder: torn}
        - {kind: crash, at: 6m, share: 0.1}
        - {kind: loss, at: 7m, until: 8m, share: 0.5}
        - {kind: isolate, at: 9m, until: 10m, nodes: [0, 4999]}
        - {kind: join, at: 11m, over: 10s, nodes: 100}
        - {kind: clock, at: 12m, share: 0.2, by: -5m}
      workload:
        lookups: {count: 1000, targets: nodes, start: 1m}
        records:
          count: 10
          ttl: 3d
          put_over: 2m
          start: 1m
          update_every: 10m
          get_rate: 0.5
          republish: true
          value_bytes: 100
        profiles: {count: 5, update_every: 1h}
      checks:
        invariants_every: 100
        lookups: recall
        expect: {lookup_success_min: 0.9, record_found_min: 0.8}
      output: {series_interval: 30s, lookups_max: 5}
      """;

  private Samples() {}

  static Scenario parse(String text, String... settings) {
    return Scenarios.parse("file.yaml", text, List.of(settings));
  }
}
