package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.sim.run.AttackRuns.BASE;
import static org.bytchat.sim.run.AttackRuns.figure;
import static org.bytchat.sim.run.AttackRuns.found;
import static org.bytchat.sim.run.AttackRuns.run;
import static org.bytchat.sim.run.AttackRuns.successOf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.kernel.Outcome;
import org.bytchat.sim.network.SimulatedScheme;
import org.bytchat.sim.scenario.Attack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: each attacker does what the scenario says, and what it does shows in the figures. */
@Timeout(120)
class AttackTest {

  @Test
  void sybils_withoutALie_areFoundBesideAllOthers() throws IOException {
    RunResult result = run("{attack: sybils, share: 0.2, lie: none, holding: keep}");
    assertThat(successOf(result)).isEqualTo(1);
    assertThat(found(result)).isEqualTo(1);
    assertThat(result.cost().nodesUp()).isEqualTo(160);
    assertThat(figure(result, "hostile")).isEqualTo(40);
    assertThat(figure(result, "table_share")).isBetween(0.1, 0.3);
    assertThat(figure(result, "victim_table_share")).isNaN();
    assertThat(
            List.of(
                "hostile_answers", "hostile_bytes_sent", "hostile_bytes_received", "puts_taken"))
        .allSatisfy(name -> assertThat(figure(result, name)).isPositive());
  }

  @Test
  void sybils_thatDrop_leaveRequestsWithoutAnAnswer() throws IOException {
    RunResult truth = run("{attack: sybils, share: 0.2, lie: none}");
    RunResult silence = run("{attack: sybils, share: 0.2, lie: drop}");
    assertThat(silence.totals().requests).isGreaterThan(truth.totals().requests);
    assertThat(silence.totals().responses).isLessThan(silence.totals().requests);
    assertThat(figure(silence, "puts_taken")).isZero();
  }

  @Test
  void sybils_thatNameTheDead_haveNodesAskWhereNobodyIs() throws IOException {
    RunResult result = run("{attack: sybils, share: 0.2, lie: dead}");
    assertThat(result.end().why()).isEmpty();
    assertThat(result.cost().count(Outcome.NOBODY)).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"closest", "spread"})
  void sybils_whoRunTheHosts_areFewerInTablesThatLearnOfTheClosest(String lie) throws IOException {
    String attack = "{attack: sybils, share: 0.2, bootstrap: 3, lie: " + lie + "}";
    String joining = "bootstrap={kind: join, nodes: 4, join_over: 20s}";
    RunResult all = run(attack, joining, "node.defences.learntPerLookup=0");
    RunResult closest = run(attack, joining);
    assertThat(closest.end().why()).isEmpty();
    assertThat(figure(closest, "table_share")).isLessThan(0.8 * figure(all, "table_share"));
    assertThat(successOf(closest)).isGreaterThanOrEqualTo(successOf(all));
  }

  @Test
  void sybils_thatMakeUpNames_areTakenForTheClosestByTrustingNodes() throws IOException {
    String[] trusting = {
      "node.proofOfId=false", "node.defences.scoring=false", "node.defences.coverage=false"
    };
    double truth = successOf(run("{attack: sybils, share: 0.2, lie: none}", trusting));
    double madeUp = successOf(run("{attack: sybils, share: 0.2, lie: made_up}", trusting));
    assertThat(truth).isEqualTo(1);
    assertThat(madeUp).isLessThan(truth);
  }

  @ParameterizedTest
  @CsvSource({"keep, 1", "withhold, 0"})
  void targeted_surroundRecords_andHoldThemOrNot(String holding, double expected)
      throws IOException {
    RunResult result =
        run(
            "{attack: targeted, records: 10, nodes: 20, every: 5s, holding: " + holding + "}",
            "workload.records.start=1m");
    assertThat(result.end().why()).isEmpty();
    assertThat(figure(result, "hostile")).isEqualTo(200);
    assertThat(figure(result, "draws")).isPositive();
    assertThat(figure(result, "hostile_queries")).isPositive();
    assertThat(figure(result, "puts_taken")).isPositive();
    if (expected == 1) {
      assertThat(found(result)).isEqualTo(1);
    } else {
      assertThat(found(result)).isLessThan(1);
    }
  }

  @Test
  void targeted_ids_areCloserThanThoseOfAllHonestNodes() throws IOException {
    Plan plan = Runs.plan(BASE + "attacks:\n  - {attack: targeted, records: 3, nodes: 5}\n");
    try (Simulation simulation = Simulation.of(plan, 1, new Runs.Silent())) {
      RecordMaker maker =
          new RecordMaker(
              3, SimulatedScheme.INSTANCE, plan.scenario().node().network(), plan.records());
      AttackPlaces places = AttackPlaces.of(plan.scenario(), plan.lives().size());
      assertThat(places.groups()).hasSize(3);
      for (AttackPlaces.Group group : places.groups()) {
        NodeId key = maker.place(group.number());
        NodeId honest = simulation.directory().closest(key, 1, 0, 1, null).get(0).id();
        for (int i = 0; i < group.count(); i++) {
          NodeId id = simulation.directory().contact(group.first() + i, 0).id();
          assertThat(key.compareDistance(id, honest)).isNegative();
        }
      }
    }
  }

  @Test
  void rollBack_updatedRecords_areReadStale() throws IOException {
    RunResult result =
        run(
            "{attack: targeted, records: 10, nodes: 20, every: 5s, holding: roll_back}",
            "workload.records.start=40s",
            "workload.records.update_every=30s");
    assertThat(result.end().why()).isEmpty();
    assertThat(result.records().stale).isPositive();
  }

  @Test
  void claim_newerRecordThatNobodyHas_breaksNothingHonest() throws IOException {
    RunResult result = run("{attack: sybils, share: 0.3, lie: none, holding: claim}");
    assertThat(result.end().why()).isEmpty();
    assertThat(result.records().violations).isZero();
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void eclipse_manyNetworks_takesAShareOfTheVictimsTable(boolean joining) throws IOException {
    RunResult result =
        run(
            "{attack: eclipse, victims: 2, nodes: 56, subnets: 56, every: 2s, joining: "
                + joining
                + "}");
    assertThat(result.end().why()).isEmpty();
    assertThat(figure(result, "hostile")).isEqualTo(112);
    assertThat(figure(result, "victim_table_share"))
        .isGreaterThan(figure(result, "table_share"))
        .isBetween(0.05, 1.0);
    assertThat(result.cost().nodesUp()).isEqualTo(202);
  }

  @Test
  void bootstrapTakeover_joiningNodes_meetHostileHostsFirst() throws IOException {
    RunResult result =
        run(
            "{attack: sybils, share: 0.2, bootstrap: 3}",
            "bootstrap={kind: join, nodes: 4, join_over: 20s}");
    assertThat(result.end().why()).isEmpty();
    assertThat(result.cost().nodesUp()).isEqualTo(160);
    assertThat(figure(result, "hostile")).isEqualTo(40);
    assertThat(figure(result, "table_share")).isPositive();
  }

  @Test
  void outsiders_exhaustAndSpoof() throws IOException {
    RunResult filled =
        run("{attack: exhaustion, records: 2, sources: 3, holders: 4, rate: 2, value_bytes: 100}");
    assertThat(filled.end().why()).isEmpty();
    assertThat(figure(filled, "exhaustion_stored")).isPositive();
    RunResult spoofed = run("{attack: spoofing, victims: 2, targets: 10}");
    assertThat(spoofed.end().why()).isEmpty();
    assertThat(figure(spoofed, "spoofed_bytes")).isPositive();
    assertThat(figure(spoofed, "reflection_factor")).isBetween(0.1, 3.1);
  }

  private static final String EVERYTHING =
      """
      seed: 5
      nodes: 150
      bootstrap: {nodes: 4}
      node: {routing: {bucketSize: 8}, store: {replicas: 4}}
      phases: {settle: 20s, measure: 1m}
      network: {latency: {model: log_normal}, loss: 0.02, floor: 10ms}
      churn: {model: exponential, session_mean: 2m, absence_mean: 1m}
      nat: {share: 0.2}
      attacks:
        - {attack: sybils, share: 0.1, bootstrap: 1, subnets: 3, lie: made_up, holding: roll_back}
        - {attack: sybils, share: 0.1, lie: dead, holding: claim}
        - {attack: sybils, share: 0.1, lie: spread}
        - {attack: targeted, records: 2, nodes: 5, at: 5s, every: 5s, lie: none, holding: keep}
        - {attack: eclipse, victims: 2, nodes: 30, subnets: 4, joining: true, at: 3s, every: 1s}
        - {attack: exhaustion, records: 2, sources: 2, holders: 4, rate: 1, at: 10s}
        - {attack: spoofing, victims: 2, targets: 5, at: 10s}
      workload:
        lookups: {count: 60}
        records: {count: 5, start: 5s, put_over: 10s, get_rate: 2, update_every: 15s}
      checks: {invariants_every: 20}
      output: {series_interval: 7s}
      """;

  @Test
  void everything_threadsAndModes_giveTheSame() throws IOException {
    List<Long> hashes = new ArrayList<>();
    List<Map<String, Object>> figures = new ArrayList<>();
    for (String mode : List.of("object", "codec")) {
      for (int threads = 1; threads <= 2; threads++) {
        RunResult result = Runs.run(Runs.plan(EVERYTHING, "mode=" + mode), threads);
        assertThat(result.end().why()).isEmpty();
        hashes.add(result.end().traceHash());
        figures.add(result.attack().toMap());
      }
    }
    assertThat(hashes).containsOnly(hashes.get(0));
    assertThat(figures).containsOnly(figures.get(0));
    // Bootstrap hosts are 4, one of them hostile; all attackers have places of their own.
    assertThat(figures.get(0)).containsEntry("hostile", 15 + 15 + 15 + 10 + 60 + 2 + 3);
  }

  @Test
  void plan_operations_areNeverGivenToAttackers() throws IOException {
    Plan plan = Runs.plan(EVERYTHING);
    AttackPlaces places = AttackPlaces.of(plan.scenario(), plan.lives().size());
    assertThat(plan.ops()).isNotEmpty().noneMatch(op -> places.isHostile(op.node()));
    assertThat(plan.ops()).noneMatch(op -> op.kind() == Op.Kind.FINAL_LOOKUP);
    assertThat(plan.scenario().attacks().get(0)).isInstanceOf(Attack.Sybils.class);
    assertThat(places.bootstrap()).containsExactly(3);
    assertThat(places.victims()).hasSize(2).noneMatch(places::isHostile);
  }
}
