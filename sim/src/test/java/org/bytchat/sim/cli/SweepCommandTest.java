package org.bytchat.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command runs real nodes, a point a line, and its errors name the option or the file. */
class SweepCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SWEEP =
      """
      name: tiny
      scenario:
        nodes: 40
        phases: {settle: 10s, measure: 1m}
        workload: {lookups: {rate: 0.5}, records: {count: 3, ttl: 3d, put_over: 10s, get_rate: 0.2}}
        output: {series_interval: 10s}
      grid: {node.lookup.parallelism: [1, 3]}
      seeds: 1..2
      measure: [lookup_micros.p50, series.bytes_per_node_s, records.violations, lookup_requests]
      plots:
        - {x: node.lookup.parallelism, y: lookup_micros.p50}
        - {cost: lookup_requests, benefit: lookup_micros.p50}
      """;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void setUp() throws Exception {
    file = folder.resolve("sweep.yaml");
    Files.writeString(file, SWEEP);
  }

  @Test
  void sweep_ofRealNodes_measuresThem() throws Exception {
    Path out = folder.resolve("out");
    Captured captured = Captured.run("sweep", file.toString(), "--out", out.toString());
    assertThat(captured.exitCode()).isZero();
    List<JsonNode> points = new ArrayList<>();
    for (String line : captured.out().lines().toList()) {
      points.add(JSON.readTree(line));
    }
    assertThat(points).hasSize(2);
    for (JsonNode point : points) {
      assertThat(point.get("runs").asInt()).isEqualTo(2);
      JsonNode measures = point.get("measures");
      assertThat(measures.at("/lookup_micros.p50/mean").asDouble()).isPositive();
      assertThat(measures.at("/series.bytes_per_node_s/mean").asDouble()).isPositive();
      assertThat(measures.at("/series.bytes_per_node_s/ci95").asDouble()).isPositive();
      assertThat(measures.at("/records.violations/mean").asDouble()).isZero();
    }
    // Three requests under way at once are faster than one.
    assertThat(points.get(1).at("/measures/lookup_micros.p50/mean").asDouble())
        .isLessThan(points.get(0).at("/measures/lookup_micros.p50/mean").asDouble());
    assertThat(Files.readAllLines(out.resolve("results.jsonl"))).hasSize(4);
    assertThat(Files.readString(out.resolve("report.html"))).contains("<svg", "log-normal");

    Captured again = Captured.run("sweep", file.toString(), "--out", out.toString());
    assertThat(again.out()).isEqualTo(captured.out());
    assertThat(again.err()).contains("all done before");
  }

  /** Results do not depend on how many runs go at once, nor on whether they are kept. */
  @Test
  void sweep_inParallel_givesTheSame() {
    Captured one = Captured.run("sweep", file.toString(), "--parallel", "1");
    Captured many = Captured.run("sweep", file.toString(), "--parallel", "4");
    assertThat(one.exitCode()).isZero();
    assertThat(one.out()).isNotEmpty().isEqualTo(many.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--shard 1/2|option '--shard': needs --out",
        "--shard 3/2 --out x|option '--shard': '3/2' is not a part of a whole",
        "--parallel 0|option '--parallel': must be 1 to 1024",
        "--runner none|option '--runner': 'none' is not one of local"
      })
  void wrongOption_isNamed(String options, String message) {
    List<String> words = new ArrayList<>(List.of("sweep", file.toString()));
    words.addAll(List.of(options.split(" ")));
    Captured captured = Captured.run(words.toArray(String[]::new));
    assertThat(captured.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(captured.err()).startsWith("bytchat-sim sweep: " + message);
  }

  @Test
  void wrongFile_isNamed() throws Exception {
    Files.writeString(file, SWEEP.replace("grid:", "grit:"));
    Captured captured = Captured.run("sweep", file.toString());
    assertThat(captured.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(captured.err())
        .startsWith("bytchat-sim sweep: " + file + ":7: grit: unknown key; nearest is 'grid'");
    Captured missing = Captured.run("sweep", folder.resolve("none.yaml").toString());
    assertThat(missing.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(missing.err()).contains("none.yaml: does not exist");
  }

  @Test
  void findings_areTheExitCode() throws Exception {
    Files.writeString(
        file,
        SWEEP.replace(
            "  output:",
            "  checks: {expect: {lookup_success_min: 1}}\n" + "  network: {loss: 0.6}\n  output:"));
    Captured captured = Captured.run("sweep", file.toString());
    assertThat(captured.exitCode()).isEqualTo(ExitCode.MISMATCH);
    assertThat(captured.err()).contains("lookup_success is 0.");
    assertThat(captured.out().lines()).hasSize(2).allMatch(line -> line.contains("\"failed\":2"));
  }
}
