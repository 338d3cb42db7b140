package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: what nodes do against hostile ones helps: the same network under the same attack, with the
 * defaults and without. How much, in larger networks, is in {@code docs/security-figures.md}.
 */
@Timeout(120)
class DefencesTest {

  private static final String BASE =
      """
      seed: 3
      nodes: 200
      bootstrap: {nodes: 4}
      node: {routing: {bucketSize: 8}, store: {replicas: 4}}
      phases: {settle: 30s, measure: 4m}
      network: {latency: {model: constant, one_way: 20ms}}
      workload:
        lookups: {count: 200}
        records: {count: 5, put_over: 20s, get_rate: 2}
      checks: {invariants_every: 50}
      output: {series_interval: 30s}
      """;

  private static final String[] TRUSTING = {
    "node.lookup.paths=1",
    "node.defences.scoring=false",
    "node.defences.coverage=false",
    "node.defences.provenHolders=false",
    "node.defences.learntPerLookup=0"
  };

  private static final String[] UNLIMITED = {
    "node.defences.strictTable=false",
    "node.defences.unsolicitedPerBucket=44",
    "node.routing.subnetPerTable=1000",
    "node.routing.subnetPerBucket=44",
    "node.routing.networkPerTable=10000"
  };

  private static RunResult run(String attack, String... settings) throws IOException {
    RunResult result = Runs.run(Runs.plan(BASE + "attacks:\n  - " + attack + "\n", settings), 1);
    assertThat(result.end().why()).isEmpty();
    return result;
  }

  private static double success(RunResult result) {
    return Simulation.share(result.totals().successes, result.totals().lookups);
  }

  private static double found(RunResult result) {
    assertThat(result.records().getsExpected).isGreaterThan(100);
    return Simulation.share(result.records().found, result.records().getsExpected);
  }

  private static double victimShare(RunResult result) {
    return result.attack().toMap().get("victim_table_share") instanceof Number share
        ? share.doubleValue()
        : Double.NaN;
  }

  @ParameterizedTest
  @CsvSource({"made_up, 0.2, 0.5", "closest, 0.4, 0.97"})
  void lookups_amongLiars_findTheClosest(String lie, double share, double atMostWithout)
      throws IOException {
    String attack = "{attack: sybils, share: " + share + ", lie: " + lie + ", holding: withhold}";
    RunResult defended = run(attack);
    assertThat(success(defended)).isGreaterThan(0.99);
    assertThat(found(defended)).isGreaterThan(0.99);
    RunResult trusting = run(attack, TRUSTING);
    assertThat(success(trusting)).isLessThan(atMostWithout);
    assertThat(found(trusting)).isLessThan(0.9);
  }

  @Test
  void reads_ofRecordsAmongWithholders_findThem() throws IOException {
    String attack = "{attack: targeted, records: 5, nodes: 12, every: 5s, holding: withhold}";
    assertThat(found(run(attack))).isGreaterThan(0.8);
    assertThat(found(run(attack, TRUSTING))).isLessThan(0.05);
  }

  @Test
  void reads_ofUpdatedRecordsAmongThoseWhoRollBack_areLessOftenStale() throws IOException {
    String attack = "{attack: targeted, records: 5, nodes: 12, every: 5s, holding: roll_back}";
    String[] updates = {"workload.records.start=40s", "workload.records.update_every=30s"};
    RunResult defended = run(attack, updates);
    RunResult trusting =
        run(attack, Stream.of(TRUSTING, updates).flatMap(Stream::of).toArray(String[]::new));
    assertThat(found(trusting)).isLessThan(0.2);
    assertThat(found(defended)).isGreaterThan(0.6);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tables_ofVictimsOfFewNetworks_stayHonest(boolean joining) throws IOException {
    String attack =
        "{attack: eclipse, victims: 2, nodes: 56, subnets: 4, every: 2s, joining: " + joining + "}";
    assertThat(victimShare(run(attack))).isLessThan(0.2);
    assertThat(victimShare(run(attack, UNLIMITED))).isGreaterThan(0.4);
  }
}
