package org.bytchat.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.sim.scenario.Checks.LookupCheck;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios are read as they are meant, and written so that they are read again. */
class ScenariosTest {

  @TempDir private Path folder;

  static List<String> names() {
    return Scenarios.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void builtIn_isReadByItsNameAndDocumented(String name) {
    Scenario scenario = Scenarios.load(name, List.of());
    assertThat(scenario.name()).isEqualTo(name.replaceFirst("attacks/", ""));
    assertThat(scenario.description()).isNotBlank();
    assertThat(scenario.citation()).isNotBlank();
    assertRoundTrip(scenario);
  }

  @Test
  void builtIns_areTheFilesOfTheFolder() throws IOException {
    Path root = Path.of("scenarios");
    try (Stream<Path> files = Files.walk(root).filter(Files::isRegularFile)) {
      assertThat(files.map(file -> root.relativize(file).toString()))
          .containsExactlyInAnyOrderElementsOf(
              Scenarios.names().stream().map(name -> name + ".yaml").toList());
    }
    for (String name : Scenarios.names()) {
      Path file = Path.of("scenarios", name + ".yaml");
      assertThat(Scenarios.text(name)).isEqualTo(Files.readString(file));
      assertThat(Scenarios.load(file.toString(), List.of()))
          .isEqualTo(Scenarios.load(name, List.of()));
    }
  }

  @Test
  void builtIn_thatDoesNotExist_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Scenarios.text("nothing"));
    assertThatThrownBy(() -> Scenarios.load("quikstart", List.of()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage(
            "'quikstart' is neither a file nor a scenario of the program; nearest is"
                + " 'quickstart', known are "
                + String.join(", ", Scenarios.names()));
  }

  @Test
  void defaults_areThoseOfTheDocuments() {
    Scenario scenario = Samples.parse("nodes: 2\n");
    assertThat(scenario)
        .isEqualTo(
            new Scenario(
                "file",
                "",
                "",
                1,
                2,
                Mode.OBJECT,
                Signatures.SIMULATED,
                new Bootstrap(Bootstrap.Kind.ORACLE, 1, Duration.ZERO),
                DhtConfig.defaults().withAssumeReachable(true),
                new Phases(Duration.ZERO, Duration.ofMinutes(10), Duration.ZERO),
                new Network(
                    Duration.ofMillis(5),
                    new Latency.LogNormal(Duration.ofMillis(154), 0.48),
                    0,
                    0,
                    0,
                    new Network.Reordering(0, Duration.ofMillis(50)),
                    null,
                    Duration.ofMillis(1)),
                null,
                new Nat(0, Duration.ofMinutes(5)),
                new Clocks(Duration.ZERO, 0),
                List.of(),
                List.of(),
                new Workload(null, null, null),
                null,
                new Checks(10_000, LookupCheck.EXACT, new Checks.Expect(null, null)),
                new Output(Duration.ofMinutes(1), 10_000)));
    assertThat(scenario.phases().total()).isEqualTo(Duration.ofMinutes(10));
    assertRoundTrip(scenario);
  }

  @Test
  void everyKey_isRead() {
    Scenario full = Samples.parse(Samples.FULL);
    assertThat(full.seed()).isEqualTo(Long.MIN_VALUE);
    assertThat(full.mode()).isEqualTo(Mode.CODEC);
    assertThat(full.signatures()).isEqualTo(Signatures.ED25519);
    assertThat(full.bootstrap())
        .isEqualTo(new Bootstrap(Bootstrap.Kind.JOIN, 7, Duration.ofSeconds(90)));
    assertThat(full.phases().total()).isEqualTo(Duration.ofMinutes(75));
    assertThat(full.network())
        .isEqualTo(
            new Network(
                Duration.ofMillis(10),
                new Latency.Constant(Duration.ofMillis(100)),
                0.1,
                0.01,
                0.02,
                new Network.Reordering(0.03, Duration.ofMillis(200)),
                new Network.Bandwidth(1_000_000, 10_000_000, 131_072),
                Duration.ofMillis(2)));
    assertThat(full.churn())
        .isEqualTo(
            new Churn(
                new Churn.Weibull(
                    new Churn.Distribution(0.5, Duration.ofHours(2)),
                    new Churn.Distribution(0.6, Duration.ofHours(3))),
                Churn.Identity.FRESH,
                Folder.LOST));
    assertThat(full.nat()).isEqualTo(new Nat(0.4, Duration.ofMinutes(2)));
    assertThat(full.clocks()).isEqualTo(new Clocks(Duration.ofSeconds(10), 50));
    assertThat(full.workload())
        .isEqualTo(
            new Workload(
                new Workload.Lookups(1000, null, Workload.Targets.NODES, Duration.ofMinutes(1)),
                new Workload.Records(
                    10,
                    Duration.ofDays(3),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    0.5,
                    true,
                    100,
                    Duration.ofMinutes(1)),
                new Workload.Profiles(5, Duration.ofHours(1))));
    assertThat(full.checks())
        .isEqualTo(new Checks(100, LookupCheck.RECALL, new Checks.Expect(0.9, 0.8)));
    assertThat(full.output()).isEqualTo(new Output(Duration.ofSeconds(30), 5));
    assertRoundTrip(full);
  }

  @Test
  void everyFault_isRead() {
    assertThat(Samples.parse(Samples.FULL).faults())
        .containsExactly(
            new Fault.Partition(minutes(1), minutes(2), 0.3, null, true),
            new Fault.Partition(minutes(3), minutes(4), null, 3, false),
            new Fault.Crash(minutes(5), 0.1, Duration.ofSeconds(30), Folder.TORN),
            new Fault.Crash(minutes(6), 0.1, null, Folder.KEPT),
            new Fault.Loss(minutes(7), minutes(8), 0.5),
            new Fault.Isolate(minutes(9), minutes(10), List.of(0, 4999)),
            new Fault.Join(minutes(11), Duration.ofSeconds(10), 100),
            new Fault.Clock(minutes(12), 0.2, minutes(-5)))
        .extracting(fault -> fault.endsAt().toSeconds())
        .containsExactly(120L, 240L, 330L, 360L, 480L, 600L, 670L, 720L);
  }

  @Test
  void mail_isRead() {
    Scenario scenario =
        Samples.parse(
            """
            nodes: 20
            mail:
              share: 0.5
              users: 9
              devices: 3
              hosts: 4
              presence: {online_mean: 30m, away_mean: 2h}
              messages: {count: 7, ttl: 3d, bytes: 1024, over: 5m}
              disk: {sync: 20ms, lost_commits: 3}
              traitors: {drop: 0.1, forge: 0.2}
              flood: {victims: 2, strangers: 1.5, at: 1m, until: 2m}
              tracker: {repair: {replicas: 3}, times: {deletionDelay: 2h}}
              client: {quorum: {depositCount: 6}}
              expect: {kept_min: 0.9}
            """);
    Mail mail = Objects.requireNonNull(scenario.mail());
    assertThat(mail.share()).isEqualTo(0.5);
    assertThat(mail.presence())
        .isEqualTo(new Mail.Presence(Duration.ofMinutes(30), Duration.ofHours(2)));
    assertThat(mail.messages())
        .isEqualTo(new Mail.Messages(7, Duration.ofDays(3), 1024, Duration.ofMinutes(5)));
    assertThat(mail.disk()).isEqualTo(new Mail.Disk(Duration.ofMillis(20), 3));
    assertThat(mail.traitors()).isEqualTo(new Mail.Traitors(0.1, 0, 0, 0.2, 0, 0));
    assertThat(mail.flood())
        .isEqualTo(new Mail.Flood(2, 1.5, 0, Duration.ofMinutes(1), Duration.ofMinutes(2)));
    assertThat(mail.tracker().repair().replicas()).isEqualTo(3);
    assertThat(mail.tracker().repair().servedPeers()).isEqualTo(8);
    assertThat(mail.tracker().times().deletionDelay()).isEqualTo(Duration.ofHours(2));
    assertThat(mail.expect()).isEqualTo(new Mail.Expect(0.9));
    assertRoundTrip(scenario);
  }

  @Test
  void mail_byDefault_isThatOfTheDocuments() {
    Mail mail = Objects.requireNonNull(Samples.parse("nodes: 2\nmail: {users: 2}\n").mail());
    assertThat(mail)
        .isEqualTo(
            new Mail(
                1,
                2,
                2,
                10,
                null,
                null,
                0,
                new Mail.Messages(100, Duration.ofDays(7), 512, null),
                new Mail.Disk(Duration.ofMillis(5), 0),
                new Mail.Traitors(0, 0, 0, 0, 0, 0),
                null,
                TrackerConfig.defaults(),
                QuorumConfig.defaults(),
                new Mail.Expect(null)));
  }

  @Test
  void node_isConfiguredByTheNamesOfItsRecords() {
    DhtConfig node = Samples.parse(Samples.FULL).node();
    RoutingConfig routing = RoutingConfig.defaults();
    assertThat(node.network()).isEqualTo("laboratory");
    assertThat(node.scope()).isEqualTo(Scope.LOCAL);
    assertThat(node.services()).isEqualTo(3);
    assertThat(node.assumeReachable()).isFalse();
    assertThat(node.proofOfId()).isFalse();
    assertThat(node.routing())
        .isEqualTo(
            new RoutingConfig(
                16,
                routing.replacementCacheSize(),
                routing.subnetPerBucket(),
                routing.subnetPerTable(),
                routing.networkPerTable(),
                Duration.ofHours(1),
                routing.staleAfter(),
                routing.pingInterval(),
                routing.evictAfterFailures(),
                routing.keepInterval()));
    assertThat(node.lookup().parallelism()).isEqualTo(5);
    assertThat(node.limits().proofsPerSecond()).isEqualTo(7);
    assertThat(node.store())
        .isEqualTo(
            StoreConfig.defaults()
                .withReplicas(8, 3)
                .withRepair(Duration.ofSeconds(2), Duration.ofSeconds(5)));
  }

  @Test
  void models_areToldApart() {
    assertThat(churn("churn: kad").law()).isEqualTo(Churn.Preset.KAD);
    assertThat(churn("churn: {model: ipfs, folder: lost}"))
        .isEqualTo(new Churn(Churn.Preset.IPFS, Churn.Identity.PERSISTENT, Folder.LOST));
    assertThat(churn("churn: {model: exponential, session_mean: 1h, absence_mean: 30m}").law())
        .isEqualTo(new Churn.Exponential(Duration.ofHours(1), Duration.ofMinutes(30)));
    assertThat(Samples.parse("nodes: 2\nchurn: none\n").churn()).isNull();
    assertThat(latency("regions")).isEqualTo(new Latency.Regions());
    assertThat(latency("{sigma: 0.1}"))
        .isEqualTo(new Latency.LogNormal(Duration.ofMillis(154), 0.1));
    assertThat(latency("{model: log_normal, median_rtt: 80ms}"))
        .isEqualTo(new Latency.LogNormal(Duration.ofMillis(80), 0.48));
  }

  private static Churn churn(String text) {
    Scenario scenario = Samples.parse("nodes: 2\n" + text + "\n");
    assertRoundTrip(scenario);
    return Objects.requireNonNull(scenario.churn());
  }

  private static Latency latency(String text) {
    Scenario scenario = Samples.parse("nodes: 2\nnetwork: {latency: " + text + "}\n");
    assertRoundTrip(scenario);
    return scenario.network().latency();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "churn: kad",
        "network: {loss: 0.1}",
        "network: {bandwidth: {up: 1M, down: 1M}}",
        "nat: {share: 0.1}",
        "bootstrap: {kind: join}",
        "faults: [{kind: crash, at: 1s, share: 0.1}]"
      })
  void lookups_areNotExpectedExact_whereSomethingFails(String text) {
    assertThat(Samples.parse("nodes: 2\n" + text + "\n").checks().lookups())
        .isEqualTo(LookupCheck.RECALL);
    assertThat(Samples.parse("nodes: 2\n" + text + "\nchecks: {lookups: exact}\n").checks())
        .extracting(Checks::lookups)
        .isEqualTo(LookupCheck.EXACT);
  }

  @Test
  void files_areRelativeToTheScenario() throws IOException {
    Path matrix = Files.writeString(folder.resolve("rtt.txt"), "0,1,5\n");
    Path trace = Files.writeString(folder.resolve("trace.csv"), "0,0,5\n");
    Path file =
        Files.writeString(
            folder.resolve("files.yaml"),
            """
            nodes: 2
            network: {latency: {model: matrix, file: rtt.txt}}
            churn: {model: trace, file: trace.csv}
            """);
    Scenario scenario = Scenarios.load(file.toString(), List.of());
    assertThat(scenario.name()).isEqualTo("files");
    assertThat(scenario.network().latency()).isEqualTo(new Latency.Matrix(matrix));
    assertThat(scenario.churn())
        .isEqualTo(new Churn(new Churn.Trace(trace), Churn.Identity.PERSISTENT, Folder.KEPT));
    assertRoundTrip(scenario);
  }

  @Test
  void anchors_areCopies() {
    Scenario scenario =
        Samples.parse(
            """
            nodes: 10
            faults:
              - &first {kind: crash, at: 1m, share: 0.1}
              - *first
            """,
            "faults.1.share=0.2");
    assertThat(scenario.faults())
        .containsExactly(
            new Fault.Crash(minutes(1), 0.1, null, Folder.KEPT),
            new Fault.Crash(minutes(1), 0.2, null, Folder.KEPT));
  }

  private static Duration minutes(long minutes) {
    return Duration.ofMinutes(minutes);
  }

  private static void assertRoundTrip(Scenario scenario) {
    Map<String, Object> map = scenario.toMap();
    assertThat(Scenarios.of("again", map, List.of())).isEqualTo(scenario);
    assertThat(map.keySet()).startsWith("name", "description", "citation", "seed", "nodes");
    // As in a file of JSON, which is YAML too.
    ObjectMapper json = new ObjectMapper();
    try {
      String text = json.writeValueAsString(map);
      Map<String, Object> read = json.readValue(text, new TypeReference<>() {});
      assertThat(Scenarios.of("again.json", read, List.of())).isEqualTo(scenario);
      assertThat(Scenarios.parse("again.json", text, List.of())).isEqualTo(scenario);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
