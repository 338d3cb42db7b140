package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.junit.jupiter.api.Test;

/** Mailboxes that nobody uses are forgotten, and come back with their users. */
final class IdleMailboxesTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final TrackerHarness lab =
      new TrackerHarness(DepositRulesTest.config(), Ed25519Scheme.INSTANCE, 31);
  private final TestUser bob = lab.user(2);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity contact = bob.newKey();

  private boolean isKept(TestUser user) throws StoreException {
    return lab.store.load(user.mailbox).isPresent();
  }

  private long forgotten() {
    return lab.engine.stats().get(TrackerCounter.FORGOTTEN_MAILBOXES);
  }

  private TrackerHarness.Answer put(TestUser user) {
    return lab.send(new Request.PutDevices(user.owner, user.list));
  }

  private void allowContact() {
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 100, 100);
    lab.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key))).as(Response.Taken.class);
  }

  private TrackerHarness.Answer deposit() {
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
    return lab.send(TestUser.deposit(contact, envelope, lab.tracker()));
  }

  /** Lets time pass until a mailbox of somebody who is here now is about to be forgotten. */
  private void almostForget() {
    lab.advance(Duration.ofDays(30).minusMinutes(1));
  }

  @Test
  void idle_forAMonth_isForgottenAndNotBefore() throws StoreException {
    lab.open(bob, phone);
    almostForget();
    assertThat(isKept(bob)).isTrue();
    lab.advance(HOUR);
    assertThat(isKept(bob)).isFalse();
    assertThat(forgotten()).isEqualTo(1);
    assertThat(lab.store.stats().mailboxes()).isZero();
    assertThat(lab.engine.stats().mailboxes()).isZero();
    assertThat(lab.send(new Request.PutDeliveryKeys(bob.keys(1, phone))).refusal())
        .isEqualTo(Refusal.NO_LIST);
  }

  @Test
  void fetches_nowAndThen_keepItForAMonthMore() throws StoreException {
    long session = lab.open(bob, phone);
    for (int month = 0; month < 3; month++) {
      lab.advance(Duration.ofDays(28));
      lab.fetch(session).as(Response.PageEnd.class);
    }
    lab.advance(Duration.ofDays(29));
    lab.crash();
    lab.advance(DAY.minusHours(1));
    assertThat(isKept(bob)).isTrue();
    lab.advance(DAY);
    assertThat(isKept(bob)).isFalse();
  }

  @Test
  void acknowledgement_late_counts() throws StoreException {
    lab.open(bob, phone);
    allowContact();
    lab.advance(Duration.ofDays(10));
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
    lab.send(TestUser.deposit(contact, envelope, lab.tracker())).receipt();
    lab.advance(Duration.ofDays(6));
    lab.send(new Request.PutAcks(bob.ack(phone, List.of(envelope.digest()))))
        .as(Response.Acked.class);
    lab.advance(Duration.ofDays(29));
    assertThat(isKept(bob)).isTrue();
    lab.advance(DAY.multipliedBy(2));
    assertThat(isKept(bob)).isFalse();
  }

  @Test
  void deposits_kept_count() throws StoreException {
    lab.open(bob, phone);
    allowContact();
    lab.advance(Duration.ofDays(20));
    deposit().receipt();
    lab.advance(Duration.ofDays(29));
    assertThat(isKept(bob)).isTrue();
    deposit().receipt();
    lab.advance(Duration.ofDays(29));
    assertThat(isKept(bob)).isTrue();
    lab.advance(DAY.multipliedBy(2));
    assertThat(isKept(bob)).isFalse();
  }

  @Test
  void reading_oftenInADay_isWrittenOnce() throws StoreException {
    long session = lab.open(bob, phone);
    lab.advance(Duration.ofDays(3));
    lab.fetch(session);
    long first = lab.store.load(bob.mailbox).orElseThrow().touchedMillis();
    assertThat(first).isEqualTo(lab.wallMillis());
    for (int hour = 0; hour < 23; hour++) {
      lab.advance(HOUR);
      lab.fetch(session);
    }
    assertThat(lab.store.load(bob.mailbox).orElseThrow().touchedMillis()).isEqualTo(first);
  }

  @Test
  void open_whileItIsBeingForgotten_beginsAnewWithWhatTheDeviceBrings() throws StoreException {
    lab.open(bob, phone);
    allowContact();
    almostForget();
    lab.commitNanos = 60_000_000_000L;
    lab.delayMaxNanos = 1;
    while (lab.engine.mailboxes.peek(bob.mailbox) != null || lab.engine.mailboxes.count() == 0) {
      lab.advance(Duration.ofSeconds(30));
      assertThat(forgotten()).isZero();
    }
    assertThat(isKept(bob)).isTrue();
    long session = lab.open();
    TrackerHarness.Answer open =
        lab.send(session, bob.open(phone, bob.list, lab.tracker(), lab.hash(session)));
    TrackerHarness.Answer keys = lab.send(new Request.PutDeliveryKeys(bob.keys(1, phone)));
    assertThat(open.last).isNull();
    lab.advance(Duration.ofMinutes(10));
    open.as(Response.Opened.class);
    assertThat(keys.last).isNotNull();
    assertThat(forgotten()).isEqualTo(1);
    StoredMailbox stored = lab.store.load(bob.mailbox).orElseThrow();
    assertThat(stored.parts().get(StoredMailbox.Part.DEVICES)).isEqualTo(bob.list.toBytes());
    assertThat(lab.wallMillis() - stored.touchedMillis()).isLessThan(HOUR.toMillis());
    lab.settle();
    assertThat(deposit().refusal()).isEqualTo(Refusal.NOT_ADMITTED);
  }

  @Test
  void forget_diskFull_staysAsItIsAndGoesLater() throws StoreException {
    lab.open(bob, phone);
    allowContact();
    almostForget();
    for (int i = 0; i < 3; i++) {
      lab.commitFates.add(TrackerHarness.Fate.FULL);
    }
    lab.advance(Duration.ofMinutes(12));
    assertThat(lab.commitFates).hasSizeLessThan(3);
    assertThat(isKept(bob)).isTrue();
    assertThat(forgotten()).isZero();
    lab.advance(HOUR);
    assertThat(isKept(bob)).isFalse();
  }

  @Test
  void fullTracker_afterForgetting_hasRoomAgain() {
    TrackerConfig.Load load = lab.config.load();
    lab.config =
        lab.config.withLoad(
            new TrackerConfig.Load(
                load.mailboxesMax(),
                load.entriesMax(),
                load.requestsMax(),
                load.effectsMax(),
                load.storedBytesMax(),
                2,
                load.bindingsMax()));
    lab.crash();
    put(lab.user(1)).as(Response.Taken.class);
    put(lab.user(1)).as(Response.Taken.class);
    assertThat(put(bob).refusal()).isEqualTo(Refusal.QUOTA);
    lab.advance(Duration.ofDays(31));
    assertThat(forgotten()).isEqualTo(2);
    put(bob).as(Response.Taken.class);
    put(lab.user(1)).as(Response.Taken.class);
    assertThat(put(lab.user(1)).refusal()).isEqualTo(Refusal.QUOTA);
  }

  @Test
  void tracker_backAfterALongOutage_givesDevicesAnHour() throws StoreException {
    TestUser gone = lab.user(1);
    put(gone);
    put(bob);
    lab.nowNanos += Duration.ofDays(60).toNanos();
    lab.crash();
    lab.advance(HOUR.minusMinutes(1));
    lab.open(bob, phone);
    lab.advance(HOUR);
    assertThat(isKept(bob)).isTrue();
    assertThat(isKept(gone)).isFalse();
  }

  @Test
  void timeNotKnown_countsFromNowOn() throws StoreException {
    put(bob);
    lab.store.commit(List.of(new Change.Touch(bob.mailbox, 0)));
    lab.crash();
    lab.advance(Duration.ofDays(30));
    assertThat(isKept(bob)).isTrue();
    lab.advance(DAY);
    assertThat(isKept(bob)).isFalse();
  }

  @Test
  void clockThatWasWrong_doesNotKeepItForEver() throws StoreException {
    lab.stepClock(Duration.ofDays(400));
    put(bob);
    lab.stepClock(Duration.ofDays(-400));
    lab.open(bob, phone);
    lab.advance(Duration.ofDays(31));
    assertThat(isKept(bob)).isFalse();
  }

  @Test
  void moreThanAPage_damagedOnesInFront_allOthersGo() throws StoreException {
    int damaged = Sweep.PAGE_MAX + 10;
    for (int i = 0; i < 2 * damaged; i++) {
      NodeId mailbox = NodeId.of(i * 0x9E3779B97F4A7C15L, i, i);
      lab.store.commit(
          List.of(
              new Change.PutPart(mailbox, StoredMailbox.Part.FORK, new byte[0]),
              new Change.Touch(mailbox, 1 + i)));
      if (i < damaged) {
        lab.unreadable.add(mailbox);
      }
    }
    lab.crash();
    lab.advance(HOUR.multipliedBy(2));
    assertThat(lab.store.stats().mailboxes()).isEqualTo(damaged);
    assertThat(forgotten()).isEqualTo(damaged);
    lab.unreadable.clear();
    lab.advance(HOUR);
    assertThat(lab.store.stats().mailboxes()).isZero();
  }

  @Test
  void moreThanAPage_diskFull_isTriedNowAndThenOnly() throws StoreException {
    int pages = 3;
    for (int i = 0; i < pages * Sweep.PAGE_MAX; i++) {
      NodeId mailbox = NodeId.of(i * 0x9E3779B97F4A7C15L, i, i);
      lab.store.commit(
          List.of(
              new Change.PutPart(mailbox, StoredMailbox.Part.FORK, new byte[0]),
              new Change.Touch(mailbox, 1 + i)));
    }
    lab.crash();
    lab.advance(HOUR.minusMinutes(1));
    int enough = 1_000_000;
    for (int i = 0; i < enough; i++) {
      lab.commitFates.add(TrackerHarness.Fate.FULL);
    }
    lab.advance(HOUR);
    // Each ten minutes a page.
    assertThat(enough - lab.commitFates.size()).isBetween(Sweep.PAGE_MAX, 7 * Sweep.PAGE_MAX);
    lab.commitFates.clear();
    lab.advance(HOUR);
    assertThat(lab.store.stats().mailboxes()).isZero();
  }

  @Test
  void expiry_moreThanAPageOfDamagedInFront_othersEnd() throws StoreException {
    lab.open(bob, phone);
    allowContact();
    for (int i = 1; i <= Sweep.PAGE_MAX + 10; i++) {
      NodeId mailbox = NodeId.of(i * 0x9E3779B97F4A7C15L, i, i);
      byte[] bytes = {(byte) i, (byte) (i >> 8)};
      StoredMailbox.Entry entry =
          new StoredMailbox.Entry(1, Digest.sha256(bytes), 1, 2, 2, null, 0);
      lab.store.commit(List.of(new Change.PutEnvelope(mailbox, entry, bytes, null)));
      lab.unreadable.add(mailbox);
    }
    deposit().receipt();
    lab.advance(Duration.ofDays(7).plusHours(4));
    assertThat(lab.store.load(bob.mailbox).orElseThrow().entries()).isEmpty();
  }
}
