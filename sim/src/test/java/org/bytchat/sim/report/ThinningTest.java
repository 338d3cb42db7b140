package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Fewer points that show the same. */
class ThinningTest {

  @Test
  void even_hasBothEnds() {
    assertThat(Thinning.even(3, 5)).containsExactly(0, 1, 2);
    assertThat(Thinning.even(101, 5)).containsExactly(0, 25, 50, 75, 100);
    assertThat(Thinning.even(0, 5)).isEmpty();
  }

  @Test
  void extremes_keepsSpikesAndGaps() {
    double[] y = new double[10_000];
    y[3456] = 7;
    y[7777] = -7;
    y[9000] = Double.NaN;
    Arrays.fill(y, 5000, 5500, Double.NaN);
    int[] indexes = Thinning.extremes(y, 100);
    assertThat(indexes).hasSizeBetween(100, 202).isSorted().startsWith(0).endsWith(9999);
    assertThat(indexes).contains(3456, 7777);
    assertThat(indexes).doesNotContain(9000);
    assertThat(Arrays.stream(indexes).filter(i -> i >= 5000 && i < 5500).count()).isPositive();
    assertThat(Thinning.extremes(new double[5], 100)).containsExactly(0, 1, 2, 3, 4);
  }
}
