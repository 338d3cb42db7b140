package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.StoreException;
import org.junit.jupiter.api.Test;

/** The rules of envelopes, admission and receipts. */
final class DepositRulesTest {

  private final TrackerHarness lab = new TrackerHarness(config(), Ed25519Scheme.INSTANCE, 11);
  private final TestUser bob = lab.user(1);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity contact = bob.newKey();
  private final long session = lab.open(bob, phone);

  static TrackerConfig config() {
    return TrackerConfig.defaults().withStamps(new TrackerConfig.Stamps(2, 10, 4));
  }

  private void allow(long version, DeliveryKeys.Key... keys) {
    lab.send(new Request.PutDeliveryKeys(bob.keys(version, phone, keys))).as(Response.Taken.class);
  }

  private DeliveryKeys.Key key(int rate, int quota) {
    return new DeliveryKeys.Key(contact.publicKey(), rate, quota);
  }

  private Envelope envelope() {
    return bob.envelope(lab.wallMillis(), 3, 512);
  }

  private Request.Deposit byContact(Envelope envelope) {
    return TestUser.deposit(contact, envelope, lab.tracker());
  }

  private Request.Deposit byStranger(Envelope envelope) {
    return byStranger(envelope, lab.engine.stats().stampBits());
  }

  private Request.Deposit byStranger(Envelope envelope, int bits) {
    Admission.ByStamp stamp = new Admission.ByStamp(0);
    while (stamp.bits(envelope, lab.tracker()) != bits) {
      stamp = new Admission.ByStamp(stamp.nonce() + 1);
    }
    return new Request.Deposit(envelope, stamp);
  }

  @Test
  void deposit_byContact_receiptOfTrackerVerifies() {
    allow(1, key(10, 10));
    Envelope envelope = envelope();
    Receipt receipt = lab.send(byContact(envelope)).receipt();
    assertThat(receipt.verify(TestUser.NETWORK, Ed25519Scheme.INSTANCE)).isTrue();
    assertThat(receipt.tracker()).isEqualTo(lab.tracker());
    assertThat(receipt.content())
        .isEqualTo(
            new Receipt.Content(
                Receipt.Kind.DEPOSIT,
                bob.mailbox,
                envelope.digest(),
                lab.wallMillis(),
                envelope.expiresMillis()));
    assertThat(lab.fetch(session).digests()).containsExactly(envelope.digest());
  }

  @Test
  void deposit_notCommittedYet_noReceipt() {
    allow(1, key(10, 10));
    Envelope envelope = envelope();
    lab.isHolding = true;
    TrackerHarness.Answer answer = lab.send(byContact(envelope));
    assertThat(answer.last).isNull();
    lab.crash();
    lab.isHolding = false;
    assertThat(answer.last).isNull();
    assertThat(lab.fetch(lab.open(bob, phone)).digests()).isEmpty();
  }

  @Test
  void deposit_againWhileFirstIsWritten_sameReceiptStoredOnce() throws StoreException {
    allow(1, key(10, 10));
    Envelope envelope = envelope();
    lab.isHolding = true;
    TrackerHarness.Answer first = lab.send(byContact(envelope));
    TrackerHarness.Answer second = lab.send(byStranger(envelope, 2));
    lab.release();
    assertThat(second.receipt()).isEqualTo(first.receipt());
    lab.advance(Duration.ofHours(1));
    assertThat(lab.send(byContact(envelope)).receipt()).isEqualTo(first.receipt());
    assertThat(lab.store.stats().envelopes()).isEqualTo(1);
    lab.crash();
    assertThat(lab.send(byContact(envelope)).receipt()).isEqualTo(first.receipt());
  }

  @Test
  void deposit_writingFails_allWhoWaitAreRefusedAndNothingIsHeld() throws StoreException {
    allow(1, key(10, 10));
    Envelope envelope = envelope();
    lab.isHolding = true;
    TrackerHarness.Answer first = lab.send(byContact(envelope));
    TrackerHarness.Answer second = lab.send(byContact(envelope));
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    lab.release();
    assertThat(List.of(first.refusal(), second.refusal()))
        .containsExactly(Refusal.STORE, Refusal.STORE);
    assertThat(lab.store.stats().envelopes()).isZero();
    assertThat(lab.fetch(session).digests()).isEmpty();
    lab.send(byContact(envelope)).receipt();
  }

  @Test
  void deposit_admissionOfOtherTrackerOrOtherBytes_refused() {
    allow(1, key(10, 10));
    Envelope envelope = envelope();
    NodeId other = NodeIdentity.of(Ed25519Scheme.INSTANCE, new byte[32]).id();
    assertThat(lab.send(TestUser.deposit(contact, envelope, other)).refusal())
        .isEqualTo(Refusal.BAD_SIGNATURE);
    Request.Deposit good = byContact(envelope);
    assertThat(lab.send(new Request.Deposit(envelope(), good.admission())).refusal())
        .isEqualTo(Refusal.BAD_SIGNATURE);
    lab.send(good).receipt();
  }

  @Test
  void deposit_keyUnknownOrRevoked_refused() {
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.NOT_ADMITTED);
    allow(1, key(10, 10));
    lab.send(byContact(envelope())).receipt();
    allow(2);
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.NOT_ADMITTED);
  }

  @Test
  void deposit_keyRevokedWhileSignatureIsVerified_refused() {
    allow(1, key(10, 10));
    Envelope envelope = envelope();
    lab.isHolding = true;
    TrackerHarness.Answer answer = lab.send(byContact(envelope));
    lab.send(new Request.PutDeliveryKeys(bob.keys(2, phone)));
    lab.release();
    assertThat(
            answer.last == null || answer.isRefused() || lab.fetch(session).digests().size() == 1)
        .isTrue();
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.NOT_ADMITTED);
  }

  @Test
  void deposit_aboveHourlyRate_refusedUntilTimePasses() {
    allow(1, key(3, 100));
    for (int i = 0; i < 3; i++) {
      lab.send(byContact(envelope())).receipt();
    }
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.RATE);
    lab.crash();
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.RATE);
    lab.advance(Duration.ofMinutes(21));
    lab.send(byContact(envelope())).receipt();
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.RATE);
  }

  @Test
  void deposit_aboveQuotaOfKey_refused() {
    allow(1, key(100, 2));
    lab.send(byContact(envelope())).receipt();
    lab.send(byContact(envelope())).receipt();
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.QUOTA);
    lab.send(byStranger(envelope())).receipt();
  }

  @Test
  void deposit_manyOfStrangers_shareIsSixtyFourOrTenPercent() {
    lab.config =
        lab.config
            .withStamps(new TrackerConfig.Stamps(0, 0, 1_000))
            .withMailbox(new TrackerConfig.MailboxLimits(1_000, 8 << 20, 100, 64, 10));
    lab.crash();
    for (int i = 0; i < 64; i++) {
      lab.send(byStranger(envelope(), 0)).receipt();
    }
    assertThat(lab.send(byStranger(envelope(), 0)).refusal()).isEqualTo(Refusal.QUOTA);
    allow(1, key(10, 10));
    lab.send(byContact(envelope())).receipt();
    lab.config = lab.config.withMailbox(new TrackerConfig.MailboxLimits(50, 8 << 20, 100, 64, 10));
    lab.crash();
    TestUser carol = lab.user(1);
    for (int i = 0; i < 5; i++) {
      lab.send(byStranger(carol.envelope(lab.wallMillis(), 3, 512), 0)).receipt();
    }
    assertThat(lab.send(byStranger(carol.envelope(lab.wallMillis(), 3, 512), 0)).refusal())
        .isEqualTo(Refusal.QUOTA);
  }

  @Test
  void deposit_tooEasyStamp_refusedWithBits() {
    Response.Refused refused = lab.send(byStranger(envelope(), 1)).as(Response.Refused.class);
    assertThat(refused.refusal()).isEqualTo(Refusal.STAMP);
    assertThat(refused.stampBits()).isEqualTo(2);
  }

  @Test
  void deposit_manyStrangersThenQuiet_stampsGetHarderAndEasier() {
    Envelope first = envelope();
    Request.Deposit easy = byStranger(first, 2);
    Receipt receipt = lab.send(easy).receipt();
    for (int i = 0; i < 7; i++) {
      lab.send(byStranger(envelope())).receipt();
    }
    assertThat(lab.engine.stats().stampBits()).isEqualTo(4);
    assertThat(lab.send(byStranger(envelope(), 3)).refusal()).isEqualTo(Refusal.STAMP);
    assertThat(lab.send(easy).receipt()).as("held already").isEqualTo(receipt);
    lab.advance(Duration.ofMinutes(5));
    assertThat(lab.engine.stats().stampBits()).isEqualTo(2);
    assertThat(lab.send(new Request.Info()).as(Response.Info.class).stampBits()).isEqualTo(2);
  }

  @Test
  void deposit_mailboxFull_refusedAndMarkedInFetch() {
    lab.config =
        lab.config.withMailbox(new TrackerConfig.MailboxLimits(1_000, 64 << 10, 100, 64, 10));
    lab.crash();
    allow(1, key(100, 100));
    for (int i = 0; i < 2; i++) {
      lab.send(byContact(bob.envelope(lab.wallMillis(), 3, 32 << 10))).receipt();
    }
    for (int i = 0; i < 3; i++) {
      assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.QUOTA);
    }
    long open = lab.open(bob, phone);
    TrackerHarness.Answer page = lab.fetch(open);
    assertThat(page.as(Response.PageEnd.class).refusedCount()).isEqualTo(3);
    lab.send(new Request.PutAcks(bob.ack(phone, page.digests())));
    TrackerHarness.Answer waits = lab.fetch(open, 0, 10, Duration.ofSeconds(20));
    lab.advance(Duration.ofSeconds(20));
    assertThat(waits.as(Response.PageEnd.class).refusedCount()).isEqualTo(3);
    lab.advance(Duration.ofHours(1));
    lab.open(bob, phone);
    lab.advance(Duration.ofMinutes(11));
    assertThat(lab.fetch(open).as(Response.PageEnd.class).refusedCount()).isZero();
  }

  @Test
  void fetch_mailboxFullAndReadAgain_markedAlthoughNothingWasRefusedSince() {
    lab.config = lab.config.withMailbox(new TrackerConfig.MailboxLimits(10, 1 << 20, 100, 64, 10));
    lab.crash();
    allow(1, key(100, 100));
    for (int i = 0; i < 9; i++) {
      lab.send(byContact(envelope())).receipt();
    }
    assertThat(refusedCount()).as("one more has room").isZero();
    lab.send(byContact(envelope())).receipt();
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.QUOTA);
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.QUOTA);
    assertThat(refusedCount()).isEqualTo(2);
    lab.crash();
    assertThat(refusedCount()).as("how many is not known any more").isEqualTo(1);
    lab.send(byContact(envelope()));
    assertThat(refusedCount()).as("counted anew").isEqualTo(1);
    lab.send(byContact(envelope()));
    assertThat(refusedCount()).isEqualTo(2);
  }

  @Test
  void fetch_noBytesForAnyEnvelopeAndReadAgain_marked() {
    lab.config =
        lab.config.withMailbox(new TrackerConfig.MailboxLimits(1_000, 1 << 20, 100, 64, 10));
    lab.crash();
    allow(1, key(100, 100));
    for (int i = 0; i < 15; i++) {
      lab.send(byContact(bob.envelope(lab.wallMillis(), 3, 64 << 10))).receipt();
    }
    lab.crash();
    assertThat(refusedCount()).as("the largest has room").isZero();
    lab.send(byContact(envelope())).receipt();
    lab.crash();
    assertThat(refusedCount()).isEqualTo(1);
  }

  private long refusedCount() {
    return lab.fetch(lab.open(bob, phone)).as(Response.PageEnd.class).refusedCount();
  }

  @Test
  void deposit_trackerFull_refusedUntilSomethingGoes() {
    lab.config =
        lab.config.withLoad(new TrackerConfig.Load(100, 1_000, 32, 100, 1 << 20, 100, 100));
    lab.crash();
    allow(1, key(100, 100));
    for (int i = 0; i < 16; i++) {
      lab.send(byContact(bob.envelope(lab.wallMillis(), 3, 64 << 10))).receipt();
    }
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.QUOTA);
    lab.crash();
    assertThat(lab.send(byContact(envelope())).refusal()).isEqualTo(Refusal.QUOTA);
    lab.advance(Duration.ofDays(3).plusHours(4));
    lab.send(byContact(envelope())).receipt();
  }

  @Test
  void deposit_endedOrOfTheFuture_refused() {
    allow(1, key(100, 100));
    Envelope old = bob.envelope(lab.wallMillis() - Duration.ofDays(3).toMillis(), 3, 512);
    assertThat(lab.send(byContact(old)).refusal()).isEqualTo(Refusal.TIME);
    Envelope early = bob.envelope(lab.wallMillis() + Duration.ofHours(4).toMillis(), 3, 512);
    assertThat(lab.send(byContact(early)).refusal()).isEqualTo(Refusal.TIME);
    Envelope fast = bob.envelope(lab.wallMillis() + Duration.ofHours(2).toMillis(), 3, 512);
    lab.send(byContact(fast)).receipt();
  }

  @Test
  void deposit_trackerClockTwoHoursWrong_taken() {
    allow(1, key(100, 100));
    long right = lab.wallMillis();
    lab.stepClock(Duration.ofHours(-2));
    lab.send(byContact(bob.envelope(right, 3, 512))).receipt();
    lab.stepClock(Duration.ofHours(4));
    lab.send(byContact(bob.envelope(right, 3, 512))).receipt();
  }
}
