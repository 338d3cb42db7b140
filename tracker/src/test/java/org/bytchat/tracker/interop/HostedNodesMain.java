package org.bytchat.tracker.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bytchat.dht.Mainline;
import org.bytchat.dht.keyspace.NodeId;

/**
 * Runs a node of ours on each address that it is given, in one process: where a test needs more of
 * them in another network than there is room for virtual machines. Each joins through the first.
 *
 * <p>It prints one line with all of them, then answers each line of JSON with one, until its input
 * ends.
 */
final class HostedNodesMain implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int BACKLOG = 8;

  private final OurSwarm swarm = new OurSwarm();

  /** The addresses of those who came to a peer that was announced. */
  private final Set<String> visitors = ConcurrentHashMap.newKeySet();

  public static void main(String[] addresses) throws IOException {
    try (HostedNodesMain nodes = new HostedNodesMain();
        BufferedReader input =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println(nodes.start(addresses));
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        System.out.println(nodes.answer(JSON.readTree(line)));
      }
    }
  }

  private ObjectNode start(String[] addresses) {
    ObjectNode started = JSON.createObjectNode();
    for (int i = 0; i < addresses.length; i++) {
      if (i == 0) {
        swarm.add(addresses[i]);
      } else {
        swarm.add(addresses[i], swarm.peer(0).endpoint());
      }
      started.withArray("nodes").addPOJO(swarm.peer(i));
    }
    return started;
  }

  private ObjectNode answer(JsonNode request) throws IOException {
    int number = request.path("node").asInt();
    ObjectNode answer = JSON.createObjectNode();
    if (request.path("op").asText().equals("visitors")) {
      visitors.forEach(answer.withArray("visitors")::add);
      return answer;
    }
    Mainline node = swarm.node(number).mainline();
    NodeId infoHash = NodeId.parse(request.path("info_hash").asText());
    if (request.path("op").asText().equals("announce")) {
      int port = listen(swarm.peer(number).address());
      answer.put("stored", OurSwarm.announce(node, infoHash, port));
      answer.put("peer", swarm.peer(number).address() + ":" + port);
    } else {
      OurSwarm.peersOf(node, infoHash).forEach(answer.withArray("peers")::add);
    }
    return answer;
  }

  /** Waits for those who were told of an announcement; returns the port. */
  private int listen(String address) throws IOException {
    ServerSocket peer = new ServerSocket(0, BACKLOG, InetAddress.getByName(address));
    Thread thread =
        new Thread(
            () -> {
              while (true) {
                try (Socket visitor = peer.accept()) {
                  visitors.add(visitor.getInetAddress().getHostAddress());
                } catch (IOException e) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return peer.getLocalPort();
  }

  @Override
  public void close() {
    swarm.close();
  }
}
