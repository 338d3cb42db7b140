package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Numbers as machines and people read them. */
class DecimalTest {

  @Test
  void cell_hasTwelveDigits() {
    assertThat(Decimal.cell(0.1 + 0.2)).isEqualTo("0.3");
    assertThat(Decimal.cell(100)).isEqualTo("100");
    assertThat(Decimal.cell(-0.0)).isEqualTo("0");
    assertThat(Decimal.cell(1e15)).isEqualTo("1000000000000000");
    assertThat(Decimal.cell(2e-23)).isEqualTo("0.00000000000000000000002");
    assertThat(Decimal.cell(1 / 3.0)).isEqualTo("0.333333333333");
    assertThat(Decimal.cell(Double.NEGATIVE_INFINITY)).isEmpty();
  }

  @Test
  void shown_isRoundedAndGrouped() {
    assertThat(Decimal.shown(1_234_567L)).isEqualTo("1,234,567");
    assertThat(Decimal.shown(1_234_567.8)).isEqualTo("1,234,568");
    assertThat(Decimal.shown(1234.567)).isEqualTo("1,234.6");
    assertThat(Decimal.shown(0.123456789)).isEqualTo("0.12346");
    assertThat(Decimal.shown(0.00001234567)).isEqualTo("0.000012346");
    assertThat(Decimal.shown(1.5e-9)).isEqualTo("1.5E-9");
    assertThat(Decimal.shown(-2.50)).isEqualTo("-2.5");
    assertThat(Decimal.shown(1.5e20)).isEqualTo("1.5E+20");
    assertThat(Decimal.shown(0.0)).isEqualTo("0");
    assertThat(Decimal.shown(true)).isEqualTo("yes");
    assertThat(Decimal.shown(Double.NaN)).isEqualTo(Decimal.shown(null)).isEqualTo("–");
    assertThat(Decimal.shown("text")).isEqualTo("text");
  }

  @Test
  void tick_isShort() {
    assertThat(Decimal.tick(0)).isEqualTo("0");
    assertThat(Decimal.tick(0.30000000000000004)).isEqualTo("0.3");
    assertThat(Decimal.tick(0.001)).isEqualTo("0.001");
    assertThat(Decimal.tick(1e-7)).isEqualTo("1E-7");
    assertThat(Decimal.tick(1000)).isEqualTo("1000");
    assertThat(Decimal.tick(15_000)).isEqualTo("15 k");
    assertThat(Decimal.tick(-2_500_000)).isEqualTo("-2.5 M");
    assertThat(Decimal.tick(1e10)).isEqualTo("10 G");
    assertThat(Decimal.tick(1e18)).isEqualTo("1E+18");
  }
}
