package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds what an attacker gets against the printed numbers. */
class AttackOddsTest {

  @ParameterizedTest
  @CsvSource({
    "1, 0.640, 0.512, 0.410, 0.328",
    "4, 0.983, 0.943, 0.878, 0.796",
    "8, 1.000, 0.997, 0.985, 0.958"
  })
  void lookupSuccess_aFifthMalicious_isPrinted(
      int paths, double two, double three, double four, double five) {
    double[] printed = {two, three, four, five};
    for (int i = 0; i < printed.length; i++) {
      assertThat(AttackOdds.lookupSuccess(0.2, paths, i + 2))
          .isCloseTo(printed[i], within(0.000501));
    }
  }

  @Test
  void randomSybils_areAmongTheClosestByTheirShare() {
    assertThat(AttackOdds.randomSybilsAmongClosest(20, 25_000, 25_000)).isEqualTo(10);
    assertThat(AttackOdds.randomSybilsAmongClosest(20, 0, 25_000)).isZero();
    assertThat(AttackOdds.randomSybilsAmongClosest(8, Integer.MAX_VALUE, Integer.MAX_VALUE))
        .isEqualTo(4);
  }

  @Test
  void chosenSybils_costThePrintedTrials() {
    assertThat(AttackOdds.trialsAmongClosest(1, 20, 25_000)).isEqualTo(1_250);
    assertThat(AttackOdds.trialsAmongClosest(20, 20, 25_000)).isEqualTo(25_000);
    assertThat(AttackOdds.trialsAheadOfAll(20, 25_000)).isEqualTo(500_000);
  }

  @Test
  void wrongArguments_areNamed() {
    assertThatThrownBy(() -> AttackOdds.lookupSuccess(1.1, 1, 1)).hasMessageContaining("malicious");
    assertThatThrownBy(() -> AttackOdds.lookupSuccess(0.1, 0, 1)).hasMessageContaining("paths");
    assertThatThrownBy(() -> AttackOdds.randomSybilsAmongClosest(20, 1, 0))
        .hasMessageContaining("honest");
  }
}
