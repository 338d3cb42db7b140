package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Iterables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.Party;
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
  private static final int UNDER_WAY = 24;

  private static final int RECEIPTS_MIN = 300;
  private static final int RECEIPTS_MORE = 600;
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

  /** A connection, and room for what may be under way in it. */
  private record Lane(TrackerConnection connection, Semaphore room) {}

  private void depositAndKill(NodeProcess node, JsonNode ready, int receipts) throws Exception {
    try (TrackerConnection registered = user.register(ready)) {
      List<Lane> lanes = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        lanes.add(new Lane(user.connect(ready), new Semaphore(UNDER_WAY)));
      }
      for (int i = 0; held.size() < receipts; i++) {
        Lane lane = lanes.get(i % CONNECTIONS);
        assertThat(lane.room.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(others).isEmpty();
        deposit(lane);
      }
      node.kill();
      for (Lane lane : lanes) {
        assertThat(lane.room.tryAcquire(UNDER_WAY, LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        lane.connection.close();
      }
      await().atMost(NodeCluster.LIMIT).until(() -> !registered.isOpen());
    }
  }

  private void deposit(Lane lane) {
    Envelope envelope = user.envelope();
    var unused =
        user.depositing(lane.connection, envelope)
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null) {
                    lost.incrementAndGet();
                  } else if (answer instanceof Response.Receipts receipts) {
                    held.put(envelope.digest(), new Held(envelope, receipts.deposit()));
                  } else {
                    others.add(answer);
                  }
                  lane.room.release();
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
      for (List<Held> group : Iterables.partition(expected.values(), UNDER_WAY)) {
        List<CompletableFuture<Response>> answers =
            group.stream().map(one -> user.depositing(device, one.envelope())).toList();
        for (int i = 0; i < group.size(); i++) {
          Held one = group.get(i);
          assertThat(answers.get(i).get(LIMIT_SECONDS, TimeUnit.SECONDS))
              .isEqualTo(new Response.Receipts(one.receipt(), null));
          assertThat(one.receipt().verify(TrackerUser.NETWORK, Party.scheme())).isTrue();
          assertThat(one.receipt().content().digest()).isEqualTo(one.envelope().digest());
          assertThat(fetched.get(one.envelope().digest())).isEqualTo(one.envelope().bytes());
        }
      }
    }
  }
}
