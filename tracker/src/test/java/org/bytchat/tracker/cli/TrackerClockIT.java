package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.HostAndPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.Party;
import org.bytchat.tracker.client.Bindings;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.BindingAnswer;
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

/**
 * Three nodes that repair: the clock of one is right, of one two hours ahead, of one two hours
 * behind. Users have the right time.
 */
class TrackerClockIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int WRONG_HOURS = 2;

  /** How exactly programs and tests are told the time, on a busy machine. */
  private static final Duration SLACK = Duration.ofMinutes(5);

  /** What is left of a life that ends while the test looks. */
  private static final Duration LEFT = Duration.ofSeconds(15);

  @TempDir private static Path folder;

  private static final NodeCluster cluster = new NodeCluster();
  private static NodeCluster.Member right;
  private static NodeCluster.Member ahead;
  private static NodeCluster.Member behind;

  private final TrackerUser user = new TrackerUser();
  private final Party bob = user.party;

  @BeforeAll
  static void start() throws Exception {
    List<String> fast = WrongClock.starter(WRONG_HOURS);
    List<String> slow = WrongClock.starter(-WRONG_HOURS);
    right = cluster.start(args("right"));
    ahead = cluster.startUnder(fast, args("ahead"));
    behind = cluster.startUnder(slow, args("behind"));
    cluster.awaitFullTables();
  }

  private static String[] args(String name) throws Exception {
    Path config =
        Files.writeString(folder.resolve("node.yaml"), "mailbox: {repair: {interval: 1s}}\n");
    return new String[] {"--data", folder.resolve(name).toString(), "--config", config.toString()};
  }

  @AfterAll
  static void stop() throws Exception {
    try {
      // Not killed: the library of faketime leaves shared memory behind.
      cluster.members().forEach(member -> member.process().terminate());
      for (NodeCluster.Member member : cluster.members()) {
        assertThat(member.process().exitCode()).isZero();
        assertThat(member.process().err()).doesNotContain("\tat ");
      }
    } finally {
      cluster.close();
    }
  }

  @AfterEach
  void close() {
    user.close();
  }

  private static long trackerMillis(TrackerConnection connection) throws Exception {
    Response answer = TrackerUser.ask(connection, new Request.Info());
    assertThat(answer).isInstanceOf(Response.Info.class);
    return ((Response.Info) answer).nowMillis();
  }

  /** Sees to it that the clock is as wrong as it is to be. */
  private static void assertWrong(TrackerConnection connection, int hours) throws Exception {
    long isMillis = System.currentTimeMillis() + Duration.ofHours(hours).toMillis();
    assertThat(trackerMillis(connection))
        .isBetween(isMillis - SLACK.toMillis(), isMillis + SLACK.toMillis());
  }

  private static NodeCluster.Member member(int hours) {
    return hours > 0 ? ahead : behind;
  }

  /** That there is a session at all says that the certificate, too, is taken. */
  @ParameterizedTest
  @ValueSource(ints = {-WRONG_HOURS, WRONG_HOURS})
  void deposit_atAWrongClock_isReceiptedFetchedAcknowledgedAndProven(int hours) throws Exception {
    NodeCluster.Member tracker = member(hours);
    TrackerConnection device = user.register(tracker.ready());
    assertWrong(device, hours);
    List<byte[]> sent = new ArrayList<>();
    List<Digest> digests = new ArrayList<>();
    for (Duration life : List.of(Envelope.TTL_MIN, Envelope.TTL_MAX)) {
      Envelope envelope =
          bob.envelope(TrackerUser.ENVELOPE_BYTES, System.currentTimeMillis(), life);
      long before = trackerMillis(device);
      Receipt receipt = user.deposit(user.connect(tracker.ready()), envelope);
      assertThat(receipt.content().atMillis()).isBetween(before, trackerMillis(device));
      assertThat(receipt.content().expiresMillis()).isEqualTo(envelope.expiresMillis());
      sent.add(envelope.bytes());
      digests.add(envelope.digest());
    }
    assertThat(TrackerUser.fetch(device)).containsExactlyElementsOf(sent);
    NodeIdentity phone = bob.devices.get(0);
    Request ack = new Request.PutAcks(bob.ack(phone, digests.toArray(new Digest[0])));
    assertThat(TrackerUser.ask(device, ack)).isEqualTo(new Response.Acked(List.of(true, true)));
    assertThat(TrackerUser.fetch(device)).isEmpty();
    for (Digest digest : digests) {
      Response answer = TrackerUser.ask(device, new Request.Prove(bob.mailbox(), digest));
      assertThat(answer).isInstanceOf(Response.Custody.class);
      assertThat(((Response.Custody) answer).proofs()).hasSize(1);
    }
    assertBinds(tracker, phone);
  }

  private void assertBinds(NodeCluster.Member tracker, NodeIdentity device) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    int port = HostAndPort.fromString(tracker.udp()).getPort();
    Contact contact =
        Contact.of(tracker.id(), Endpoint.of(loopback.getAddress(), port), Services.TRACKER);
    try (DhtNode dht =
        DhtNode.builder()
            .bind(new InetSocketAddress(loopback, 0))
            .bootstrap(tracker.udp())
            .build()
            .start()) {
      Bindings bindings = new Bindings(dht, TrackerUser.NETWORK, bob.mailbox());
      assertThat(
              bindings
                  .bind(contact, Party.id(device), 1, device::sign)
                  .get(LIMIT.toSeconds(), TimeUnit.SECONDS))
          .isInstanceOf(BindingAnswer.Bound.class);
    }
  }

  /** What is served too long, or not long enough, is so by less than the documented tolerance. */
  @Test
  void envelope_endsByAWrongClock_isNotServedAfterThat() throws Exception {
    long toleranceMillis = TrackerConfig.defaults().times().clockTolerance().toMillis();
    assertThat(Duration.ofHours(WRONG_HOURS).plus(SLACK).toMillis()).isLessThan(toleranceMillis);
    TrackerConnection fast = user.register(ahead.ready());
    TrackerConnection slow = user.register(behind.ready());
    assertWrong(fast, WRONG_HOURS);
    assertWrong(slow, -WRONG_HOURS);
    for (TrackerConnection connection : List.of(fast, slow)) {
      Envelope ended = ending(trackerMillis(connection) - 1);
      Response answer = user.depositing(connection, ended).get();
      assertThat(answer).isInstanceOf(Response.Refused.class);
      assertThat(((Response.Refused) answer).refusal()).isEqualTo(Refusal.TIME);
    }
    Envelope endsLate = ending(trackerMillis(fast) + LEFT.toMillis());
    user.deposit(fast, endsLate);
    assertThat(TrackerUser.fetch(fast)).containsExactly(endsLate.bytes());
    Envelope endsEarly = ending(trackerMillis(slow) + LEFT.toMillis());
    user.deposit(slow, endsEarly);
    assertThat(TrackerUser.fetch(slow)).contains(endsEarly.bytes());
    awaitEnd(fast, endsLate);
    awaitEnd(slow, endsEarly);
  }

  private Envelope ending(long expiresMillis) {
    long created = expiresMillis - Envelope.TTL_MIN.toMillis();
    return bob.envelope(TrackerUser.ENVELOPE_BYTES, created, Envelope.TTL_MIN);
  }

  private static void awaitEnd(TrackerConnection device, Envelope envelope) throws Exception {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              long before = trackerMillis(device);
              boolean isServed =
                  TrackerUser.fetch(device).stream()
                      .anyMatch(bytes -> Digest.sha256(bytes).equals(envelope.digest()));
              assertThat(isServed && before >= envelope.expiresMillis())
                  .as("served after its end")
                  .isFalse();
              return !isServed;
            });
    assertThat(trackerMillis(device))
        .as("served till its end")
        .isGreaterThanOrEqualTo(envelope.expiresMillis());
  }

  @Test
  void repair_amongWrongAndRightClocks_bringsAllMailToAll() throws Exception {
    assertWrong(user.connect(right.ready()), 0);
    List<byte[]> sent = new ArrayList<>();
    for (NodeCluster.Member tracker : cluster.members()) {
      // Each at one of them only.
      TrackerConnection device = user.register(tracker.ready());
      for (Duration life : List.of(Envelope.TTL_MIN, Envelope.TTL_MAX)) {
        Envelope envelope =
            bob.envelope(TrackerUser.ENVELOPE_BYTES, System.currentTimeMillis(), life);
        user.deposit(device, envelope);
        sent.add(envelope.bytes());
      }
    }
    for (NodeCluster.Member tracker : cluster.members()) {
      TrackerConnection device = user.open(tracker.ready(), 1);
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(TrackerUser.fetch(device)).containsExactlyInAnyOrderElementsOf(sent));
    }
  }
}
