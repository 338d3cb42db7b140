package org.bytchat.dht.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class SeedsTest {

  private static final Set<Long> SEEN = new HashSet<>();

  @SeededTest(runs = 3)
  void seededTest_runs_withSeedsThatDiffer(long seed) {
    assertThat(SEEN.add(seed)).isTrue();
  }

  @AfterAll
  static void seededTest_runsAsOftenAsAsked() {
    if (System.getProperty("seed", "").isBlank()) {
      assertThat(SEEN).hasSizeGreaterThanOrEqualTo(3);
    } else {
      assertThat(SEEN).containsExactly(Long.valueOf(System.getProperty("seed")));
    }
  }

  @Test
  void seeds_sameName_repeat() {
    assertThat(seeds("a", 5, null, null)).isEqualTo(seeds("a", 5, "", " ")).hasSize(5);
    assertThat(seeds("a", 5, null, null)).doesNotContain(seeds("b", 5, null, null));
  }

  @Test
  void seeds_onlyGiven_replaysThatOne() {
    assertThat(seeds("a", 5, "-42", "7")).containsExactly(-42);
  }

  @Test
  void seeds_factorGiven_multipliesRunsAndKeepsTheFirst() {
    assertThat(seeds("a", 5, null, "3")).hasSize(15).startsWith(seeds("a", 5, null, null));
  }

  @Test
  void seeds_noRuns_refused() {
    assertThatThrownBy(() -> seeds("a", 0, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0");
  }

  @Test
  void random_sameSeed_sameNumbers() {
    assertThat(numbers(Seeds.random(1))).isEqualTo(numbers(Seeds.random(1)));
    assertThat(numbers(Seeds.random(1))).doesNotContain(numbers(Seeds.random(2)));
  }

  @Test
  void failure_namesTheSeed() {
    AssertionError cause = new AssertionError("cause");
    assertThatThrownBy(() -> Seeds.rethrow(-42, cause))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("-Dseed=-42")
        .hasCause(cause);
    TestAbortedException aborted = new TestAbortedException("assumption");
    assertThatThrownBy(() -> Seeds.rethrow(-42, aborted)).isSameAs(aborted);
  }

  private static long[] numbers(Random random) {
    return random.longs(4).toArray();
  }

  private static long[] seeds(
      String name, int runs, @Nullable String only, @Nullable String factor) {
    return Seeds.seeds(name, runs, only, factor).toArray();
  }
}
