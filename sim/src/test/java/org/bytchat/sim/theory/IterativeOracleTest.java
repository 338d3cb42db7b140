package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.bytchat.sim.theory.IterativeOracle.Lookup;
import org.junit.jupiter.api.Test;

/** Lookups in networks small enough to say what must come out. */
class IterativeOracleTest {

  private static final long FAR = 0;
  private static final long NEAR = 0x8000_0000_0000_0000L;
  private static final long CLOSEST = 0xC000_0000_0000_0000L;
  private static final long TARGET = 0xFFFF_FFFF_FFFF_FFFFL;

  private static final long[] THREE = {FAR, NEAR, CLOSEST};

  @Test
  void lookup_whoseBucketHoldsAll_asksEachOnce() {
    IterativeOracle oracle = new IterativeOracle(TableNetwork.of(THREE, 2, 1));
    assertThat(oracle.lookup(FAR, TARGET, 1)).isEqualTo(new Lookup(2, 2, 1, true));
    assertThat(oracle.lookup(FAR, TARGET, 3)).isEqualTo(new Lookup(2, 1, 1, true));
    assertThat(oracle.greedyHops(FAR, TARGET)).isEqualTo(1);
    assertThat(oracle.greedyHops(CLOSEST, TARGET)).isZero();
  }

  @Test
  void lookup_whoseBucketHoldsOne_isReferred() {
    Set<Integer> depths = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      TableNetwork network = TableNetwork.of(THREE, 1, seed);
      IterativeOracle oracle = new IterativeOracle(network);
      int depth = network.bucket(FAR, 0)[0] == CLOSEST ? 1 : 2;
      assertThat(oracle.lookup(FAR, TARGET, 1)).isEqualTo(new Lookup(depth, depth, depth, true));
      assertThat(oracle.greedyHops(FAR, TARGET)).isEqualTo(depth);
      depths.add(depth);
    }
    assertThat(depths).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void lookup_inManyNetworks_findsExactlyTheClosest() {
    for (int i = 0; i < 120; i++) {
      TableNetwork network = TableNetwork.random(2 + i * i / 6, 2 + i % 19, i);
      IterativeOracle oracle = new IterativeOracle(network);
      Draws draws = new Draws(i, 3, 4);
      for (int j = 0; j < 20; j++) {
        int alpha = 1 + j % 10;
        // Often an asker that is itself among the closest, which it then may not find.
        long target = draws.next();
        long start =
            j % 2 == 0 ? network.closest(target, 3)[0] : network.id(draws.below(network.size()));
        Lookup lookup = oracle.lookup(start, target, alpha);
        assertThat(lookup.exact()).as("%s", lookup).isTrue();
        assertThat(lookup.rpcs())
            .isGreaterThanOrEqualTo(Math.min(network.bucketSize(), network.size() - 1));
        assertThat(lookup.rounds()).isBetween((lookup.rpcs() + alpha - 1) / alpha, lookup.rpcs());
        assertThat(lookup.depth()).isBetween(1, lookup.rounds());
      }
    }
  }

  @Test
  void lookup_withoutParallelism_isRefused() {
    IterativeOracle oracle = new IterativeOracle(TableNetwork.of(THREE, 2, 1));
    assertThatThrownBy(() -> oracle.lookup(FAR, TARGET, 0)).hasMessageContaining("alpha");
  }
}
