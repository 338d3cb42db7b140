package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.BaseEncoding;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytchat.tracker.Required;
import org.jspecify.annotations.Nullable;

/**
 * DHT nodes of libtorrent, all in one process that {@code interop/libtorrent_swarm.py} runs. They
 * do not know one another until they are acquainted.
 */
final class LibtorrentSwarm implements AutoCloseable {

  /** The Python that Debian's bindings are for; another one that is first on the path has none. */
  private static final String PYTHON = "/usr/bin/python3";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final BaseEncoding HEX = BaseEncoding.base16().lowerCase();

  /**
   * libtorrent waits 15 seconds for each that has left, and takes in whoever puts or announces, a
   * read-only node that leaves at once too.
   */
  private static final Duration TIMEOUT = Duration.ofSeconds(40);

  private static final long SLACK_SECONDS = 20;

  private final PeerProgram program;
  private final List<Peer> peers = new ArrayList<>();

  private LibtorrentSwarm(PeerProgram program) {
    this.program = program;
  }

  /**
   * One node.
   *
   * @param address its address
   * @param port its UDP and TCP port
   * @param nodeId its id when it was asked, in hexadecimal
   */
  record Peer(String address, int port, String nodeId) {

    /** HOST:PORT. */
    String endpoint() {
      return address + ":" + port;
    }
  }

  /**
   * What a node knows.
   *
   * @param verified contacts that have answered it, which it hands out to others
   * @param contacts all contacts
   */
  record Table(int verified, int contacts) {}

  /**
   * An item that was put.
   *
   * @param where the target of an immutable item, the public key of a mutable one
   * @param seq the sequence number of a mutable one
   * @param stored how many nodes took it
   */
  record Put(byte[] where, long seq, int stored) {}

  /**
   * An item that was found.
   *
   * @param value its value, a string
   * @param seq the sequence number of a mutable one
   */
  record Item(byte[] value, long seq) {

    String text() {
      return new String(value, StandardCharsets.UTF_8);
    }
  }

  /**
   * What a mutable item is put under, and what.
   *
   * @param seed the private key's 32 bytes
   * @param salt the salt, or an empty string
   * @param value the value, a string
   */
  record Mutable(byte[] seed, String salt, String value) {}

  /** Starts so many nodes on the loopback addresses NETWORK.1, NETWORK.2 and so on. */
  static LibtorrentSwarm startLocal(String network, int count)
      throws IOException, InterruptedException {
    return start(
        List.of(), IntStream.rangeClosed(1, count).mapToObj(i -> network + "." + i).toList());
  }

  /** Starts a node on each address of a host. */
  static LibtorrentSwarm start(NetworkNamespaces.Host host)
      throws IOException, InterruptedException {
    return start(host.command(List.of()), host.addresses());
  }

  private static LibtorrentSwarm start(List<String> before, List<String> addresses)
      throws IOException, InterruptedException {
    assumeInstalled();
    List<String> command = new ArrayList<>(before);
    command.addAll(List.of(PYTHON, script().toString()));
    LibtorrentSwarm swarm = new LibtorrentSwarm(PeerProgram.start(command));
    try {
      swarm.startNodes(addresses);
      return swarm;
    } catch (InterruptedException | RuntimeException | AssertionError e) {
      swarm.close();
      throw e;
    }
  }

  /** Skips the test where the bindings are missing. */
  static void assumeInstalled() throws InterruptedException {
    String missing = "";
    try {
      PeerProgram.run(List.of(PYTHON, "-c", "import libtorrent"));
    } catch (IOException e) {
      missing = e.toString();
    }
    Required.assume(
        missing.isEmpty(), "no libtorrent: apt-get install python3-libtorrent; " + missing);
  }

  private static Path script() {
    URL url = LibtorrentSwarm.class.getResource("/interop/libtorrent_swarm.py");
    try {
      return Path.of(Objects.requireNonNull(url, "no script").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private void startNodes(List<String> addresses) throws InterruptedException {
    ObjectNode request = request("start");
    addresses.forEach(address -> request.withArray("bind").add(address + ":0"));
    for (JsonNode node : ask(request).path("nodes")) {
      peers.add(peer(node));
    }
  }

  private static Peer peer(JsonNode node) {
    return new Peer(
        node.path("addr").asText(), node.path("port").asInt(), node.path("node_id").asText());
  }

  /** All nodes; their place in the list names them. */
  List<Peer> peers() {
    return List.copyOf(peers);
  }

  /** Lets each node say hello to each other one, which makes them contacts within a second. */
  void acquaint() throws InterruptedException {
    ask(request("acquaint"));
  }

  /** Lets a node say hello to another, of which it then learns more. */
  void bootstrap(int node, String host, int port) throws InterruptedException {
    ask(request("bootstrap", node).put("host", host).put("port", port));
  }

  /** What a node's routing table holds. */
  Table table(int node) throws InterruptedException {
    JsonNode state = ask(request("state", node));
    return new Table(state.path("verified").asInt(), state.path("contacts").asInt());
  }

  /** The present id of a node; on a public address it changes when libtorrent learns of that. */
  String nodeId(int node) throws InterruptedException {
    return ask(request("state", node)).path("node_id").asText();
  }

  /** The contacts of a node that have answered it. */
  List<Peer> liveNodes(int node) throws InterruptedException {
    List<Peer> found = new ArrayList<>();
    ask(request("live_nodes", node)).path("nodes").forEach(one -> found.add(peer(one)));
    return found;
  }

  /** One of libtorrent's own counters of a node, such as {@code dht.dht_messages_in}. */
  long counter(int node, String name) throws InterruptedException {
    JsonNode value = ask(request("stats", node)).path("counters").path(name);
    assertThat(value.isNumber()).as("libtorrent counts %s", name).isTrue();
    return value.asLong();
  }

  /** Announces a node as a peer of a torrent, with its own port; does not wait for the end. */
  void announce(int node, byte[] infoHash) throws InterruptedException {
    ask(request("announce", node).put("info_hash", HEX.encode(infoHash)));
  }

  /** Looks for peers until there are so many or time is up; each is HOST:PORT. */
  List<String> peers(int node, byte[] infoHash, int wanted, Duration timeout)
      throws InterruptedException {
    ObjectNode request = request("peers", node).put("info_hash", HEX.encode(infoHash));
    List<String> found = new ArrayList<>();
    ask(request.put("want", wanted), timeout).path("peers").forEach(p -> found.add(p.asText()));
    return found;
  }

  /** Puts an immutable item. */
  Put putImmutable(int node, String value) throws InterruptedException {
    JsonNode answer = ask(request("put_immutable", node).put("value", value));
    return new Put(HEX.decode(answer.path("target").asText()), 0, answer.path("stored").asInt());
  }

  /** Gets an immutable item. */
  Optional<Item> getImmutable(int node, byte[] target) throws InterruptedException {
    return item(ask(request("get_immutable", node).put("target", HEX.encode(target))));
  }

  /** Puts a mutable item, with the sequence number after the highest that the node finds. */
  Put putMutable(int node, Mutable item) throws InterruptedException {
    JsonNode answer = ask(fill(request("put_mutable", node), item));
    return new Put(
        HEX.decode(answer.path("key").asText()),
        answer.path("seq").asLong(),
        answer.path("stored").asInt());
  }

  /** Gets a mutable item with the highest sequence number that is found. */
  Optional<Item> getMutable(int node, byte[] key, String salt) throws InterruptedException {
    return item(ask(request("get_mutable", node).put("key", HEX.encode(key)).put("salt", salt)));
  }

  /**
   * Puts a mutable item at one node only, over a socket of the script: libtorrent's own put takes
   * neither a sequence number nor the one to replace.
   *
   * @param to the node, of libtorrent or not
   * @param cas the sequence number to replace, or null for any
   * @return the code of the error that came back, or 0
   */
  int putDirectly(Peer to, Mutable item, long seq, @Nullable Long cas) throws InterruptedException {
    ObjectNode request = fill(request("put_directly"), item);
    request.put("host", to.address()).put("port", to.port()).put("seq", seq).put("cas", cas);
    return ask(request).path("code").asInt();
  }

  /** Sends a datagram to a node over a socket of the script; returns what came back, if any. */
  Optional<byte[]> krpc(Peer to, byte[] packet) throws InterruptedException {
    ObjectNode request = request("krpc").put("host", to.address()).put("port", to.port());
    JsonNode answer = ask(request.put("packet", HEX.encode(packet))).path("answer");
    return answer.isNull() ? Optional.empty() : Optional.of(HEX.decode(answer.asText()));
  }

  /** Ends one node; the others keep their places. */
  void stop(int node) throws InterruptedException {
    ask(request("stop", node));
  }

  private static ObjectNode fill(ObjectNode request, Mutable item) {
    return request
        .put("seed", HEX.encode(item.seed()))
        .put("salt", item.salt())
        .put("value", item.value());
  }

  private static Optional<Item> item(JsonNode answer) {
    if (!answer.path("found").asBoolean()) {
      return Optional.empty();
    }
    assertThat(answer.path("hex").isTextual()).as("the item is a string").isTrue();
    return Optional.of(
        new Item(HEX.decode(answer.path("hex").asText()), answer.path("seq").asLong()));
  }

  private static ObjectNode request(String operation) {
    return JSON.createObjectNode().put("op", operation);
  }

  private static ObjectNode request(String operation, int node) {
    return request(operation).put("node", node);
  }

  private JsonNode ask(ObjectNode request) throws InterruptedException {
    return ask(request, TIMEOUT);
  }

  private JsonNode ask(ObjectNode request, Duration timeout) throws InterruptedException {
    request.put("timeout", timeout.toMillis() / 1000.0);
    program.tell(request.toString());
    String line = program.nextLine(timeout.toSeconds() + SLACK_SECONDS);
    JsonNode answer;
    try {
      answer = JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError(program.complaint("answered " + line), e);
    }
    assertThat(answer.path("ok").asBoolean())
        .as("%s: %s", request.path("op").asText(), answer.path("error").asText())
        .isTrue();
    return answer;
  }

  @Override
  public void close() {
    program.close();
  }
}
