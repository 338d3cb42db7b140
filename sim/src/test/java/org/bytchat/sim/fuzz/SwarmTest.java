package org.bytchat.sim.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.RunListener;
import org.bytchat.sim.run.RunResult;
import org.bytchat.sim.run.Simulation;
import org.bytchat.sim.scenario.Scenarios;
import org.junit.jupiter.api.Test;

/** Networks drawn from seeds: nothing is found in them, and all parts of the drawing are used. */
class SwarmTest {

  /** Those before are run by {@link PlantedBugsTest}, where no bug is planted. */
  private static final int FIRST = PlantedBugsTest.SEEDS + 1;

  private static final int SEEDS = 200;

  @Test
  void seeds_findNothing() {
    long seeds = SEEDS * Long.getLong("seeds.factor", 1);
    List<String> failures =
        LongStream.rangeClosed(FIRST, seeds)
            .parallel()
            .mapToObj(seed -> seed + ": " + run(seed))
            .filter(line -> !line.endsWith(": "))
            .toList();
    assertThat(failures)
        .as("seeds that fail; run 'bytchat-sim fuzz --seeds N' and replay the capsule")
        .isEmpty();
  }

  private static String run(long seed) {
    try {
      Trial trial = Trial.run(Swarm.of(seed).plan(), () -> true);
      return trial.finding() == RunResult.Finding.NONE ? "" : trial.signature();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void sameSeed_isTheSameNetwork() throws Exception {
    Swarm.Drawn first = Swarm.of(7);
    Swarm.Drawn second = Swarm.of(7);
    assertThat(second.options()).isEqualTo(first.options());
    assertThat(CapsuleTest.text(second.plan())).isEqualTo(CapsuleTest.text(first.plan()));
    assertThat(Swarm.of(8).options()).isNotEqualTo(first.options());
  }

  @Test
  void seeds_drawEverything() throws Exception {
    Set<String> faults = new TreeSet<>();
    Set<Object> keys = new TreeSet<>();
    Set<Object> modes = new TreeSet<>();
    for (long seed = 1; seed <= 100; seed++) {
      Swarm.Drawn drawn = Swarm.of(seed);
      keys.addAll(drawn.options().keySet());
      modes.add(drawn.plan().scenario().mode());
      drawn.plan().faults().forEach(fault -> faults.add(fault.getClass().getSimpleName()));
      assertThat(drawn.plan().scenario().nodes()).isBetween(8, 120);
    }
    assertThat(faults)
        .containsExactly("ClockStep", "Crash", "Cut", "Echo", "Isolation", "Losses", "Probe");
    assertThat(keys).contains("churn", "nat", "clocks", "workload");
    assertThat(modes).hasSize(2);
  }

  /** Echoes and strangers too must not depend on threads, nor on how messages travel. */
  @Test
  void threadsAndModes_giveTheSameTrace() throws Exception {
    Set<String> different = new TreeSet<>();
    int compared = 0;
    for (long seed = 1; compared < 8; seed++) {
      Plan plan = Swarm.of(seed).plan();
      boolean isHostile =
          plan.faults().stream().anyMatch(fault -> fault.getClass().getSimpleName().equals("Echo"))
              && plan.lives().size() < 40;
      if (isHostile) {
        compared++;
        Set<Long> traces =
            Set.copyOf(
                List.of(
                    trace(in(plan, "object"), 1),
                    trace(in(plan, "object"), 2),
                    trace(in(plan, "codec"), 1)));
        if (traces.size() > 1) {
          different.add("seed " + seed);
        }
      }
    }
    assertThat(different).isEmpty();
  }

  private static Plan in(Plan plan, String mode) {
    Map<String, Object> map = plan.scenario().toMap();
    map.put("mode", mode);
    return Plans.in(plan, Scenarios.of(plan.scenario().name(), map, List.of()));
  }

  private static long trace(Plan plan, int threads) throws IOException {
    try (Simulation simulation = Simulation.of(plan, threads, new Silence())) {
      return simulation.run().end().traceHash();
    }
  }

  private static final class Silence implements RunListener {

    @Override
    public void onInterval(long timeMicros, double[] values) {}

    @Override
    public void onProgress(String line) {}

    @Override
    public boolean goesOn() {
      return true;
    }

    @Override
    public boolean measuresHeap() {
      return false;
    }
  }
}
