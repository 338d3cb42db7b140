package org.bytchat.sim.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.run.Op;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.PlannedFault;
import org.bytchat.sim.run.RunResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan that fails is made smaller, and the small one fails in the same way each time. */
class ShrinkerTest {

  @TempDir private Path folder;

  /** A network in which one node stays cut off and looks something up at the end. */
  private static Plan failing() throws Exception {
    Plan plan = Swarm.of(2).plan();
    int node = 20;
    List<PlannedFault> faults = new ArrayList<>(plan.faults());
    faults.add(1, new PlannedFault.Isolation(0, Long.MAX_VALUE, List.of(node)));
    List<Op> ops = new ArrayList<>(plan.ops());
    long time = ops.get(ops.size() - 1).timeMicros() + 1;
    ops.add(new Op(time, node, Op.Kind.FINAL_LOOKUP, -1, 0, NodeId.of(1, 2, 3)));
    return plan.with(faults, ops);
  }

  @Test
  void failingPlan_isMadeSmall() throws Exception {
    Plan plan = failing();
    Trial trial = Trial.run(plan, () -> true);
    assertThat(trial.finding()).isEqualTo(RunResult.Finding.LIVENESS);
    Capsule capsule = Capsule.read(Capsule.of("test", plan, trial).write(folder, ""));
    assertThat(plan.faults()).hasSizeGreaterThan(1);
    assertThat(plan.ops()).hasSizeGreaterThan(20);

    Replay.Outcome outcome = new Replay(capsule, "test", ignored -> {}).run(folder);
    assertThat(outcome.exitCode()).isEqualTo(11);
    assertThat(outcome.line()).startsWith("{\"reproduced\":true,\"finding\":\"liveness\"");
    assertThat(outcome.message()).contains("The same failure and trace");

    Capsule small = Capsule.read(folder.resolve("capsule-2-min.json"));
    assertThat(small.plan().faults()).hasSizeLessThanOrEqualTo(1);
    assertThat(small.plan().ops()).hasSize(1);
    assertThat(Plans.living(small.plan())).hasSizeLessThan(10);
    assertThat(small.trial().signature()).isEqualTo(trial.signature());
    assertThat(Trial.run(small.plan(), () -> true)).isEqualTo(small.trial());
  }

  @Test
  void plan_thatDoesNotFailAnyMore_isSaidSo() throws Exception {
    Trial failure = new Trial(RunResult.Finding.INVARIANT, "something", "0", 5, false);
    Capsule capsule = Capsule.of("test", Swarm.of(3).plan(), failure);
    Replay.Outcome outcome = new Replay(capsule, "test", ignored -> {}).run(folder);
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.line()).startsWith("{\"reproduced\":false,\"finding\":\"none\"");
    assertThat(outcome.message()).isEqualTo("it does not fail any more");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void otherFailure_isNotTheSame() throws Exception {
    Plan plan = failing();
    Trial other = new Trial(RunResult.Finding.INVARIANT, "something else", "0", 5, false);
    Replay.Outcome outcome =
        new Replay(Capsule.of("test", plan, other), "test", ignored -> {}).run(folder);
    assertThat(outcome.exitCode()).isEqualTo(11);
    assertThat(outcome.line()).startsWith("{\"reproduced\":false,\"finding\":\"liveness\"");
    assertThat(outcome.message()).startsWith("it fails in another way: ");
  }

  @Test
  void stopped_keepsWhatItHas() throws Exception {
    Plan plan = failing();
    Trial trial = Trial.run(plan, () -> true);
    Shrinker shrinker = new Shrinker(plan, trial, () -> false, ignored -> {});
    assertThat(shrinker.shrink()).isSameAs(plan);
    assertThat(shrinker.trial()).isSameAs(trial);
  }
}
