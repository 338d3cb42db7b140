package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.bytchat.tracker.interop.OurSwarm.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.interop.LibtorrentSwarm.Peer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that find nobody but nodes of ours, and our program where addresses matter. */
@Tag("interop")
@Timeout(120)
class OtherClientsIT {

  private static final int NODES = 10;
  private static final int HOSTED_NODES = 12;
  private static final int HASH_BYTES = 20;
  private static final int PEER_PORT = 12_345;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Addresses of four networks that nobody has but that count as public (RFC 2544, RFC 5737). */
  private static final List<String> PUBLIC =
      List.of("198.18.1.1", "198.19.1.1", "192.0.2.1", "203.0.113.1");

  private final Random random = Seeds.random(4);

  @Test
  void aria2_amongOurs_findsAndIsFound(@TempDir Path folder) throws Exception {
    try (OurSwarm ours = new OurSwarm()) {
      ours.add("127.0.95.1");
      for (int i = 2; i <= NODES; i++) {
        ours.add("127.0.95." + i, ours.peer(0).endpoint());
      }
      ours.nodes().forEach(node -> assertThat(result(node.joined())).isPositive());
      NodeId infoHash = NodeId.of(bytes(HASH_BYTES));
      assertThat(OurSwarm.announce(ours.node(3).mainline(), infoHash, PEER_PORT)).isPositive();
      String announced = ours.peer(3).address() + ":" + PEER_PORT;
      try (Aria2 aria2 =
          Aria2.start(Aria2.Settings.at("127.0.95.200", folder), ours.peer(1).endpoint())) {
        aria2.join(infoHash.toBytes());
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () ->
                    assertThat(OurSwarm.peersOf(ours.node(7).mainline(), infoHash))
                        .containsExactlyInAnyOrder(announced, aria2.endpoint()));
        assertThat(aria2.peersFound()).contains(announced);
        assertThat(aria2.nodesHeard())
            .contains(ours.peer(1).endpoint())
            .hasSizeGreaterThan(1)
            .isSubsetOf(ours.peers().stream().map(Peer::endpoint).toList());
      }
    }
  }

  @Test
  void transmission_amongOurs_findsAndIsFound(@TempDir Path folder) throws Exception {
    try (NetworkNamespaces network = NetworkNamespaces.create(NetworkNamespaces.PRIVATE);
        HostedNodes ours = HostedNodes.start(network.host(HOSTED_NODES));
        PeerProgram single = OurProgram.start(network.host(1), ours.peers().get(1).endpoint())) {
      assertThat(OurProgram.await(single, "joined").path("contacts").asInt()).isPositive();
      byte[] infoHash = bytes(HASH_BYTES);
      HostedNodes.Announced announced = ours.announce(3, infoHash);
      assertThat(announced.stored()).isPositive();
      List<String> nodes = ours.peers().stream().map(Peer::endpoint).toList();
      try (Transmission transmission = Transmission.start(folder, network.host(1), nodes)) {
        transmission.join(infoHash);
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () ->
                    assertThat(ours.peers(9, infoHash))
                        .containsExactlyInAnyOrder(announced.endpoint(), transmission.endpoint()));
        await().atMost(LIMIT).until(() -> ours.visitors().contains(transmission.address()));
      }
    }
  }

  @Test
  void ourId_followsFromTheAddressThatLibtorrentSees() throws Exception {
    try (NetworkNamespaces network = NetworkNamespaces.create(NetworkNamespaces.PUBLIC);
        LibtorrentSwarm swarm = LibtorrentSwarm.start(network.host(PUBLIC))) {
      String[] bootstrap = swarm.peers().stream().map(Peer::endpoint).toArray(String[]::new);
      try (PeerProgram node = OurProgram.start(network.host(1), bootstrap)) {
        JsonNode ready = OurProgram.await(node, "ready");
        HostAndPort at = HostAndPort.fromString(ready.path("udp").asText());
        Endpoint endpoint =
            Endpoint.of(InetAddresses.forString(at.getHost()).getAddress(), at.getPort());
        JsonNode external = OurProgram.await(node, "external_address");
        assertThat(external.path("udp")).isEqualTo(ready.path("udp"));
        NodeId before = NodeId.parse(ready.path("node_id").asText());
        NodeId after = NodeId.parse(OurProgram.await(node, "node_id").path("node_id").asText());
        assertThat(SecureIds.isSecure(before, endpoint)).isFalse();
        assertThat(SecureIds.isSecure(after, endpoint)).isTrue();
        swarm.bootstrap(0, at.getHost(), at.getPort());
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () ->
                    assertThat(swarm.liveNodes(0))
                        .contains(new Peer(at.getHost(), at.getPort(), after.toString())));
      }
    }
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
