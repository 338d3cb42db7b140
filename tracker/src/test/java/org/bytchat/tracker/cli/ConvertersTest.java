package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.bytchat.dht.identity.Uid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ConvertersTest {

  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S",
    "5, PT5S",
    "5s, PT5S",
    "15 m, PT15M",
    "1h, PT1H",
    "2d, P2D",
    "PT1M30S, PT1M30S"
  })
  void duration_eachForm_isRead(String text, Duration expected) {
    assertThat(Converters.duration(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "-5s", "5 weeks", "1.5s", "99999999999999999999s"})
  void duration_other_isRefused(String text) {
    assertThatThrownBy(() -> Converters.duration(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "PT-5S", "PT0.0009S", "P2D", "P200000000000D"})
  void time_outOfRange_isRefused(String text) {
    assertThatThrownBy(() -> new Converters.Time().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "' is not from 1ms to 1d");
  }

  @ParameterizedTest
  @CsvSource({
    "example.org:1, example.org:1",
    "192.0.2.1:65535, 192.0.2.1:65535",
    "[2001:db8::1]:7, [2001:db8::1]:7",
    "example.org, example.org:42962",
    "[::1], [::1]:42962"
  })
  void host_eachForm_isRead(String text, String expected) {
    assertThat(new Converters.Host().convert(text)).hasToString(expected);
  }

  @Test
  void address_ipv6_isRead() {
    assertThat(new Converters.Address().convert("2001:db8::1").getAddress()).hasSize(16);
  }

  @Test
  void key_userId_isThePlaceOfTheUser() {
    Uid uid = Uid.of(Uid.VERSION_2, new byte[32]);
    assertThat(new Converters.Key().convert(uid.toString())).isEqualTo(uid.place());
    assertThat(new Converters.User().convert(uid.toString())).isEqualTo(uid);
  }

  @Test
  void rate_zero_meansNone() {
    assertThat(new Converters.Rate().convert("0")).isZero();
  }
}
