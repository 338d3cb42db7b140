package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.tracker.Required;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand connections that say nothing, against a node with 64 MB of heap, which treats its
 * sources as those of a public network.
 */
class TrackerFloodIT {

  private static final int CONNECTIONS = 10_000;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final TrackerUser user = new TrackerUser();
  private final List<SocketChannel> flood = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private NodeProcess node;
  private JsonNode ready;
  private InetSocketAddress tracker;
  private Bystander bystander;

  @BeforeEach
  void start() throws Exception {
    Path config =
        Files.writeString(folder.resolve("node.yaml"), "sessions: {times: {handshake: 3s}}\n");
    node =
        NodeProcess.start(
            "run",
            "--bind",
            "0.0.0.0",
            "--port",
            "0",
            "--metrics-port",
            "0",
            "--config",
            config.toString());
    ObjectNode line = (ObjectNode) node.await("ready");
    line.put("tcp", line.path("tcp").asText().replace("0.0.0.0", "127.0.0.1"));
    ready = line;
    tracker = TrackerUser.tcp(ready);
    bystander = new Bystander(ready);
  }

  @AfterEach
  void close() throws IOException {
    for (SocketChannel channel : flood) {
      channel.close();
    }
    user.close();
    bystander.close();
    node.close();
  }

  private void connect(InetAddress from) throws IOException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open();
    } catch (IOException e) {
      Required.assume(false, "only " + flood.size() + " files may be open here: " + e.getMessage());
      return;
    }
    flood.add(channel);
    try {
      channel.bind(new InetSocketAddress(from, 0)).connect(tracker);
    } catch (IOException e) {
      // The node ended it at once.
      return;
    }
  }

  private static InetAddress address(int number) throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 1, (byte) (number >> 8), (byte) number});
  }

  private long metric(String name) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(ready.path("metrics").asText())).timeout(LIMIT).build();
    String all = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    Matcher matcher = Pattern.compile("(?m)^bytchat_" + name + " (\\S+)$").matcher(all);
    assertThat(matcher.find()).as(name).isTrue();
    return (long) Double.parseDouble(matcher.group(1));
  }

  @Test
  void halfOpen_ofOneSource_costsThatSourceAlone() throws Exception {
    TrackerConnection device = user.register(ready);
    InetAddress source = address(1);
    for (int i = 0; i < CONNECTIONS; i++) {
      connect(source);
    }
    assertThat(metric("sessions_half_open")).isLessThanOrEqualTo(16);
    List<Envelope> sent = user.deposit(user.connect(ready), 3);
    assertThat(TrackerUser.fetch(device)).hasSize(sent.size());
    assertThat(
            metric("session_refused_source_rate_total")
                + metric("session_refused_source_half_open_total"))
        .isGreaterThan(CONNECTIONS - 1_000);
    bystander.assertMailIsUntouched(ready);
    assertThat(node.err()).doesNotContain("OutOfMemory");
  }

  @Test
  void halfOpen_ofManySources_whoIsInIsServedAndOthersGetIn() throws Exception {
    TrackerConnection device = user.register(ready);
    for (int i = 0; i < CONNECTIONS; i++) {
      connect(address(i));
      if (i % 2_000 == 0) {
        user.deposit(device, 1);
      }
    }
    // Who is displaced is counted until its end is handled.
    await().atMost(LIMIT).until(() -> metric("sessions_half_open") <= 1_024);
    assertThat(metric("sessions_half_open")).isPositive();
    assertThat(user.deposit(user.connect(ready), 1)).hasSize(1);
    assertThat(TrackerUser.fetch(device)).hasSize(6);
    assertThat(metric("session_handshake_displaced_total")).isPositive();
    bystander.assertMailIsUntouched(ready);
    await().atMost(LIMIT).until(() -> metric("sessions_half_open") == 0);
    assertThat(node.err()).doesNotContain("OutOfMemory");
  }
}
