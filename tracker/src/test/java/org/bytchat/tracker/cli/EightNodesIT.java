package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Eight processes that join through one, and are watched from outside. */
class EightNodesIT {

  private static final int NODES = 8;
  private static final int LOOKUPS_EACH = 4;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long SEED = 1;

  private final List<NodeProcess> processes = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();

  /** Address of each node by its id, and where its metrics are. */
  private final Map<NodeId, String> addresses = new LinkedHashMap<>();

  private final List<String> metrics = new ArrayList<>();

  @AfterEach
  void close() {
    processes.forEach(NodeProcess::close);
  }

  @Test
  void eightProcesses_joinThroughOneAndAreFoundExactly() throws Exception {
    start();
    while (processes.size() < NODES) {
      start("--bootstrap", addresses.values().iterator().next());
    }
    for (NodeProcess process : processes) {
      assertThat(process.await("joined").path("contacts").asInt()).isPositive();
    }
    for (String url : metrics) {
      await().atMost(LIMIT).until(() -> gauge(url, "bytchat_contacts") == NODES - 1);
    }
    assertCountersAreServed(metrics.get(0));
    Random random = Seeds.random(SEED);
    for (String bootstrap : addresses.values()) {
      for (int i = 0; i < LOOKUPS_EACH; i++) {
        byte[] target = new byte[NodeId.BYTES];
        random.nextBytes(target);
        assertLookUp(NodeId.of(target), bootstrap);
      }
    }
  }

  private void start(String... args) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--metrics-port", "0"));
    NodeProcess process = NodeProcess.run(all.toArray(new String[0]));
    processes.add(process);
    JsonNode ready = process.await("ready");
    addresses.put(NodeId.parse(ready.path("node_id").asText()), ready.path("udp").asText());
    metrics.add(ready.path("metrics").asText());
  }

  private void assertLookUp(NodeId target, String bootstrap) throws IOException {
    Captured lookup = Captured.run("lookup", target.toString(), "--bootstrap", bootstrap);
    assertThat(lookup.exitCode()).as(lookup.err()).isZero();
    JsonNode result = new ObjectMapper().readTree(lookup.out());
    assertThat(result.path("target").asText()).isEqualTo(target.toString());
    List<String> found = new ArrayList<>();
    for (JsonNode contact : result.path("closest")) {
      found.add(contact.path("node_id").asText() + " " + contact.path("addr").asText());
    }
    List<String> closest =
        addresses.keySet().stream()
            .sorted(target::compareDistance)
            .map(id -> id + " " + addresses.get(id))
            .toList();
    assertThat(found).isEqualTo(closest);
    assertThat(result.path("rpcs").asInt()).isEqualTo(NODES);
  }

  private void assertCountersAreServed(String url) throws IOException, InterruptedException {
    String text = get(url);
    for (Counter counter : Counter.values()) {
      assertThat(text).contains("\nbytchat_" + NodeMetrics.nameOf(counter) + "_total ");
    }
    assertThat(text)
        .contains("bytchat_node_info{")
        .contains("jvm_memory_used_bytes{", "jvm_threads_current ", "process_open_fds ");
    assertThat(gauge(url, "bytchat_up")).isEqualTo(1);
    assertThat(gauge(url, "bytchat_joined")).isEqualTo(1);
    assertThat(gauge(url, "bytchat_received_total")).isPositive();
    assertThat(gauge(url, "bytchat_rtt_median_seconds")).isPositive();
  }

  private double gauge(String url, String name) throws IOException, InterruptedException {
    Matcher matcher = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(get(url));
    assertThat(matcher.find()).as(name).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  private String get(String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(LIMIT).build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }
}
