package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;

/**
 * Senders and readers with delays, losses, crashes, full disks, trackers that come, go and lie: in
 * the end all arrives, and nothing is told that is not so.
 */
final class QuorumRandomTest {

  private static final int TRACKERS = 12;
  private static final int STEPS = 120;

  /** One run. */
  private static final class Run {
    final Random random;
    final Lab lab;
    final List<TestUser> users = new ArrayList<>();
    final List<LabSender> senders = new ArrayList<>();
    final List<LabReader> readers = new ArrayList<>();
    final Map<Digest, TestUser> sent = new LinkedHashMap<>();
    final Map<Digest, LabSender> sentBy = new LinkedHashMap<>();
    final Set<NodeId> liars = new TreeSet<>();

    /** What liars have given, which nobody has sent. */
    final Set<Digest> invented = new TreeSet<>();

    Run(long seed) {
      random = Seeds.random(seed);
      lab = new Lab(Seeds.derive(seed, 1), TRACKERS);
      lab.delayMaxNanos =
          List.of(1_000L, 50_000_000L, 2_000_000_000L, 20_000_000_000L).get(random.nextInt(4));
      lab.lossPercent = random.nextInt(3) * 10;
      QuorumConfig config = QuorumConfig.defaults();
      for (int i = 0; i < 2; i++) {
        senders.add(new LabSender(lab, config));
      }
      for (int i = 0; i < 2; i++) {
        TestUser user = lab.user(1 + random.nextInt(2));
        users.add(user);
        DeliveryKeys keys =
            user.keys(
                1,
                user.devices.get(0),
                senders.stream()
                    .map(sender -> Lab.key(sender.key.publicKey()))
                    .toArray(DeliveryKeys.Key[]::new));
        for (int device = 0; device < user.devices.size(); device++) {
          readers.add(new LabReader(lab, config, user, device, keys));
        }
      }
      // At most two, so that no five closest have three of them.
      for (int i = 0; i < random.nextInt(3); i++) {
        corrupt(lab.trackers.get(random.nextInt(TRACKERS)));
      }
    }

    <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    void corrupt(LabTracker tracker) {
      liars.add(tracker.id());
      tracker.liar = (request, truth) -> lie(tracker, request, truth);
      tracker.counterfeiter =
          envelopes -> {
            List<byte[]> all = new ArrayList<>(envelopes);
            if (random.nextInt(4) == 0) {
              all.clear();
            }
            if (random.nextInt(20) == 0) {
              byte[] made = any(users).envelope(lab.wallMillis(), 3, 512).bytes();
              invented.add(Digest.sha256(made));
              all.add(made);
              all.add(lab.bytes(random.nextInt(600)));
            }
            return all;
          };
    }

    private @org.jspecify.annotations.Nullable Response lie(
        LabTracker tracker, Request request, Response truth) {
      int kind = random.nextInt(10);
      if (kind == 0) {
        return null;
      } else if (kind == 1) {
        Refusal refusal = Refusal.values()[random.nextInt(Refusal.values().length)];
        return new Response.Refused(refusal, "so", any(users).forked(), random.nextInt(300));
      } else if (kind == 2) {
        return new Response.Info(0, 0, 0);
      } else if (truth instanceof Response.Receipts good && kind < 8) {
        return new Response.Receipts(forged(tracker, good.deposit()), null);
      } else if (truth instanceof Response.PageEnd end && kind < 5) {
        DeviceList fork = random.nextBoolean() ? any(users).forked() : null;
        return new Response.PageEnd(
            random.nextLong() >>> 1, random.nextBoolean(), end.cursor(), fork);
      } else if (truth instanceof Response.Acked) {
        return new Response.Acked(List.of(true, false));
      } else if (request instanceof Request.Prove prove) {
        TestUser mallory = any(users);
        NodeIdentity key = mallory.newKey();
        AckProof proof =
            mallory.ack(key, List.of(prove.digest())).proof(prove.digest()).orElseThrow();
        TestUser owner = any(users);
        return new Response.Custody(
            null, null, List.of(proof), owner.owner, random.nextBoolean() ? owner.list : null);
      }
      return truth;
    }

    private Receipt forged(LabTracker tracker, Receipt good) {
      Receipt.Content was = good.content();
      int kind = random.nextInt(4);
      NodeIdentity by =
          kind == 0 ? lab.trackers.get(random.nextInt(TRACKERS)).identity : tracker.identity;
      Receipt.Content content =
          new Receipt.Content(
              kind == 1 ? Receipt.Kind.DELETION : was.kind(),
              was.mailbox(),
              kind == 2 ? Digest.of(lab.bytes(32)) : was.digest(),
              was.atMillis(),
              was.expiresMillis());
      byte[] signature = by.sign(content.statement(TestUser.NETWORK));
      if (kind == 3) {
        signature[random.nextInt(32)] ^= 1;
      }
      return new Receipt(content, by.publicKey(), signature);
    }

    void step() {
      int kind = random.nextInt(100);
      if (kind < 35) {
        TestUser user = any(users);
        LabSender sender = any(senders);
        Parcel parcel = sender.parcel(user);
        sender.offer(parcel);
        sent.put(parcel.digest(), user);
        sentBy.put(parcel.digest(), sender);
      } else if (kind < 43) {
        crashTracker();
      } else if (kind < 50) {
        lab.trackers.stream().filter(one -> one.isDown).forEach(LabTracker::restart);
      } else if (kind < 55) {
        any(senders).crash();
      } else if (kind < 60) {
        any(readers).crash();
      } else if (kind < 64) {
        any(senders).isDiskFull ^= true;
      } else if (kind < 68) {
        any(readers).isDiskFull ^= true;
      } else if (kind < 71) {
        any(readers).rejectPercent = random.nextInt(3) * 50;
      } else if (kind < 76) {
        long unlisted = lab.trackers.stream().filter(one -> !one.isListed).count();
        LabTracker tracker = any(lab.trackers);
        tracker.isListed = !tracker.isListed || unlisted >= 2;
      } else if (kind < 78) {
        LabClient client = random.nextBoolean() ? any(senders) : any(readers);
        client.clockMillis = (random.nextInt(3) - 1) * 7_200_000L;
      } else {
        lab.run(Duration.ofMillis(random.nextInt(600_000)));
      }
      lab.run(Duration.ofMillis(random.nextInt(20_000)));
    }

    private void crashTracker() {
      LabTracker tracker = any(lab.trackers);
      if (tracker.isDown) {
        tracker.restart();
      } else if (lab.trackers.stream().filter(one -> one.isDown).count() < 2) {
        tracker.crash();
      }
    }

    /** All is well again; what was taken arrives. */
    void end() {
      lab.lossPercent = 0;
      lab.trackers.stream().filter(one -> one.isDown).forEach(LabTracker::restart);
      lab.trackers.forEach(one -> one.isListed = true);
      senders.forEach(one -> one.isDiskFull = false);
      readers.forEach(
          one -> {
            one.isDiskFull = false;
            one.rejectPercent = 0;
          });
      lab.run(Duration.ofHours(8));
      sent.forEach(this::check);
      for (LabReader reader : readers) {
        checkReader(reader);
      }
    }

    private void check(Digest digest, TestUser to) {
      LabSender sender = Objects.requireNonNull(sentBy.get(digest));
      List<OutboxEvent.Deposited> deposited = sender.events(OutboxEvent.Deposited.class, digest);
      // Once; not even once if it crashed between the disk and the application.
      assertThat(deposited).hasSizeLessThanOrEqualTo(1);
      for (OutboxEvent.Deposited one : deposited) {
        Set<NodeId> trackers = new TreeSet<>();
        for (Receipt receipt : one.receipts()) {
          trackers.add(receipt.tracker());
          assertThat(receipt.verify(TestUser.NETWORK, Lab.SCHEME)).isTrue();
          assertThat(receipt.content().digest()).isEqualTo(digest);
          assertThat(
                  lab.tracker(receipt.tracker()).holds(digest, to.mailbox) || isDeleted(digest, to))
              .isTrue();
        }
        assertThat(trackers).hasSizeGreaterThanOrEqualTo(3).hasSameSizeAs(one.receipts());
      }
      for (OutboxEvent.Delivered one : sender.events(OutboxEvent.Delivered.class, digest)) {
        assertThat(readers)
            .as("a device that acknowledged had it")
            .anyMatch(
                reader ->
                    reader.user == to
                        && one.proof().device().equals(TestUser.id(reader.device))
                        && reader.accepted.containsKey(digest));
      }
      if (!sender.events(OutboxEvent.Queued.class, digest).isEmpty()) {
        assertThat(readers)
            .filteredOn(reader -> reader.user == to)
            .allMatch(reader -> reader.accepted.containsKey(digest));
        assertThat(sender.events(OutboxEvent.Delivered.class, digest)).isNotEmpty();
        assertThat(sender.parcels).doesNotContainKey(digest);
      }
    }

    private boolean isDeleted(Digest digest, TestUser to) {
      return readers.stream()
          .filter(reader -> reader.user == to)
          .allMatch(reader -> reader.accepted.containsKey(digest));
    }

    private void checkReader(LabReader reader) {
      reader.accepted.forEach(
          (digest, lives) -> {
            assertThat(sent.containsKey(digest) || invented.contains(digest)).isTrue();
            assertThat(lives).as("once in a life").doesNotHaveDuplicates();
          });
      assertThat(reader.accepted.keySet())
          .as("acknowledged only after it was accepted")
          .containsAll(reader.signed);
      assertThat(reader.events(InboxEvent.Fork.class))
          .as("forks are what the owner has signed")
          .allMatch(event -> event.other().verify(reader.user.owner, TestUser.NETWORK));
    }
  }

  @SeededTest(runs = 40)
  void quorum_randomFailuresAndLies_arrivesAndTellsTheTruth(long seed) {
    Run run = new Run(seed);
    for (int i = 0; i < STEPS; i++) {
      run.step();
    }
    run.end();
    assertThat(run.sent).isNotEmpty();
  }
}
