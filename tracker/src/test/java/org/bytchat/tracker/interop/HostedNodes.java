package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.BaseEncoding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.tracker.RunnableJar;
import org.bytchat.tracker.interop.LibtorrentSwarm.Peer;

/** Nodes of ours on the addresses of a host, in a process of their own. */
final class HostedNodes implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final BaseEncoding HEX = BaseEncoding.base16().lowerCase();
  private static final long LIMIT_SECONDS = 60;

  private final PeerProgram program;
  private final List<Peer> peers = new ArrayList<>();

  private HostedNodes(PeerProgram program) {
    this.program = program;
  }

  /** Starts a node on each address of a host, which all join through the first. */
  static HostedNodes start(NetworkNamespaces.Host host) throws IOException, InterruptedException {
    List<String> command =
        RunnableJar.java(
            "-cp", System.getProperty("java.class.path"), HostedNodesMain.class.getName());
    command.addAll(host.addresses());
    HostedNodes nodes = new HostedNodes(PeerProgram.start(host.command(command)));
    try {
      for (JsonNode node : nodes.nextLine().path("nodes")) {
        nodes.peers.add(
            new Peer(
                node.path("address").asText(),
                node.path("port").asInt(),
                node.path("nodeId").asText()));
      }
      assertThat(nodes.peers).hasSameSizeAs(host.addresses());
      return nodes;
    } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
      nodes.close();
      throw e;
    }
  }

  private JsonNode nextLine() throws IOException, InterruptedException {
    return JSON.readTree(program.nextLine(LIMIT_SECONDS));
  }

  /** All nodes; their place in the list names them. */
  List<Peer> peers() {
    return List.copyOf(peers);
  }

  /**
   * A peer that was announced.
   *
   * @param endpoint HOST:PORT, where it waits for whoever was told of it
   * @param stored how many nodes took it
   */
  record Announced(String endpoint, int stored) {}

  /** Announces a peer with a node's address, who listens there. */
  Announced announce(int node, byte[] infoHash) throws IOException, InterruptedException {
    JsonNode answer = ask(request("announce", node).put("info_hash", HEX.encode(infoHash)));
    return new Announced(answer.path("peer").asText(), answer.path("stored").asInt());
  }

  /** The peers, HOST:PORT, that a node finds. */
  List<String> peers(int node, byte[] infoHash) throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    ask(request("peers", node).put("info_hash", HEX.encode(infoHash)))
        .path("peers")
        .forEach(peer -> found.add(peer.asText()));
    return found;
  }

  /** The addresses of those who came to a peer that was announced here. */
  List<String> visitors() throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    ask(request("visitors", 0)).path("visitors").forEach(one -> found.add(one.asText()));
    return found;
  }

  private static ObjectNode request(String operation, int node) {
    return JSON.createObjectNode().put("op", operation).put("node", node);
  }

  private JsonNode ask(ObjectNode request) throws IOException, InterruptedException {
    program.tell(request.toString());
    return nextLine();
  }

  @Override
  public void close() {
    program.close();
  }
}
