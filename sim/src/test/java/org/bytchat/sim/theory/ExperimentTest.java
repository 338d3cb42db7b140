package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What counts as the published number, and how it is printed. */
class ExperimentTest {

  private static Experiment of(double measured, @Nullable Double expected, double tolerance) {
    return new Experiment("x", 10, 20, Map.of(), measured, expected, tolerance);
  }

  @Test
  void ok_isWithinTheToleranceOnBothSides() {
    assertThat(of(101, 100.0, 0.01).ok()).isTrue();
    assertThat(of(99, 100.0, 0.01).ok()).isTrue();
    assertThat(of(101.001, 100.0, 0.01).ok()).isFalse();
    assertThat(of(98.999, 100.0, 0.01).ok()).isFalse();
    assertThat(of(1, 1.0, 0).ok()).isTrue();
    assertThat(of(0.9999, 1.0, 0).ok()).isFalse();
  }

  @Test
  void ok_withoutExpectation_needsANumberOnly() {
    assertThat(of(7, null, 0.01).ok()).isTrue();
    assertThat(of(Double.NaN, null, 0.01).ok()).isFalse();
    assertThat(of(Double.NaN, 1.0, 0.01).ok()).isFalse();
  }

  @Test
  void json_hasAllFieldsInOrder() {
    Experiment experiment =
        new Experiment("hops", 1_000, 20, Map.of("alpha", 3), 2.0 / 3, 0.667, 0.03);
    assertThat(experiment.json())
        .isEqualTo(
            "{\"experiment\":\"hops\",\"n\":1000,\"k\":20,\"alpha\":3,\"measured\":0.666667,"
                + "\"expected\":0.667,\"tolerance\":0.03,\"ok\":true}");
    assertThat(of(1, null, 0.03).json()).contains("\"expected\":null");
  }
}
