package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.BaseEncoding;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytchat.tracker.Required;

/**
 * aria2 with its DHT on a loopback address, which it does not mind.
 *
 * <p>It pings its entry point when it starts, and looks for the peers of a magnet link a few
 * seconds later; what it has asked then also gets its announcement.
 */
final class Aria2 implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Pattern FOUND = Pattern.compile("Adding peer (\\S+:\\d+)");
  private static final Pattern NODE =
      Pattern.compile("Message received: dht .* Remote:([0-9.]+)\\((\\d+)\\)");

  private final PeerProgram program;
  private final Path log;
  private final Settings settings;
  private final HttpClient http = HttpClient.newHttpClient();

  private Aria2(PeerProgram program, Path log, Settings settings) {
    this.program = program;
    this.log = log;
    this.settings = settings;
  }

  /**
   * Where it is.
   *
   * @param folder for all its files
   * @param address the address of its DHT
   * @param port the port of its DHT, and the TCP port that it announces
   * @param rpcPort the TCP port on 127.0.0.1 that it is asked at
   */
  record Settings(Path folder, String address, int port, int rpcPort) {

    /** At an address, on ports that nobody has now. */
    static Settings at(String address, Path folder) throws IOException {
      return new Settings(folder, address, freePort(address), freePort("127.0.0.1"));
    }

    private static int freePort(String address) throws IOException {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
        return socket.getLocalPort();
      }
    }
  }

  /** Starts it with one entry point, HOST:PORT, and waits until it can be asked. */
  static Aria2 start(Settings settings, String entryPoint) throws IOException {
    Required.assumeInstalled("aria2c", "aria2");
    Path log = settings.folder().resolve("aria2.log");
    List<String> command =
        List.of(
            "aria2c",
            "--no-conf",
            "--dir=" + settings.folder(),
            "--log=" + log,
            // Nothing less tells of the peers that were found.
            "--log-level=debug",
            "--console-log-level=error",
            "--enable-dht=true",
            "--enable-dht6=false",
            "--disable-ipv6=true",
            // In no manual; the option for IPv6 is.
            "--dht-listen-addr=" + settings.address(),
            "--dht-listen-port=" + settings.port(),
            "--dht-entry-point=" + entryPoint,
            "--dht-file-path=" + settings.folder().resolve("dht.dat"),
            "--listen-port=" + settings.port(),
            "--interface=" + settings.address(),
            "--bt-enable-lpd=false",
            "--enable-peer-exchange=false",
            "--enable-rpc=true",
            "--rpc-listen-port=" + settings.rpcPort(),
            "--stop-with-process=" + ProcessHandle.current().pid());
    Aria2 aria2 = new Aria2(PeerProgram.start(command), log, settings);
    try {
      await().atMost(LIMIT).ignoreException(IOException.class).until(aria2::isReady);
      return aria2;
    } catch (RuntimeException | AssertionError e) {
      aria2.close();
      throw new AssertionError(aria2.program.complaint("cannot be asked"), e);
    }
  }

  private boolean isReady() throws IOException, InterruptedException {
    program.assertAlive();
    return call("aria2.getVersion").path("version").isTextual();
  }

  /** HOST:PORT, as others find it. */
  String endpoint() {
    return settings.address() + ":" + settings.port();
  }

  /** Joins a torrent of which it knows the hash only; returns aria2's name for the download. */
  String join(byte[] infoHash) throws IOException, InterruptedException {
    ObjectNode request = request("aria2.addUri");
    request
        .withArray("params")
        .addArray()
        .add("magnet:?xt=urn:btih:" + BaseEncoding.base16().lowerCase().encode(infoHash));
    String gid = send(request).asText();
    assertThat(gid).as(program.complaint("took no magnet link")).isNotEmpty();
    return gid;
  }

  /** All peers, HOST:PORT, that it has been told of since it started. */
  List<String> peersFound() throws IOException {
    return inLog(FOUND).map(matcher -> matcher.group(1)).distinct().toList();
  }

  /** All nodes of the DHT, HOST:PORT, that have spoken to it. */
  List<String> nodesHeard() throws IOException {
    return inLog(NODE)
        .map(matcher -> matcher.group(1) + ":" + matcher.group(2))
        .distinct()
        .toList();
  }

  private Stream<Matcher> inLog(Pattern pattern) throws IOException {
    return Files.readAllLines(log).stream().map(pattern::matcher).filter(Matcher::find);
  }

  private JsonNode call(String method) throws IOException, InterruptedException {
    return send(request(method));
  }

  private static ObjectNode request(String method) {
    return JSON.createObjectNode().put("jsonrpc", "2.0").put("id", "1").put("method", method);
  }

  private JsonNode send(ObjectNode request) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + settings.rpcPort() + "/jsonrpc");
    HttpRequest post =
        HttpRequest.newBuilder(uri)
            .timeout(LIMIT)
            .POST(HttpRequest.BodyPublishers.ofString(request.toString()))
            .build();
    String body = http.send(post, HttpResponse.BodyHandlers.ofString()).body();
    return JSON.readTree(body).path("result");
  }

  @Override
  public void close() {
    program.close();
  }
}
