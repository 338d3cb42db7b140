package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.sim.scenario.Folder;
import org.junit.jupiter.api.Test;

/** Goal: a plan has what its scenario asks for, when it asks for it, and nothing else. */
class PlannerTest {

  private static final long SECOND = Plan.SECOND;

  private static List<Op> ops(Plan plan, Op.Kind kind) {
    return plan.ops().stream().filter(op -> op.kind() == kind).toList();
  }

  private static <T> List<T> faults(Plan plan, Class<T> type) {
    return plan.faults().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static boolean isUp(long[] times, long at) {
    for (int i = 0; i < times.length; i += 2) {
      if (times[i] <= at && at < times[i + 1]) {
        return true;
      }
    }
    return false;
  }

  @Test
  void plan_sameScenario_isTheSame() throws IOException {
    Plan one = Runs.plan(Runs.ALL);
    Plan other = Runs.plan(Runs.ALL);
    assertThat(other.ops()).isEqualTo(one.ops());
    assertThat(other.faults()).isEqualTo(one.faults());
    assertThat(other.reachable()).isEqualTo(one.reachable());
    assertThat(Arrays.deepEquals(other.lives().toArray(), one.lives().toArray())).isTrue();
    assertThat(Runs.plan(Runs.ALL, "seed=8").ops()).isNotEqualTo(one.ops());
  }

  @Test
  void plan_operations_areInTheirCountsAndTimes() throws IOException {
    Plan plan = Runs.plan(Runs.ALL, "phases.heal=1m");
    assertThat(plan.measureFromMicros()).isEqualTo(20 * SECOND);
    assertThat(plan.healFromMicros()).isEqualTo(80 * SECOND);
    assertThat(plan.endMicros()).isEqualTo(140 * SECOND);
    assertThat(ops(plan, Op.Kind.LOOKUP))
        .hasSize(60)
        .allMatch(op -> op.timeMicros() >= 20 * SECOND && op.timeMicros() < 80 * SECOND);
    assertThat(ops(plan, Op.Kind.FINAL_LOOKUP))
        .hasSize(100)
        .allMatch(op -> op.timeMicros() >= 100 * SECOND && op.timeMicros() < 120 * SECOND);
    assertThat(plan.records()).hasSize(13);
    // 10 records of three versions each, or two for who begins late; 3 profiles of four.
    assertThat(ops(plan, Op.Kind.PUBLISH)).hasSizeBetween(10 * 3 + 3, 10 * 3 + 3 * 4);
    assertThat(ops(plan, Op.Kind.GET))
        .isNotEmpty()
        .allMatch(op -> op.timeMicros() >= 50 * SECOND && op.timeMicros() < 80 * SECOND)
        .allMatch(op -> op.record() >= 0 && op.record() < 10);
    assertThat(plan.ops())
        .isSortedAccordingTo((a, b) -> Long.compare(a.timeMicros(), b.timeMicros()));
  }

  @Test
  void plan_versions_ascendByRecord() throws IOException {
    Plan plan = Runs.plan(Runs.ALL);
    int[] last = new int[plan.records().size()];
    for (Op op : ops(plan, Op.Kind.PUBLISH)) {
      assertThat(op.version()).isEqualTo(++last[op.record()]);
    }
    assertThat(last).doesNotContain(0);
  }

  @Test
  void plan_anyAsker_isUpAtThatTime() throws IOException {
    Plan plan = Runs.plan(Runs.ALL, "phases.heal=1m", "workload.lookups.count=2000");
    for (Op op : plan.ops()) {
      if (op.kind() != Op.Kind.PUBLISH) {
        assertThat(isUp(plan.lives().get(op.node()), op.timeMicros())).isTrue();
        assertThat(isUp(plan.lives().get(op.node()), Math.max(0, op.timeMicros() - 60 * SECOND)))
            .as("for some time")
            .isTrue();
      }
    }
    assertThat(plan.ops().stream().map(Op::node).distinct().count()).isGreaterThan(40);
  }

  @Test
  void plan_faults_countFromTheStartOfMeasuring() throws IOException {
    Plan plan = Runs.plan(Runs.ALL);
    List<PlannedFault.Cut> cuts = faults(plan, PlannedFault.Cut.class);
    assertThat(cuts).hasSize(1);
    assertThat(cuts.get(0).atMicros()).isEqualTo(40 * SECOND);
    assertThat(cuts.get(0).endMicros()).isEqualTo(50 * SECOND);
    assertThat(faults(plan, PlannedFault.Losses.class).get(0).atMicros()).isEqualTo(52 * SECOND);
    assertThat(faults(plan, PlannedFault.Isolation.class).get(0).nodes()).containsExactly(3, 4);
    List<PlannedFault.Crash> crashes = faults(plan, PlannedFault.Crash.class);
    assertThat(crashes).hasSizeBetween(5, 80);
    for (PlannedFault.Crash crash : crashes) {
      assertThat(crash.node()).as("no bootstrap host").isGreaterThanOrEqualTo(2);
      assertThat(crash.atMicros()).isIn(30 * SECOND, 35 * SECOND);
      long pause = crash.folder() == Folder.TORN ? 10 * SECOND : 0;
      assertThat(crash.endMicros()).isEqualTo(crash.atMicros() + pause);
      assertThat(isUp(plan.lives().get(crash.node()), crash.atMicros())).isTrue();
      assertThat(crash.torn()).isBetween(0.0, 1.0);
    }
    assertThat(faults(plan, PlannedFault.ClockStep.class))
        .hasSizeBetween(3, 60)
        .allMatch(step -> step.atMicros() == 38 * SECOND && step.byMillis() == -60_000);
  }

  @Test
  void plan_crowd_joinsEvenly() throws IOException {
    Plan plan = Runs.plan(Runs.ALL);
    int nodes = plan.lives().size();
    for (int i = 0; i < 10; i++) {
      assertThat(plan.lives().get(nodes - 10 + i))
          .containsExactly((20 + 35 + i) * SECOND, Long.MAX_VALUE);
    }
  }

  @Test
  void plan_churn_hasAsManyUpAsTheScenarioSays() throws IOException {
    Plan plan = Runs.plan(Runs.ALL, "nodes=3000", "bootstrap.join_over=0s");
    for (long at : new long[] {0, 30 * SECOND, 85 * SECOND}) {
      long up =
          plan.lives().stream()
              .limit(plan.lives().size() - 10)
              .filter(times -> isUp(times, at))
              .count();
      // Five standard deviations of a binomial law.
      assertThat(up).as("at %d us", at).isBetween(3_000L - 160, 3_000L + 160);
    }
  }

  @Test
  void plan_heldToNat_hasTheShareAndNoBootstrapHost() throws IOException {
    Plan plan = Runs.plan(Runs.ALL, "nodes=2000");
    long behind = plan.reachable().stream().filter(each -> !each).count();
    assertThat(behind / (double) plan.reachable().size()).isBetween(0.15, 0.25);
    assertThat(plan.reachable().subList(0, 2)).containsOnly(true);
    assertThat(Runs.plan(Runs.PLAIN).reachable()).isEmpty();
  }

  @Test
  void with_faultLeftOut_changesNothingElse() throws IOException {
    Plan plan = Runs.plan(Runs.ALL);
    for (int i = 0; i < plan.faults().size(); i += 5) {
      List<PlannedFault> others = new ArrayList<>(plan.faults());
      others.remove(i);
      Plan smaller = plan.with(others, plan.ops());
      assertThat(smaller.ops()).isSameAs(plan.ops());
      assertThat(smaller.lives()).isSameAs(plan.lives());
      assertThat(smaller.faults())
          .doesNotContain(plan.faults().get(i))
          .hasSize(plan.faults().size() - 1);
    }
  }
}
