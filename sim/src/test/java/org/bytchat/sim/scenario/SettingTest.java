package org.bytchat.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of the command line take the place of the file's, and are named when they are wrong. */
class SettingTest {

  private static final String TEXT =
      """
      nodes: 10
      churn: kad
      faults:
        - {kind: crash, at: 1m, share: 0.1}
        - {kind: isolate, at: 1m, until: 2m, nodes: [1, 2]}
      """;

  @Test
  void settings_replaceAndAdd() {
    Scenario scenario =
        Samples.parse(
            TEXT,
            "nodes=500",
            "network.loss=0.1",
            "node.lookup.parallelism=5",
            "faults.0.share=0.2",
            "faults.1.nodes.1=7",
            "churn={model: ipfs, folder: lost}",
            "churn.identity=fresh",
            "network.latency=regions",
            "name=a=b",
            "workload.lookups.rate= 3 ",
            "nodes=600");
    assertThat(scenario.nodes()).isEqualTo(600);
    assertThat(scenario.network().loss()).isEqualTo(0.1);
    assertThat(scenario.network().latency()).isEqualTo(new Latency.Regions());
    assertThat(scenario.node().lookup().parallelism()).isEqualTo(5);
    assertThat(scenario.name()).isEqualTo("a=b");
    assertThat(scenario.churn())
        .isEqualTo(new Churn(Churn.Preset.IPFS, Churn.Identity.FRESH, Folder.LOST));
    assertThat(scenario.faults())
        .containsExactly(
            new Fault.Crash(Duration.ofMinutes(1), 0.2, null, Folder.KEPT),
            new Fault.Isolate(Duration.ofMinutes(1), Duration.ofMinutes(2), List.of(1, 7)));
    assertThat(scenario.workload().lookups())
        .isEqualTo(new Workload.Lookups(null, 3.0, Workload.Targets.RANDOM, Duration.ZERO));
  }

  @Test
  void settings_takeAway() {
    Scenario scenario = Samples.parse(TEXT, "churn=none", "faults=[]");
    assertThat(scenario.churn()).isNull();
    assertThat(scenario.faults()).isEmpty();
    assertThat(Samples.parse(TEXT, "churn.model=mdht").churn())
        .extracting(Churn::law)
        .isEqualTo(Churn.Preset.MDHT);
  }

  @Test
  void settings_applyToMaps() {
    Scenario scenario = Samples.parse(TEXT);
    assertThat(Scenarios.of("map", scenario.toMap(), List.of("seed=7", "faults.0.at=2m")))
        .satisfies(changed -> assertThat(changed.seed()).isEqualTo(7))
        .satisfies(
            changed -> assertThat(changed.faults().get(0).at()).isEqualTo(Duration.ofMinutes(2)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nodes|must be KEY=VALUE, like nodes=500",
        "=5|must be KEY=VALUE, like nodes=500",
        "network..loss=5|must be KEY=VALUE, like nodes=500",
        "nodes=|nodes: has no value",
        "nodes=[|is not YAML: ",
        "nodes=1|nodes: must be in 2..4000000: 1",
        "noodles=1|noodles: unknown key; nearest is 'nodes'",
        "network.los=1|network.los: unknown key; nearest is 'loss'",
        "nodes.x=1|nodes: must have one plain value",
        "node.lookup.parallelism=99|node.lookup.parallelism: must be in 1..32: 99",
        "faults.0.share=2|faults.0.share: must be above 0, and 1 at the most: 2",
        "faults.2.share=1|faults: '2' is not an entry of the list: must be in 0..1",
        "faults.x=1|faults: 'x' is not an entry of the list: must be in 0..1",
        "faults.-1=1|faults: '-1' is not an entry of the list: must be in 0..1",
        "faults.1.nodes.2=1|faults.1.nodes: '2' is not an entry of the list: must be in 0..1",
        "faults.1.nodes.0.x=1|faults.1.nodes.0: has no keys",
        "faults.1.nodes.0=10|faults.1.nodes.0: must be in 0..9: 10",
        "faults.0=nothing|faults.0.kind: 'nothing' is not one of partition,",
      })
  void wrongSetting_isNamed(String setting, String message) {
    assertThatThrownBy(() -> Samples.parse(TEXT, setting))
        .isInstanceOf(ScenarioException.class)
        .hasMessageStartingWith("option '--set " + setting + "': " + message);
  }

  @Test
  void settingThatContradictsTheFile_namesTheLineThatIsWrongNow() {
    assertThatThrownBy(() -> Samples.parse(TEXT, "phases.measure=30s"))
        .isInstanceOf(ScenarioException.class)
        .hasMessage("file.yaml:4: faults.0.at: must be before the end of phases.measure, 30s: 1m");
  }

  static List<String> wholeNumbers() {
    List<String> paths = new ArrayList<>();
    collect("", Samples.parse(Samples.FULL).toMap(), paths);
    return paths;
  }

  private static void collect(String path, Object value, List<String> paths) {
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, inner) -> collect(path.isEmpty() ? "" + key : path + "." + key, inner, paths));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(path + "." + i, list.get(i), paths);
      }
    } else if (value instanceof Integer || value instanceof Long) {
      paths.add(path);
    }
  }

  /** Too large a number is never taken for the largest that fits. */
  @ParameterizedTest
  @MethodSource("wholeNumbers")
  void hugeNumber_isRefusedAsItWasWritten(String path) {
    assertThatThrownBy(() -> Samples.parse(Samples.FULL, path + "=99999999999999999999"))
        .isInstanceOf(ScenarioException.class)
        .hasMessageStartingWith("option '--set " + path)
        .message()
        .satisfies(
            message ->
                assertThat(message.substring(message.indexOf("': ")))
                    .contains("99999999999999999999"));
  }
}
