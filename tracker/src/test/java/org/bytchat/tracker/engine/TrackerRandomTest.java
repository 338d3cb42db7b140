package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.StoreException;

/** Random requests, delays, failures and crashes, against {@link TrackerModel}. */
final class TrackerRandomTest {

  private static final int STEPS = 250;

  /** One run. */
  private static final class Run {
    final Random random;
    final TrackerHarness lab;
    final TrackerModel model;
    final List<TestUser> users = new ArrayList<>();
    final List<NodeIdentity> contacts = new ArrayList<>();
    final Map<Long, NodeIdentity> opened = new LinkedHashMap<>();
    final Map<Long, TestUser> openedFor = new LinkedHashMap<>();
    long keysVersion;

    Run(long seed) {
      random = Seeds.random(seed);
      Duration delay = random.nextInt(4) == 0 ? Duration.ZERO : Duration.ofHours(1);
      TrackerConfig base = TrackerConfig.defaults();
      TrackerConfig config =
          base.withStamps(new TrackerConfig.Stamps(0, 0, 1_000))
              .withMailbox(
                  new TrackerConfig.MailboxLimits(
                      6 + random.nextInt(20), 1 << 20, 4 + random.nextInt(40), 10, 50))
              .withPage(new TrackerConfig.Page(1 + random.nextInt(5), 64 << 10))
              .withLoad(
                  new TrackerConfig.Load(
                      1 + random.nextInt(3),
                      1_000,
                      8,
                      16 + random.nextInt(100),
                      1 << 30,
                      1_000,
                      1_000))
              .withTimes(base.times().withDeletionDelay(Duration.ofHours(1).plus(delay)));
      lab = new TrackerHarness(config, HashScheme.INSTANCE, Seeds.derive(seed, 1));
      lab.delayMaxNanos =
          List.of(0L, 50_000_000L, 5_000_000_000L, 100_000_000_000L).get(random.nextInt(4));
      model = new TrackerModel(lab);
      lab.observer = model;
      for (int i = 0; i < 3; i++) {
        TestUser user = lab.user(1 + random.nextInt(3));
        users.add(user);
        model.users.put(user.mailbox, user);
        publish(user);
        contacts.add(user.newKey());
      }
    }

    void publish(TestUser user) {
      lab.published.put(user.mailbox, user.list);
    }

    <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    NodeIdentity listedDevice(TestUser user) {
      return any(
          user.devices.stream()
              .filter(device -> user.list.device(TestUser.id(device)).isPresent())
              .toList());
    }

    void step() {
      TestUser user = any(users);
      int kind = random.nextInt(100);
      if (kind < 22) {
        deposit(user);
      } else if (kind < 40) {
        acknowledge(user);
      } else if (kind < 52) {
        fetch(user);
      } else if (kind < 56) {
        prove(user);
      } else if (kind < 60) {
        changeDevices(user);
      } else if (kind < 64) {
        putKeys(user);
      } else if (kind < 67) {
        lab.send(new Request.PutDevices(user.owner, user.list));
      } else if (kind < 69) {
        close();
      } else if (kind < 73) {
        fail();
      } else if (kind < 75) {
        lab.crash();
        opened.clear();
      } else if (kind < 77) {
        long to = (random.nextInt(5) - 2) * 1_800_000L;
        lab.stepClock(Duration.ofMillis(to - lab.clockMillis));
      } else if (kind < 80) {
        lab.settle();
        check();
      } else {
        lab.advance(pause());
      }
    }

    private Duration pause() {
      return switch (random.nextInt(5)) {
        case 0 -> Duration.ofMillis(random.nextInt(2_000));
        case 1 -> Duration.ofSeconds(random.nextInt(100));
        case 2 -> Duration.ofMinutes(random.nextInt(100));
        case 3 -> Duration.ofMinutes(random.nextInt(500));
        default -> Duration.ofHours(random.nextInt(20));
      };
    }

    private void deposit(TestUser user) {
      List<TrackerModel.Sent> before = model.sent.values().stream().toList();
      Envelope envelope =
          before.isEmpty() || random.nextInt(4) > 0
              ? user.envelope(lab.wallMillis(), 3 + random.nextInt(5), 512 << random.nextInt(3))
              : any(before).envelope;
      model.note(envelope);
      NodeIdentity contact = any(contacts);
      lab.send(
          random.nextBoolean()
              ? new Request.Deposit(envelope, new Admission.ByStamp(random.nextInt(1_000)))
              : TestUser.deposit(contact, envelope, lab.tracker()));
    }

    private void acknowledge(TestUser user) {
      List<TrackerModel.Sent> mine =
          model.sent.values().stream().filter(one -> one.user == user).toList();
      if (mine.isEmpty()) {
        return;
      }
      NodeIdentity device = random.nextInt(5) == 0 ? any(user.devices) : listedDevice(user);
      List<Digest> digests = new ArrayList<>();
      int count = 1 + random.nextInt(random.nextBoolean() ? 3 : mine.size());
      for (int i = 0; i < count; i++) {
        TrackerModel.Sent one = any(mine);
        one.ackSent.add(TestUser.id(device));
        digests.add(one.envelope.digest());
      }
      lab.send(new Request.PutAcks(user.ack(device, digests)));
    }

    private long session(TestUser user, NodeIdentity device) {
      long session = lab.open();
      lab.send(
          session,
          user.open(
              device, random.nextInt(3) > 0 ? user.list : null, lab.tracker(), lab.hash(session)));
      opened.put(session, device);
      openedFor.put(session, user);
      return session;
    }

    private void fetch(TestUser user) {
      List<Long> mine = lab.sessions().stream().filter(opened::containsKey).toList();
      long session =
          mine.isEmpty() || random.nextInt(3) == 0 ? session(user, listedDevice(user)) : any(mine);
      lab.fetch(
          session,
          3L * random.nextInt(20),
          1 + random.nextInt(10),
          Duration.ofSeconds(random.nextBoolean() ? 0 : random.nextInt(100)));
    }

    private void prove(TestUser user) {
      model.sent.values().stream()
          .filter(one -> one.user == user)
          .skip(random.nextInt(5))
          .findFirst()
          .ifPresent(one -> lab.send(new Request.Prove(user.mailbox, one.envelope.digest())));
    }

    private void changeDevices(TestUser user) {
      int count = user.list.content().devices().size();
      if (count < 2 || (count < 6 && random.nextBoolean())) {
        user.add();
      } else {
        user.revoke(listedDevice(user));
      }
      publish(user);
    }

    private void putKeys(TestUser user) {
      DeliveryKeys.Key[] keys =
          contacts.stream()
              .filter(contact -> random.nextInt(4) > 0)
              .map(
                  contact ->
                      new DeliveryKeys.Key(
                          contact.publicKey(), 1 + random.nextInt(50), 1 + random.nextInt(10)))
              .toArray(DeliveryKeys.Key[]::new);
      keysVersion++;
      lab.send(new Request.PutDeliveryKeys(user.keys(keysVersion, listedDevice(user), keys)));
    }

    private void close() {
      List<Long> all = lab.sessions();
      if (!all.isEmpty()) {
        lab.close(any(all));
      }
    }

    private void fail() {
      int count = 1 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        lab.commitFates.add(any(List.of(TrackerHarness.Fate.values())));
      }
    }

    /** Checks what holds when nothing is under way. */
    void check() {
      lab.checkAnswered();
      model.checkMemory();
      lab.commitFates.clear();
      TestUser user = any(users);
      NodeIdentity device = listedDevice(user);
      long session = lab.open();
      lab.send(session, user.open(device, user.list, lab.tracker(), lab.hash(session)));
      lab.settle();
      Set<Digest> got = new HashSet<>();
      long cursor = 0;
      boolean more = true;
      while (more) {
        Set<Digest> expected = model.expected(user, device);
        TrackerHarness.Answer page = lab.fetch(session, cursor, 100, Duration.ZERO);
        lab.settle();
        Response.PageEnd end = page.as(Response.PageEnd.class);
        got.addAll(page.digests());
        cursor = end.cursor();
        more = end.more();
        if (!more) {
          expected.removeIf(digest -> !model.expected(user, device).contains(digest));
          assertThat(got).containsAll(expected);
        }
      }
      lab.close(session);
    }

    /** Everybody acknowledges everything: it goes; and in the end all is forgotten. */
    void end() throws StoreException {
      lab.commitFates.clear();
      lab.settle();
      check();
      lab.advance(Duration.ofDays(8));
      lab.settle();
      check();
      assertThat(lab.store.stats().envelopes()).isZero();
      assertThat(lab.store.stats().tombstones()).isZero();
      assertThat(lab.store.stats().ackBatches()).isZero();
      assertThat(lab.engine.stats().waitingFetches()).isZero();
    }
  }

  @SeededTest(runs = 60)
  void engine_randomRequestsFailuresAndCrashes_keepsTheRules(long seed) throws StoreException {
    Run run = new Run(seed);
    for (int i = 0; i < STEPS; i++) {
      run.step();
    }
    run.end();
    assertThat(run.model.endedCount).isPositive();
  }
}
