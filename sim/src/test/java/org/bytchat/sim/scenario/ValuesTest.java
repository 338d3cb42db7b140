package org.bytchat.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain values are read as documented, and what is written is read again. */
class ValuesTest {

  @ParameterizedTest
  @CsvSource({
    "5, PT5S, 5s",
    "0, PT0S, 0s",
    "500ms, PT0.5S, 500ms",
    "1000 ms, PT1S, 1s",
    "90s, PT1M30S, 90s",
    "15m, PT15M, 15m",
    "24h, P1D, 1d",
    "7d, P7D, 7d",
    "-5m, PT-5M, -5m",
    "PT36H, PT36H, 36h",
    "PT0.0005S, PT0.0005S, PT0.0005S",
    "P36501D, P36501D, PT876024H",
    "PT-9223372036854775808S, PT-9223372036854775808S, PT-2562047788015215H-30M-8S"
  })
  void duration_isReadAndWritten(String text, Duration duration, String written) {
    assertThat(Values.parse(Duration.class, false, text)).isEqualTo(duration);
    assertThat(Values.text(duration)).isEqualTo(written);
  }

  @SeededTest(runs = 200)
  void duration_isReadAsItWasWritten(long seed) {
    Random random = Seeds.random(seed);
    Duration duration =
        Duration.ofSeconds(random.nextLong() >> random.nextInt(64), random.nextInt(1_000_000_000));
    assertThat(Values.parse(Duration.class, false, Values.text(duration))).isEqualTo(duration);
    Duration millis = Duration.ofMillis(random.nextLong() >> random.nextInt(64));
    assertThat(Values.parse(Duration.class, false, Values.text(millis))).isEqualTo(millis);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1500, 1500", "2k, 2000", "64Ki, 65536", "10M, 10000000", "3 Gi, 3221225472"})
  void size_isRead(String text, long size) {
    assertThat(Values.parse(long.class, true, text)).isEqualTo(size);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e-9", "0", "-3", "1.5", "1E300", "+2", "4.9E-324"})
  void decimal_isReadAsWritten(String text) {
    double number = Double.parseDouble(text);
    assertThat(Values.parse(double.class, false, text)).isEqualTo(number);
    assertThat(Values.parse(double.class, false, String.valueOf(number))).isEqualTo(number);
    assertThat(Double.parseDouble(Values.text(number))).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "1f", "0x1p3", "1,5", ".5", "1.", "", "1e400", "--1"})
  void decimal_thatIsNone_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Values.parse(double.class, false, text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "5 minutes", "1.5h", "5us", "--5s", "P1Y", "99999999999999999d"})
  void duration_thatIsNone_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Values.parse(Duration.class, false, text));
  }

  @Test
  void words_areTheirJavaNamesInSmallLetters() {
    assertThat(Values.snakeCase("joinOver")).isEqualTo("join_over");
    assertThat(Values.snakeCase("LogNormal")).isEqualTo("log_normal");
    assertThat(Values.snakeCase("driftPpm")).isEqualTo("drift_ppm");
    assertThat(Values.snakeCase("at")).isEqualTo("at");
  }
}
