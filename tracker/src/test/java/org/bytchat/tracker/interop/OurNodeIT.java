package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.bytchat.tracker.interop.OurSwarm.result;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.interop.LibtorrentSwarm.Mutable;
import org.bytchat.tracker.interop.LibtorrentSwarm.Peer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What one node of ours says to those who speak KRPC by themselves, well or badly. */
@Tag("interop")
@Timeout(60)
class OurNodeIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int SILENCE_MILLIS = 100;
  private static final int ANSWER_MILLIS = 5_000;
  private static final int NOISE_PORTS = 1_000;
  private static final int NOISE_BYTES = 46;
  private static final int NOISE_BURST = 100;
  private static final int DATAGRAM_BYTES = 2_048;
  private static final String ID = "2:id20:" + "i".repeat(20);
  private static final String PING = "d1:ad" + ID + "e1:q4:ping1:t1:x1:y1:qe";

  /** Bytes as text, one to one. */
  private static final Charset BYTES = StandardCharsets.ISO_8859_1;

  private final Random random = Seeds.random(3);
  private OurSwarm ours;
  private InetSocketAddress address;

  @BeforeEach
  void start() {
    ours = new OurSwarm();
    ours.add("127.0.93.1");
    // Somebody it knows, so that what it forgets would be seen.
    ours.add("127.0.93.2", ours.peer(0).endpoint());
    await().atMost(LIMIT).until(() -> result(ours.node(0).contacts()).size() == 1);
    address = ours.node(0).localAddresses().get(0);
  }

  @AfterEach
  void end() {
    ours.close();
  }

  @Test
  void mutableItems_areOrderedAsOthersDo() throws Exception {
    // Only its signatures and its KRPC are of use here; its node is not asked.
    try (LibtorrentSwarm writer = LibtorrentSwarm.startLocal("127.0.94", 1)) {
      Peer node = ours.peer(0);
      Mutable item = new Mutable(bytes(SignedItem.SEED_BYTES), "salt", "value");
      assertThat(writer.putDirectly(node, item, 5, null)).isZero();
      assertThat(writer.putDirectly(node, item, 5, null)).isZero();
      assertThat(writer.putDirectly(node, item, 4, null)).isEqualTo(302);
      Mutable other = new Mutable(item.seed(), "salt", "other");
      assertThat(writer.putDirectly(node, other, 5, null)).isEqualTo(302);
      assertThat(writer.putDirectly(node, item, 6, 4L)).isEqualTo(301);
      assertThat(writer.putDirectly(node, item, 6, 5L)).isZero();
      assertThat(writer.putDirectly(node, item, -1, null)).isEqualTo(203);
      Mutable large = new Mutable(item.seed(), "", "v".repeat(1000));
      assertThat(writer.putDirectly(node, large, 1, null)).isEqualTo(205);
      Mutable salty = new Mutable(item.seed(), "s".repeat(65), "value");
      assertThat(writer.putDirectly(node, salty, 1, null)).isEqualTo(207);
      assertThat(ours.count(0, Counter.RECORDS_STORED)).isEqualTo(3);
    }
  }

  @Test
  void signatures_thatAreNotGood_areRefused() throws Exception {
    SignedItem owner = new SignedItem(bytes(SignedItem.SEED_BYTES), "");
    byte[] signature = owner.sign(1, "value").signature();
    String target = text(owner.sign(1, "value").target().toBytes());
    try (DatagramSocket socket = socket()) {
      String get = "d1:ad" + ID + "6:target20:" + target + "e1:q3:get1:t1:x1:y1:qe";
      String answer = ask(socket, get).orElseThrow();
      int token = answer.indexOf("5:token") + 7;
      int length = Integer.parseInt(answer.substring(token, answer.indexOf(':', token)));
      int end = answer.indexOf(':', token) + 1 + length;
      String given = "5:token" + answer.substring(token, end);
      String key = "1:k32:" + text(owner.publicKey());
      String good = "3:sig64:" + text(signature);
      signature[random.nextInt(signature.length / 2)] ^= 1;
      String bad = "3:sig64:" + text(signature);
      String put = "d1:ad" + ID + key + "3:seqi1e%s" + given + "1:v5:valuee1:q3:put1:t1:x1:y1:qe";
      assertThat(ask(socket, put.formatted(bad)))
          .hasValueSatisfying(said -> assertThat(said).contains("1:eli206e"));
      assertThat(ask(socket, get)).hasValueSatisfying(said -> assertThat(said).doesNotContain(bad));
      assertThat(ask(socket, put.formatted(good)))
          .hasValueSatisfying(said -> assertThat(said).endsWith("1:y1:re"));
      assertThat(ask(socket, get)).hasValueSatisfying(said -> assertThat(said).contains(good));
    }
  }

  static Stream<Arguments> badInput() {
    String a = "1:ad" + ID + "e";
    return Stream.of(
        Arguments.of("unsorted keys", "d1:q4:ping" + a + "1:t1:x1:y1:qe"),
        Arguments.of(
            "unsorted arguments",
            "d1:ad6:target20:" + "t".repeat(20) + ID + "e1:q9:find_node1:t1:x1:y1:qe"),
        Arguments.of("a key twice", "d" + a + "1:q4:ping1:t1:x1:t1:x1:y1:qe"),
        Arguments.of("an argument twice", "d1:ad" + ID + ID + "e1:q4:ping1:t1:x1:y1:qe"),
        Arguments.of("a length with zeros", "d" + a + "1:q04:ping1:t1:x1:y1:qe"),
        Arguments.of("a number with zeros", "d" + a + "1:q4:ping2:roi01e1:t1:x1:y1:qe"),
        Arguments.of("minus zero", "d" + a + "1:q4:ping2:roi-0e1:t1:x1:y1:qe"),
        Arguments.of("a negative length", "d" + a + "1:q-4:ping1:t1:x1:y1:qe"),
        Arguments.of("no number", "d" + a + "1:q4:ping2:roie1:t1:x1:y1:qe"),
        Arguments.of(
            "a huge number", "d" + a + "1:q4:ping2:roi" + "9".repeat(400) + "e1:t1:x1:y1:qe"),
        Arguments.of("a bomb of lists", "d1:a" + "l".repeat(1_400) + "e".repeat(90)),
        Arguments.of(
            "a closed bomb", "d1:a" + "l".repeat(700) + "e".repeat(700) + "1:q4:ping1:t1:x1:y1:qe"),
        Arguments.of("a bomb of dictionaries", "d1:a" + "d1:a".repeat(350)),
        Arguments.of("a string of two gigabytes", "d1:ad2:id2147483647:" + "i".repeat(20)),
        Arguments.of("a length beyond numbers", "d1:ad2:id99999999999999999999:" + "i".repeat(20)),
        Arguments.of("no end", "d" + a + "1:q4:ping1:t1:x1:y1:q"),
        Arguments.of("more after the end", PING + PING),
        Arguments.of("no transaction", "d" + a + "1:q4:ping1:y1:qe"),
        Arguments.of("an empty transaction", "d" + a + "1:q4:ping1:t0:1:y1:qe"),
        Arguments.of(
            "a long transaction", "d" + a + "1:q4:ping1:t900:" + "x".repeat(900) + "1:y1:qe"),
        Arguments.of("a list", "l" + PING + "e"),
        Arguments.of("zeros", "\0".repeat(60)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void badInput(String what, String datagram) throws IOException {
    long before = ours.count(0, Counter.DROPPED_MALFORMED);
    try (DatagramSocket socket = socket()) {
      send(socket, datagram);
      awaitMalformed(before + 1);
      assertThat(receive(socket, SILENCE_MILLIS)).isEmpty();
      assertServesAsBefore(socket);
    }
  }

  static Stream<Arguments> badArguments() {
    String hash = "9:info_hash20:" + "h".repeat(20);
    return Stream.of(
        Arguments.of("no arguments", "d1:ade1:q4:ping1:t1:x1:y1:qe", 203),
        Arguments.of(
            "a short id", "d1:ad2:id19:" + "i".repeat(19) + "e1:q4:ping1:t1:x1:y1:qe", 203),
        Arguments.of("no target", "d1:ad" + ID + "e1:q9:find_node1:t1:x1:y1:qe", 203),
        Arguments.of("a long target", query("find_node", "6:target21:" + "t".repeat(21)), 203),
        Arguments.of(
            "a negative port", query("announce_peer", hash + "4:porti-1e5:token4:abcd"), 203),
        Arguments.of(
            "a huge port", query("announce_peer", hash + "4:porti65536e5:token4:abcd"), 203),
        Arguments.of(
            "a made-up token", query("announce_peer", hash + "4:porti6881e5:token4:abcd"), 203),
        Arguments.of("no token", query("announce_peer", hash + "4:porti6881e"), 203),
        Arguments.of("an unknown method", query("vote", ""), 204));
  }

  private static String query(String method, String arguments) {
    String name = method.length() + ":" + method;
    return "d1:ad" + ID + arguments + "e1:q" + name + "1:t1:x1:y1:qe";
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void badArguments(String what, String datagram, int code) throws IOException {
    try (DatagramSocket socket = socket()) {
      assertThat(ask(socket, datagram))
          .hasValueSatisfying(
              said ->
                  assertThat(said).contains("1:eli" + code + "e", "1:t1:x").endsWith("1:y1:ee"));
      assertServesAsBefore(socket);
    }
  }

  @Test
  void noise_fromAThousandPorts_changesNothing() throws IOException {
    long before = ours.count(0, Counter.DROPPED_MALFORMED);
    Set<Integer> ports = new HashSet<>();
    long sent = 0;
    while (ports.size() < NOISE_PORTS) {
      try (DatagramSocket socket = socket()) {
        ports.add(socket.getLocalPort());
        send(socket, text(bytes(NOISE_BYTES)));
        sent++;
      }
      if (sent % NOISE_BURST == 0) {
        // No faster than the socket's buffer is emptied.
        awaitMalformed(before + sent);
      }
    }
    awaitMalformed(before + sent);
    try (DatagramSocket socket = socket()) {
      assertServesAsBefore(socket);
    }
  }

  private void awaitMalformed(long count) {
    await().atMost(LIMIT).until(() -> ours.count(0, Counter.DROPPED_MALFORMED) == count);
  }

  /** A ping is answered, nobody was forgotten or taken in, and those who know it find it. */
  private void assertServesAsBefore(DatagramSocket socket) throws IOException {
    assertThat(ask(socket, PING))
        .hasValueSatisfying(said -> assertThat(said).contains("1:t1:x").endsWith("1:y1:re"));
    assertThat(result(ours.node(0).contacts()))
        .extracting(Contact::id)
        .containsExactly(ours.node(1).id());
    assertThat(result(ours.node(1).ping(address)).contact().id()).isEqualTo(ours.node(0).id());
  }

  private static DatagramSocket socket() throws IOException {
    return new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.93.200"), 0));
  }

  /** Asks the node; what it asks back, to see whether the asker is a node, is passed over. */
  private Optional<String> ask(DatagramSocket socket, String datagram) throws IOException {
    send(socket, datagram);
    Optional<String> answer = receive(socket, ANSWER_MILLIS);
    while (answer.isPresent() && answer.get().endsWith("1:y1:qe")) {
      answer = receive(socket, ANSWER_MILLIS);
    }
    return answer;
  }

  private void send(DatagramSocket socket, String datagram) throws IOException {
    byte[] bytes = datagram.getBytes(BYTES);
    socket.send(new DatagramPacket(bytes, bytes.length, address));
  }

  private static Optional<String> receive(DatagramSocket socket, int millis) throws IOException {
    socket.setSoTimeout(millis);
    DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_BYTES], DATAGRAM_BYTES);
    try {
      socket.receive(packet);
      return Optional.of(text(Arrays.copyOf(packet.getData(), packet.getLength())));
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, BYTES);
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
