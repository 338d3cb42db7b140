package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.Profile;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A profile on eight processes, some of which are killed.
 *
 * <p>Each node tells how many records and chunks it holds. The avatar has an even number of chunks,
 * which lie at other nodes than the record, so an odd number held means that the record is among
 * them.
 */
class RecordsIT {

  private static final int NODES = 8;
  private static final int REPLICAS = 5;
  private static final int KILLED = 2;
  private static final int AVATAR_BYTES = 20_000;

  /** 21 leaves of at most 959 bytes, and the index that names them. */
  private static final int CHUNKS = 22;

  private static final long SEED = 1;
  private static final Duration HASTE = Duration.ofSeconds(1);

  @TempDir private Path folder;
  private final NodeCluster cluster = new NodeCluster();
  private final Map<NodeId, Path> dataFolders = new HashMap<>();
  private Path config = Path.of("");

  @BeforeEach
  void start() throws Exception {
    config = Files.writeString(folder.resolve("node.yaml"), "store:\n  repairInterval: 2s\n");
    while (cluster.members().size() < NODES) {
      Path data = folder.resolve("node" + cluster.members().size());
      NodeCluster.Member member =
          cluster.start("--data", data.toString(), "--config", config.toString());
      dataFolders.put(member.id(), data);
    }
    cluster.awaitFullTables();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void profile_survivesTheDeathOfItsHolders() throws Exception {
    byte[] avatar = new byte[AVATAR_BYTES];
    Seeds.random(SEED).nextBytes(avatar);
    JsonNode stored = set(avatar);
    List<NodeCluster.Member> holders = holders(stored);
    assertThat(holders).hasSize(REPLICAS);
    assertEachNodeHoldsRecordOrChunksOrBothOrNothing(holders);
    assertReadThroughAll(stored, avatar);

    NodeCluster.Member restarted = holders.get(0);
    double heldBefore = held(restarted);
    for (NodeCluster.Member holder : holders.subList(0, KILLED)) {
      cluster.kill(holder);
    }
    assertReadThroughAll(stored, avatar);
    await()
        .atMost(NodeCluster.LIMIT)
        .untilAsserted(
            () -> {
              assertThat(cluster.members()).filteredOn(this::holdsRecord).hasSize(REPLICAS);
              assertThat(cluster.members()).filteredOn(this::holdsChunks).hasSize(REPLICAS);
            });

    // None of those to whom it was given in the first place.
    for (NodeCluster.Member holder : holders.subList(KILLED, REPLICAS)) {
      cluster.kill(holder);
    }
    assertReadInHaste(stored, avatar);

    assertStillHolds(restarted, heldBefore);
  }

  private JsonNode set(byte[] avatar) throws Exception {
    Path picture = Files.write(folder.resolve("picture"), avatar);
    String key = folder.resolve("user.pem").toString();
    assertThat(Captured.run("keygen", "--out", key).exitCode()).isZero();
    String bootstrap = cluster.members().get(NODES - 1).udp();
    try (NodeProcess set =
        NodeProcess.start(
            "meta",
            "set",
            "--key",
            key,
            "--name",
            "Ada",
            "--avatar",
            picture.toString(),
            "--bootstrap",
            bootstrap)) {
      JsonNode result = set.nextLine("what was stored");
      assertThat(set.exitCode()).as(set.err()).isZero();
      assertThat(set.err()).isEmpty();
      assertThat(result.path("stored").asInt()).isEqualTo(REPLICAS);
      return result;
    }
  }

  /** Those who stored it, checked to be the closest ones. */
  private List<NodeCluster.Member> holders(JsonNode stored) {
    NodeId place = NodeId.parse(stored.path("key").asText());
    List<NodeCluster.Member> closest =
        cluster.members().stream()
            .sorted(Comparator.comparing(NodeCluster.Member::id, place::compareDistance))
            .limit(REPLICAS)
            .toList();
    List<String> found = new ArrayList<>();
    for (JsonNode node : stored.path("nodes")) {
      assertThat(node.path("outcome").asText()).isEqualTo("stored");
      found.add(node.path("node_id").asText() + " " + node.path("addr").asText());
    }
    assertThat(found)
        .isEqualTo(closest.stream().map(member -> member.id() + " " + member.udp()).toList());
    return closest;
  }

  private void assertEachNodeHoldsRecordOrChunksOrBothOrNothing(List<NodeCluster.Member> holders) {
    assertThat(cluster.members()).filteredOn(this::holdsRecord).hasSameElementsAs(holders);
    assertThat(cluster.members()).filteredOn(this::holdsChunks).hasSize(REPLICAS);
  }

  private boolean holdsRecord(NodeCluster.Member member) {
    return held(member) == 1 || held(member) == 1 + CHUNKS;
  }

  private boolean holdsChunks(NodeCluster.Member member) {
    return held(member) == CHUNKS || held(member) == CHUNKS + 1;
  }

  private double held(NodeCluster.Member member) {
    try {
      return cluster.gauge(member, "bytchat_records_held");
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Reads through every living node, at the same time: the dead ones are waited for. */
  private void assertReadThroughAll(JsonNode stored, byte[] avatar) throws Exception {
    List<CompletableFuture<Void>> reads = new ArrayList<>();
    for (NodeCluster.Member member : cluster.members()) {
      Path out = folder.resolve(member.id() + ".avatar");
      Files.deleteIfExists(out);
      reads.add(CompletableFuture.runAsync(() -> assertRead(stored, member, out, avatar)));
    }
    CompletableFuture.allOf(reads.toArray(new CompletableFuture<?>[0])).get();
  }

  private static void assertRead(
      JsonNode stored, NodeCluster.Member member, Path out, byte[] avatar) {
    Captured get =
        Captured.run(
            "meta",
            "get",
            stored.path("uid").asText(),
            "--bootstrap",
            member.udp(),
            "--avatar-out",
            out.toString());
    assertThat(get.exitCode()).as(get.err()).isZero();
    try {
      JsonNode result = new ObjectMapper().readTree(get.out());
      assertThat(result.path("uid")).isEqualTo(stored.path("uid"));
      assertThat(result.path("name").asText()).isEqualTo("Ada");
      assertThat(result.path("seq")).isEqualTo(stored.path("seq"));
      assertThat(result.path("avatar_bytes").asInt()).isEqualTo(AVATAR_BYTES);
      assertThat(result.path("verified").asBoolean()).isTrue();
      assertThat(Files.readAllBytes(out)).isEqualTo(avatar);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads as a node that waits for nobody as long as the commands do. */
  private void assertReadInHaste(JsonNode stored, byte[] avatar) throws Exception {
    HostAndPort survivor = HostAndPort.fromString(cluster.members().get(0).udp());
    LookupConfig hasty = Client.withTimeout(LookupConfig.defaults(), HASTE);
    try (DhtNode node =
        Client.builder(Client.resolve(List.of(survivor)), DhtConfig.defaults().withLookup(hasty))
            .bootstrap(survivor.toString())
            .build()
            .start()) {
      node.joined().get(NodeCluster.LIMIT.toSeconds(), TimeUnit.SECONDS);
      Profile.Found found =
          node.profile(Uid.parse(stored.path("uid").asText()))
              .get(NodeCluster.LIMIT.toSeconds(), TimeUnit.SECONDS)
              .orElseThrow();
      assertThat(found.profile()).isEqualTo(new Profile("Ada", avatar));
      assertThat(found.sequence()).isEqualTo(stored.path("seq").asLong());
    }
  }

  /** Starts a killed node anew, where nobody can give it anything. */
  private void assertStillHolds(NodeCluster.Member killed, double heldBefore) throws Exception {
    Path data = Objects.requireNonNull(dataFolders.get(killed.id()));
    Files.deleteIfExists(data.resolve("contacts.msgpack"));
    NodeCluster.Member again = cluster.startAlone("--data", data.toString());
    assertThat(again.id()).isEqualTo(killed.id());
    assertThat(held(again)).isEqualTo(heldBefore);
    assertThat(holdsRecord(again)).isTrue();
    assertThat(cluster.gauge(again, "bytchat_received_total")).isZero();
  }
}
