package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.Outcome;
import org.bytchat.sim.scenario.Scenario;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: a seed means the same on every machine, in either mode, on any number of threads. */
@Timeout(120)
class DeterminismTest {

  /*
   * The hash of Runs.ALL: the same on every JDK. What changes the protocol, the engine or a model
   * changes it; then the new one, which the failure prints, belongs here.
   */
  private static final String GOLDEN = "6d507c26e81633e8";

  private static RunResult.End end(int threads, String... settings) throws IOException {
    return Runs.run(Runs.plan(Runs.ALL, settings), threads).end();
  }

  @ParameterizedTest
  @CsvSource({"1, object", "2, object", "3, object", "1, codec", "2, codec", "3, codec"})
  void run_anyThreadsAndMode_hasTheGoldenHash(int threads, String mode) throws IOException {
    RunResult result = Runs.run(Runs.plan(Runs.ALL, "mode=" + mode), threads);
    assertThat(result.end().why()).isEmpty();
    assertThat("%016x".formatted(result.end().traceHash()))
        .as("the trace hash; a change of protocol, engine or models changes it")
        .isEqualTo(GOLDEN);
    // Of all that this scenario does, nothing fails to happen.
    for (Outcome outcome : Outcome.values()) {
      // Nobody hears of an address that nobody has.
      boolean happens = outcome != Outcome.NOBODY;
      assertThat(result.cost().count(outcome) > 0).as(outcome.name()).isEqualTo(happens);
    }
    assertThat(result.records().gets).isPositive();
    assertThat(result.records().putsEnough).isPositive();
    assertThat(result.totals().lookups).isPositive();
    assertThat(result.cost().checks()).isPositive();
  }

  @Test
  void run_anotherSeed_differsFromTheFirstSecond() throws IOException {
    RunResult.End one = end(1, "nodes=40", "seed=1");
    RunResult.End same = end(1, "nodes=40", "seed=1");
    RunResult.End other = end(1, "nodes=40", "seed=2");
    assertThat(one.secondHashes()).hasSize(90).isEqualTo(same.secondHashes());
    assertThat(other.traceHash()).isNotEqualTo(one.traceHash());
    assertThat(other.secondHashes().get(3)).isNotEqualTo(one.secondHashes().get(3));
  }

  @Test
  void compare_equalRuns_findsNothing() throws IOException {
    Scenario scenario = Runs.scenario(Runs.ALL, "nodes=30", "phases.heal=0s", "phases.settle=10s");
    assertThat(new Runner(scenario, 1, line -> {}).compare()).isNull();
  }

  @Test
  void compare_stopped_saysSoAndBlamesNobody() {
    Runner runner = new Runner(Runs.scenario(Runs.PLAIN), 1, line -> {});
    runner.stop();
    assertThatThrownBy(runner::compare)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stopped");
  }

  /** A run to which something is done that is not the same each time. */
  private static final class Planted implements RunComparison.Run {

    private static final long FROM = 20 * Plan.SECOND + 77;

    private final Simulation simulation;

    Planted(Plan plan, boolean isBad, boolean fails) throws IOException {
      simulation = Simulation.of(plan, 1, new Runs.Silent());
      simulation
          .kernel()
          .schedule(
              FROM,
              3,
              false,
              (node, control) -> {
                if (isBad) {
                  node.engine()
                      .startPing(
                          simulation.kernel().nodes().get(5).engine().contacts().get(0).endpoint(),
                          control.nowMicros() * 1000);
                }
                if (fails) {
                  throw new IllegalStateException("planted");
                }
              });
    }

    @Override
    public Kernel kernel() {
      return simulation.kernel();
    }

    @Override
    public void advance(long untilMicros) {
      simulation.advance(untilMicros);
    }

    @Override
    public void close() {
      simulation.close();
    }
  }

  @Test
  void firstDifference_sharedCounter_isNamedWithItsTimeAndNode() throws IOException {
    Plan plan = Runs.plan(Runs.PLAIN, "phases.measure=30s");
    AtomicInteger shared = new AtomicInteger();
    String difference =
        new RunComparison(
                () -> new Planted(plan, shared.getAndIncrement() % 2 == 1, false), plan.endMicros())
            .firstDifference();
    assertThat(difference).contains("node 3 to node", "ping").containsPattern("20\\.\\d{6} s");
  }

  @Test
  void firstDifference_onlyInTheRestOfASecond_isFoundToo() throws IOException {
    Plan plan = Runs.plan(Runs.PLAIN, "phases.measure=20500ms");
    AtomicInteger shared = new AtomicInteger();
    String difference =
        new RunComparison(
                () -> new Planted(plan, shared.getAndIncrement() % 2 == 1, false), plan.endMicros())
            .firstDifference();
    assertThat(difference).contains("node 3 to node");
  }

  @Test
  void firstDifference_sameFailureTwice_isNone() throws IOException {
    Plan plan = Runs.plan(Runs.PLAIN, "phases.measure=30s");
    assertThat(
            new RunComparison(() -> new Planted(plan, false, true), plan.endMicros())
                .firstDifference())
        .isNull();
  }

  @Test
  void run_nodeThatFails_isAnInvariantAndPartial() throws IOException {
    Plan plan = Runs.plan(Runs.PLAIN, "phases.measure=30s");
    try (Planted planted = new Planted(plan, false, true)) {
      RunResult result = planted.simulation.run();
      assertThat(result.end().verdict()).isEqualTo(RunResult.Finding.INVARIANT);
      assertThat(result.end().why()).contains("node 3 at 20.000077 s", "planted");
      assertThat(result.end().isPartial()).isTrue();
      assertThat(result.end().virtualMicros()).isEqualTo(20 * Plan.SECOND + 1);
    }
  }

  @Test
  void run_stopped_hasARowForWhatWasMeasuredLast() throws IOException {
    Plan plan = Runs.plan(Runs.ALL, "nodes=40", "output.series_interval=40s");
    List<Long> rows = new ArrayList<>();
    Runs.Silent stops =
        new Runs.Silent() {
          private int asked;

          @Override
          public void onInterval(long timeMicros, double[] values) {
            rows.add(timeMicros);
          }

          @Override
          public boolean goesOn() {
            return rows.isEmpty() || asked++ < 60;
          }
        };
    RunResult result;
    try (Simulation simulation = Simulation.of(plan, 1, stops)) {
      result = simulation.run();
    }
    assertThat(result.end().isPartial()).isTrue();
    assertThat(rows).hasSize(2).endsWith(result.end().virtualMicros());
    assertThat(result.records().puts).as("those of the last interval too").isPositive();
  }
}
