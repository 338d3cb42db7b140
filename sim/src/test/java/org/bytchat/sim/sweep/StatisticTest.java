package org.bytchat.sim.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Means have the confidence intervals of the textbooks. */
class StatisticTest {

  /** Values of the table in the NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2. */
  @ParameterizedTest
  @CsvSource({
    "0.90, 1, 3.078",
    "0.95, 1, 6.314",
    "0.975, 1, 12.706",
    "0.975, 2, 4.303",
    "0.975, 3, 3.182",
    "0.975, 4, 2.776",
    "0.975, 5, 2.571",
    "0.975, 9, 2.262",
    "0.99, 10, 2.764",
    "0.975, 29, 2.045",
    "0.975, 30, 2.042",
    "0.975, 100, 1.984",
    "0.999, 100, 3.174"
  })
  void quantile_isThatOfTheTable(double probability, int degrees, double expected) {
    assertThat(StudentT.quantile(probability, degrees)).isEqualTo(expected, within(5e-4));
  }

  @Test
  void quantile_middle_isZero() {
    assertThat(StudentT.quantile(0.5, 7)).isEqualTo(0, within(1e-12));
  }

  @Test
  void quantile_manyDegrees_isThatOfTheNormalDistribution() {
    assertThat(StudentT.quantile(0.975, 100_000)).isEqualTo(1.95996, within(1e-4));
  }

  @Test
  void quantile_impossible_isRefused() {
    assertThatThrownBy(() -> StudentT.quantile(1, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> StudentT.quantile(0.9, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void of_someValues_hasMeanDeviationAndInterval() {
    Statistic statistic = Statistic.of(1, 2, 3, 4, Double.NaN, 5);
    assertThat(statistic.count()).isEqualTo(5);
    assertThat(statistic.mean()).isEqualTo(3);
    assertThat(statistic.deviation()).isEqualTo(1.5811388, within(1e-6));
    // 2.776445 * 1.5811388 / sqrt(5)
    assertThat(statistic.interval()).isEqualTo(1.963243, within(1e-5));
  }

  @Test
  void of_oneOrNone_hasNoInterval() {
    assertThat(Statistic.of(7).mean()).isEqualTo(7);
    assertThat(Statistic.of(7).interval()).isNaN();
    assertThat(Statistic.of(Double.NaN).count()).isZero();
    assertThat(Statistic.of(Double.NaN).mean()).isNaN();
  }
}
