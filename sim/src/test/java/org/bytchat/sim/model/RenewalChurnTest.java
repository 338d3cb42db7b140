package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Churn in equilibrium: at all moments as many are up, and those have the right time left. */
class RenewalChurnTest {

  private static final int NODES = 200_000;

  @Test
  void replicas_surviveAsTheFormulaSays() {
    // Weibull of shape 1/2 in equilibrium: (1 + x) exp(-x) with x = sqrt(t / scale).
    RenewalChurn heep = RenewalChurn.heep();
    int up = 0;
    int[] hours = {1, 6, 12, 24};
    double[] published = {0.791, 0.385, 0.208, 0.081};
    int[] alive = new int[hours.length];
    for (int node = 0; up < NODES; node++) {
      List<Life> lives = heep.lives(31, node, 1);
      if (lives.isEmpty()) {
        continue;
      }
      up++;
      for (int i = 0; i < hours.length; i++) {
        alive[i] += lives.get(0).downMicros() > hours[i] * Units.HOUR ? 1 : 0;
      }
    }
    for (int i = 0; i < hours.length; i++) {
      double x = Math.sqrt(hours[i] * Units.HOUR / heep.session().scaleMicros());
      double expected = (1 + x) * Math.exp(-x);
      assertThat(expected).isEqualTo(published[i], Offset.offset(0.0006));
      Samples.assertShare(alive[i], NODES, expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kad", "ipfs", "mdht", "heep", "exponential"})
  void availability_isTheSameAtAllTimes(String name) {
    RenewalChurn churn = preset(name);
    long[] moments = {0, 10 * Units.MINUTE, 2 * Units.HOUR, 10 * Units.HOUR, 50 * Units.HOUR};
    long[] up = new long[moments.length];
    int nodes = NODES / 4;
    for (int node = 0; node < nodes; node++) {
      List<Life> lives = churn.lives(32, node, 50 * Units.HOUR + 1);
      for (int i = 0; i < moments.length; i++) {
        long moment = moments[i];
        up[i] +=
            lives.stream()
                .filter(life -> life.upMicros() <= moment && moment < life.downMicros())
                .count();
      }
    }
    for (long count : up) {
      Samples.assertShare(count, nodes, churn.availability());
    }
  }

  @Test
  void availability_isTheShareOfTheMeans() {
    assertThat(RenewalChurn.kad().availability())
        .isEqualTo(247.0 / (247 + 908), Offset.offset(0.0005));
    assertThat(RenewalChurn.ipfs().availability()).isEqualTo(14.5 / 20, Offset.offset(0.002));
    assertThat(RenewalChurn.mdht().availability()).isEqualTo(0.5);
    assertThat(RenewalChurn.heep().availability()).isEqualTo(0.5);
    assertThat(preset("exponential").availability()).isEqualTo(0.25, Offset.offset(1e-12));
  }

  @Test
  void laterSessionsAndAbsences_haveTheirDistributions() {
    RenewalChurn kad = RenewalChurn.kad();
    double[] sessions = new double[NODES / 8];
    double[] absences = new double[NODES / 8];
    for (int node = 0; node < sessions.length; node++) {
      List<Life> lives = List.of();
      for (long until = 100 * Units.HOUR; lives.size() < 2; until *= 10) {
        lives = kad.lives(33, node, until);
      }
      Life second = lives.get(1);
      sessions[node] = second.downMicros() - second.upMicros();
      absences[node] = second.upMicros() - lives.get(0).downMicros();
    }
    Samples.assertDistribution(sessions, micros -> 1 - kad.session().survival(micros));
    Samples.assertDistribution(absences, micros -> 1 - kad.absence().survival(micros));
  }

  @Test
  void lives_doNotDependOnOrderOrEnd() {
    RenewalChurn churn = RenewalChurn.kad();
    List<List<Life>> forward = new ArrayList<>();
    for (int node = 0; node < 500; node++) {
      forward.add(churn.lives(34, node, 100 * Units.HOUR));
    }
    List<List<Life>> back = new ArrayList<>();
    for (int node = 499; node >= 0; node--) {
      List<Life> longer = churn.lives(34, node, 200 * Units.HOUR);
      back.add(longer.stream().filter(life -> life.upMicros() < 100 * Units.HOUR).toList());
    }
    Collections.reverse(back);
    assertThat(back).isEqualTo(forward);
    assertThat(forward.stream().distinct().count()).isGreaterThan(400);
    assertThat(churn.lives(35, 0, 9_000 * Units.HOUR))
        .isNotEqualTo(churn.lives(34, 0, 9_000 * Units.HOUR));
  }

  @Test
  void lives_areInOrderAndApart() {
    RenewalChurn churn = RenewalChurn.exponential(2 * Units.SECOND, Units.SECOND);
    for (int node = 0; node < 100; node++) {
      List<Life> lives = churn.lives(36, node, Units.HOUR);
      assertThat(lives).hasSizeGreaterThan(900);
      IntStream.range(1, lives.size())
          .forEach(
              i ->
                  assertThat(lives.get(i).upMicros()).isGreaterThan(lives.get(i - 1).downMicros()));
    }
  }

  @Test
  void noChurn_isUpForEver() {
    assertThat(new NoChurn().lives(1, 2, 10)).containsExactly(new Life(0, Life.NEVER));
    assertThat(new NoChurn().lives(1, 2, 0)).isEmpty();
    assertThat(new NoChurn().availability()).isEqualTo(1);
  }

  @Test
  void until_outOfRange_isRefused() {
    assertThatThrownBy(() -> RenewalChurn.kad().lives(1, 1, -1)).hasMessageContaining("until");
    assertThatThrownBy(() -> new NoChurn().lives(1, 1, Long.MAX_VALUE))
        .hasMessageContaining("until");
    assertThatThrownBy(() -> new Life(5, 5)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void describe_hasUnitsAndAvailability() {
    assertThat(preset("exponential").describe())
        .isEqualTo("sessions exponential, mean 60 min; absences exponential, mean 3 h; 25 % up");
    assertThat(RenewalChurn.kad().citation()).contains("Steiner");
  }

  private static RenewalChurn preset(String name) {
    return switch (name) {
      case "kad" -> RenewalChurn.kad();
      case "ipfs" -> RenewalChurn.ipfs();
      case "mdht" -> RenewalChurn.mdht();
      case "heep" -> RenewalChurn.heep();
      case "exponential" -> RenewalChurn.exponential(Units.HOUR, 3 * Units.HOUR);
      default -> throw new IllegalArgumentException(name);
    };
  }
}
