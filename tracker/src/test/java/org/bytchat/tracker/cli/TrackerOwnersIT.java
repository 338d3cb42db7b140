package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.Party;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who is no device of a user, or was one, and whoever shows other device lists than the newest,
 * changes nothing of the user's mail. What all devices have acknowledged goes at once here, so that
 * an acknowledgement that counts is seen.
 */
class TrackerOwnersIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int ENVELOPES = 3;

  @TempDir private static Path folder;

  private static String[] args = {};
  private static NodeProcess node;
  private static JsonNode ready;
  private static Bystander bystander;

  private final TrackerUser user = new TrackerUser();
  private final Party bob = user.party;
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity laptop = bob.devices.get(1);

  @BeforeAll
  static void start() throws Exception {
    Path config =
        Files.writeString(folder.resolve("node.yaml"), "mailbox: {times: {deletionDelay: 0s}}\n");
    args =
        new String[] {"--data", folder.resolve("data").toString(), "--config", config.toString()};
    node = NodeProcess.run(args);
    ready = node.await("ready");
    bystander = new Bystander(ready);
  }

  /** Kills the node, and starts it with what it has on disk. */
  private static void restart() throws Exception {
    node.kill();
    node = NodeProcess.run(args);
    ready = node.await("ready");
  }

  @AfterAll
  static void stop() {
    bystander.close();
    node.close();
    assertThat(node.err()).doesNotContain("\tat ", "OutOfMemory");
  }

  @AfterEach
  void close() throws Exception {
    user.close();
    bystander.assertMailIsUntouched(ready);
  }

  private static byte[][] bytes(List<Envelope> envelopes) {
    return envelopes.stream().map(Envelope::bytes).toArray(byte[][]::new);
  }

  private static Digest[] digests(List<Envelope> envelopes) {
    return envelopes.stream().map(Envelope::digest).toArray(Digest[]::new);
  }

  private static Response ack(TrackerConnection connection, AckBatch batch) throws Exception {
    return TrackerUser.ask(connection, new Request.PutAcks(batch));
  }

  private Response put(TrackerConnection connection, DeviceList list) throws Exception {
    return TrackerUser.ask(connection, new Request.PutDevices(bob.owner, list));
  }

  private Response open(TrackerConnection connection, NodeIdentity device, DeviceList list)
      throws Exception {
    return TrackerUser.ask(
        connection, bob.open(device, list, connection.tracker(), connection.handshakeHash()));
  }

  private Response.Custody custody(TrackerConnection connection, Envelope envelope)
      throws Exception {
    Response answer =
        TrackerUser.ask(connection, new Request.Prove(bob.mailbox(), envelope.digest()));
    assertThat(answer).isInstanceOf(Response.Custody.class);
    return (Response.Custody) answer;
  }

  private void awaitDeleted(TrackerConnection connection, Envelope envelope) {
    await().atMost(LIMIT).until(() -> custody(connection, envelope).deletion() != null);
  }

  private static Response.Refused refused(Response answer, Refusal refusal) {
    assertThat(answer).isInstanceOf(Response.Refused.class);
    Response.Refused refused = (Response.Refused) answer;
    assertThat(refused.refusal()).isEqualTo(refusal);
    return refused;
  }

  private static void assertRefused(Response answer, Refusal refusal, DeviceList evidence) {
    assertThat(refused(answer, refusal).evidence()).isEqualTo(evidence);
  }

  @Test
  void acks_ofRevokedUnlistedAndOthersDevices_areRefusedAndDeleteNothing() throws Exception {
    TrackerConnection device = user.register(ready);
    List<Envelope> sent = user.deposit(device, ENVELOPES);
    DeviceList newest = bob.listWithoutTheSecond();
    TrackerConnection anyone = user.connect(ready);
    assertThat(put(anyone, newest)).isEqualTo(new Response.Taken(2));
    assertThat(open(device, phone, newest)).isEqualTo(new Response.Opened(2, null));

    try (TrackerUser eve = new TrackerUser()) {
      TrackerConnection hers = eve.register(ready);
      NodeIdentity another = eve.party.devices.get(0);
      NodeIdentity unlisted = NodeIdentity.generate(new SecureRandom());
      for (NodeIdentity none : List.of(laptop, unlisted, another)) {
        for (TrackerConnection from : List.of(anyone, hers, device)) {
          AckBatch batch = bob.ack(none, digests(sent));
          assertRefused(ack(from, batch), Refusal.NOT_LISTED, newest);
        }
      }
      AckBatch forged =
          AckBatch.sign(
              bob.mailbox(),
              Party.id(phone),
              List.of(digests(sent)),
              TrackerUser.NETWORK,
              another::sign);
      refused(ack(hers, forged), Refusal.BAD_SIGNATURE);
      assertThat(ack(hers, eve.party.ack(another, digests(sent))))
          .as("as of a mailbox that has none of them")
          .isEqualTo(new Response.Acked(List.of(false, false, false)));
    }
    for (Envelope envelope : sent) {
      assertThat(custody(anyone, envelope).deletion()).isNull();
      assertThat(custody(anyone, envelope).proofs()).isEmpty();
    }
    assertThat(TrackerUser.fetch(device)).containsExactly(bytes(sent));

    assertThat(ack(anyone, bob.ack(phone, digests(sent))))
        .isEqualTo(new Response.Acked(List.of(true, true, true)));
    for (Envelope envelope : sent) {
      awaitDeleted(anyone, envelope);
    }
  }

  @Test
  void acks_ofUnknownDigests_saySoAndDoNotCountWhenTheEnvelopeComes() throws Exception {
    TrackerConnection device = user.register(ready);
    Envelope held = user.envelope();
    user.deposit(device, held);
    Envelope unknown = user.envelope();
    AckBatch batch = bob.ack(phone, held.digest(), unknown.digest());
    List<Boolean> isKnown = batch.digests().stream().map(held.digest()::equals).toList();
    assertThat(ack(device, batch)).isEqualTo(new Response.Acked(isKnown));
    assertThat(custody(device, unknown))
        .isEqualTo(new Response.Custody(null, null, List.of(), null, null));

    user.deposit(device, unknown);
    assertThat(TrackerUser.fetch(device)).containsExactly(unknown.bytes());
    assertThat(custody(device, unknown).proofs()).isEmpty();
    assertThat(custody(device, held).proofs()).hasSize(1);
    assertThat(ack(device, bob.ack(laptop, held.digest(), unknown.digest())))
        .isEqualTo(new Response.Acked(List.of(true, true)));
    awaitDeleted(device, held);
    assertThat(custody(device, unknown).deletion()).isNull();
    assertThat(TrackerUser.fetch(device)).containsExactly(unknown.bytes());
  }

  @Test
  void deviceLists_rolledBackForkedOrBroken_areRefusedAlsoAfterAKill() throws Exception {
    List<Envelope> sent = new ArrayList<>(user.deposit(user.register(ready), ENVELOPES));
    DeviceList newest = bob.after(bob.list(), 2, phone);
    DeviceList fork = bob.after(bob.list(), 3, phone);
    DeviceList broken = bob.after(fork, 4, phone);
    assertThat(put(user.connect(ready), newest)).isEqualTo(new Response.Taken(2));
    restart();
    TrackerConnection anyone = user.connect(ready);
    assertRefused(put(anyone, bob.list()), Refusal.OLDER, newest);
    assertRefused(put(anyone, broken), Refusal.BROKEN_CHAIN, newest);
    assertRefused(open(anyone, laptop, bob.list()), Refusal.NOT_LISTED, newest);
    assertRefused(ack(anyone, bob.ack(laptop, digests(sent))), Refusal.NOT_LISTED, newest);
    TrackerConnection told = user.connect(ready);
    assertThat(open(told, phone, newest)).isEqualTo(new Response.Opened(2, broken));
    assertRefused(put(anyone, fork), Refusal.FORK, newest);
    // Written after the evidence, so that this is on disk; the first is kept.
    sent.addAll(user.deposit(anyone, 1));
    restart();
    TrackerConnection device = user.connect(ready);
    assertThat(open(device, phone, newest)).isEqualTo(new Response.Opened(2, broken));
    assertRefused(put(device, bob.list()), Refusal.OLDER, newest);
    assertRefused(put(device, fork), Refusal.FORK, newest);
    assertRefused(put(device, broken), Refusal.BROKEN_CHAIN, newest);
    assertThat(TrackerUser.fetch(device)).containsExactly(bytes(sent));

    DeviceList next = bob.after(newest, 5, phone);
    assertThat(put(device, next)).isEqualTo(new Response.Taken(3));
    assertRefused(put(device, newest), Refusal.OLDER, next);
    assertRefused(put(device, broken), Refusal.FORK, next);
    assertThat(TrackerUser.fetch(device)).containsExactly(bytes(sent));
  }
}
