package org.bytchat.sim.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.scenario.Scenario;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep runs what it lacks, once, however often and in however many parts it is started. */
class SweepTest {

  private static final SweepPlan PLAN =
      SweepPlan.parse(
          "sweep.yaml",
          """
          name: small
          description: Text & more
          scenario: {nodes: 50}
          grid: {nodes: [10, 20, 30], node.lookup.parallelism: [1, 3]}
          seeds: 1..3
          measure: [lookups, {name: success, value: lookup_success, better: higher}]
          plots:
            - {x: nodes, y: lookups, by: node.lookup.parallelism}
            - {cost: lookups, benefit: success}
          """);

  private static final int RUNS = 18;

  @TempDir Path folder;
  private final FakeRunner runner = new FakeRunner();
  private final Lines lines = new Lines();

  @BeforeEach
  void setUp() {
    lines.points.clear();
  }

  @Test
  void sweep_leavesTablesAndAPage() throws Exception {
    assertThat(run(Shard.WHOLE)).isZero();
    assertThat(runner.ran).hasSize(RUNS).doesNotHaveDuplicates();
    assertThat(lines.points).hasSize(6);
    assertThat(lines.points.get(0))
        .startsWith(
            "{\"sweep\":\"small\",\"point\":1,\"settings\":{\"nodes\":\"10\","
                + "\"node.lookup.parallelism\":\"1\"},\"runs\":3,\"failed\":0,");
    List<String> table = Files.readAllLines(folder.resolve("aggregate.csv"));
    assertThat(table).hasSize(7);
    assertThat(table.get(0))
        .isEqualTo(
            "point,nodes,node.lookup.parallelism,runs,failed,lookups_mean,lookups_sd,lookups_ci95,"
                + "lookups_n,success_mean,success_sd,success_ci95,success_n");
    // 10 nodes times 1 to 3, whose interval is 4.302653 * 10 / sqrt(3).
    assertThat(table.get(1)).startsWith("1,10,1,3,0,20,10,24.841377");
    assertThat(Files.readString(folder.resolve("report.html")))
        .contains("Text &amp; more", "<svg", "95 % confidence", "convex hull", "1..3");
    assertThat(Files.readString(folder.resolve("summary.json")))
        .contains("\"partial\" : false", "\"runs\" : 18", "\"points\"");
    assertThat(lines.messages)
        .singleElement()
        .asString()
        .startsWith("sweep small: 6 points with 3 seeds, 18 runs, 18 to do: about ");
  }

  @Test
  void secondSweep_runsNothing_andLeavesTheSame() throws Exception {
    run(Shard.WHOLE);
    List<String> first = List.copyOf(lines.points);
    String table = Files.readString(folder.resolve("aggregate.csv"));
    String page = Files.readString(folder.resolve("report.html"));
    runner.ran.clear();
    lines.points.clear();
    run(Shard.WHOLE);
    assertThat(runner.ran).isEmpty();
    assertThat(lines.points).isEqualTo(first);
    assertThat(Files.readString(folder.resolve("aggregate.csv"))).isEqualTo(table);
    assertThat(Files.readString(folder.resolve("report.html"))).isEqualTo(page);
  }

  @Test
  void stoppedSweep_keepsWhatIsDone_andGoesOn() throws Exception {
    runner.limit = 4;
    assertThat(run(Shard.WHOLE)).isZero();
    assertThat(lines.points).hasSize(1);
    assertThat(lines.messages).anyMatch(each -> each.contains("stopped, 4 of 18 runs done"));
    assertThat(Files.readString(folder.resolve("report.html"))).contains("4 of 18 runs are done");
    assertThat(Files.readString(folder.resolve("report.md")))
        .contains("\nPartial: 4 of 18 runs are done.\n");
    assertThat(Files.readString(folder.resolve("summary.json"))).contains("\"partial\" : true");
    runner.limit = Integer.MAX_VALUE;
    lines.points.clear();
    run(Shard.WHOLE);
    assertThat(runner.ran).hasSize(RUNS).doesNotHaveDuplicates();
    assertThat(lines.points).hasSize(6);
  }

  /** A process that was killed left half a line: that run, and no other, is run again. */
  @Test
  void tornLine_isRunAgain() throws Exception {
    run(Shard.WHOLE);
    String table = Files.readString(folder.resolve("aggregate.csv"));
    Path file = folder.resolve("results.jsonl");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    runner.ran.clear();
    run(Shard.WHOLE);
    assertThat(runner.ran).hasSize(1);
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    assertThat(Files.readString(folder.resolve("aggregate.csv"))).isEqualTo(table);
  }

  @Test
  void lineThatIsNoResult_isNamed() throws Exception {
    run(Shard.WHOLE);
    Path file = folder.resolve("results.jsonl");
    Files.writeString(file, "{\"key\":1}\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> run(Shard.WHOLE))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ":19: is not a result");
  }

  @Test
  void shards_partitionTheRuns_andMergeToTheSame(@TempDir Path other) throws Exception {
    run(Shard.WHOLE);
    List<String> all = List.copyOf(runner.ran);
    final String table = Files.readString(folder.resolve("aggregate.csv"));
    final List<String> points = List.copyOf(lines.points);
    runner.ran.clear();
    folder = other;
    for (String part : List.of("3/4", "1/4", "4/4", "2/4")) {
      run(Shard.parse(part));
    }
    assertThat(runner.ran).containsExactlyInAnyOrderElementsOf(all);
    assertThat(other.resolve("aggregate.csv")).doesNotExist();
    assertThat(other.resolve("results-2-of-4.jsonl")).exists();
    runner.ran.clear();
    lines.points.clear();
    run(Shard.WHOLE);
    assertThat(runner.ran).isEmpty();
    assertThat(lines.points).isEqualTo(points);
    assertThat(Files.readString(other.resolve("aggregate.csv"))).isEqualTo(table);
  }

  @Test
  void findings_areResults_andTheWorstIsTheExitCode() throws Exception {
    runner.exitCodes = Map.of(2, 12, 7, 10, 9, 1);
    assertThat(run(Shard.WHOLE)).isEqualTo(10);
    assertThat(lines.points).hasSize(6);
    assertThat(lines.points.get(0)).contains("\"runs\":3,\"failed\":1");
    // The run that broke has no values, and is run again.
    assertThat(lines.points.get(2)).contains("\"runs\":2,\"failed\":2");
    assertThat(lines.messages).filteredOn(each -> each.contains("went wrong")).hasSize(3);
    assertThat(Files.readString(folder.resolve("report.html"))).contains("went wrong");
    assertThat(Files.readString(folder.resolve("report.md")))
        .contains("\nPartial: 17 of 18 runs are done. Something is wrong in 3 runs.\n");
    runner.ran.clear();
    runner.exitCodes = Map.of();
    assertThat(run(Shard.WHOLE)).isEqualTo(10);
    assertThat(runner.ran).hasSize(1);
  }

  /** A run that ended at an invariant has numbers of a part of it, which say nothing. */
  @Test
  void runThatEndedEarly_isAFinding_withoutNumbers() throws Exception {
    runner.exitCodes = Map.of(2, 10);
    runner.isPartial = true;
    assertThat(run(Shard.WHOLE)).isEqualTo(10);
    assertThat(lines.points.get(0))
        .contains("\"runs\":3,\"failed\":1", "\"lookups\":{\"mean\":20,", "\"n\":2}");
  }

  @Test
  void folderInUse_isRefused() throws Exception {
    try (ResultStore store = ResultStore.open(folder, "results.jsonl")) {
      assertThat(store.outputs()).isEmpty();
      assertThatThrownBy(() -> run(Shard.WHOLE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is in use");
    }
  }

  @Test
  void pointThatCannotFitTheHeap_isRefusedBeforeAnythingRuns() {
    SweepPlan large =
        SweepPlan.parse(
            "s.yaml", "scenario: {nodes: 9}\ngrid: {nodes: [9, 4000000]}\nmeasure: [lookups]\n");
    assertThatThrownBy(
            () -> new Sweep(large, new Sweep.Options(Shard.WHOLE, folder, ""), lines).run(runner))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("MB of heap");
    assertThat(runner.ran).isEmpty();
  }

  @Test
  void key_changesWithWhatMatters_only() {
    Scenario scenario = PLAN.points().get(0).scenario();
    String key = RunSpec.of(scenario, 1, "a", "1.0").key();
    assertThat(RunSpec.of(scenario, 1, "b", "1.0").key()).isEqualTo(key);
    assertThat(RunSpec.of(scenario, 2, "a", "1.0").key()).isNotEqualTo(key);
    assertThat(RunSpec.of(scenario, 1, "a", "1.1").key()).isNotEqualTo(key);
    assertThat(RunSpec.of(PLAN.points().get(1).scenario(), 1, "a", "1.0").key()).isNotEqualTo(key);
    SweepPlan named =
        SweepPlan.parse(
            "other.yaml",
            """
            scenario: {nodes: 10, name: x, description: y, node: {lookup: {parallelism: 1}}}
            measure: [datagrams]
            """);
    assertThat(RunSpec.of(named.points().get(0).scenario(), 1, "a", "1.0").key()).isEqualTo(key);
  }

  private int run(Shard shard) throws Exception {
    return new Sweep(PLAN, new Sweep.Options(shard, folder, "bytchat-sim sweep"), lines)
        .run(runner);
  }

  /** Makes up results that follow from the scenario. */
  private static final class FakeRunner implements SweepRunner {
    private final List<String> ran = new ArrayList<>();
    private int limit = Integer.MAX_VALUE;
    private boolean isPartial;

    /** By the number of the run, from 1. */
    private Map<Integer, Integer> exitCodes = Map.of();

    @Override
    public String name() {
      return "fake";
    }

    @Override
    public void submit(List<RunSpec> runs, Results results) {
      for (RunSpec run : runs) {
        if (ran.size() == limit || !results.goesOn()) {
          return;
        }
        ran.add(run.key());
        results.onProgress(run.label());
        results.onResult(output(run, exitCodes.getOrDefault(ran.size(), 0)));
      }
    }

    private RunOutput output(RunSpec run, int exitCode) {
      if (exitCode == RunOutput.BROKEN) {
        return RunOutput.broken(run, new IOException("went wrong"));
      }
      Scenario scenario = SweepJob.scenario(run);
      return new RunOutput(
          run.key(),
          run.label(),
          exitCode,
          exitCode == 0 ? "" : "went wrong",
          Map.of(
              "partial",
              isPartial && exitCode != 0,
              "lookups",
              scenario.nodes() * scenario.seed(),
              "lookup_success",
              1.0 / scenario.node().lookup().parallelism()));
    }
  }

  private static final class Lines implements Sweep.Listener {
    private final List<String> points = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();

    @Override
    public void onPoint(String line) {
      points.add(line);
    }

    @Override
    public void onMessage(String text) {
      messages.add(text);
    }

    @Override
    public void onProgress(String text) {
      assertThat(text).doesNotContain("\n");
    }
  }
}
