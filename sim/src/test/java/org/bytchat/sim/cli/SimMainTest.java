package org.bytchat.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage of the program; nothing here measures. */
class SimMainTest {

  @ParameterizedTest
  @ValueSource(strings = {"--help", "bench --help"})
  void help_atEachLevel_isPrinted(String commandLine) {
    Captured result = Captured.run(commandLine.split(" ", -1));
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).startsWith("Usage: bytchat-sim ");
    assertThat(result.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "bench --version"})
  void version_atEachLevel_isPrinted(String commandLine) {
    Captured result = Captured.run(commandLine.split(" ", -1));
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).startsWith("bytchat-sim ");
  }

  @Test
  void noCommand_isAUsageErrorThatNamesThem() {
    Captured result = Captured.run();
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("bench");
  }

  @Test
  void bench_withoutName_listsTheBenchmarks() {
    Captured result = Captured.run("bench");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out().lines().map(line -> line.split(" ", 2)[0]))
        .contains("codec", "routing", "udp", "memory", "flood");
    assertThat(result.err()).isEmpty();
  }

  /** Each wrong command line, and what its message must have. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          bench nonsense              | there is no benchmark 'nonsense', only codec
          bench codec routing         | 'routing'
          bench codec --nonsense      | '--nonsense'
          bench codec --count 5       | '--count': codec does not take it
          bench flood --count 0       | '--count': must be 1 to
          bench flood --count many    | '--count'
          simulate                    | 'simulate'
          """)
  void wrongUsage_isNamed(String commandLine, String message) {
    Captured result = Captured.run(commandLine.split(" ", -1));
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains(message).doesNotContain("Exception");
    assertThat(result.out()).isEmpty();
  }
}
