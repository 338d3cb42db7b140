package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the gamma functions against their closed forms and against printed values. */
class GammaFunctionTest {

  @Test
  void log_ofWholeNumbers_isTheFactorials() {
    double factorial = 1;
    for (int n = 1; n <= 30; n++) {
      assertThat(GammaFunction.log(n)).isCloseTo(StrictMath.log(factorial), within(1e-12));
      factorial *= n;
    }
  }

  @Test
  void log_ofHalves_isOfTheRootOfPi() {
    double half = Math.sqrt(Math.PI);
    assertThat(GammaFunction.log(0.5)).isCloseTo(StrictMath.log(half), within(1e-13));
    assertThat(GammaFunction.log(1.5)).isCloseTo(StrictMath.log(half / 2), within(1e-13));
    assertThat(GammaFunction.log(2.5)).isCloseTo(StrictMath.log(half * 3 / 4), within(1e-13));
  }

  @Test
  void upper_ofWholeShapes_isThePoissonSum() {
    for (int a = 1; a <= 20; a++) {
      for (double x = 0; x < 60; x += 0.37) {
        double term = StrictMath.exp(-x);
        double sum = 0;
        for (int j = 0; j < a; j++) {
          sum += term;
          term *= x / (j + 1);
        }
        assertThat(GammaFunction.upper(a, x)).as("Q(%d, %s)", a, x).isCloseTo(sum, within(1e-12));
      }
    }
  }

  /** Q(1/2, x) = erfc(sqrt(x)); values of erfc from Abramowitz and Stegun, table 7.1. */
  @ParameterizedTest
  @CsvSource({"0.5, 0.4795001222", "1.0, 0.1572992071", "1.5, 0.0338948535", "2.0, 0.0046777350"})
  void upper_ofShapeOneHalf_isTheErrorFunction(double root, double erfc) {
    assertThat(GammaFunction.upper(0.5, root * root)).isCloseTo(erfc, within(1e-10));
  }

  /** Q(a + 1, x) = Q(a, x) + x^a e^-x / Γ(a + 1), across both expansions. */
  @Test
  void upper_ofAnyShape_keepsTheRecurrence() {
    for (double a = 0.05; a < 6; a += 0.23) {
      for (double x = 0.01; x < 12; x += 0.19) {
        double step = StrictMath.exp(a * StrictMath.log(x) - x - GammaFunction.log(a + 1));
        assertThat(GammaFunction.upper(a + 1, x))
            .as("Q(%s, %s)", a + 1, x)
            .isCloseTo(GammaFunction.upper(a, x) + step, within(1e-12));
      }
    }
  }

  @Test
  void upper_atTheEnds_isOneAndZero() {
    assertThat(GammaFunction.upper(2.5, 0)).isEqualTo(1);
    assertThat(GammaFunction.upper(2.5, 1e6)).isZero();
    assertThatThrownBy(() -> GammaFunction.upper(0, 1)).hasMessageContaining("a must be");
    assertThatThrownBy(() -> GammaFunction.upper(1, Double.NaN)).hasMessageContaining("x must be");
  }
}
