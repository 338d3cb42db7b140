package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Estimates the size of networks that are known. */
class SizeEstimateTest {

  private static final int NODES = 10_000;

  @Test
  void estimates_ofManyTargets_haveTheStatedMeanAndDeviation() {
    int nearest = 20;
    int targets = 20_000;
    double sum = 0;
    double squares = 0;
    Draws draws = new Draws(11, 12, 13);
    TableNetwork network = TableNetwork.random(NODES, 1, 14);
    for (int i = 0; i < targets; i++) {
      long target = draws.next();
      long distance = network.closest(target, nearest)[nearest - 1] ^ target;
      double estimate = SizeEstimate.nodes(nearest, (distance >>> 1) / 0x1p63) / NODES;
      sum += estimate;
      squares += estimate * estimate;
    }
    double mean = sum / targets;
    double deviation = Math.sqrt(squares / targets - mean * mean);
    assertThat(mean).isCloseTo(1, within(0.02));
    assertThat(deviation)
        .isCloseTo(SizeEstimate.relativeDeviation(nearest), within(0.02))
        .isCloseTo(0.2357, within(0.02));
  }

  @Test
  void wrongArguments_areNamed() {
    assertThatThrownBy(() -> SizeEstimate.nodes(2, 0.5)).hasMessageContaining("nearest");
    assertThatThrownBy(() -> SizeEstimate.nodes(3, 0)).hasMessageContaining("distance");
    assertThatThrownBy(() -> SizeEstimate.relativeDeviation(2)).hasMessageContaining("nearest");
  }
}
