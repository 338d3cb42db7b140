package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runnable jar as a tracker: its TCP port, its mailboxes, and the commands on them. */
class TrackerIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int STOP_SECONDS = 2;
  private static final int PAGE_BYTES = 8192;

  @TempDir private Path folder;

  private final NodeCluster cluster = new NodeCluster();
  private final TrackerUser user = new TrackerUser();

  @AfterEach
  void close() {
    user.close();
    cluster.close();
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private Path database() {
    return folder.resolve("data").resolve("mailboxes").resolve("mailboxes.sqlite");
  }

  private static JsonNode json(Captured command) throws IOException {
    return new ObjectMapper().readTree(command.out());
  }

  private Captured mailbox(String... args) {
    List<String> all = new ArrayList<>(List.of("mailbox"));
    all.addAll(List.of(args));
    all.addAll(List.of("--data", data()));
    return Captured.run(all.toArray(new String[0]));
  }

  @Test
  void run_takesAndGivesMailOnThePortOfTheNode() throws Exception {
    try (NodeProcess node = NodeProcess.run()) {
      JsonNode ready = node.await("ready");
      assertThat(ready.path("tcp")).isEqualTo(ready.path("udp"));
      assertThat(ready.path("mailboxes").asBoolean()).isTrue();
      TrackerConnection device = user.register(ready);
      TrackerConnection sender = user.connect(ready);
      Envelope envelope = user.envelope();
      Receipt receipt = user.deposit(sender, envelope);
      assertThat(TrackerUser.fetch(device)).containsExactly(envelope.bytes());
      Request.PutAcks ack =
          new Request.PutAcks(user.party.ack(user.party.devices.get(0), envelope.digest()));
      assertThat(TrackerUser.ask(device, ack)).isEqualTo(new Response.Acked(List.of(true)));
      assertThat(TrackerUser.fetch(device)).isEmpty();
      assertThat(TrackerUser.fetch(user.open(ready, 1))).containsExactly(envelope.bytes());
      assertThat(user.deposit(sender, envelope)).isEqualTo(receipt);
    }
  }

  @Test
  void metrics_ofATracker_areServed() throws Exception {
    NodeCluster.Member member = cluster.start("--data", data());
    user.deposit(user.register(member.ready()), 3);
    assertThat(cluster.gauge(member, "bytchat_tracker_up")).isEqualTo(1);
    assertThat(cluster.gauge(member, "bytchat_tracker_deposits_total")).isEqualTo(3);
    assertThat(cluster.gauge(member, "bytchat_sessions")).isEqualTo(1);
    assertThat(cluster.gauge(member, "bytchat_envelopes")).isEqualTo(3);
    assertThat(cluster.gauge(member, "bytchat_commits_total")).isPositive();
    assertThat(cluster.gauge(member, "bytchat_commit_wait_seconds_count")).isPositive();
    assertThat(cluster.gauge(member, "bytchat_mailboxes_disk_bytes")).isPositive();
  }

  @Test
  void lookup_forTrackers_findsTheNodesThatAreSome() throws Exception {
    Set<NodeId> trackers = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      trackers.add(cluster.start().id());
    }
    cluster.start("--no-mailbox");
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DhtNode asker =
        DhtNode.builder().bind(any).bootstrap(cluster.members().get(0).udp()).build().start()) {
      asker.joined().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      await().atMost(LIMIT).until(() -> find(asker, user.party.mailbox()).equals(trackers));
    }
  }

  private static Set<NodeId> find(DhtNode asker, NodeId place) throws Exception {
    Set<NodeId> found = new HashSet<>();
    asker
        .lookup(place, Services.TRACKER)
        .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .closest()
        .forEach(contact -> found.add(contact.id()));
    return found;
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-mailbox", "--read-only", "--dialect=mainline"})
  void nodeWithoutMailboxes_hasNoTcpPort(String option) throws Exception {
    try (NodeProcess node = NodeProcess.run(option, "--data", data())) {
      JsonNode ready = node.await("ready");
      assertThat(ready.path("mailboxes").asBoolean(true)).isFalse();
      assertThat(ready.has("tcp")).isFalse();
      int port = Integer.parseInt(ready.path("udp").asText().replaceFirst(".*:", ""));
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
          .isInstanceOf(IOException.class);
      assertThat(database()).doesNotExist();
    }
  }

  @Test
  void tcpPort_inUse_isRefused() throws Exception {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (ServerSocket taken = new ServerSocket(0, 1, loopback)) {
      String port = String.valueOf(taken.getLocalPort());
      try (NodeProcess node = NodeProcess.start("run", "--bind", "127.0.0.1", "--port", port)) {
        assertThat(node.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(node.err())
            .contains("TCP 127.0.0.1:" + port, "--port", "--no-mailbox")
            .doesNotContain("\tat ");
      }
      try (NodeProcess node =
          NodeProcess.start("run", "--bind", "127.0.0.1", "--port", port, "--no-mailbox")) {
        node.await("ready");
      }
    }
  }

  @Test
  void sigterm_withOpenSessions_stopsInTimeAndKeepsTheMail() throws Exception {
    List<Envelope> sent;
    try (NodeProcess node = NodeProcess.run("--data", data())) {
      JsonNode ready = node.await("ready");
      TrackerConnection device = user.register(ready);
      sent = user.deposit(device, 20);
      var waiting = device.fetch(new Request.Fetch(1_000, 100, 60_000));
      List<TrackerConnection> idle = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        idle.add(user.connect(ready));
      }
      node.terminate();
      assertThat(node.exitCode(STOP_SECONDS)).isZero();
      assertThat(node.await("stopped").path("reason").asText()).isEqualTo("signal");
      await().atMost(LIMIT).until(() -> idle.stream().noneMatch(TrackerConnection::isOpen));
      assertThat(waiting).isDone();
    }
    assertThat(database().resolveSibling("mailboxes.clean")).exists();
    try (NodeProcess node = NodeProcess.run("--data", data())) {
      assertThat(TrackerUser.fetch(user.open(node.await("ready"), 0)))
          .containsExactlyElementsOf(sent.stream().map(Envelope::bytes).toList());
    }
  }

  @Test
  void damagedDatabase_isNamed_repaired_andWhatIsLeftIsServed() throws Exception {
    List<Envelope> sent;
    try (NodeProcess node = NodeProcess.run("--data", data())) {
      sent = user.deposit(user.register(node.await("ready")), 300);
      node.terminate();
      assertThat(node.exitCode()).isZero();
    }
    overwritePageOf(sent.get(150).bytes());
    try (NodeProcess node = NodeProcess.run("--data", data())) {
      assertThat(node.exitCode()).isEqualTo(ExitCode.REFUSED);
      assertThat(node.err())
          .contains(
              database().toRealPath().toString(),
              "damaged",
              "bytchat-node mailbox check --repair --data " + data())
          .doesNotContain("\tat ");
    }
    Captured check = mailbox("check");
    assertThat(check.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(json(check).path("sound").asBoolean(true)).isFalse();
    assertThat(json(check).path("problems")).isNotEmpty();

    Captured repair = mailbox("check", "--repair");
    assertThat(repair.exitCode()).as(repair.err()).isZero();
    JsonNode report = json(repair);
    assertThat(Path.of(report.path("damaged").asText())).exists();
    int lost = report.path("lost").path("envelopes").asInt();
    assertThat(lost).isBetween(1, 50);
    assertThat(report.path("kept").path("envelopes").asInt()).isEqualTo(sent.size() - lost);

    try (NodeProcess node = NodeProcess.run("--data", data())) {
      List<byte[]> fetched = TrackerUser.fetch(user.open(node.await("ready"), 0));
      assertThat(fetched)
          .hasSize(sent.size() - lost)
          .isSubsetOf(sent.stream().map(Envelope::bytes).toList());
      assertThat(mailbox("check").exitCode()).isZero();
    }
  }

  private void overwritePageOf(byte[] envelope) throws IOException {
    byte[] file = Files.readAllBytes(database());
    byte[] part = Arrays.copyOfRange(envelope, 100, 200);
    int at = 0;
    while (!Arrays.equals(file, at, at + part.length, part, 0, part.length)) {
      at++;
    }
    byte[] rubbish = new byte[PAGE_BYTES];
    Arrays.fill(rubbish, (byte) 0xaa);
    try (FileChannel channel = FileChannel.open(database(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(rubbish), at / PAGE_BYTES * (long) PAGE_BYTES);
    }
  }

  @Test
  void mailboxCommands_workBesideTheNode() throws Exception {
    try (NodeProcess node = NodeProcess.run("--data", data())) {
      TrackerConnection device = user.register(node.await("ready"));
      user.deposit(device, 50);
      JsonNode stats = json(mailbox("stats"));
      assertThat(stats.path("mailboxes").asInt()).isEqualTo(1);
      assertThat(stats.path("envelopes").asInt()).isEqualTo(50);
      assertThat(json(mailbox("check")).path("sound").asBoolean()).isTrue();

      Path copy = folder.resolve("copy");
      String file =
          Files.createDirectories(copy.resolve("mailboxes")).resolve("mailboxes.sqlite").toString();
      Captured backup = mailbox("backup", file);
      assertThat(backup.exitCode()).as(backup.err()).isZero();
      assertThat(json(backup).path("bytes").asLong()).isEqualTo(Files.size(Path.of(file)));
      user.deposit(device, 1);
      Captured other = Captured.run("mailbox", "check", "--data", copy.toString());
      assertThat(other.exitCode()).as(other.err()).isZero();
      assertThat(json(other).path("envelopes").asInt()).isEqualTo(50);

      assertThat(mailbox("backup", file).exitCode()).isEqualTo(ExitCode.REFUSED);
      Captured repair = mailbox("check", "--repair");
      assertThat(repair.exitCode()).isEqualTo(ExitCode.REFUSED);
      assertThat(repair.err()).contains("in use by another node");
      assertThat(TrackerUser.fetch(device)).hasSize(51);
    }
  }

  @Test
  void configFile_limitsTheMailbox() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("node.yaml"),
            """
            mailbox:
              mailbox: {envelopesMax: 2}
            sessions:
              total: {sessions: 2}
            """);
    try (NodeProcess node = NodeProcess.run("--config", file.toString())) {
      JsonNode ready = node.await("ready");
      TrackerConnection device = user.register(ready);
      user.deposit(device, 2);
      assertThat(user.depositing(device, user.envelope()).get())
          .asInstanceOf(type(Response.Refused.class))
          .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.QUOTA));
      user.connect(ready);
      assertThatThrownBy(() -> user.connect(ready)).isInstanceOf(Exception.class);
    }
  }
}
