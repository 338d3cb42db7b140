package org.bytchat.sim.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Numbers as people and scripts read them. */
class NumbersTest {

  @Test
  void rounded_keepsFourDigitsAndWholeNumbers() {
    assertThat(Numbers.rounded(123_456.7)).isEqualTo(123_500L);
    assertThat(Numbers.rounded(0.012345)).isEqualTo(0.01234);
    assertThat(Numbers.rounded(12_345_678)).isEqualTo(12_345_678L);
  }

  @Test
  void text_hasSeparatorsAndNoExponent() {
    assertThat(Numbers.text(12_345_678)).isEqualTo("12,345,678");
    assertThat(Numbers.text(3_971_634.25)).isEqualTo("3,972,000");
    assertThat(Numbers.text(0.00001)).isEqualTo("0.00001");
  }

  @Test
  void median_ofEvenAndOdd() {
    assertThat(Numbers.median(3, 1, 2)).isEqualTo(2);
    assertThat(Numbers.median(4, 1, 2, 3)).isEqualTo(2.5);
  }

  @Test
  void figure_meetsItsBarOrNot() {
    assertThat(Figure.of("a", 5, "ns").atMost(5).isMet()).isTrue();
    assertThat(Figure.of("a", 5.1, "ns").atMost(5).isMet()).isFalse();
    assertThat(Figure.of("a", 5, "ns").atLeast(5).isMet()).isTrue();
    assertThat(Figure.of("a", 4.9, "ns").atLeast(5).isMet()).isFalse();
    assertThat(Figure.of("a", 4.9, "ns").isMet()).isTrue();
    assertThat(Figure.of("a", 4.9, "ns").atLeast(4).aimingAtLeast(5).isMet()).isTrue();
  }
}
