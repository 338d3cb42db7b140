package org.bytchat.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.theory.Experiment;
import org.bytchat.sim.theory.Trial;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command prints a line for each experiment, and its exit code says whether all came out. */
class ValidateCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void quick_oneBucketSize_printsALineForEach() throws Exception {
    Captured captured = Captured.run("validate", "--quick", "--k", "10");
    assertThat(captured.exitCode()).isZero();
    assertThat(captured.err()).isEmpty();
    List<String> names = new ArrayList<>();
    for (String line : captured.out().lines().toList()) {
      JsonNode experiment = JSON.readTree(line);
      names.add(experiment.get("experiment").asText());
      assertThat(experiment.get("n").asInt()).isPositive();
      assertThat(experiment.get("k").asInt()).isPositive();
      assertThat(experiment.get("measured").isNumber()).isTrue();
      assertThat(experiment.get("tolerance").isNumber()).isTrue();
      assertThat(experiment.get("ok").asBoolean()).isTrue();
      JsonNode expected = experiment.get("expected");
      assertThat(expected.isNull() || expected.isNumber()).isTrue();
      if (names.size() == 1) {
        assertThat(expected.asDouble()).isEqualTo(2.165);
      }
    }
    assertThat(names).startsWith("rfm19.1", "table_b_greedy").contains("bucket_fill");
  }

  @Test
  void anyNumberOff_exitsAfterAllArePrinted() {
    Captured captured = run(false, experiment(1.1), experiment(1.0));
    assertThat(captured.exitCode()).isEqualTo(12).isEqualTo(ExitCode.MISMATCH);
    assertThat(captured.out().lines())
        .satisfiesExactly(
            first -> assertThat(first).contains("\"ok\":false"),
            second -> assertThat(second).contains("\"ok\":true"));
  }

  @Test
  void terminal_showsProgressInsteadOfSilence() {
    Captured watched = run(true, experiment(1.0), experiment(1.0));
    assertThat(watched.exitCode()).isZero();
    assertThat(watched.err()).contains("1/2 trial", "2/2 trial").endsWith("\r\033[K");
    assertThat(watched.out()).doesNotContain("trial");
  }

  private static Experiment experiment(double measured) {
    return new Experiment("made-up", 10, 20, Map.of(), measured, 1.0, 0.05);
  }

  private static Captured run(boolean terminal, Experiment... experiments) {
    List<Trial> trials = new ArrayList<>();
    for (Experiment each : experiments) {
      trials.add(new Trial("trial", () -> List.of(each)));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Output output = new Output(stream(out), stream(err), terminal);
    int exitCode =
        new CommandLine(new ValidateCommand(output, (quick, bucketSize) -> trials)).execute();
    return new Captured(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, false, StandardCharsets.UTF_8);
  }

  @Test
  void help_isPrinted() {
    Captured result = Captured.run("validate", "--help");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).startsWith("Usage: bytchat-sim validate").contains("--quick", "--k");
  }

  /** Each wrong command line, and what its message must have. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          validate --k 0              | '--k': must be 1 to 256
          validate --k 257            | '--k': must be 1 to 256
          validate --k many           | '--k'
          validate --k                | '--k'
          validate rfm19.1            | 'rfm19.1'
          validate --slow             | '--slow'
          """)
  void wrongUsage_isNamed(String commandLine, String message) {
    Captured result = Captured.run(commandLine.split(" ", -1));
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains(message).doesNotContain("Exception");
    assertThat(result.out()).isEmpty();
  }
}
