package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Normal and gamma random numbers against what is known of the distributions. */
class DrawsTest {

  private static final int COUNT = 200_000;

  @Test
  void quantile_isThatOfThePaper() {
    // The three check values that algorithm AS 241 is published with.
    assertThat(Normal.quantile(0.25)).isEqualTo(-0.6744897501960817, Offset.offset(1e-15));
    assertThat(Normal.quantile(0.001)).isEqualTo(-3.090232306167814, Offset.offset(1e-14));
    assertThat(Normal.quantile(1e-20)).isEqualTo(-9.26234008979841, Offset.offset(1e-13));
    assertThat(Normal.quantile(0.5)).isZero();
    assertThat(Normal.quantile(0.975)).isEqualTo(1.959963984540054, Offset.offset(1e-14));
  }

  @Test
  void normal_hasMeanZeroAndVarianceOne() {
    Draws draws = new Draws(Mix.mix(11));
    double[] values = IntStream.range(0, COUNT).mapToDouble(i -> draws.normal()).toArray();
    Samples.assertMean(values, 0, 1);
    double[] squares = IntStream.range(0, COUNT).mapToDouble(i -> values[i] * values[i]).toArray();
    Samples.assertMean(squares, 1, Math.sqrt(2));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.4, 0.9, 1, 1.6257, 2, 10})
  void gamma_hasItsMoments(double shape) {
    double[] values = gammas(shape);
    Samples.assertMean(values, shape, Math.sqrt(shape));
    double[] squares = IntStream.range(0, COUNT).mapToDouble(i -> values[i] * values[i]).toArray();
    double second = shape * (shape + 1);
    double fourth = second * (shape + 2) * (shape + 3);
    Samples.assertMean(squares, second, Math.sqrt(fourth - second * second));
  }

  @Test
  void gamma_ofWholeShapes_hasTheKnownDistribution() {
    Samples.assertDistribution(gammas(1), x -> 1 - Math.exp(-x));
    Samples.assertDistribution(gammas(2), x -> 1 - (1 + x) * Math.exp(-x));
    Samples.assertDistribution(gammas(3), x -> 1 - (1 + x + x * x / 2) * Math.exp(-x));
  }

  @Test
  void gamma_belowOne_takesTheBoost() {
    // Gamma(1/2) + Gamma(1/2) is Gamma(1).
    double[] first = gammas(0.5);
    Draws others = new Draws(Mix.mix(77));
    double[] sums =
        IntStream.range(0, COUNT).mapToDouble(i -> first[i] + others.gamma(0.5)).toArray();
    Samples.assertDistribution(sums, x -> 1 - Math.exp(-x));
  }

  private static double[] gammas(double shape) {
    Draws draws = new Draws(Mix.mix(5));
    return IntStream.range(0, COUNT).mapToDouble(i -> draws.gamma(shape)).toArray();
  }
}
