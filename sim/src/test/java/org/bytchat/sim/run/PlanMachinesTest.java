package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.bytchat.sim.network.SimWorld;
import org.junit.jupiter.api.Test;

/** Goal: clocks show what the plan sets them to, in whatever order it tells of that. */
class PlanMachinesTest {

  private static final long SECOND = Plan.SECOND;

  private static PlannedFault.ClockStep step(long at, long byMillis) {
    return new PlannedFault.ClockStep(at, at, 2, byMillis);
  }

  @Test
  void wallMillis_steps_addUpFromTheirTimes() throws IOException {
    Plan plan = Runs.plan(Runs.PLAIN);
    PlannedFault early = step(10 * SECOND, 5_000);
    PlannedFault late = step(20 * SECOND, -60_000);
    for (Plan each : new Plan[] {Runs.with(plan, early, late), Runs.with(plan, late, early)}) {
      PlanMachines machines = new PlanMachines(each, Models.of(each.scenario()));
      long start = SimWorld.WALL_MILLIS;
      assertThat(machines.wallMillis(2, 9 * SECOND)).isEqualTo(start + 9_000);
      assertThat(machines.wallMillis(2, 10 * SECOND)).isEqualTo(start + 15_000);
      assertThat(machines.wallMillis(2, 20 * SECOND)).isEqualTo(start + 20_000 - 55_000);
      assertThat(machines.wallMillis(1, 20 * SECOND)).isEqualTo(start + 20_000);
    }
  }

  @Test
  void hasDisk_onlyWhereNodesComeBack() throws IOException {
    assertThat(machines(Runs.PLAIN).hasDisk()).isFalse();
    assertThat(machines(Runs.ALL).hasDisk()).isTrue();
    assertThat(machines(Runs.ALL).isDrifting()).isTrue();
    assertThat(machines(Runs.PLAIN).isDrifting()).isFalse();
    assertThat(machines(Runs.ALL).mappingMicros()).isEqualTo(20 * SECOND);
    assertThat(machines(Runs.PLAIN).effectMicros()).isEqualTo(1_000);
  }

  private static PlanMachines machines(String text) throws IOException {
    Plan plan = Runs.plan(text);
    return new PlanMachines(plan, Models.of(plan.scenario()));
  }
}
