package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Iterables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that is killed in the middle of thousands of deposits keeps what it signed for. Five times
 * by default, of 900 deposits each; {@code -Dcrash.rounds=50 -Dcrash.deposits=10000} for more.
 */
class TrackerCrashIT {

  private static final int ROUNDS = Integer.getInteger("crash.rounds", 5);

  /** How many a round would be of: it is killed when a third to all of them have receipts. */
  private static final int DEPOSITS = Integer.getInteger("crash.deposits", 900);

  private static final int CONNECTIONS = 4;

  /** Fewer than the tracker's 32 requests for each session. */
  private static final int UNDER_WAY = 24;

  private static final long LIMIT_SECONDS = 60;
  private static final long SEED = 1;

  /** Room for all deposits of a round in a mailbox, and for many rounds in 64 MB of heap. */
  private static final String CONFIG =
      """
      mailbox:
        mailbox: {envelopesMax: 100000, bytesMax: 1073741824}
        load: {entriesMax: 50000}
      """;

  @TempDir private Path folder;

  private final List<Round> rounds = new ArrayList<>();
  private final Queue<Response> others = new ConcurrentLinkedQueue<>();
  private final AtomicInteger lost = new AtomicInteger();

  /** What senders to one user hold; its digest is what they keep of an envelope. */
  private record Round(Party party, Map<Digest, Receipt> held) {}

  @Test
  void kill_inTheMiddleOfDeposits_everyReceiptIsHonoured() throws Exception {
    Path config = Files.writeString(folder.resolve("node.yaml"), CONFIG);
    String[] args = {"--data", folder.resolve("data").toString(), "--config", config.toString()};
    Random random = Seeds.random(SEED);
    try (Bystander bystander = bystander(args)) {
      for (int i = 0; i < ROUNDS; i++) {
        try (NodeProcess node = NodeProcess.run(args)) {
          JsonNode ready = node.await("ready");
          bystander.assertMailIsUntouched(ready);
          if (i > 0) {
            assertHonoured(ready, rounds.get(i - 1));
          }
          depositAndKill(node, ready, DEPOSITS / 3 + random.nextInt(DEPOSITS * 2 / 3));
        }
      }
      assertThat(lost.get()).as("deposits that were under way").isPositive();
      try (NodeProcess node = NodeProcess.run(args)) {
        JsonNode ready = node.await("ready");
        bystander.assertMailIsUntouched(ready);
        for (Round round : rounds) {
          assertHonoured(ready, round);
        }
      }
    }
  }

  private static Bystander bystander(String... args) throws Exception {
    try (NodeProcess node = NodeProcess.run(args)) {
      Bystander bystander = new Bystander(node.await("ready"));
      node.kill();
      return bystander;
    }
  }

  /** A connection, and room for what may be under way in it. */
  private record Lane(TrackerConnection connection, Semaphore room) {}

  private void depositAndKill(NodeProcess node, JsonNode ready, int receipts) throws Exception {
    try (TrackerUser user = new TrackerUser();
        TrackerConnection registered = user.register(ready)) {
      Round round = new Round(user.party, new ConcurrentHashMap<>());
      rounds.add(round);
      List<Lane> lanes = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        lanes.add(new Lane(user.connect(ready), new Semaphore(UNDER_WAY)));
      }
      for (int i = 0; round.held.size() < receipts; i++) {
        Lane lane = lanes.get(i % CONNECTIONS);
        assertThat(lane.room.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(others).isEmpty();
        deposit(user, lane, round);
      }
      node.kill();
      for (Lane lane : lanes) {
        assertThat(lane.room.tryAcquire(UNDER_WAY, LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        lane.connection.close();
      }
      await().atMost(NodeCluster.LIMIT).until(() -> !registered.isOpen());
    }
  }

  private void deposit(TrackerUser user, Lane lane, Round round) {
    Envelope envelope = user.envelope();
    var unused =
        user.depositing(lane.connection, envelope)
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null) {
                    lost.incrementAndGet();
                  } else if (answer instanceof Response.Receipts receipts) {
                    round.held.put(envelope.digest(), receipts.deposit());
                  } else {
                    others.add(answer);
                  }
                  lane.room.release();
                });
  }

  /** The envelopes are there, and to deposit one again is answered with the same receipt. */
  private static void assertHonoured(JsonNode ready, Round round) throws Exception {
    try (TrackerUser user = new TrackerUser(round.party);
        TrackerConnection device = user.register(ready)) {
      Map<Digest, byte[]> fetched =
          TrackerUser.fetch(device).stream()
              .collect(Collectors.toMap(Digest::sha256, bytes -> bytes));
      assertThat(fetched.keySet()).containsAll(round.held.keySet());
      for (List<Map.Entry<Digest, Receipt>> group :
          Iterables.partition(round.held.entrySet(), UNDER_WAY)) {
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        for (Map.Entry<Digest, Receipt> one : group) {
          byte[] bytes = Objects.requireNonNull(fetched.get(one.getKey()));
          answers.add(user.depositing(device, envelope(bytes)));
        }
        for (int i = 0; i < group.size(); i++) {
          Receipt receipt = group.get(i).getValue();
          assertThat(answers.get(i).get(LIMIT_SECONDS, TimeUnit.SECONDS))
              .isEqualTo(new Response.Receipts(receipt, null));
          assertThat(receipt.verify(TrackerUser.NETWORK, Party.scheme())).isTrue();
          assertThat(receipt.content().digest()).isEqualTo(group.get(i).getKey());
        }
      }
    }
  }

  private static Envelope envelope(byte[] bytes) {
    return Envelope.parse(bytes).toOptional().orElseThrow();
  }
}
