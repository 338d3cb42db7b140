package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.sim.run.AttackRuns.figure;
import static org.bytchat.sim.run.AttackRuns.found;
import static org.bytchat.sim.run.AttackRuns.run;
import static org.bytchat.sim.run.AttackRuns.successOf;

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

  /** For attacks on all records. */
  private static final String FEW_RECORDS = "workload.records.count=5";

  private static RunResult with(String[] some, String attack, String... more) throws IOException {
    return run(attack, Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new));
  }

  private static double victimShare(RunResult result) {
    return figure(result, "victim_table_share");
  }

  @ParameterizedTest
  @CsvSource({"made_up, 0.2, 0.5", "closest, 0.4, 0.97"})
  void lookups_amongLiars_findTheClosest(String lie, double share, double atMostWithout)
      throws IOException {
    String attack = "{attack: sybils, share: " + share + ", lie: " + lie + ", holding: withhold}";
    RunResult defended = run(attack);
    assertThat(successOf(defended)).isGreaterThan(0.99);
    assertThat(found(defended)).isGreaterThan(0.99);
    RunResult trusting = run(attack, TRUSTING);
    assertThat(successOf(trusting)).isLessThan(atMostWithout);
    assertThat(found(trusting)).isLessThan(0.9);
  }

  @Test
  void reads_ofRecordsAmongWithholders_findThem() throws IOException {
    String attack = "{attack: targeted, records: 5, nodes: 12, every: 5s, holding: withhold}";
    assertThat(found(run(attack, FEW_RECORDS))).isGreaterThan(0.8);
    assertThat(found(with(TRUSTING, attack, FEW_RECORDS))).isLessThan(0.05);
  }

  @Test
  void reads_ofUpdatedRecordsAmongThoseWhoRollBack_areLessOftenStale() throws IOException {
    String attack = "{attack: targeted, records: 5, nodes: 12, every: 5s, holding: roll_back}";
    String[] updates = {
      FEW_RECORDS, "workload.records.start=40s", "workload.records.update_every=30s"
    };
    RunResult defended = run(attack, updates);
    RunResult trusting = with(TRUSTING, attack, updates);
    assertThat(found(trusting)).isLessThan(0.2);
    assertThat(found(defended)).isGreaterThan(0.6);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tables_ofVictimsOfFewNetworks_stayHonest(boolean joining) throws IOException {
    String attack =
        "{attack: eclipse, victims: 2, nodes: 56, subnets: 4, every: 2s, joining: " + joining + "}";
    assertThat(victimShare(run(attack))).isBetween(0.0, 0.2);
    assertThat(victimShare(run(attack, UNLIMITED))).isGreaterThan(0.4);
  }
}
