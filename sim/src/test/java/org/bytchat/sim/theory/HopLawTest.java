package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the law of hops against the numbers that are printed for it. */
class HopLawTest {

  @ParameterizedTest
  @CsvSource({
    "1, 2.000",
    "2, 2.667",
    "3, 3.143",
    "5, 3.794",
    "8, 4.421",
    "10, 4.726",
    "16, 5.377",
    "20, 5.690",
    "32, 6.355"
  })
  void bitsPerHop_ofEachBucketSize_isPrinted(int bucketSize, double printed) {
    assertThat(HopLaw.bitsPerHop(bucketSize)).isCloseTo(printed, within(0.000501));
  }

  @ParameterizedTest
  @CsvSource({"8, 0.75", "16, 0.62", "20, 0.584"})
  void greedyHops_tenTimesTheNodes_addThePrintedSlope(int bucketSize, double printed) {
    double slope = HopLaw.greedyHops(100_000, bucketSize) - HopLaw.greedyHops(10_000, bucketSize);
    assertThat(slope).isCloseTo(printed, within(0.005));
  }

  @Test
  void greedyHops_ofEachPrintedLine_lackTheEndsOnly() {
    for (int k : new int[] {8, 16, 20}) {
      for (int n : new int[] {1_000, 10_000, 100_000, 1_000_000}) {
        double printed = TableLines.of(k, n).greedyHops();
        assertThat(printed - HopLaw.greedyHops(n, k)).as("%d, %d", k, n).isBetween(0.05, 0.25);
      }
    }
  }

  @Test
  void expectedTimeouts_areThoseOfEachHop() {
    assertThat(HopLaw.expectedTimeouts(3, 0)).isZero();
    assertThat(HopLaw.expectedTimeouts(3, 0.5)).isCloseTo(3, within(1e-12));
    assertThat(HopLaw.expectedTimeouts(4, 0.2)).isCloseTo(1, within(1e-12));
    assertThatThrownBy(() -> HopLaw.expectedTimeouts(3, 1)).hasMessageContaining("stale");
  }

  @Test
  void stalledRound_needsAllContactsDead() {
    assertThat(HopLaw.stalledRound(0.1, 1)).isCloseTo(0.1, within(1e-12));
    assertThat(HopLaw.stalledRound(0.1, 3)).isCloseTo(0.001, within(1e-12));
    assertThatThrownBy(() -> HopLaw.stalledRound(0.1, 0)).hasMessageContaining("alpha");
  }
}
