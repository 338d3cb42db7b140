package org.bytchat.tracker.interop;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.BaseEncoding;
import com.google.common.net.InetAddresses;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.tracker.Required;

/**
 * Transmission in a host of its own, because it refuses nodes on the loopback address.
 *
 * <p>It announces only when at least four contacts are good and more than eight are known, so it
 * needs at least nine others, each on an address of its own.
 */
final class Transmission implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int PORT = 51413;
  private static final int RPC_PORT = 9091;
  private static final int ID_BYTES = 20;
  private static final Pattern LEARNED = Pattern.compile("Learned (\\d+) IPv4 peers from DHT");

  private final PeerProgram program;
  private final NetworkNamespaces.Host host;
  private final Path log;

  private Transmission(PeerProgram program, NetworkNamespaces.Host host, Path log) {
    this.program = program;
    this.host = host;
    this.log = log;
  }

  /**
   * Starts it, and waits until it can be asked.
   *
   * @param folder for all its files
   * @param nodes HOST:PORT of the nodes that it remembers; it pings one every two seconds
   */
  static Transmission start(Path folder, NetworkNamespaces.Host host, List<String> nodes)
      throws IOException {
    Required.assumeInstalled("transmission-daemon", "transmission-daemon");
    Required.assumeInstalled("transmission-remote", "transmission-cli");
    Files.writeString(folder.resolve("settings.json"), settings(folder, host).toPrettyString());
    Files.write(folder.resolve("dht.dat"), remembered(nodes));
    Path log = folder.resolve("transmission.log");
    List<String> command = new ArrayList<>(List.of("transmission-daemon", "--foreground"));
    command.addAll(List.of("--log-debug", "--logfile", log.toString()));
    command.addAll(List.of("--config-dir", folder.toString()));
    Transmission started = new Transmission(PeerProgram.start(host.command(command)), host, log);
    try {
      await().atMost(LIMIT).ignoreException(IOException.class).until(started::isReady);
      return started;
    } catch (RuntimeException | AssertionError e) {
      started.close();
      throw new AssertionError(started.program.complaint("cannot be asked"), e);
    }
  }

  private static ObjectNode settings(Path folder, NetworkNamespaces.Host host) {
    return JSON.createObjectNode()
        .put("bind-address-ipv4", host.addresses().get(0))
        .put("dht-enabled", true)
        .put("download-dir", folder.toString())
        .put("incomplete-dir-enabled", false)
        .put("lpd-enabled", false)
        .put("peer-port", PORT)
        .put("pex-enabled", false)
        .put("port-forwarding-enabled", false)
        .put("rpc-authentication-required", false)
        .put("rpc-bind-address", "127.0.0.1")
        .put("rpc-port", RPC_PORT)
        .put("utp-enabled", false);
  }

  /** The file that it keeps its nodes in. Those of dht.bootstrap get a ping each 15 seconds. */
  private static byte[] remembered(List<String> nodes) throws IOException {
    ByteArrayOutputStream compact = new ByteArrayOutputStream();
    for (String node : nodes) {
      int colon = node.lastIndexOf(':');
      int port = Integer.parseInt(node.substring(colon + 1));
      compact.write(InetAddresses.forString(node.substring(0, colon)).getAddress());
      compact.write(port >> 8);
      compact.write(port);
    }
    byte[] id = new byte[ID_BYTES];
    new Random(nodes.hashCode()).nextBytes(id);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(ascii("d2:id20:"));
    file.write(id);
    file.write(ascii("5:nodes" + compact.size() + ":"));
    file.write(compact.toByteArray());
    file.write(ascii("e"));
    return file.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private boolean isReady() throws IOException, InterruptedException {
    program.assertAlive();
    return !remote("--session-info").isEmpty();
  }

  private String remote(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("transmission-remote", "127.0.0.1:" + RPC_PORT));
    command.addAll(List.of(arguments));
    return PeerProgram.run(host.command(command));
  }

  /** HOST:PORT, as others find it. */
  String endpoint() {
    return address() + ":" + PORT;
  }

  /** Where it comes from. */
  String address() {
    return host.addresses().get(0);
  }

  /** Joins a torrent of which it knows the hash only. */
  void join(byte[] infoHash) throws IOException, InterruptedException {
    String hash = BaseEncoding.base16().lowerCase().encode(infoHash);
    remote("--add", "magnet:?xt=urn:btih:" + hash);
  }

  /** How many peers nodes of the DHT have named to it, the same ones counted each time. */
  int peersLearned() throws IOException {
    return Files.readAllLines(log).stream()
        .map(LEARNED::matcher)
        .filter(Matcher::find)
        .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
        .sum();
  }

  @Override
  public void close() {
    program.close();
  }
}
