package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the survival of replicas against the printed example and the published means. */
class WeibullSessionsTest {

  private static final double HOUR = 3_600;

  private static final WeibullSessions EXAMPLE = WeibullSessions.ofMean(0.5, 10_000);

  @ParameterizedTest
  @CsvSource({
    "1, 0.791, 3.6e-6, 2.5e-14",
    "6, 0.385, 0.0204, 6.0e-5",
    "12, 0.208, 0.154, 0.0093",
    "24, 0.081, 0.51, 0.186"
  })
  void example_afterHours_isPrinted(double hours, double alive, double lost8, double lost20) {
    double time = hours * HOUR;
    assertThat(EXAMPLE.aliveAfter(time)).isCloseTo(alive, within(0.000501));
    assertThat(EXAMPLE.allLostAfter(time, 8)).isCloseTo(lost8, within(lost8 * 0.02));
    assertThat(EXAMPLE.allLostAfter(time, 20)).isCloseTo(lost20, within(lost20 * 0.03));
  }

  @Test
  void aliveAfter_ofShapeOneHalf_isTheClosedForm() {
    assertThat(EXAMPLE.scale()).isCloseTo(5_000, within(1e-8));
    for (double time = 0; time < 1e6; time += 12_345) {
      double x = Math.sqrt(time / EXAMPLE.scale());
      assertThat(EXAMPLE.aliveAfter(time)).isCloseTo((1 + x) * StrictMath.exp(-x), within(1e-12));
    }
  }

  @Test
  void aliveAfter_ofExponentialSessions_forgetsTheirAge() {
    WeibullSessions exponential = new WeibullSessions(1, 3_600);
    assertThat(exponential.mean()).isCloseTo(3_600, within(1e-9));
    assertThat(exponential.aliveAfter(7_200)).isCloseTo(StrictMath.exp(-2), within(1e-13));
  }

  /** Scales and means of KAD (Steiner et al.) and MDHT (KIT), in minutes and seconds. */
  @ParameterizedTest
  @CsvSource({"0.54512, 357.7152, 617", "0.61511, 169.5385, 247", "0.68, 14900, 19404"})
  void mean_ofPublishedSessions_isPrinted(double shape, double scale, double mean) {
    WeibullSessions sessions = new WeibullSessions(shape, scale);
    assertThat(sessions.mean()).isCloseTo(mean, within(mean * 0.001));
    assertThat(WeibullSessions.ofMean(shape, sessions.mean()).scale())
        .isCloseTo(scale, within(scale * 1e-12));
  }

  @Test
  void wrongArguments_areNamed() {
    assertThatThrownBy(() -> new WeibullSessions(0, 1)).hasMessageContaining("shape");
    assertThatThrownBy(() -> new WeibullSessions(1, -1)).hasMessageContaining("scale");
    assertThatThrownBy(() -> WeibullSessions.ofMean(1, 0)).hasMessageContaining("mean");
    assertThatThrownBy(() -> EXAMPLE.aliveAfter(-1)).hasMessageContaining("time");
    assertThatThrownBy(() -> EXAMPLE.allLostAfter(1, 0)).hasMessageContaining("replicas");
  }
}
