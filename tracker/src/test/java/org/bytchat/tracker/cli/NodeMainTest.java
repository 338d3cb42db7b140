package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage of the program; nothing here opens a socket. */
class NodeMainTest {

  private static final String ID = "0123456789abcdef0123456789abcdef01234567";

  @ParameterizedTest
  @ValueSource(strings = {"run", "ping", "lookup", "demo", "keygen"})
  void help_ofEachCommand_isPrinted(String command) {
    Captured result = Captured.run(command, "--help");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).startsWith("Usage: bytchat-node " + command + " ");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void help_ofTheProgram_namesTheCommandsAndExitCodes() {
    Captured result = Captured.run("--help");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("run", "ping", "lookup", "demo", "keygen", "Exit codes:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "run", "ping", "lookup", "demo", "keygen"})
  void version_atEachLevel_isPrinted(String command) {
    String[] args =
        command.isEmpty() ? new String[] {"--version"} : new String[] {command, "--version"};
    Captured result = Captured.run(args);
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).startsWith("bytchat-node ");
  }

  @Test
  void noCommand_isAUsageErrorThatNamesThem() {
    Captured result = Captured.run();
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("run, ping, lookup, demo, keygen");
  }

  /** Each wrong command line, and what its message must have. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          run --port 65536                        | '--port'
          run --port twelve                       | '--port'
          run --bind localhost                    | '--bind'
          run --bootstrap :1                      | '--bootstrap'
          run --bootstrap host:0                  | '--bootstrap'
          run --bootstrap ::1                     | '--bootstrap'
          run --dialect mainline                  | '--dialect': mainline is not supported
          run --dialect klingon                   | '--dialect'
          run --rate-limit -1                     | '--rate-limit'
          run --metrics-port 99999                | '--metrics-port'
          run --read-only --public                | '--read-only' and '--public'
          run --config no-such-file.yaml          | '--config'
          run --nonsense                          | '--nonsense'
          run left over                           | 'left'
          meta                                    | 'meta'
          ping                                    | HOST:PORT
          ping nowhere:none                       | HOST:PORT
          ping 127.0.0.1:1 --timeout soon         | '--timeout'
          ping 127.0.0.1:1 --timeout 2h           | '--timeout'
          ping 127.0.0.1:1 --timeout 1ms          | '--timeout'
          lookup ID                               | '--bootstrap
          lookup 12 --bootstrap 127.0.0.1:1       | '12' is not an id of 40
          lookup byt2qq --bootstrap 127.0.0.1:1   | 'byt2qq' is not an id of 40
          lookup byt21qq --bootstrap 127.0.0.1:1  | user ids are not supported in this version
          lookup ID --bootstrap 127.0.0.1:1 -n 0  | '-n'
          lookup ID --bootstrap 127.0.0.1:1 -n 45 | '-n'
          demo --nodes 1                          | '--nodes'
          demo --nodes 201                        | '--nodes'
          """)
  void wrongUsage_isNamed(String commandLine, String message) {
    Captured result = Captured.run(commandLine.replace("ID", ID).split(" ", -1));
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains(message).doesNotContain("Exception");
    assertThat(result.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ping nosuchhost.invalid:1", "lookup ID --bootstrap nosuchhost.invalid:1"})
  void hostThatCannotBeResolved_isNamed(String commandLine) {
    Captured result = Captured.run(commandLine.replace("ID", ID).split(" ", -1));
    assertThat(result.exitCode()).isEqualTo(ExitCode.NOBODY_ANSWERED);
    assertThat(result.err()).contains("nosuchhost.invalid:1 cannot be resolved");
  }

  @Test
  void ping_ofAnAddressThatIsNoHost_isRefused() {
    Captured result = Captured.run("ping", "224.0.0.1:1");
    assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(result.err()).contains("224.0.0.1:1");
  }
}
