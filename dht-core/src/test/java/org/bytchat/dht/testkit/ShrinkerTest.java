package org.bytchat.dht.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShrinkerTest {

  private static final List<Integer> NUMBERS = IntStream.range(0, 100).boxed().toList();

  @Test
  void shrink_twoFarApart_findsExactlyThoseInOrder() {
    assertThat(Shrinker.shrink(NUMBERS, 1_000, list -> list.containsAll(List.of(17, 93))))
        .containsExactly(17, 93);
  }

  @Test
  void shrink_alwaysFails_leavesNothing() {
    assertThat(Shrinker.shrink(NUMBERS, 1_000, list -> true)).isEmpty();
  }

  @Test
  void shrink_everyOperationNeeded_keepsAll() {
    assertThat(Shrinker.shrink(NUMBERS, 1_000, list -> list.size() == 100)).isEqualTo(NUMBERS);
  }

  @Test
  void shrink_trialsRunOut_returnsAListThatFails() {
    AtomicInteger trials = new AtomicInteger();
    List<Integer> shrunk =
        Shrinker.shrink(
            NUMBERS,
            3,
            list -> {
              trials.incrementAndGet();
              return list.contains(99);
            });
    assertThat(trials).hasValue(3);
    assertThat(shrunk).contains(99).hasSizeLessThan(100);
  }

  @SeededTest(runs = 50)
  void shrink_randomCulprits_findsExactlyThose(long seed) {
    List<Integer> culprits =
        Seeds.random(seed).ints(5, 0, 100).sorted().distinct().boxed().toList();
    assertThat(Shrinker.shrink(NUMBERS, 2_000, list -> list.containsAll(culprits)))
        .isEqualTo(culprits);
  }

  @Test
  void check_holds_passes() {
    assertThatCode(() -> Shrinker.check(NUMBERS, list -> {})).doesNotThrowAnyException();
  }

  @Test
  void check_fails_namesTheShrunkOperations() {
    assertThatThrownBy(
            () ->
                Shrinker.check(
                    NUMBERS,
                    list -> {
                      if (list.contains(42)) {
                        throw new IllegalStateException("broken");
                      }
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("from 100 to 1 operations: [42]")
        .hasRootCauseMessage("broken");
  }
}
