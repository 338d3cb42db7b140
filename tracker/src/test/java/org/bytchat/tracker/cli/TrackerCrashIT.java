package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that is killed in the middle of thousands of deposits keeps what it signed for. Five times
 * by default; {@code -Dcrash.rounds=50} as often.
 */
class TrackerCrashIT {

  private static final int ROUNDS = Integer.getInteger("crash.rounds", 5);
  private static final int CONNECTIONS = 4;

  /** Fewer than the tracker's 32 requests for each session. */
  private static final int UNDER_WAY = 24 * CONNECTIONS;

  private static final int RECEIPTS_MIN = 400;
  private static final int RECEIPTS_MORE = 800;
  private static final long LIMIT_SECONDS = 60;
  private static final long SEED = 1;

  @TempDir private Path folder;

  private final TrackerUser user = new TrackerUser();
  private final Map<Digest, Held> held = new ConcurrentHashMap<>();
  private final Queue<Response> others = new ConcurrentLinkedQueue<>();
  private final AtomicInteger lost = new AtomicInteger();

  private record Held(Envelope envelope, Receipt receipt) {}

  @AfterEach
  void close() {
    user.close();
  }

  @Test
  void kill_inTheMiddleOfDeposits_everyReceiptIsHonoured() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("node.yaml"),
            "mailbox: {mailbox: {envelopesMax: 100000, bytesMax: 1073741824}}\n");
    String[] args = {"--data", folder.resolve("data").toString(), "--config", config.toString()};
    Random random = Seeds.random(SEED);
    Map<Digest, Held> before = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (NodeProcess node = NodeProcess.run(args)) {
        JsonNode ready = node.await("ready");
        assertHonoured(ready, before);
        before.putAll(held);
        held.clear();
        depositAndKill(node, ready, RECEIPTS_MIN + random.nextInt(RECEIPTS_MORE));
      }
    }
    assertThat(lost.get()).as("deposits that were under way").isPositive();
    try (NodeProcess node = NodeProcess.run(args)) {
      JsonNode ready = node.await("ready");
      assertHonoured(ready, held);
      before.putAll(held);
      List<Digest> fetched =
          TrackerUser.fetch(user.open(ready, 1)).stream().map(Digest::sha256).toList();
      assertThat(fetched).doesNotHaveDuplicates().containsAll(before.keySet());
    }
  }

  private void depositAndKill(NodeProcess node, JsonNode ready, int receipts) throws Exception {
    try (TrackerConnection registered = user.register(ready)) {
      List<TrackerConnection> connections = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        connections.add(user.connect(ready));
      }
      Semaphore room = new Semaphore(UNDER_WAY);
      for (int i = 0; held.size() < receipts; i++) {
        assertThat(room.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(others).isEmpty();
        deposit(connections.get(i % CONNECTIONS), room);
      }
      node.kill();
      assertThat(room.tryAcquire(UNDER_WAY, LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      connections.forEach(TrackerConnection::close);
      assertThat(registered.isOpen()).isFalse();
    }
  }

  private void deposit(TrackerConnection connection, Semaphore room) {
    Envelope envelope = user.envelope();
    var unused =
        user.depositing(connection, envelope)
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null) {
                    lost.incrementAndGet();
                  } else if (answer instanceof Response.Receipts receipts) {
                    held.put(envelope.digest(), new Held(envelope, receipts.deposit()));
                  } else {
                    others.add(answer);
                  }
                  room.release();
                });
  }

  /** To deposit again is answered with the same receipt, and the envelopes are there. */
  private void assertHonoured(JsonNode ready, Map<Digest, Held> expected) throws Exception {
    if (expected.isEmpty()) {
      return;
    }
    try (TrackerConnection device = user.register(ready)) {
      Map<Digest, byte[]> fetched =
          TrackerUser.fetch(device).stream()
              .collect(Collectors.toMap(Digest::sha256, bytes -> bytes));
      for (Held one : expected.values()) {
        assertThat(user.deposit(device, one.envelope())).isEqualTo(one.receipt());
        assertThat(fetched.get(one.envelope().digest())).isEqualTo(one.envelope().bytes());
      }
    }
  }
}
