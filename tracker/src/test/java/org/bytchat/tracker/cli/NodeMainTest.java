package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytchat.dht.identity.Uid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage of the program; nothing here opens a socket. */
class NodeMainTest {

  private static final String ID = "0123456789abcdef0123456789abcdef01234567";
  private static final String UID = Uid.of(Uid.VERSION_1, new byte[20]).toString();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "ping",
        "lookup",
        "demo",
        "keygen",
        "meta",
        "meta set",
        "meta get",
        "mailbox",
        "mailbox stats",
        "mailbox backup",
        "mailbox check"
      })
  void help_ofEachCommand_isPrinted(String command) {
    Captured result = Captured.run((command + " --help").split(" ", -1));
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).startsWith("Usage: bytchat-node " + command + " ");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void help_ofTheProgram_namesTheCommandsAndExitCodes() {
    Captured result = Captured.run("--help");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out())
        .contains("run", "ping", "lookup", "demo", "keygen", "meta", "mailbox", "Exit codes:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "run",
        "ping",
        "lookup",
        "demo",
        "keygen",
        "meta",
        "meta set",
        "meta get",
        "mailbox",
        "mailbox stats",
        "mailbox backup",
        "mailbox check"
      })
  void version_atEachLevel_isPrinted(String command) {
    Captured result = Captured.run((command + " --version").strip().split(" ", -1));
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).startsWith("bytchat-node ");
  }

  @Test
  void noCommand_isAUsageErrorThatNamesThem() {
    Captured result = Captured.run();
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("run, ping, lookup, demo, keygen, meta, item, mailbox");
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
          run --dialect klingon                   | '--dialect'
          run --bootstrap mainline:host:0         | '--bootstrap'
          run --dialect mainline --bootstrap mainline | contradict each other: a node of that
          run --rate-limit -1                     | '--rate-limit'
          run --metrics-port 99999                | '--metrics-port'
          run --read-only --public                | '--read-only' and '--public'
          run --config no-such-file.yaml          | '--config'
          run --nonsense                          | '--nonsense'
          run left over                           | 'left'
          items                                   | 'items'
          item                                    | put, get
          meta                                    | set, get
          meta put                                | 'put'
          ping                                    | HOST:PORT
          ping nowhere:none                       | HOST:PORT
          ping 127.0.0.1:1 --timeout soon         | '--timeout'
          ping 127.0.0.1:1 --timeout 2h           | '--timeout'
          ping 127.0.0.1:1 --timeout 1ms          | '--timeout'
          lookup ID                               | '--bootstrap
          lookup 12 --bootstrap 127.0.0.1:1       | '12' is not an id of 40
          lookup byt2qq --bootstrap 127.0.0.1:1   | 'byt2qq' is not an id of 40
          lookup byt21qq --bootstrap 127.0.0.1:1  | too short for a checksum
          lookup ID --bootstrap 127.0.0.1:1 -n 0  | '-n'
          lookup ID --bootstrap 127.0.0.1:1 -n 45 | '-n'
          meta get                                | UID
          meta get UID                            | '--bootstrap
          meta get ID --bootstrap 127.0.0.1:1     | is not a UID
          meta get BAD --bootstrap 127.0.0.1:1    | the checksum is wrong
          meta set --bootstrap 127.0.0.1:1        | '--key=FILE', '--name=NAME'
          SET --uid-version 3                     | '--uid-version'
          SET --passphrase-fd -1                  | '--passphrase-fd'
          SET --timeout soon                      | '--timeout'
          SET --avatar x --no-avatar              | '--avatar' and '--no-avatar'
          demo --nodes 1                          | '--nodes'
          demo --nodes 201                        | '--nodes'
          """)
  void wrongUsage_isNamed(String commandLine, String message) {
    Captured result =
        Captured.run(
            commandLine
                .replace("SET", "meta set --key k --name n --bootstrap 127.0.0.1:1")
                .replace("BAD", UID.replace('q', 'p'))
                .replace("UID", UID)
                .replace("ID", ID)
                .split(" ", -1));
    assertWrongUsage(result, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          mailbox                            | stats, backup, check
          mailbox empty                      | 'empty'
          mailbox stats                      | '--data=DIR'
          mailbox stats --data x y           | 'y'
          mailbox backup --data x            | FILE
          mailbox check                      | '--data=DIR'
          mailbox check --data x --repair=no | '--repair'
          mailbox stats --data x --repair    | '--repair'
          """)
  void wrongUsageOfMailboxes_isNamed(String commandLine, String message) {
    assertWrongUsage(Captured.run(commandLine.split(" ", -1)), message);
  }

  private static void assertWrongUsage(Captured result, String message) {
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains(message).doesNotContain("Exception");
    assertThat(result.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          put                            | '--bootstrap=HOST:PORT'
          put x BOOT --seq -1            | '--seq'
          put x BOOT --cas many          | '--cas'
          put x BOOT --salt s            | '--salt', '--seq' and '--cas' are for mutable items
          put x BOOT --dialect bytchat   | '--dialect': only mainline has items
          put x BOOT --salt LONG         | '--salt': has 65 bytes
          get xyz BOOT                   | 40 hexadecimal digits
          get ID BOOT --dialect bytchat  | '--dialect': only mainline has items
          """)
  void wrongUsageOfItems_isNamed(String commandLine, String message) {
    Captured result =
        Captured.run(
            ("item " + commandLine)
                .replace("BOOT", "--bootstrap 127.0.0.1:1")
                .replace("LONG", "s".repeat(65))
                .replace("ID", ID)
                .split(" ", -1));
    assertWrongUsage(result, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ping nosuchhost.invalid:1",
        "lookup ID --bootstrap nosuchhost.invalid:1",
        "meta get UID --bootstrap nosuchhost.invalid:1"
      })
  void hostThatCannotBeResolved_isNamed(String commandLine) {
    Captured result =
        Captured.run(commandLine.replace("UID", UID).replace("ID", ID).split(" ", -1));
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
