package org.bytchat.sim.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytchat.sim.scenario.ScenarioException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A sweep file becomes checked points, or an error with file, line and key. */
class SweepPlanTest {

  private static final String HEAD = "scenario: {nodes: 50}\nmeasure: [lookup_success]\n";

  @Test
  void grid_isEveryCombination_lastKeyFastest() {
    SweepPlan plan =
        parse("grid:\n  nodes: [10, 20]\n  node.lookup.parallelism: [1, 2, 3]\nseeds: 1..4\n");
    assertThat(plan.points()).hasSize(6);
    assertThat(plan.points().get(0).settings())
        .containsExactly(Map.entry("nodes", "10"), Map.entry("node.lookup.parallelism", "1"));
    assertThat(plan.points().get(1).settings()).containsEntry("node.lookup.parallelism", "2");
    assertThat(plan.points().get(3).settings())
        .containsExactly(Map.entry("nodes", "20"), Map.entry("node.lookup.parallelism", "1"));
    assertThat(plan.points().get(5).scenario().nodes()).isEqualTo(20);
    assertThat(plan.points().get(5).scenario().node().lookup().parallelism()).isEqualTo(3);
    assertThat(plan.points()).extracting(Point::number).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(plan.seeds()).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void zip_variesTogether_andMultipliesWithTheGrid() {
    SweepPlan plan =
        parse(
            """
            set: [node.store.acks=1]
            grid: {churn: [none, {model: kad}]}
            zip:
              - node.store.replicas: [2, 5]
                node.store.acks: [1, 3]
            """);
    assertThat(plan.points()).hasSize(4);
    Point last = plan.points().get(3);
    assertThat(last.settings())
        .containsExactly(
            Map.entry("churn", "{model: kad}"),
            Map.entry("node.store.replicas", "5"),
            Map.entry("node.store.acks", "3"));
    assertThat(last.scenario().node().store().replicas()).isEqualTo(5);
    assertThat(last.scenario().node().store().acks()).isEqualTo(3);
    assertThat(last.scenario().churn()).isNotNull();
    assertThat(plan.points().get(0).scenario().churn()).isNull();
  }

  @Test
  void settingBelowAnotherOfTheGrid_changesOnlyItsOwnPoint() {
    SweepPlan plan =
        parse("grid:\n  churn: [{model: kad}]\n  churn.identity: [fresh, persistent]\n");
    assertThat(plan.points())
        .extracting(point -> String.valueOf(point.scenario().toMap().get("churn")))
        .satisfiesExactly(
            first -> assertThat(first).contains("identity=fresh"),
            second -> assertThat(second).contains("identity=persistent"));
  }

  @Test
  void nothingVaries_isOnePoint() {
    SweepPlan plan = parse("");
    assertThat(plan.points()).hasSize(1);
    assertThat(plan.points().get(0).settings()).isEmpty();
    assertThat(plan.seeds()).containsExactly(1L);
    assertThat(plan.name()).isEqualTo("s");
  }

  @Test
  void scenario_isAName_orAFileBesideTheSweep(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("small.yaml"), "nodes: 33\n");
    Path file = folder.resolve("sweep.yaml");
    Files.writeString(file, "scenario: small.yaml\nmeasure: [lookups]\nseeds: [3, -1]\n");
    SweepPlan plan = SweepPlan.read(file);
    assertThat(plan.points().get(0).scenario().nodes()).isEqualTo(33);
    assertThat(plan.points().get(0).scenario().name()).isEqualTo("small");
    assertThat(plan.seeds()).containsExactly(3L, -1L);
    Files.writeString(file, "scenario: quickstart\nmeasure: [lookups]\n");
    assertThat(SweepPlan.read(file).points().get(0).scenario().nodes()).isEqualTo(1000);
  }

  @Test
  void measures_haveNamesAndRatios() {
    SweepPlan plan =
        SweepPlan.parse(
            "s.yaml",
            """
            scenario: {nodes: 50}
            measure:
              - series.nodes_up
              - {name: found, value: records.found / records.gets, better: higher}
            """);
    RunValues values =
        new RunValues(
            Map.of(
                "series",
                Map.of("nodes_up", Map.of("mean", 4.5)),
                "records",
                Map.of("found", 3, "gets", 4)));
    assertThat(plan.measures())
        .extracting(Measure::name)
        .containsExactly("series.nodes_up", "found");
    assertThat(plan.measures()).extracting(each -> each.of(values)).containsExactly(4.5, 0.75);
    assertThat(plan.measures())
        .extracting(each -> each.of(new RunValues(Map.of())))
        .allMatch(each -> each.isNaN());
    assertThat(plan.measure("found").better()).isEqualTo(Measure.Better.HIGHER);
  }

  static Stream<List<String>> mistakes() {
    return Stream.of(
        List.of("grids: {nodes: [1]}", "s.yaml:3: grids: unknown key; nearest is 'grid'"),
        List.of("grid: {nodes: [10, 1]}", "s.yaml:3: nodes: must be in 2..4000000: 1"),
        List.of("grid:\n  node.store.replica: [2]", "s.yaml:4: node.store.replica: unknown key"),
        List.of("grid: {nodes: 10}", "s.yaml:3: grid.nodes: must be a list"),
        List.of("grid: {nodes: []}", "s.yaml:3: grid.nodes: has no values"),
        List.of("grid: {nodes: [10, 10]}", "s.yaml:3: grid.nodes.1: 10 is given twice"),
        List.of("grid: {seed: [1]}", "s.yaml:3: grid.seed: is varied by seeds"),
        List.of("grid: {a..b: [1]}", "s.yaml:3: grid.a..b.0: must be a key of a scenario"),
        List.of("zip: {nodes: [10]}", "s.yaml:3: zip: must be a list"),
        List.of(
            "zip:\n  - nodes: [10, 20]\n    seed2: [1]",
            "s.yaml:5: zip.0.seed2: has 1 values, but nodes has 2"),
        List.of("grid: {nodes: [9]}\nzip: [{nodes: [8]}]", "s.yaml:4: zip.0.nodes: varies twice"),
        List.of(
            "zip: [{nodes: [9, 9], seed2: [a, a]}]", "s.yaml:3: zip.0.nodes.1: 9 and a is given"),
        List.of("set: [nodes]", "s.yaml:3: must be KEY=VALUE"),
        List.of("set: [nodes=0]", "s.yaml:3: nodes: must be in 2..4000000: 0"),
        List.of("seeds: 5..1", "s.yaml:3: seeds: must be 1 to 100,000 seeds"),
        List.of("seeds: some", "s.yaml:3: seeds: 'some' is not a range like 1..10"),
        List.of("seeds: [1, 1]", "s.yaml:3: seeds.1: 1 is given twice"),
        List.of("seeds: 1..60000\ngrid: {nodes: [9, 8]}", "s.yaml:1: more than 100,000 runs"),
        List.of("plots: [{y: lookup_success}]", "s.yaml:3: plots.0: x: is missing, nothing is"),
        List.of(
            "grid: {nodes: [9]}\nplots: [{x: node, y: lookup_success}]",
            "s.yaml:4: plots.0.x: 'node' does not vary, known are nodes"),
        List.of(
            "grid: {nodes: [9]}\nplots: [{x: nodes, y: lookup}]",
            "s.yaml:4: plots.0.y: 'lookup' is not measured, known are lookup_success"),
        List.of(
            "grid: {nodes: [9]}\nplots: [{x: nodes, y: lookup_success, log: z}]",
            "s.yaml:4: plots.0.log: 'z' is not one of none, x, y, both"),
        List.of(
            "grid: {nodes: [9]}\nplots: [{x: nodes, y: lookup_success, where: {nodes: 8}}]",
            "s.yaml:4: plots.0.where.nodes: '8' is none of its values, [9]"),
        List.of("plots: [{cost: lookup_success}]", "s.yaml:3: plots.0: benefit: is missing"),
        List.of(
            "plots: [{cost: lookup_success, benefit: lookup_success, x: nodes}]",
            "s.yaml:3: plots.0.x: unknown key"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistake_isToldWithFileLineAndKey(List<String> mistake) {
    assertThatThrownBy(() -> parse(mistake.get(0)))
        .isInstanceOf(ScenarioException.class)
        .hasMessageStartingWith(mistake.get(1));
  }

  @Test
  void missingParts_areTold() {
    assertThatThrownBy(() -> SweepPlan.parse("s.yaml", "measure: [lookups]"))
        .hasMessageStartingWith("s.yaml:1: scenario: is missing");
    assertThatThrownBy(() -> SweepPlan.parse("s.yaml", "scenario: quickstart"))
        .hasMessageStartingWith("s.yaml:1: measure: is missing");
    assertThatThrownBy(() -> SweepPlan.parse("s.yaml", "scenario: quickstar\nmeasure: [lookups]"))
        .hasMessageContaining("s.yaml:1: scenario: ")
        .hasMessageContaining("nearest is 'quickstart'");
    assertThatThrownBy(
            () -> SweepPlan.parse("s.yaml", "scenario: quickstart\nmeasure: [lookup_sucess]"))
        .hasMessageStartingWith("s.yaml:2: measure.0: 'lookup_sucess' is not known;")
        .hasMessageContaining("nearest is 'lookup_success'");
  }

  /** What comes with the project can be read. */
  @ParameterizedTest
  @MethodSource("sweepsOfTheProject")
  void sweepsOfTheProject_areRead(Path file) {
    SweepPlan plan = SweepPlan.read(file);
    String folder = file.startsWith("sweeps/attacks") ? "attack-" : "";
    assertThat(file.getFileName()).hasToString(plan.name().substring(folder.length()) + ".yaml");
    assertThat(plan.name()).startsWith(folder);
    assertThat(plan.points()).hasSizeGreaterThan(2);
    assertThat(plan.citation()).isNotEmpty();
    if (folder.isEmpty()) {
      assertThat(plan.plots()).as("of which documents have pictures").isNotEmpty();
    }
  }

  static List<Path> sweepsOfTheProject() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("sweeps"))) {
      List<Path> sweeps = files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
      assertThat(sweeps).hasSizeGreaterThan(10);
      return sweeps;
    }
  }

  @Test
  void shards_partitionThePoints() {
    SweepPlan plan = parse("grid: {nodes: [10, 11, 12, 13, 14, 15, 16]}");
    assertThat(
            LongStream.rangeClosed(1, 3)
                .mapToObj(i -> Shard.parse(i + "/3"))
                .map(
                    shard -> plan.points().stream().filter(shard::has).map(Point::number).toList()))
        .containsExactly(List.of(1, 4, 7), List.of(2, 5), List.of(3, 6));
    assertThat(plan.points()).allMatch(Shard.WHOLE::has);
  }

  @ParameterizedTest
  @CsvSource({"0/3", "4/3", "1/0", "a/b", "1", "1/2/3", "-1/2", "''"})
  void shard_thatIsNone_isRefused(String text) {
    assertThatThrownBy(() -> Shard.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "' is not a part");
  }

  @ParameterizedTest
  @CsvSource({
    "1;20;3, 1;20;3, k, ''",
    "15m;4h;500ms, 900;14400;0.5, k (seconds), ''",
    "1k;64Ki, 1000;65536, k, ''",
    "kad;none, 1;2, k, '1 is kad, 2 is none.'"
  })
  void ticks_areNumbersOrPlaces(String values, String places, String label, String caption) {
    List<String> all = List.of(values.split(";"));
    Ticks ticks = new Ticks(all);
    assertThat(all.stream().map(ticks::at))
        .containsExactlyElementsOf(Stream.of(places.split(";")).map(Double::valueOf).toList());
    assertThat(ticks.label("k")).isEqualTo(label);
    assertThat(ticks.caption()).isEqualTo(caption);
  }

  private static SweepPlan parse(String rest) {
    return SweepPlan.parse("s.yaml", HEAD + rest);
  }
}
