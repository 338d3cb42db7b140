package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runnable jar as one process or two, on the loopback address. */
class NodeIT {

  private static final int STOP_SECONDS = 2;

  @TempDir private Path folder;

  @Test
  void sigterm_stopsCleanlyInTime() throws Exception {
    try (NodeProcess node = NodeProcess.run("--public")) {
      JsonNode ready = node.await("ready");
      assertThat(ready.path("node_id").asText()).matches("[0-9a-f]{40}");
      assertThat(ready.path("udp").asText()).matches("127\\.0\\.0\\.1:[1-9]\\d*");
      assertThat(ready.path("joined").isBoolean()).isTrue();
      assertThat(ready.path("joined").asBoolean()).isFalse();
      node.terminate();
      assertThat(node.exitCode(STOP_SECONDS)).isZero();
      JsonNode stopped = node.await("stopped");
      assertThat(stopped.path("reason").asText()).isEqualTo("signal");
      assertThat(stopped.path("uptime_s").asDouble()).isPositive();
    }
  }

  @Test
  void restart_keepsTheIdAndRejoinsThroughKeptContacts() throws Exception {
    String data = folder.resolve("data").toString();
    try (NodeProcess other = NodeProcess.run()) {
      String udp = other.await("ready").path("udp").asText();
      String id;
      try (NodeProcess first = NodeProcess.run("--data", data, "--bootstrap", udp)) {
        id = first.await("ready").path("node_id").asText();
        assertThat(first.await("joined").path("contacts").asInt()).isPositive();
        first.terminate();
        assertThat(first.exitCode()).isZero();
      }
      try (NodeProcess second = NodeProcess.run("--data", data)) {
        assertThat(second.await("ready").path("node_id").asText()).isEqualTo(id);
        assertThat(second.await("joined").path("contacts").asInt()).isEqualTo(1);
      }
    }
  }

  @Test
  void kill_leavesAFolderThatStartsAgain() throws Exception {
    String data = folder.resolve("data").toString();
    try (NodeProcess other = NodeProcess.run()) {
      String udp = other.await("ready").path("udp").asText();
      String id;
      try (NodeProcess first = NodeProcess.run("--data", data, "--bootstrap", udp)) {
        id = first.await("ready").path("node_id").asText();
        first.await("joined");
        first.kill();
      }
      try (NodeProcess second = NodeProcess.run("--data", data, "--bootstrap", udp)) {
        assertThat(second.await("ready").path("node_id").asText()).isEqualTo(id);
        second.await("joined");
      }
    }
  }

  @Test
  void dataFolder_inUse_isRefused() throws Exception {
    String data = folder.resolve("data").toString();
    try (NodeProcess first = NodeProcess.run("--data", data)) {
      first.await("ready");
      try (NodeProcess second = NodeProcess.run("--data", data)) {
        assertThat(second.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(second.err())
            .contains(data, "in use by another node")
            .doesNotContain("Exception");
      }
    }
  }

  @Test
  void dataFolder_belowAFile_isRefused() throws Exception {
    String data = Files.createFile(folder.resolve("file")).resolve("data").toString();
    try (NodeProcess node = NodeProcess.run("--data", data)) {
      assertThat(node.exitCode()).isEqualTo(ExitCode.REFUSED);
      assertThat(node.err()).contains(data, "cannot be used");
    }
  }

  @Test
  void port_inUse_isRefused() throws Exception {
    try (DatagramSocket taken = new DatagramSocket(loopback());
        NodeProcess node =
            NodeProcess.start(
                "run", "--bind", "127.0.0.1", "--port", String.valueOf(taken.getLocalPort()))) {
      assertThat(node.exitCode()).isEqualTo(ExitCode.REFUSED);
      assertThat(node.err())
          .contains("127.0.0.1:" + taken.getLocalPort(), "another port")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void metricsPort_inUse_isRefused() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, loopback().getAddress());
        NodeProcess node =
            NodeProcess.run("--metrics-port", String.valueOf(taken.getLocalPort()))) {
      assertThat(node.exitCode()).isEqualTo(ExitCode.REFUSED);
      assertThat(node.err())
          .contains("127.0.0.1:" + taken.getLocalPort(), "--metrics-port")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void unknownOption_isNamed() throws Exception {
    try (NodeProcess node = NodeProcess.run("--nonsense")) {
      assertThat(node.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(node.err()).contains("--nonsense");
    }
  }

  @Test
  void unknownKeyOfTheFile_isNamedWithItsLine() throws Exception {
    Path file = Files.writeString(folder.resolve("node.yaml"), "network: lab\nnonsense: 1\n");
    try (NodeProcess node = NodeProcess.run("--config", file.toString())) {
      assertThat(node.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(node.err()).contains(file + ":2: nonsense: unknown key");
    }
  }

  @Test
  void configFile_isUsed() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("node.yaml"),
            "network: laboratory\nread-only: true\nport: 0\nbind: 127.0.0.1\n");
    try (NodeProcess node = NodeProcess.start("run", "--config", file.toString())) {
      JsonNode ready = node.await("ready");
      assertThat(ready.path("network").asText()).isEqualTo("laboratory");
      assertThat(ready.path("read_only").asBoolean()).isTrue();
      assertThat(ready.path("udp").asText()).startsWith("127.0.0.1:");
    }
  }

  @Test
  void silentBootstrap_isAskedAgainUntilItAnswers() throws Exception {
    DatagramSocket silent = new DatagramSocket(loopback());
    silent.setSoTimeout(60_000);
    int port = silent.getLocalPort();
    try (NodeProcess node = NodeProcess.run("--bootstrap", "127.0.0.1:" + port)) {
      node.await("ready");
      // A request is sent twice; what differs is another attempt.
      Set<ByteBuffer> requests = new HashSet<>();
      while (requests.size() < 3) {
        requests.add(receive(silent));
      }
      silent.close();
      try (NodeProcess bootstrap =
          NodeProcess.start("run", "--bind", "127.0.0.1", "--port", String.valueOf(port))) {
        bootstrap.await("ready");
        assertThat(node.await("joined").path("contacts").asInt()).isEqualTo(1);
      }
    } finally {
      silent.close();
    }
  }

  private static ByteBuffer receive(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    socket.receive(packet);
    return ByteBuffer.wrap(Arrays.copyOf(packet.getData(), packet.getLength()));
  }

  @Test
  void bootstrapThatCannotBeResolved_doesNotStopTheNode() throws Exception {
    try (NodeProcess node = NodeProcess.run("--bootstrap", "nosuchhost.invalid:1")) {
      node.await("ready");
      node.terminate();
      assertThat(node.exitCode()).isZero();
    }
  }

  @Test
  void standardOutput_closed_doesNotStopTheNode() throws Exception {
    try (NodeProcess node = NodeProcess.run()) {
      String udp = node.await("ready").path("udp").asText();
      node.closeOut();
      try (NodeProcess other = NodeProcess.run("--bootstrap", udp)) {
        // Both have an event to print now.
        other.await("joined");
      }
      assertThat(Captured.run("ping", udp).exitCode()).isZero();
      assertThat(node.isAlive()).isTrue();
      node.terminate();
      assertThat(node.exitCode()).isZero();
    }
  }

  @Test
  void ping_answered_printsWhoAndHowLong() throws Exception {
    try (NodeProcess node = NodeProcess.run()) {
      JsonNode ready = node.await("ready");
      try (NodeProcess ping = NodeProcess.start("ping", ready.path("udp").asText())) {
        JsonNode result = ping.nextLine("an answer");
        assertThat(result.path("node_id")).isEqualTo(ready.path("node_id"));
        assertThat(result.path("rtt_ms").asDouble()).isPositive();
        assertThat(ping.exitCode()).isZero();
        assertThat(ping.err()).isEmpty();
      }
    }
  }

  @Test
  void ping_ofAnotherNetwork_isNotAnswered() throws Exception {
    try (NodeProcess node = NodeProcess.run("--network", "laboratory")) {
      String udp = node.await("ready").path("udp").asText();
      Captured other = Captured.run("ping", udp, "--timeout", "500ms");
      assertThat(other.exitCode()).isEqualTo(ExitCode.NOBODY_ANSWERED);
      assertThat(Captured.run("ping", udp, "--network", "laboratory").exitCode()).isZero();
    }
  }

  @Test
  void commands_thatNobodyAnswers_sayWhom() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(loopback())) {
      String udp = "127.0.0.1:" + silent.getLocalPort();
      try (NodeProcess ping = NodeProcess.start("ping", udp, "--timeout", "300ms")) {
        assertThat(ping.exitCode()).isEqualTo(ExitCode.NOBODY_ANSWERED);
        assertThat(ping.err()).contains(udp + " did not answer within 300 ms");
      }
      Captured lookup =
          Captured.run("lookup", "00".repeat(20), "--bootstrap", udp, "--timeout", "300ms");
      assertThat(lookup.exitCode()).isEqualTo(ExitCode.NOBODY_ANSWERED);
      assertThat(lookup.err()).contains("no answer from " + udp);
    }
  }

  @Test
  void demo_showsExactLookups() throws Exception {
    try (NodeProcess demo = NodeProcess.start("demo", "--nodes", "6")) {
      assertThat(demo.exitCode()).isZero();
      assertThat(demo.out())
          .contains("6 nodes started", "30 of 30 results are exactly")
          .containsPattern("picture of 20000 bytes on 5 of 5 nodes in \\d")
          .contains("node 6 read and verified it", "name and picture are as stored")
          .endsWith("all as it should be");
    }
  }

  private static InetSocketAddress loopback() throws IOException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
  }
}
