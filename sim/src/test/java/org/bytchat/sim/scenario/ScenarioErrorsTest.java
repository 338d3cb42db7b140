package org.bytchat.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong with a scenario is said with file, line and key. */
class ScenarioErrorsTest {

  @TempDir private Path folder;

  /** A text that is wrong, and the beginning of its message after {@code file.yaml}. */
  record Wrong(String text, String message) {}

  private static Wrong wrong(String text, String message) {
    return new Wrong(text, message);
  }

  /** The same below a first line with the only key that every scenario must have. */
  private static Wrong of10(String text, String message) {
    return new Wrong("nodes: 10\n" + text, message);
  }

  static List<Wrong> texts() {
    return List.of(
        wrong("", ":1: the file must hold keys and values, like 'nodes: 1000'"),
        wrong("- nodes\n", ":1: the file must hold keys and values"),
        wrong("seed: 1\n", ":1: nodes: is missing"),
        wrong("nodes: 10\n  bad: [\n", ":2: is not YAML: "),
        wrong("nodes: 10\n---\nnodes: 10\n", ":2: is not YAML: "),
        wrong("? [a]\n: 1\n", ": is not YAML: "),
        wrong("%YAML 9.9\n---\nnodes: 10\n", ": is not YAML: "),
        wrong("nodes: \u0000\n", ": is not YAML: special characters are not allowed"),
        wrong("nodes: *none\n", ":1: is not YAML: found undefined alias none"),
        wrong("[".repeat(100_000), ":1: is nested more than 32 deep"),
        wrong("a: &a [*a]\n", ":1: is nested more than 32 deep"),
        wrong(laughs(5), ":1: holds more than 1000000 values"),
        wrong(laughs(20), ": is not YAML: Number of aliases for non-scalar nodes exceeds"),
        wrong("\"two\\nlines\": 1\n", ":1: two lines: unknown key; nearest is"),
        of10("\nnodes: 11\n", ":3: nodes: is given twice"),
        of10("noodles: 1\n", ":2: noodles: unknown key; nearest is 'nodes', known are name,"),
        of10("phases:\n  mesure: 1m\n", ":3: phases.mesure: unknown key; nearest is 'measure',"),
        of10(
            "churn:\n  model: kad\n  session_mean: 1m\n",
            ":4: churn.session_mean: unknown key; nearest is 'model', known are model, identity,"),
        of10(
            "network:\n  latency: {model: regions, sigma: 1}\n",
            ":3: network.latency.sigma: unknown key; nearest is 'model', known are model"),
        of10(
            "node:\n  routing:\n    bucket_size: 1\n",
            ":4: node.routing.bucket_size: unknown key; nearest is 'bucketSize', known are"),
        of10("faults:\n- {kind: loss, at: 1s, until: 2s, share: 1, way: 1}\n", ":3: faults.0.way:"),
        wrong("nodes:\n", ":1: nodes: has no value"),
        wrong("nodes: many\n", ":1: nodes: 'many' is not a whole number"),
        wrong("nodes: 1.5\n", ":1: nodes: '1.5' is not a whole number"),
        wrong("nodes: [1]\n", ":1: nodes: must have one plain value"),
        of10("seed: 9223372036854775808\n", ":2: seed: '9223372036854775808' is not a whole"),
        of10("network: {loss: lots}\n", ":2: network.loss: 'lots' is not a number like 0.25"),
        of10("network: {loss: NaN}\n", ":2: network.loss: 'NaN' is not a number like 0.25"),
        of10("network: {loss: 1e999}\n", ":2: network.loss: '1e999' is not a number like 0.25"),
        of10("phases: {measure: 1x}\n", ":2: phases.measure: '1x' is not a length of time like"),
        of10("node: {readOnly: yes}\n", ":2: node.readOnly: must be true or false, not 'yes'"),
        of10("mode: byte\n", ":2: mode: 'byte' is not one of object, codec"),
        of10("node: {scope: HERE}\n", ":2: node.scope: 'HERE' is not one of PUBLIC, LOCAL"),
        of10("network: {bandwidth: {up: 1T, down: 1M}}\n", ":2: network.bandwidth.up: '1T' is not"),
        of10("phases: 1\n", ":2: phases: must hold keys and values of its own"),
        of10("churn: [kad]\n", ":2: churn: must hold keys and values of its own"),
        of10("churn:\n", ":2: churn: must hold keys and values of its own"),
        of10("churn: kat\n", ":2: churn.model: 'kat' is not one of weibull, exponential, kad,"),
        of10("churn: {identity: fresh}\n", ":2: churn.model: is missing, one of weibull,"),
        of10("churn: {model: [kad]}\n", ":2: churn.model: must have one plain value"),
        of10("faults: {kind: loss}\n", ":2: faults: must be a list"),
        of10("faults:\n- {at: 1s}\n", ":3: faults.0.kind: is missing, one of partition, crash,"),
        of10("faults:\n- {kind: crash}\n", ":3: faults.0.at: is missing"),
        of10("faults:\n- crash\n", ":3: faults.0.at: is missing"),
        of10("faults:\n- []\n", ":3: faults.0: must hold keys and values of its own"),
        of10(
            "network: {latency: {model: matrix, file: king.txt}}\n",
            ":2: network.latency.file: king.txt is not a file that can be read"),
        of10("churn: {model: trace, file: .}\n", ":2: churn.file: "));
  }

  /** Each line has ten of the line before. */
  private static String laughs(int lines) {
    StringBuilder text = new StringBuilder("a: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for (int i = 1; i <= lines; i++) {
      text.append("a%d: &l%d [".formatted(i, i)).append(("*l" + (i - 1) + ", ").repeat(10));
      text.append("]\n");
    }
    return text.toString();
  }

  static List<Wrong> ranges() {
    return List.of(
        wrong("nodes: 1\n", ":1: nodes: must be in 2..4000000: 1"),
        wrong("nodes: 99999999999\n", ":1: nodes: must be in 2..4000000: 99999999999"),
        of10("name: ' '\n", ":2: name: must have 1..100 characters"),
        of10("phases: {measure: 0s}\n", ":2: phases.measure: must be in 1s..366d: 0s"),
        of10("phases: {settle: -5s}\n", ":2: phases.settle: must be in 0s..30d: -5s"),
        of10("phases: {heal: P31D}\n", ":2: phases.heal: must be in 0s..30d: P31D"),
        of10("network: {loss: 1.5}\n", ":2: network.loss: must be in 0..1: 1.5"),
        of10("network: {jitter: -1}\n", ":2: network.jitter: must be in 0..1: -1"),
        of10("nat: {share: 1}\n", ":2: nat.share: must be in 0..0.95: 1"),
        of10("bootstrap: {nodes: 0}\n", ":2: bootstrap.nodes: must be in 1..1000: 0"),
        of10(
            "network: {bandwidth: {up: 1, down: 1M}}\n",
            ":2: network.bandwidth.up: must be in 1000..100000000000: 1"),
        of10(
            "network: {bandwidth: {up: 999999999999999G, down: 1M}}\n",
            ":2: network.bandwidth.up: must be in 1000..100000000000: 999999999999999G"),
        of10(
            "churn: {model: weibull, session: {shape: 0, scale: 1h}, absence: {}}\n",
            ":2: churn.session.shape: must be in 0.1..10: 0"),
        of10(
            "faults:\n- {kind: crash, at: 1s, share: 0}\n",
            ":3: faults.0.share: must be above 0, and 1 at the most: 0"),
        of10(
            "faults:\n- {kind: clock, at: 1s, share: 1, by: 31d}\n",
            ":3: faults.0.by: must be in -30d..30d: 31d"),
        of10(
            "node:\n  lookup:\n    paths: 1\n    parallelism: 99\n",
            ":5: node.lookup.parallelism: must be in 1..32: 99"),
        of10(
            "node: {store: {repairInterval: 1ms}}\n",
            ":2: node.store.repairInterval: must be in PT1S..PT24H: 1ms"));
  }

  static List<Wrong> contradictions() {
    return List.of(
        of10("bootstrap: {nodes: 11}\n", ":2: bootstrap.nodes: must not be above nodes, 10: 11"),
        of10("bootstrap: {join_over: 11m}\n", ":2: bootstrap.join_over: must not be above phases"),
        of10("node: {readOnly: true}\n", ":2: node.readOnly: must be false, or nobody is in a"),
        of10(
            "node:\n  store:\n    acks: 6\n",
            ":4: node.store.acks: must not be above replicas: 6 and 5"),
        of10(
            "node:\n  store: {ttlMin: 7d, ttlDefault: 6d}\n",
            ":3: node.store: ttlMin, ttlDefault and ttlMax must not fall"),
        of10(
            "node:\n  lookup: {hardTimeout: 500ms}\n",
            ":3: node.lookup.softTimeoutInitial: must be below hardTimeout: PT1S and PT0.5S"),
        of10(
            "network:\n  floor: 20ms\n  latency: {model: constant, one_way: 19ms}\n",
            ":4: network.latency.one_way: must not be below network.floor, 20ms: 19ms"),
        of10(
            "network:\n  floor: 100ms\n",
            ":2: network.latency.median_rtt: must not be below twice network.floor, 200ms: 154ms"),
        of10("churn: {model: kad, folder: torn}\n", ":2: churn.folder: must be kept or lost"));
  }

  static List<Wrong> contradictionsOfFaults() {
    return List.of(
        of10(
            "faults:\n- {kind: crash, at: 10m, share: 1}\n",
            ":3: faults.0.at: must be before the end of phases.measure, 10m: 10m"),
        of10(
            "faults:\n- {kind: crash, at: 1s, share: 1, back_after: 10m}\n",
            ":3: faults.0.back_after: must not lead beyond the end of phases.measure, 10m"),
        of10(
            """
            faults:
            - {kind: crash, at: 1s, share: 1}
            - {kind: loss, at: 1s, until: 1s, share: 1}
            """,
            ":4: faults.1.until: must be after at, 1s: 1s"),
        of10(
            "faults:\n- {kind: loss, at: 1s, until: 1h, share: 1}\n",
            ":3: faults.0.until: must not lead beyond the end of phases.measure, 10m: 1h"),
        of10(
            "faults:\n- {kind: partition, at: 1s, until: 2s}\n",
            ":3: faults.0.share: must be given, or groups, but not both: none"),
        of10(
            "faults:\n- {kind: partition, at: 1s, until: 2s, share: 0.5, groups: 2}\n",
            ":3: faults.0.share: must be given, or groups, but not both: 0.5"),
        of10(
            "faults:\n- {kind: partition, at: 1s, until: 2s, share: 1}\n",
            ":3: faults.0.share: must be above 0 and below 1: 1"),
        of10(
            "faults:\n- {kind: partition, at: 1s, until: 2s, groups: 2, one_way: true}\n",
            ":3: faults.0.one_way: must be false with groups: true"),
        of10(
            "faults:\n- {kind: isolate, at: 1s, until: 2s, nodes: []}\n",
            ":3: faults.0.nodes: must have at least one number"),
        of10(
            "faults:\n- kind: isolate\n  at: 1s\n  until: 2s\n  nodes:\n  - 1\n  - 10\n",
            ":8: faults.0.nodes.1: must be in 0..9: 10"),
        of10(
            "faults:\n- {kind: isolate, at: 1s, until: 2s, nodes: [1, 1]}\n",
            ":3: faults.0.nodes.1: must not be there twice: 1"),
        of10(
            "faults:\n- {kind: join, at: 1s, nodes: 3999991}\n",
            ":3: faults.0.nodes: must not make it more than 4000000 nodes in all: 3999991"),
        of10(
            "faults:\n- {kind: clock, at: 1s, share: 1, by: 0s}\n",
            ":3: faults.0.by: must not be 0s: 0s"));
  }

  static List<Wrong> contradictionsOfWorkloads() {
    return List.of(
        of10(
            "workload: {lookups: {}}\n",
            ":2: workload.lookups.count: must be given, or rate, but not both: none"),
        of10(
            "workload: {lookups: {rate: 0}}\n",
            ":2: workload.lookups.rate: must be above 0, and 1000000 at the most: 0"),
        of10(
            "workload: {lookups: {count: 1, start: 10m}}\n",
            ":2: workload.lookups.start: must be below phases.measure, 10m: 10m"),
        of10(
            "workload: {records: {count: 1, start: 11m}}\n",
            ":2: workload.records.start: must not be above phases.measure, 10m: 11m"),
        of10(
            "workload: {records: {count: 1, start: 6m, put_over: 5m}}\n",
            ":2: workload.records.put_over: must with workload.records.start not be above"
                + " phases.measure, 10m: 5m"),
        of10(
            "workload: {records: {count: 1, put_over: 11m}}\n",
            ":2: workload.records.put_over: must not be above phases.measure, 10m: 11m"),
        of10(
            "workload: {records: {count: 1, ttl: 1d}}\n",
            ":2: workload.records.ttl: must be in node.store.ttlMin..ttlMax, 3d..7d: 1d"),
        of10(
            "workload: {records: {count: 1}}\nnode: {store: {recordBytesMax: 300}}\n",
            ":2: workload.records.value_bytes: must not be above 129 with node.store"),
        of10(
            "checks: {expect: {lookup_success_min: 1}}\n",
            ":2: checks.expect.lookup_success_min: needs workload.lookups: 1"),
        of10(
            """
            checks: {expect: {lookup_success_min: 1}, lookups: none}
            workload: {lookups: {count: 1}}
            """,
            ":2: checks.expect.lookup_success_min: needs checks.lookups other than none: 1"),
        of10(
            "checks: {expect: {record_found_min: 1}}\nworkload: {records: {count: 1}}\n",
            ":2: checks.expect.record_found_min: needs workload.records with a get_rate: 1"));
  }

  static List<Wrong> contradictionsOfAttacks() {
    return List.of(
        of10(
            "attacks: [{attack: sybils, share: 1}]\n",
            ":2: attacks.0.share: must be above 0 and below 1: 1"),
        of10(
            "attacks: [{attack: sybils, share: 0.95}]\n",
            ":2: attacks.0.share: must leave as many honest nodes as bootstrap hosts: 0.95"),
        of10(
            "bootstrap: {nodes: 2}\nattacks: [{attack: sybils, share: 0.2, bootstrap: 2}]\n",
            ":3: attacks.0.bootstrap: must leave one of bootstrap.nodes, 2, honest: 2"),
        of10(
            "attacks: [{attack: targeted, nodes: 5}]\n",
            ":2: attacks.0.records: needs workload.records: 1"),
        of10(
            """
            attacks: [{attack: exhaustion, sources: 5, records: 3}]
            workload: {records: {count: 2}}
            """,
            ":2: attacks.0.records: must not be above workload.records.count, 2: 3"),
        of10(
            "attacks: [{attack: eclipse, subnets: 1, joining: true, at: 10m}]\n",
            ":2: attacks.0.at: must be before the end of phases.measure, 10m: 10m"));
  }

  static List<Wrong> all() {
    List<Wrong> all = new ArrayList<>(texts());
    all.addAll(ranges());
    all.addAll(contradictions());
    all.addAll(contradictionsOfFaults());
    all.addAll(contradictionsOfWorkloads());
    all.addAll(contradictionsOfAttacks());
    return all;
  }

  @ParameterizedTest
  @MethodSource("all")
  void wrongText_isNamedWithFileLineAndKey(Wrong wrong) {
    assertThatThrownBy(() -> Samples.parse(wrong.text))
        .isInstanceOf(ScenarioException.class)
        .message()
        .startsWith("file.yaml" + wrong.message)
        .doesNotContain("\n");
  }

  @Test
  void traceWithFreshIds_isRefused() throws IOException {
    Path file = folder.resolve("scenario.yaml");
    Files.writeString(folder.resolve("trace.csv"), "0,0,5\n");
    Files.writeString(
        file, "nodes: 2\nchurn:\n  model: trace\n  file: trace.csv\n  identity: fresh\n");
    assertThatThrownBy(() -> Scenarios.read(file, List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage(file + ":5: churn.identity: must be persistent with a trace: fresh");
  }

  @Test
  void mapThatIsWrong_isNamedByItsLabel() {
    assertThatThrownBy(
            () -> Scenarios.of("capsule.json", Map.of("nodes", 10, "seeed", 1), List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessageStartingWith("capsule.json: seeed: unknown key; nearest is 'seed', known are");
    assertThatThrownBy(() -> Scenarios.of("capsule.json", Map.of("nodes", List.of(1)), List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage("capsule.json: nodes: must have one plain value");
  }

  @Test
  void mapWithoutAnEnd_isRefused() {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    assertThatThrownBy(() -> Scenarios.of("map", Map.of("nodes", endless), List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage("map: is nested more than 32 deep");
  }

  @Test
  void fileThatCannotBeRead_isNamed() throws IOException {
    Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> Scenarios.load(missing.toString(), List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage(missing + ": does not exist");
    assertThatThrownBy(() -> Scenarios.load(folder.toString(), List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessageStartingWith(folder + ": cannot be read: ");
    Path noText = Files.write(folder.resolve("no.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> Scenarios.read(noText, List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage(noText + ": is not UTF-8 text");
    Path large = Files.write(folder.resolve("large.yaml"), new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> Scenarios.read(large, List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage(large + ": is larger than 1048576 bytes");
    assertThatThrownBy(() -> Scenarios.load("no\u0000name", List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining("is not the name of a file");
  }

  /** Each part of a whole scenario checks itself, so that code cannot make what files cannot. */
  @Test
  void record_refusesWhatAFileMayNotSay() {
    Scenario scenario = Samples.parse("nodes: 10\n");
    assertThatThrownBy(() -> new Nat(2, scenario.nat().mappingTimeout()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("share must be in 0..0.95: 2.0");
    assertThat(new Nat(0.5, scenario.nat().mappingTimeout()).share()).isEqualTo(0.5);
  }
}
