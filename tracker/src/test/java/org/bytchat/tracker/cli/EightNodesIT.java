package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Eight processes that join through one, and are watched from outside. */
class EightNodesIT {

  private static final int NODES = 8;
  private static final int LOOKUPS_EACH = 4;
  private static final long SEED = 1;

  private final NodeCluster cluster = new NodeCluster();

  @TempDir private Path folder;

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void eightProcesses_joinThroughOneAndAreFoundExactly() throws Exception {
    // Whoever is not heard while eight programs start is met again soon, not after 15 minutes.
    Path config = Files.writeString(folder.resolve("node.yaml"), "routing: {refreshInterval: 10s}");
    while (cluster.members().size() < NODES) {
      cluster.start("--config", config.toString());
    }
    cluster.awaitFullTables();
    assertCountersAreServed(cluster.members().get(0));
    Random random = Seeds.random(SEED);
    for (NodeCluster.Member bootstrap : cluster.members()) {
      for (int i = 0; i < LOOKUPS_EACH; i++) {
        byte[] target = new byte[NodeId.BYTES];
        random.nextBytes(target);
        assertLookUp(NodeId.of(target), bootstrap.udp());
      }
    }
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
        cluster.members().stream()
            .sorted(Comparator.comparing(NodeCluster.Member::id, target::compareDistance))
            .map(member -> member.id() + " " + member.udp())
            .toList();
    assertThat(found).isEqualTo(closest);
    assertThat(result.path("rpcs").asInt()).isEqualTo(NODES);
  }

  private void assertCountersAreServed(NodeCluster.Member member)
      throws IOException, InterruptedException {
    String text = cluster.metrics(member);
    for (Counter counter : Counter.values()) {
      assertThat(text).contains("\nbytchat_" + NodeMetrics.nameOf(counter) + "_total ");
    }
    assertThat(text)
        .contains("bytchat_node_info{")
        .contains("jvm_memory_used_bytes{", "jvm_threads_current ", "process_open_fds ");
    assertThat(cluster.gauge(member, "bytchat_up")).isEqualTo(1);
    assertThat(cluster.gauge(member, "bytchat_joined")).isEqualTo(1);
    assertThat(cluster.gauge(member, "bytchat_received_total")).isPositive();
    assertThat(cluster.gauge(member, "bytchat_rtt_median_seconds")).isPositive();
  }
}
