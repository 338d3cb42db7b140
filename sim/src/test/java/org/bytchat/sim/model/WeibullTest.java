package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans against published means and quantiles, and residual spans against their integral. */
class WeibullTest {

  private static final int COUNT = 200_000;

  @Test
  void means_areThoseOfTheMeasurements() {
    assertThat(new Weibull(0.61511, 169.5385 * Units.MINUTE).meanMicros())
        .isCloseTo(247.0 * Units.MINUTE, Percentage.withPercentage(0.2));
    assertThat(new Weibull(0.47648, 413.6765 * Units.MINUTE).meanMicros())
        .isCloseTo(908.0 * Units.MINUTE, Percentage.withPercentage(0.2));
    assertThat(new Weibull(0.54512, 357.7152 * Units.MINUTE).meanMicros())
        .isCloseTo(617.0 * Units.MINUTE, Percentage.withPercentage(0.2));
    assertThat(new Weibull(0.68, 14_900.0 * Units.SECOND).meanMicros())
        .isCloseTo(5.39 * Units.HOUR, Percentage.withPercentage(0.2));
    assertThat(Weibull.ofMean(0.5, 10_000.0 * Units.SECOND).scaleMicros())
        .isCloseTo(5_000.0 * Units.SECOND, Percentage.withPercentage(1e-10));
    assertThat(Weibull.exponential(3.0 * Units.HOUR).meanMicros())
        .isCloseTo(3.0 * Units.HOUR, Percentage.withPercentage(1e-10));
    // Gamma(1 + 1/10) and Gamma(1 + 1/0.1) = 10!.
    assertThat(new Weibull(10, 1e9).meanMicros())
        .isCloseTo(0.951350769866873e9, Percentage.withPercentage(1e-10));
    assertThat(new Weibull(0.1, 1e3).meanMicros())
        .isCloseTo(3_628_800e3, Percentage.withPercentage(1e-10));
  }

  @Test
  void quantiles_areThoseOfTheMeasurements() {
    Weibull kad = new Weibull(0.61511, 169.5385 * Units.MINUTE);
    assertThat(kad.quantileMicros(0.5))
        .isCloseTo(93.0 * Units.MINUTE, Percentage.withPercentage(0.6));
    assertThat(kad.quantileMicros(0.9))
        .isCloseTo(658.0 * Units.MINUTE, Percentage.withPercentage(0.2));
    Weibull ipfs = RenewalChurn.ipfs().session();
    assertThat(1 - ipfs.survival(8.0 * Units.HOUR))
        .isCloseTo(0.876, Percentage.withPercentage(0.2));
    assertThat(1 - ipfs.survival(24.0 * Units.HOUR))
        .isCloseTo(0.975, Percentage.withPercentage(0.2));
    assertThat(kad.survival(kad.quantileMicros(0.3)))
        .isCloseTo(0.7, Percentage.withPercentage(1e-10));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.34, 0.47648, 0.61511, 1, 2.5})
  void spans_haveTheDistribution(double shape) {
    Weibull weibull = new Weibull(shape, 2.0 * Units.HOUR);
    Draws draws = new Draws(Mix.mix(21));
    Samples.assertDistribution(
        IntStream.range(0, COUNT).mapToDouble(i -> weibull.spanMicros(draws)).toArray(),
        micros -> 1 - weibull.survival(micros));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.34, 0.47648, 0.61511, 1, 2.5})
  void residualSpans_surviveAsTheIntegralOfTheSurvival(double shape) {
    Weibull weibull = new Weibull(shape, 2.0 * Units.HOUR);
    Draws draws = new Draws(Mix.mix(22));
    long[] residuals =
        IntStream.range(0, COUNT).mapToLong(i -> weibull.residualMicros(draws)).toArray();
    for (double hours : new double[] {0.1, 1, 2, 4}) {
      long alive = IntStream.range(0, COUNT).filter(i -> residuals[i] > hours * Units.HOUR).count();
      Samples.assertShare(alive, COUNT, 1 - integral(weibull, hours * Units.HOUR));
    }
  }

  @Test
  void parameters_outOfRange_areRefused() {
    assertThatThrownBy(() -> new Weibull(0.05, 1e9)).hasMessageContaining("shape must be in 0.1");
    assertThatThrownBy(() -> new Weibull(Double.NaN, 1e9)).hasMessageContaining("shape");
    assertThatThrownBy(() -> new Weibull(1, 999_999)).hasMessageContaining("mean in microseconds");
    assertThatThrownBy(() -> new Weibull(0.1, 1e12)).hasMessageContaining("mean in microseconds");
  }

  @Test
  void describe_hasUnits() {
    assertThat(new Weibull(0.5, 5_000.0 * Units.SECOND).describe())
        .isEqualTo("Weibull, shape 0.5, scale 83.333 min, mean 2.778 h");
    assertThat(Weibull.exponential(3_600.0 * Units.SECOND).describe())
        .isEqualTo("exponential, mean 60 min");
  }

  /** The survival from 0 to a time, over the mean; in steps finer where it is steep. */
  private static double integral(Weibull weibull, double until) {
    int steps = 20_000;
    double sum = 0;
    for (int i = 0; i < steps; i++) {
      double u = (i + 0.5) / steps;
      double time = until * Math.pow(u, 5);
      sum += weibull.survival(time) * 5 * Math.pow(u, 4) * until / steps;
    }
    return sum / weibull.meanMicros();
  }
}
