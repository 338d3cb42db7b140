package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One source cannot take what is for all, in however many sessions. */
final class SourceRulesTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Endpoint HERE = Endpoint.of(new byte[] {11, 0, 0, 1}, 0);
  private static final Endpoint THERE = Endpoint.of(new byte[] {11, 0, 0, 2}, 0);

  private final TrackerHarness lab =
      new TrackerHarness(DepositRulesTest.config(), Ed25519Scheme.INSTANCE, 41);
  private final TestUser bob = lab.user(1);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity contact = bob.newKey();

  private void limit(TrackerConfig.Sources sources) {
    lab.config = lab.config.withSources(sources);
    lab.crash();
  }

  private TrackerHarness.Answer begin(@Nullable Endpoint from) {
    TestUser user = lab.user(1);
    return lab.send(lab.openFrom(from), new Request.PutDevices(user.owner, user.list));
  }

  private TrackerHarness.Answer deposit(@Nullable Endpoint from, int sizeBytes) {
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, sizeBytes);
    return lab.send(lab.openFrom(from), TestUser.deposit(contact, envelope, lab.tracker()));
  }

  private void allowContact() {
    lab.send(new Request.PutDevices(bob.owner, bob.list)).as(Response.Taken.class);
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 2_000, 1_000);
    lab.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key))).as(Response.Taken.class);
  }

  private long refused() {
    return lab.engine.stats().get(TrackerCounter.REFUSED_SOURCE);
  }

  @Test
  void mailboxes_begunTooFastFromOneSource_refusedThereOnlyAndForAWhile() {
    limit(new TrackerConfig.Sources(512, 10, 32 << 20, 64));
    // One may be owed.
    for (int i = 0; i < 11; i++) {
      begin(HERE).as(Response.Taken.class);
    }
    assertThat(begin(HERE).refusal()).isEqualTo(Refusal.RATE);
    assertThat(refused()).isEqualTo(1);
    begin(THERE).as(Response.Taken.class);
    begin(null).as(Response.Taken.class);
    lab.advance(HOUR.dividedBy(10));
    begin(HERE).as(Response.Taken.class);
    assertThat(begin(HERE).refusal()).isEqualTo(Refusal.RATE);
  }

  @Test
  void mailboxes_thatThereAre_areServedToASourceThatMayBeginNone() {
    limit(new TrackerConfig.Sources(512, 1, 32 << 20, 64));
    begin(HERE).as(Response.Taken.class);
    begin(HERE).as(Response.Taken.class);
    assertThat(begin(HERE).refusal()).isEqualTo(Refusal.RATE);
    lab.send(new Request.PutDevices(bob.owner, bob.list)).as(Response.Taken.class);
    bob.add();
    lab.send(lab.openFrom(HERE), new Request.PutDevices(bob.owner, bob.list))
        .as(Response.Taken.class);
  }

  @Test
  void deposits_ofOneSourceBeyondItsBytes_refusedThereOnlyAndForAWhile() {
    limit(new TrackerConfig.Sources(512, 256, 64 << 10, 64));
    allowContact();
    for (int i = 0; i < 8; i++) {
      deposit(HERE, 8 << 10).receipt();
    }
    // The last one may go beyond what is left.
    int takenCount = 8;
    while (!deposit(HERE, 8 << 10).isRefused()) {
      takenCount++;
      assertThat(takenCount).isLessThan(10);
    }
    assertThat(deposit(HERE, 512).refusal()).isEqualTo(Refusal.RATE);
    deposit(THERE, 8 << 10).receipt();
    lab.advance(HOUR);
    deposit(HERE, 8 << 10).receipt();
  }

  @Test
  void lists_newerOnes_areTakenFromASourceThatMayWriteNothing() {
    limit(new TrackerConfig.Sources(512, 256, 64 << 10, 64));
    allowContact();
    while (!deposit(HERE, 32 << 10).isRefused()) {
      assertThat(lab.engine.stats().get(TrackerCounter.DEPOSITS)).isLessThan(10);
    }
    bob.add();
    lab.send(lab.openFrom(HERE), new Request.PutDevices(bob.owner, bob.list))
        .as(Response.Taken.class);
  }

  @Test
  void whatMayNotBeWritten_isRefusedWithoutAVerification() {
    limit(new TrackerConfig.Sources(512, 1, 64 << 10, 64));
    allowContact();
    while (!deposit(HERE, 32 << 10).isRefused()) {
      assertThat(lab.engine.stats().get(TrackerCounter.DEPOSITS)).isLessThan(10);
    }
    lab.computeFates.add(false);
    assertThat(begin(HERE).refusal()).isEqualTo(Refusal.RATE);
    DeliveryKeys keys = bob.keys(2, phone);
    assertThat(lab.send(lab.openFrom(HERE), new Request.PutDeliveryKeys(keys)).refusal())
        .isEqualTo(Refusal.RATE);
    assertThat(lab.computeFates.poll()).as("nothing was verified").isFalse();
  }

  @Test
  void acknowledgements_thatNameWhatNobodyKnows_countByTheirBytes() {
    limit(new TrackerConfig.Sources(512, 256, 64 << 10, 64));
    allowContact();
    int takenCount = 0;
    Refusal refusal = null;
    while (refusal == null && takenCount < 100) {
      Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
      lab.send(TestUser.deposit(contact, envelope, lab.tracker())).receipt();
      List<Digest> digests = new ArrayList<>();
      digests.add(envelope.digest());
      for (int i = 0; i < 255; i++) {
        digests.add(Digest.sha256(new byte[] {(byte) i, (byte) takenCount}));
      }
      TrackerHarness.Answer answer =
          lab.send(lab.openFrom(HERE), new Request.PutAcks(bob.ack(phone, digests)));
      if (answer.isRefused()) {
        refusal = answer.refusal();
      } else {
        takenCount++;
      }
    }
    assertThat(refusal).isEqualTo(Refusal.RATE);
    assertThat(takenCount).isBetween(7, 9);
  }

  @Test
  void requests_ofOneSourceInManySessions_areFewAtOnce() {
    limit(new TrackerConfig.Sources(40, 256, 32 << 20, 64));
    allowContact();
    lab.isHolding = true;
    List<TrackerHarness.Answer> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(deposit(HERE, 512));
    }
    TrackerHarness.Answer other = deposit(THERE, 512);
    assertThat(answers.subList(0, 40)).allMatch(answer -> answer.last == null);
    assertThat(answers.subList(40, 50)).allMatch(answer -> answer.refusal() == Refusal.BUSY);
    assertThat(refused()).isEqualTo(10);
    assertThat(other.last).isNull();
    lab.release();
    assertThat(answers.subList(0, 40)).noneMatch(TrackerHarness.Answer::isRefused);
    other.receipt();
    deposit(HERE, 512).receipt();
  }

  @Test
  void fetches_thatWaitAndWhoseSessionsClose_areNotUnderWay() {
    limit(new TrackerConfig.Sources(5, 256, 32 << 20, 64));
    allowContact();
    for (int i = 0; i < 20; i++) {
      long session = lab.openFrom(HERE);
      lab.send(session, bob.open(phone, bob.list, lab.tracker(), lab.hash(session)))
          .as(Response.Opened.class);
      assertThat(lab.fetch(session, 0, 10, HOUR).last).isNull();
      if (i % 2 == 0) {
        lab.close(session);
      }
    }
    deposit(HERE, 512).receipt();
    assertThat(refused()).isZero();
  }

  @Test
  void fetch_whoseSessionClosesWhileTheMailboxIsRead_isNotUnderWay() {
    limit(new TrackerConfig.Sources(2, 256, 32 << 20, 64));
    remember(1);
    allowContact();
    for (int i = 0; i < 5; i++) {
      long session = lab.openFrom(HERE);
      lab.send(session, bob.open(phone, bob.list, lab.tracker(), lab.hash(session)))
          .as(Response.Opened.class);
      begin(THERE);
      assertThat(isInMemory()).isFalse();
      lab.isHolding = true;
      assertThat(lab.fetch(session, 0, 10, HOUR).last).isNull();
      lab.close(session);
      lab.release();
    }
    deposit(HERE, 512).receipt();
    assertThat(refused()).isZero();
  }

  @Test
  void deposits_ofStrangersToMailboxesOfNobody_beginMailboxesToo() {
    limit(new TrackerConfig.Sources(512, 10, 32 << 20, 64));
    lab.config = lab.config.withStamps(new TrackerConfig.Stamps(0, 0, 1_000));
    lab.crash();
    for (int i = 0; i < 11; i++) {
      stranger(HERE).receipt();
    }
    assertThat(stranger(HERE).refusal()).isEqualTo(Refusal.RATE);
    stranger(THERE).receipt();
    assertThat(lab.engine.stats().get(TrackerCounter.DEPOSITS)).isEqualTo(12);
  }

  private TrackerHarness.Answer stranger(Endpoint from) {
    Envelope envelope = lab.user(1).envelope(lab.wallMillis(), 7, 512);
    return lab.send(lab.openFrom(from), new Request.Deposit(envelope, new Admission.ByStamp(0)));
  }

  @Test
  void writes_thatFail_areNotCharged() {
    limit(new TrackerConfig.Sources(512, 3, 64 << 10, 64));
    allowContact();
    for (int i = 0; i < 20; i++) {
      lab.commitFates.add(TrackerHarness.Fate.FULL);
      assertThat(begin(HERE).refusal()).isEqualTo(Refusal.STORE);
      lab.commitFates.add(TrackerHarness.Fate.FULL);
      assertThat(deposit(HERE, 8 << 10).refusal()).isEqualTo(Refusal.STORE);
    }
    begin(HERE).as(Response.Taken.class);
    deposit(HERE, 8 << 10).receipt();
  }

  @Test
  void sources_moreThanAreRemembered_theEldestBeginsAnew() {
    limit(new TrackerConfig.Sources(512, 1, 32 << 20, 64));
    begin(HERE).as(Response.Taken.class);
    begin(HERE).as(Response.Taken.class);
    assertThat(begin(HERE).refusal()).isEqualTo(Refusal.RATE);
    for (int i = 0; i < 64; i++) {
      begin(Endpoint.of(new byte[] {12, 0, 0, (byte) i}, 0)).as(Response.Taken.class);
    }
    begin(HERE).as(Response.Taken.class);
  }

  // What is in memory

  @Test
  void memory_listsOfManyKeys_countLikeEntries() {
    TrackerConfig.Load load = lab.config.load();
    lab.config =
        lab.config.withLoad(
            new TrackerConfig.Load(
                100,
                1_000,
                load.requestsMax(),
                load.effectsMax(),
                load.storedBytesMax(),
                load.storedMailboxesMax(),
                load.bindingsMax()));
    lab.crash();
    for (int i = 0; i < 6; i++) {
      begin(null).as(Response.Taken.class);
    }
    assertThat(lab.engine.stats().mailboxes()).isEqualTo(6);
    for (int i = 0; i < 6; i++) {
      TestUser user = lab.user(1);
      lab.send(new Request.PutDevices(user.owner, user.list)).as(Response.Taken.class);
      DeliveryKeys.Key[] keys = new DeliveryKeys.Key[1_024];
      for (int key = 0; key < keys.length; key++) {
        keys[key] = new DeliveryKeys.Key(user.newKey().publicKey(), 1, 1);
      }
      lab.send(new Request.PutDeliveryKeys(user.keys(1, user.devices.get(0), keys)))
          .as(Response.Taken.class);
    }
    assertThat(lab.engine.stats().mailboxes()).isEqualTo(1);
  }

  /** Has so many mailboxes in memory. */
  private void remember(int mailboxesMax) {
    TrackerConfig.Load load = lab.config.load();
    lab.config =
        lab.config.withLoad(
            new TrackerConfig.Load(
                mailboxesMax,
                load.entriesMax(),
                load.requestsMax(),
                load.effectsMax(),
                load.storedBytesMax(),
                load.storedMailboxesMax(),
                load.bindingsMax()));
    lab.crash();
  }

  /** Without using it. */
  private boolean isInMemory() {
    return lab.engine.mailboxes.all().stream().anyMatch(one -> one.key.equals(bob.mailbox));
  }

  @Test
  void memory_asManyMailboxesAsMayBe_theLeastRecentlyUsedGoes() {
    remember(3);
    allowContact();
    begin(null);
    begin(null);
    deposit(null, 512).receipt();
    begin(null);
    assertThat(lab.engine.stats().mailboxes()).isEqualTo(3);
    assertThat(isInMemory()).isTrue();
    begin(null);
    begin(null);
    assertThat(isInMemory()).isFalse();
    assertThat(lab.fetch(lab.open(bob, phone)).digests()).hasSize(1);
  }
}
