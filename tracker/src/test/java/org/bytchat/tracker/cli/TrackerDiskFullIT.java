package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node whose disk is full refuses deposits, serves what it has, and recovers. */
class TrackerDiskFullIT {

  /** Far more than there is room for. */
  private static final int DEPOSITS_MAX = 3_000;

  private static final int REFUSED = 20;

  @TempDir private Path folder;

  private final TrackerUser user = new TrackerUser();
  private final List<Envelope> receipted = new ArrayList<>();
  private Path data;
  private String[] args;
  private @Nullable Bystander bystander;

  @BeforeEach
  void configure() throws Exception {
    data = Files.createDirectory(folder.resolve("data")).toRealPath();
    Path config =
        Files.writeString(
            folder.resolve("node.yaml"),
            "mailbox: {mailbox: {envelopesMax: 100000, bytesMax: 1073741824}}\n");
    args =
        new String[] {
          "run", "--bind", "127.0.0.1", "--port", "0", "--data", data + "", "--config", config + ""
        };
  }

  @AfterEach
  void close() {
    user.close();
    if (bystander != null) {
      bystander.close();
    }
  }

  @ParameterizedTest
  @EnumSource(FullDisk.class)
  void diskFull_depositsRefused_serviceGoesOnAndRecovers(FullDisk disk) throws Exception {
    try (NodeProcess node = NodeProcess.startUnder(disk.starter(data), args)) {
      JsonNode ready = node.await("ready");
      bystander = new Bystander(ready);
      TrackerConnection device = user.register(ready);
      TrackerConnection sender = user.connect(ready);
      receipted.addAll(user.deposit(sender, 30));

      disk.fill(node, data);
      Envelope refused = depositUntilRefused(sender);
      for (int i = 0; i < REFUSED; i++) {
        assertRefused(user.depositing(sender, user.envelope()).get());
      }
      assertThat(fetched(device)).containsExactlyElementsOf(bytes());
      assertThat(TrackerUser.ask(sender, prove(receipted.get(0))))
          .isInstanceOf(Response.Custody.class);
      Request.PutAcks ack = acknowledge(receipted.get(0));
      assertThat(TrackerUser.ask(device, ack))
          .isInstanceOfAny(Response.Acked.class, Response.Refused.class);
      assertThat(fetched(user.open(ready, 1))).containsExactlyElementsOf(bytes());

      bystander.assertMailIsUntouched(ready);
      disk.free(node, data);
      user.deposit(sender, refused);
      receipted.add(refused);
      receipted.addAll(user.deposit(sender, 30));
      assertThat(TrackerUser.ask(device, ack)).isEqualTo(new Response.Acked(List.of(true)));
      assertThat(fetched(user.open(ready, 1))).containsExactlyElementsOf(bytes());
      assertThat(fetched(device)).hasSize(receipted.size() - 1);
      bystander.assertMailIsUntouched(ready);

      disk.fill(node, data);
      depositUntilRefused(sender);
      node.kill();
    }
    if (disk.outlivesTheProcess()) {
      try (NodeProcess node = NodeProcess.start(args)) {
        JsonNode ready = node.await("ready");
        assertThat(fetched(user.open(ready, 1))).containsAll(bytes());
        bystander.assertMailIsUntouched(ready);
      }
    }
  }

  private Envelope depositUntilRefused(TrackerConnection sender) throws Exception {
    for (int i = 0; i < DEPOSITS_MAX; i++) {
      Envelope envelope = user.envelope();
      Response answer = user.depositing(sender, envelope).get();
      if (!(answer instanceof Response.Receipts)) {
        assertRefused(answer);
        return envelope;
      }
      receipted.add(envelope);
    }
    throw new AssertionError("the disk is not full");
  }

  private static void assertRefused(Response answer) {
    assertThat(answer).isInstanceOf(Response.Refused.class);
    assertThat(((Response.Refused) answer).refusal()).isEqualTo(Refusal.STORE);
  }

  private Request.PutAcks acknowledge(Envelope envelope) {
    return new Request.PutAcks(user.party.ack(user.party.devices.get(0), envelope.digest()));
  }

  private Request.Prove prove(Envelope envelope) {
    return new Request.Prove(user.party.mailbox(), envelope.digest());
  }

  private static List<byte[]> fetched(TrackerConnection device) throws Exception {
    return TrackerUser.fetch(device);
  }

  private List<byte[]> bytes() {
    return receipted.stream().map(Envelope::bytes).toList();
  }
}
