package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytchat.sim.scenario.Folder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: a crash takes its time out of a node's lives, and nothing else. */
class PlanLivesTest {

  private static final long[] TIMES = {100, 200, 300, 400};

  private static PlannedFault.Crash crash(int node, long at, long end) {
    return new PlannedFault.Crash(at, end, node, Folder.KEPT, 0);
  }

  private static PlanLives lives(PlannedFault... faults) throws IOException {
    Plan plan = Runs.plan(Runs.PLAIN);
    List<long[]> times = List.of(TIMES, TIMES);
    return new PlanLives(
        new Plan(
            plan.scenario(), times, List.of(true, false), List.of(), List.of(faults), List.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "150, 160, 100 150 160 200 300 400",
    "150, 150, 100 150 150 200 300 400",
    "150, 250, 100 150 300 400",
    "150, 350, 100 150 350 400",
    "250, 260, 100 200 300 400",
    "50, 120, 120 200 300 400",
    "100, 120, 120 200 300 400",
    "200, 300, 100 200 300 400",
    "450, 460, 100 200 300 400",
    "350, 9223372036854775807, 100 200 300 350",
    "0, 9223372036854775807, ''"
  })
  void of_oneCrash_isCutOut(long at, long end, String expected) throws IOException {
    long[] left = lives(crash(0, at, end)).of(0);
    String text = LongStream.of(left).mapToObj(Long::toString).collect(Collectors.joining(" "));
    assertThat(text).isEqualTo(expected);
  }

  @Test
  void of_twoCrashes_areBothCutOutInAnyOrder() throws IOException {
    long[] expected = {100, 110, 120, 150, 170, 200, 300, 400};
    assertThat(lives(crash(0, 110, 120), crash(0, 150, 170)).of(0)).containsExactly(expected);
    assertThat(lives(crash(0, 150, 170), crash(0, 110, 120)).of(0)).containsExactly(expected);
    assertThat(lives(crash(0, 110, 160), crash(0, 150, 170)).of(0))
        .containsExactly(100, 110, 170, 200, 300, 400);
  }

  @Test
  void of_crashOfAnother_staysAsItIs() throws IOException {
    PlanLives lives = lives(crash(0, 150, 160));
    assertThat(lives.of(1)).isSameAs(TIMES);
    assertThat(lives.nodes()).isEqualTo(2);
    assertThat(lives.isReachable(0)).isTrue();
    assertThat(lives.isReachable(1)).isFalse();
    assertThat(lives.isFresh()).isFalse();
  }
}
