package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Axes with round numbers. */
class ScaleTest {

  @Test
  void vertical_beginsAtZeroAndEndsAtAMark() {
    Scale scale = Scale.vertical(linear(), new double[] {120, 312, Double.NaN}, 5);
    assertThat(scale.ticks()).containsExactly(0, 100, 200, 300, 400);
    assertThat(scale.at(0)).isZero();
    assertThat(scale.at(400)).isEqualTo(1);
    assertThat(scale.ground()).isZero();
  }

  @Test
  void vertical_ofNegativeValues_hasRoomBelow() {
    Scale scale = Scale.vertical(linear(), new double[] {-0.3, 0.42}, 5);
    assertThat(labels(scale)).containsExactly("-0.4", "-0.2", "0", "0.2", "0.4", "0.6");
    assertThat(scale.ground()).isZero();
  }

  @Test
  void horizontal_runsFromTheLeastToTheGreatest() {
    Scale scale = Scale.horizontal(linear(), new double[] {168, 3}, 6);
    assertThat(scale.ticks()).containsExactly(50, 100, 150);
    assertThat(scale.at(3)).isZero();
    assertThat(scale.at(168)).isEqualTo(1);
  }

  @Test
  void horizontal_ofOneValue_hasALength() {
    Scale scale = Scale.horizontal(linear(), new double[] {5}, 6);
    assertThat(scale.at(5)).isZero();
    assertThat(scale.ticks()).containsExactly(5, 6, 7, 8, 9, 10);
    assertThat(Scale.vertical(linear(), new double[] {0}, 5).ticks()).startsWith(0).endsWith(1);
  }

  @Test
  void logarithmic_overManyDecades_marksSomeOfThem() {
    Scale scale = Scale.vertical(logarithmic(), new double[] {0, 3e-9, 0.5}, 5);
    assertThat(labels(scale)).containsExactly("1E-8", "0.000001", "0.0001", "0.01");
    assertThat(scale.at(2e-9)).isZero();
    assertThat(scale.at(0.5)).isEqualTo(1);
    assertThat(scale.ground()).isEqualTo(2e-9);
  }

  @Test
  void logarithmic_overFewDecades_marksTheirParts() {
    Scale scale = Scale.horizontal(logarithmic(), new double[] {130, 900}, 6);
    assertThat(labels(scale)).containsExactly("100", "200", "500", "1000");
    assertThat(scale.at(Math.sqrt(100 * 1000))).isCloseTo(0.5, within(1e-12));
    assertThat(Scale.horizontal(logarithmic(), new double[] {7}, 6).at(10)).isEqualTo(1);
  }

  @Test
  void fixed_isAsItWasSaid() {
    Plot plot = new Plot("").rangeY(0, 1);
    Scale scale = Scale.vertical(plot.y(), new double[] {0.97, 0.99}, 5);
    assertThat(labels(scale)).containsExactly("0", "0.2", "0.4", "0.6", "0.8", "1");
    assertThat(scale.at(0.5)).isEqualTo(0.5);
  }

  private static String[] labels(Scale scale) {
    return Arrays.stream(scale.ticks()).mapToObj(Decimal::tick).toArray(String[]::new);
  }

  private static Plot.Axis linear() {
    return new Plot("").x();
  }

  private static Plot.Axis logarithmic() {
    return new Plot("").logX().x();
  }
}
