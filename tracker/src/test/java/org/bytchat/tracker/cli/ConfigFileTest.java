package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.session.SessionConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ConfigFileTest {

  @TempDir private Path folder;

  private ConfigFile read(String text) throws IOException {
    return ConfigFile.read(Files.writeString(folder.resolve("node.yaml"), text));
  }

  @Test
  void everyOption_isRead() throws IOException {
    NodeOptions options =
        read("""
                # A comment.
                bind: [127.0.0.1, "::1"]
                port: 1234
                data: some folder
                bootstrap:
                  - example.org:42962
                  - "[2001:db8::1]:7"
                read-only: true
                public: false
                network: laboratory
                dialect: bytchat
                rate-limit: 50
                no-mailbox: true
                metrics-port: 9464
                """)
            .options();
    assertThat(options.bind).hasSize(2);
    assertThat(options.port).isEqualTo(1234);
    assertThat(options.data).isEqualTo(Path.of("some folder"));
    assertThat(options.bootstrap).hasToString("[example.org:42962, [2001:db8::1]:7]");
    assertThat(options.readOnly).isTrue();
    assertThat(options.reachable).isNull();
    assertThat(options.network).isEqualTo("laboratory");
    assertThat(options.dialect).isEqualTo(Dialect.BYTCHAT);
    assertThat(options.rateLimit).isEqualTo(50);
    assertThat(options.noMailbox).isTrue();
    assertThat(options.metricsPort).isEqualTo(9464);
  }

  @Test
  void sections_changeOnlyWhatTheyName() throws IOException {
    ConfigFile file =
        read(
            """
            routing:
              bucketSize: 16
              refreshInterval: 1h
            lookup: {parallelism: 5, hardTimeout: 2500ms}
            limits:
              proofsPerSecond: 7
            store:
              repairInterval: 2s
              bytesMax: 1048576
            defences: {strictTable: false, puzzleBits: 3}
            """);
    RoutingConfig routing = RoutingConfig.defaults();
    assertThat(file.routing())
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
    assertThat(file.lookup().parallelism()).isEqualTo(5);
    assertThat(file.lookup().hardTimeout()).isEqualTo(Duration.ofMillis(2500));
    assertThat(file.lookup().paths()).isEqualTo(LookupConfig.defaults().paths());
    assertThat(file.limits(null).proofsPerSecond()).isEqualTo(7);
    assertThat(file.limits(null).requestsPerSecond())
        .isEqualTo(LimitsConfig.defaults().requestsPerSecond());
    assertThat(file.store().repairInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(file.store().bytesMax()).isEqualTo(1 << 20);
    assertThat(file.store().ttlMax()).isEqualTo(StoreConfig.defaults().ttlMax());
    assertThat(file.defences().strictTable()).isFalse();
    assertThat(file.defences().puzzleBits()).isEqualTo(3);
    assertThat(file.defences().coverage()).isEqualTo(DefenceConfig.defaults().coverage());
    DhtConfig config = NodeSettings.of(new NodeOptions(), file).config();
    assertThat(config.store()).isEqualTo(file.store());
    assertThat(config.defences()).isEqualTo(file.defences());
  }

  @Test
  void sectionsOfTheTracker_changeOnlyWhatTheyName() throws IOException {
    ConfigFile file =
        read(
            """
            mailbox:
              mailbox: {envelopesMax: 7, bytesMax: 1073741824}
              load: {storedBytesMax: 549755813888}
              times:
                deletionDelay: 2m
            sessions:
              total: {sessions: 5}
              perSource:
                connectsPerSecond: 0
              times: {idle: 10m}
              eventLoopThreads: 3
            """);
    TrackerConfig mailbox = TrackerConfig.defaults();
    assertThat(file.mailbox().mailbox())
        .isEqualTo(
            new TrackerConfig.MailboxLimits(
                7,
                1 << 30,
                mailbox.mailbox().tombstonesMax(),
                mailbox.mailbox().strangersMax(),
                mailbox.mailbox().strangersPercent()));
    assertThat(file.mailbox().load().storedBytesMax()).isEqualTo(1L << 39);
    assertThat(file.mailbox().load().effectsMax()).isEqualTo(mailbox.load().effectsMax());
    assertThat(file.mailbox().times().deletionDelay()).isEqualTo(Duration.ofMinutes(2));
    assertThat(file.mailbox().times().confirmed()).isEqualTo(mailbox.times().confirmed());
    assertThat(file.mailbox().page()).isEqualTo(mailbox.page());
    assertThat(file.mailbox().stamps()).isEqualTo(mailbox.stamps());

    SessionConfig sessions = Tracker.defaultSessions();
    assertThat(file.sessions().total().sessions()).isEqualTo(5);
    assertThat(file.sessions().total().halfOpen()).isEqualTo(sessions.total().halfOpen());
    assertThat(file.sessions().perSource().connectsPerSecond()).isZero();
    assertThat(file.sessions().perSource().scope()).isEqualTo(Scope.PUBLIC);
    assertThat(file.sessions().times().idle()).isEqualTo(Duration.ofMinutes(10));
    assertThat(file.sessions().eventLoopThreads()).isEqualTo(3);
    assertThat(file.sessions().outboundBytesMax()).isEqualTo(sessions.outboundBytesMax());
    NodeSettings settings = NodeSettings.of(new NodeOptions(), file);
    assertThat(settings.mailbox()).isEqualTo(file.mailbox());
    assertThat(settings.sessions()).isEqualTo(file.sessions());
  }

  @Test
  void pagesThatDoNotFitFourTimesIntoASession_areRefused() throws IOException {
    ConfigFile file = read("mailbox: {page: {bytesMax: 2097152}}\n");
    assertThatThrownBy(() -> NodeSettings.of(new NodeOptions(), file))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("sessions.outboundBytesMax")
        .hasMessageContaining("at least 8388608");
    ConfigFile both =
        read("mailbox: {page: {bytesMax: 2097152}}\nsessions: {outboundBytesMax: 8388608}\n");
    assertThat(NodeSettings.of(new NodeOptions(), both).mailbox().page().bytesMax())
        .isEqualTo(2 << 20);
  }

  @Test
  void mailboxes_areKeptByFullNodesOfOurDialectOnly() {
    assertThat(settings().hasMailboxes()).isTrue();
    assertThat(settings("--public").hasMailboxes()).isTrue();
    assertThat(settings("--no-mailbox").hasMailboxes()).isFalse();
    assertThat(settings("--read-only").hasMailboxes()).isFalse();
    assertThat(settings("--dialect", "mainline").hasMailboxes()).isFalse();
  }

  private static NodeSettings settings(String... args) {
    NodeOptions options = new NodeOptions();
    new CommandLine(options).parseArgs(args);
    return NodeSettings.of(options, ConfigFile.empty());
  }

  @Test
  void rateLimit_winsOverTheSectionButKeepsItsBurst() throws IOException {
    ConfigFile file = read("limits:\n  requestsPerSecond: 9\n  requestsBurst: 11\n");
    assertThat(file.limits(null).requestsPerSecond()).isEqualTo(9);
    assertThat(file.limits(50).requestsPerSecond()).isEqualTo(50);
    assertThat(file.limits(50).requestsBurst()).isEqualTo(11);
    assertThat(ConfigFile.empty().limits(50).requestsBurst()).isEqualTo(100);
    assertThat(ConfigFile.empty().limits(0).requestsPerSecond()).isZero();
  }

  @Test
  void commandLine_winsOverTheFile() throws IOException {
    NodeOptions options = new NodeOptions();
    options.port = 7;
    options.readOnly = false;
    options.bootstrap = List.of(new BootstrapHost.Converter().convert("one.example:1"));
    NodeSettings settings =
        NodeSettings.of(
            options,
            read(
                """
                port: 8
                read-only: true
                network: laboratory
                bootstrap: [two.example:2, three.example:3]
                """));
    assertThat(settings.options().port).isEqualTo(7);
    assertThat(settings.config().readOnly()).isFalse();
    assertThat(settings.config().network()).isEqualTo("laboratory");
    assertThat(settings.options().bootstrap).hasToString("[one.example:1]");
  }

  @Test
  void flags_canBeUndone() {
    NodeOptions options = new NodeOptions();
    new CommandLine(options).parseArgs("--no-read-only", "--public");
    assertThat(options.readOnly).isFalse();
    assertThat(options.reachable).isTrue();
    assertThat(options.noMailbox).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "---\n"})
  void emptyFile_saysNothing(String text) throws IOException {
    ConfigFile file = read(text);
    assertThat(file.options().port).isNull();
    assertThat(file.limits(null)).isEqualTo(LimitsConfig.defaults());
  }

  /** A file that is wrong, and what the message names after the file. */
  record Wrong(String text, String message) {}

  static List<Wrong> wrong() {
    return List.of(
        new Wrong("port: 1\nprot: 2\n", ":2: prot: unknown key; known are bind, bootstrap,"),
        new Wrong("config: other.yaml\n", ":1: config: unknown key"),
        new Wrong("no-read-only: true\n", ":1: no-read-only: unknown key"),
        new Wrong("port: 1\n\nport: 2\n", ":3: port: is given twice"),
        new Wrong("port: 65536\n", ":1: port: '65536' is not a number from 0 to 65535"),
        new Wrong("port: [1, 2]\n", ":1: port: takes one value, not a list"),
        new Wrong("port:\n", ":1: port: has no value"),
        new Wrong("port: {a: 1}\n", ":1: port: must have one plain value"),
        new Wrong("bind:\n  - 127.0.0.1\n  - here\n", ":3: bind: 'here' is not an IP address"),
        new Wrong("dialect: klingon\n", ":1: dialect: 'klingon' is not a dialect"),
        new Wrong("read-only: yes\n", ":1: read-only: must be true or false, not 'yes'"),
        new Wrong("routing: 1\n", ":1: routing: must hold keys and values of its own"),
        new Wrong("routing:\n  buckets: 1\n", ":2: routing.buckets: unknown key; known are"),
        new Wrong("lookup:\n  paths: 1\n  paths: 2\n", ":3: paths: is given twice"),
        new Wrong("lookup:\n  paths: many\n", ":2: lookup.paths: 'many' is not a number"),
        new Wrong("lookup:\n  paths: 1\n  parallelism: 99\n", ":3: lookup.parallelism must be in"),
        new Wrong(
            "limits:\n  tokenRotation: 1x\n", ":2: limits.tokenRotation: '1x' is not a length"),
        new Wrong("lookup:\n  hardTimeout: 500ms\n", "lookup.softTimeoutInitial must be below"),
        new Wrong("store:\n  size: 1\n", ":2: store.size: unknown key; known are recordBytesMax,"),
        new Wrong("store:\n  acks: 6\n", "store.acks must not be above replicas: 6 and 5"),
        new Wrong("store:\n  repairInterval: 1ms\n", ":2: store.repairInterval must be in"),
        new Wrong("defences:\n  puzzleBits: 33\n", ":2: defences.puzzleBits must be in"),
        new Wrong(
            "defences:\n  strictTable: yes\n", ":2: defences.strictTable: must be true or false"),
        new Wrong("mailbox: 1\n", ":1: mailbox: must hold keys and values of its own"),
        new Wrong("mailbox:\n  page: 1\n", ":2: mailbox.page: must hold keys and values"),
        new Wrong("mailbox:\n  pages: 1\n", ":2: mailbox.pages: unknown key; known are mailbox,"),
        new Wrong(
            "mailbox:\n  page:\n    size: 1\n",
            ":3: mailbox.page.size: unknown key; known are envelopesMax, bytesMax"),
        new Wrong(
            "mailbox:\n  page:\n    bytesMax: 1\n", ":3: mailbox.page.bytesMax must be in 65536.."),
        new Wrong(
            "mailbox:\n  load: {storedBytesMax: 1e9}\n",
            ":2: mailbox.load.storedBytesMax: '1e9' is not a number"),
        new Wrong("mailbox:\n  times:\n    waitMax: 6m\n", ":3: mailbox.times.waitMax in ms must"),
        new Wrong(
            "mailbox:\n  page: {bytesMax: 1}\n  page: {bytesMax: 1}\n",
            ":2: mailbox.page.bytesMax must"),
        new Wrong(
            "mailbox:\n  page: {envelopesMax: 1}\n  page: {envelopesMax: 2}\n",
            ":3: page: is given twice"),
        new Wrong("sessions:\n  total: [1]\n", ":2: sessions.total: must hold keys and values"),
        new Wrong(
            "sessions:\n  perSource:\n    scope: LOCAL\n",
            ":3: sessions.perSource.scope: unknown key; known are sessions,"),
        new Wrong(
            "sessions:\n  times:\n    keepAlive: 1h\n",
            ":3: sessions.times.keepAlive must be shorter than idle"),
        new Wrong("a: " + "[".repeat(100_000) + "\n", ":1: is nested more than 32 deep"),
        new Wrong("- port\n", ":1: the file must hold keys and values"),
        new Wrong("? [a]\n: 1\n", "is not YAML: "),
        new Wrong("port: 1\n  bad: [\n", ":2: is not YAML: "),
        new Wrong("port: 1\n---\nport: 2\n", "is not YAML: "));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void wrongFile_isNamedWithLineAndKey(Wrong wrong) {
    assertThatThrownBy(() -> read(wrong.text))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("node.yaml:")
        .hasMessageContaining(wrong.message);
  }

  @Test
  void fileThatIsNotText_isNamed() throws IOException {
    Path file = Files.write(folder.resolve("node.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> ConfigFile.read(file)).hasMessageContaining("is not UTF-8 text");
  }

  @Test
  void folderInPlaceOfTheFile_isNamed() {
    assertThatThrownBy(() -> ConfigFile.read(folder))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("'--config'");
  }
}
