package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.Party;
import org.bytchat.tracker.client.Bindings;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.BindingQuery;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One node, which survives all of this and goes on to serve others. */
class TrackerFaultsIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int ENVELOPES = 3;
  private static final int GARBAGE_BYTES = 100_000;

  @TempDir private static Path folder;

  private static NodeProcess node;
  private static JsonNode ready;
  private static Bystander bystander;

  private final TrackerUser user = new TrackerUser();

  @BeforeAll
  static void start() throws Exception {
    node = NodeProcess.run("--data", folder.resolve("data").toString());
    ready = node.await("ready");
    bystander = new Bystander(ready);
  }

  @AfterAll
  static void stop() throws Exception {
    bystander.close();
    assertThat(node.err()).doesNotContain("\tat ", "OutOfMemory");
    node.terminate();
    assertThat(node.exitCode()).isZero();
  }

  @AfterEach
  void close() throws Exception {
    user.close();
    bystander.assertMailIsUntouched(ready);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private static List<byte[]> bytes(List<Envelope> envelopes) {
    return envelopes.stream().map(Envelope::bytes).toList();
  }

  @Test
  void frames_byteAtATime_areServed() throws Exception {
    try (Meddler slow = new Meddler(TrackerUser.tcp(ready), 1)) {
      TrackerConnection device = user.register(user.connect(ready, slow));
      List<Envelope> sent = user.deposit(device, ENVELOPES);
      assertThat(TrackerUser.fetch(device)).containsExactlyElementsOf(bytes(sent));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 82_000, 0})
  void frame_ofAnImpossibleLength_closesThatSessionAlone(int length) throws Exception {
    TrackerConnection device = user.register(ready);
    List<Envelope> sent = user.deposit(device, ENVELOPES);
    try (Meddler meddler = new Meddler(TrackerUser.tcp(ready))) {
      TrackerConnection victim = user.connect(ready, meddler);
      assertThat(TrackerUser.ask(victim, new Request.Info())).isInstanceOf(Response.Info.class);
      meddler.inject(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
      await().atMost(LIMIT).until(() -> !victim.isOpen());
    }
    assertThat(TrackerUser.fetch(device)).containsExactlyElementsOf(bytes(sent));
  }

  @Test
  void garbage_beforeTheHandshake_isClosed() throws Exception {
    Random random = Seeds.random(1);
    byte[] noise = new byte[GARBAGE_BYTES];
    random.nextBytes(noise);
    byte[] huge = new byte[GARBAGE_BYTES];
    Arrays.fill(huge, (byte) 0xff);
    for (byte[] garbage :
        List.of(
            noise,
            huge,
            new byte[GARBAGE_BYTES],
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII))) {
      assertClosed(garbage);
    }
    TrackerConnection device = user.register(ready);
    assertThat(TrackerUser.fetch(device)).isEmpty();
  }

  /** Says this to the node, and waits until the node ends the connection. */
  private static void assertClosed(byte[] bytes) throws IOException {
    InetSocketAddress to = TrackerUser.tcp(ready);
    try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      try {
        socket.getOutputStream().write(bytes);
        socket.getInputStream().readAllBytes();
      } catch (SocketTimeoutException e) {
        throw new AssertionError("the connection is still open", e);
      } catch (SocketException e) {
        // It was reset, which ends it too.
        return;
      }
    }
  }

  @Test
  void session_replayed_isRefusedWhole() throws Exception {
    byte[] said;
    List<Envelope> sent;
    try (Meddler meddler = new Meddler(TrackerUser.tcp(ready))) {
      TrackerConnection device = user.register(user.connect(ready, meddler));
      int before = meddler.said().length;
      sent = user.deposit(device, ENVELOPES);
      assertThat(TrackerUser.fetch(device)).hasSize(ENVELOPES);
      said = meddler.said();
      meddler.inject(Arrays.copyOfRange(said, before, said.length));
      await().atMost(LIMIT).until(() -> !device.isOpen());
    }
    assertClosed(said);
    assertThat(TrackerUser.fetch(user.open(ready, 1))).containsExactlyElementsOf(bytes(sent));
  }

  @Test
  void requests_replayed_changeNothingMore() throws Exception {
    TrackerConnection device = user.register(ready);
    NodeIdentity phone = user.party.devices.get(0);
    Envelope envelope = user.envelope();
    Request deposit = user.party.deposit(envelope, user.party.contacts.get(0), device.tracker());
    Response receipts = TrackerUser.ask(device, deposit);
    assertThat(receipts).isInstanceOf(Response.Receipts.class);
    Request ack = new Request.PutAcks(user.party.ack(phone, envelope.digest()));
    Response acked = TrackerUser.ask(device, ack);
    assertThat(acked).isEqualTo(new Response.Acked(List.of(true)));
    Response custody = TrackerUser.ask(device, prove(envelope));

    TrackerConnection stranger = user.connect(ready);
    for (int i = 0; i < 3; i++) {
      assertThat(TrackerUser.ask(stranger, deposit)).isEqualTo(receipts);
      assertThat(TrackerUser.ask(stranger, ack)).isEqualTo(acked);
    }
    assertThat(TrackerUser.ask(stranger, prove(envelope))).isEqualTo(custody);
    Request open = user.party.open(phone, device.tracker(), device.handshakeHash());
    assertRefused(TrackerUser.ask(stranger, open), Refusal.BAD_SIGNATURE);
    assertRefused(get(stranger.request(new Request.Fetch(0, 1, 0))), Refusal.NOT_OPEN);
    assertThat(TrackerUser.fetch(device)).isEmpty();
    assertThat(TrackerUser.fetch(user.open(ready, 1))).containsExactly(envelope.bytes());
  }

  private Request prove(Envelope envelope) {
    return new Request.Prove(user.party.mailbox(), envelope.digest());
  }

  private static void assertRefused(Response answer, Refusal refusal) {
    assertThat(answer).isInstanceOf(Response.Refused.class);
    assertThat(((Response.Refused) answer).refusal()).isEqualTo(refusal);
  }

  @Test
  void deposit_replayedAtAnotherTracker_isRefused() throws Exception {
    TrackerConnection here = user.register(ready);
    Request deposit =
        user.party.deposit(user.envelope(), user.party.contacts.get(0), here.tracker());
    assertThat(TrackerUser.ask(here, deposit)).isInstanceOf(Response.Receipts.class);
    try (NodeProcess other = NodeProcess.run()) {
      TrackerConnection there = user.register(other.await("ready"));
      assertRefused(TrackerUser.ask(there, deposit), Refusal.BAD_SIGNATURE);
      assertThat(TrackerUser.fetch(there)).isEmpty();
    }
  }

  private static DhtNode client() {
    return DhtNode.builder()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .bootstrap(ready.path("udp").asText())
        .build()
        .start();
  }

  private static Contact contact() {
    HostAndPort udp = HostAndPort.fromString(ready.path("udp").asText());
    byte[] loopback = InetAddress.getLoopbackAddress().getAddress();
    return Contact.of(
        TrackerUser.id(ready), Endpoint.of(loopback, udp.getPort()), Services.TRACKER);
  }

  private BindingAnswer ask(DhtNode from, BindingQuery query) throws Exception {
    byte[] answer =
        get(from.request(contact(), Method.BIND, user.party.mailbox(), query.toBytes()));
    return BindingAnswer.parse(answer).toOptional().orElseThrow();
  }

  @Test
  void bind_replayedFromElsewhere_isRefusedAndTheFirstStays() throws Exception {
    TrackerConnection registered = user.register(ready);
    NodeIdentity phone = user.party.devices.get(0);
    DeviceId device = Party.id(phone);
    try (DhtNode owner = client();
        DhtNode thief = client()) {
      BindingAnswer.Nonce nonce = (BindingAnswer.Nonce) ask(owner, new BindingQuery.AskNonce());
      DeviceStatements.Scene scene =
          new DeviceStatements.Scene(
              TrackerUser.NETWORK, registered.tracker(), user.party.mailbox());
      DeviceStatements.Asker asker =
          new DeviceStatements.Asker(
              device.toBytes(), nonce.nonce(), nonce.observed(), nonce.nowMillis());
      byte[] signature = phone.sign(DeviceStatements.bind(scene, asker, 1));
      BindingQuery bind =
          new BindingQuery.Bind(
              device, 1, new BindingQuery.Shown(nonce.nowMillis(), nonce.nonce(), signature));
      assertThat(ask(owner, bind)).isInstanceOf(BindingAnswer.Bound.class);
      assertThat(ask(thief, bind)).isEqualTo(new BindingAnswer.Refused(Refusal.BAD_SIGNATURE));
      assertThat(ask(owner, bind))
          .as("as an answer may be lost")
          .isInstanceOf(BindingAnswer.Bound.class);
      Bindings asking = new Bindings(owner, TrackerUser.NETWORK, user.party.mailbox());
      BindingAnswer found = get(asking.find(contact(), device, phone::sign));
      assertThat(((BindingAnswer.Devices) found).places())
          .extracting(BindingAnswer.Place::endpoint)
          .containsExactly(nonce.observed());
    }
  }

  /** What differs is all that either side can tell: so is it if the node's clock is wrong. */
  @ParameterizedTest
  @ValueSource(ints = {-2, 2})
  void clocks_twoHoursApart_everythingWorks(int hours) throws Exception {
    Clock wrong = Clock.offset(Clock.systemUTC(), Duration.ofHours(hours));
    try (TrackerUser other = new TrackerUser(wrong);
        DhtNode dht = client()) {
      TrackerConnection device = other.register(ready);
      long before = System.currentTimeMillis();
      Envelope envelope = other.envelope();
      Receipt receipt = other.deposit(other.connect(ready), envelope);
      assertThat(receipt.content().atMillis())
          .as("the tracker's clock")
          .isBetween(before, System.currentTimeMillis());
      assertThat(receipt.content().expiresMillis()).isEqualTo(envelope.expiresMillis());
      assertThat(TrackerUser.fetch(device)).containsExactly(envelope.bytes());
      NodeIdentity phone = other.party.devices.get(0);
      Request ack = new Request.PutAcks(other.party.ack(phone, envelope.digest()));
      assertThat(TrackerUser.ask(device, ack)).isEqualTo(new Response.Acked(List.of(true)));
      Request prove = new Request.Prove(other.party.mailbox(), envelope.digest());
      assertThat(TrackerUser.ask(device, prove)).isInstanceOf(Response.Custody.class);
      Bindings bindings = new Bindings(dht, TrackerUser.NETWORK, other.party.mailbox());
      assertThat(get(bindings.bind(contact(), Party.id(phone), 1, phone::sign)))
          .isInstanceOf(BindingAnswer.Bound.class);
    }
  }
}
