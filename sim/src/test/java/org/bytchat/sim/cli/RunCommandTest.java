package org.bytchat.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a run tells what scripts rely on, and what is wrong in words. */
class RunCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String TINY =
      """
      # like quickstart, but small
      nodes: 40
      seed: 5
      bootstrap: {kind: join, nodes: 2, join_over: 10s}
      phases: {settle: 30s, measure: 90s}
      workload:
        lookups: {count: 30}
        records: {count: 5, put_over: 10s, get_rate: 1}
      checks: {expect: {lookup_success_min: 0.9}}
      output: {series_interval: 10s}
      """;

  @TempDir private Path folder;
  private Path scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = folder.resolve("tiny.yaml");
    Files.writeString(scenario, TINY);
  }

  private Captured run(String... more) {
    List<String> args = new ArrayList<>(List.of("run", scenario.toString()));
    args.addAll(List.of(more));
    return Captured.run(args.toArray(new String[0]));
  }

  private static JsonNode summary(Captured captured) throws IOException {
    assertThat(captured.err()).isEmpty();
    assertThat(captured.exitCode()).isZero();
    assertThat(captured.out().lines()).hasSize(1);
    return JSON.readTree(captured.out());
  }

  @Test
  void run_tiny_tellsTheFiguresAndWritesTheFiles() throws IOException {
    Path out = folder.resolve("a/b");
    JsonNode summary = summary(run("--out", out.toString()));
    for (String name :
        List.of(
            "seed",
            "nodes",
            "trace_hash",
            "virtual_s",
            "wall_s",
            "datagrams",
            "datagrams_per_s",
            "lookups",
            "lookup_success",
            "heap_bytes_per_node")) {
      assertThat(summary.hasNonNull(name)).as(name).isTrue();
    }
    assertThat(summary.get("seed").asLong()).isEqualTo(5);
    assertThat(summary.get("nodes").asInt()).isEqualTo(40);
    assertThat(summary.get("virtual_s").asDouble()).isEqualTo(120);
    assertThat(summary.get("lookups").asInt()).isEqualTo(30);
    assertThat(summary.get("lookup_success").asDouble()).isBetween(0.9, 1.0);
    assertThat(summary.get("partial").asBoolean()).isFalse();
    assertThat(summary.get("trace_hash").asText()).matches("[0-9a-f]{16}");
    assertThat(summary.get("records").get("found").asInt()).isPositive();
    JsonNode written = JSON.readTree(out.resolve("summary.json").toFile());
    assertThat(written.get("trace_hash")).isEqualTo(summary.get("trace_hash"));
    assertThat(Files.readAllLines(out.resolve("series.csv"))).hasSize(13);
    assertThat(Files.readAllLines(out.resolve("lookups.csv"))).hasSize(31);
    assertThat(Files.readString(out.resolve("report.html"))).contains("tiny", "<svg");
    try (var files = Files.list(out)) {
      assertThat(files).hasSize(4);
    }
  }

  @Test
  void run_options_takeTheScenariosPlace() throws IOException {
    String hash = summary(run()).get("trace_hash").asText();
    JsonNode other = summary(run("--seed", "-6", "--threads", "2", "--set", "nodes=41"));
    assertThat(other.get("seed").asLong()).isEqualTo(-6);
    assertThat(other.get("threads").asInt()).isEqualTo(2);
    assertThat(other.get("nodes").asInt()).isEqualTo(41);
    assertThat(other.get("trace_hash").asText()).isNotEqualTo(hash);
    assertThat(summary(run("--threads", "2")).get("trace_hash").asText()).isEqualTo(hash);
    assertThat(summary(run("--set", "mode=codec")).get("trace_hash").asText()).isEqualTo(hash);
  }

  @Test
  void run_unknownScenario_isUsageWithTheKnownOnes() {
    Captured captured = Captured.run("run", "quickstrat");
    assertThat(captured.exitCode()).isEqualTo(2);
    assertThat(captured.err()).contains("quickstrat", "nearest is 'quickstart'", "partition-heal");
    Captured file = Captured.run("run", folder.resolve("none.yaml").toString());
    assertThat(file.exitCode()).isEqualTo(2);
    assertThat(file.err()).contains("none.yaml", "does not exist");
  }

  @Test
  void run_unknownKey_namesFileLineAndKey() throws IOException {
    Files.writeString(scenario, TINY + "checkz: 1\n");
    Captured captured = run();
    assertThat(captured.exitCode()).isEqualTo(2);
    assertThat(captured.out()).isEmpty();
    assertThat(captured.err()).contains("tiny.yaml:11", "checkz", "checks");
  }

  @Test
  void run_badOptions_areUsage() {
    assertThat(run("--threads", "0").exitCode()).isEqualTo(2);
    assertThat(run("--threads", "65").err()).contains("--threads");
    Captured captured = run("--set", "nodes=1");
    assertThat(captured.exitCode()).isEqualTo(2);
    assertThat(captured.err()).contains("nodes=1", "2..");
  }

  @Test
  void run_unwritableOut_failsBeforeItStarts() throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, "");
    Captured captured = run("--out", file.resolve("sub").toString());
    assertThat(captured.exitCode()).isEqualTo(1);
    assertThat(captured.out()).isEmpty();
    assertThat(captured.err()).contains("cannot make the folder", "file");
  }

  @Test
  void run_tooLittleHeap_saysHowMuchItTakes() {
    Captured captured = run("--set", "nodes=4000000");
    assertThat(captured.exitCode()).isEqualTo(1);
    assertThat(captured.out()).isEmpty();
    assertThat(captured.err()).contains("tiny", "MB of heap", "java -Xmx");
  }

  @Test
  void run_missedExpectation_isExitTwelve() {
    Captured captured =
        run("--set", "network.loss=0.9", "--set", "checks.expect.lookup_success_min=1");
    assertThat(captured.exitCode()).isEqualTo(12);
    assertThat(captured.err()).contains("lookup_success is 0.", "at least 1.0 is expected");
  }

  @Test
  void checkDeterminism_sameTwice_saysSo() {
    Captured captured = run("--check-determinism", "--set", "phases.measure=20s");
    assertThat(captured.exitCode()).isZero();
    assertThat(captured.err()).contains("both runs are the same");
  }

  @Test
  void run_interrupted_writesWhatWasMeasuredMarkedPartial() throws Exception {
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.bytchat.sim.cli.SimMain",
                "run",
                scenario.toString(),
                "--out",
                out.toString(),
                "--set",
                "phases.measure=300d",
                "--set",
                "workload.records.get_rate=0",
                "--set",
                "output.series_interval=1s")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("printed").toFile())
            .start();
    try {
      await().atMost(Duration.ofSeconds(60)).until(() -> sizeOfSeries(out) > 0);
      // Not SIGINT, for which the same hook runs: who starts tests in the background ignores that.
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    JsonNode summary = JSON.readTree(out.resolve("summary.json").toFile());
    assertThat(summary.get("partial").asBoolean()).isTrue();
    assertThat(summary.get("virtual_s").asDouble()).isBetween(1.0, 86_400.0 * 299);
    assertThat(Files.readAllLines(out.resolve("series.csv")).size()).isGreaterThan(2);
    assertThat(Files.readString(out.resolve("report.html"))).contains("It ended after");
    assertThat(Files.readString(folder.resolve("printed"))).contains("\"partial\":true");
  }

  private static long sizeOfSeries(Path out) throws IOException {
    Path unfinished = out.resolve("series.csv.part");
    return Files.exists(unfinished) ? Files.size(unfinished) : 0;
  }
}
