package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.Test;

/** The rules of device lists, and of devices that show themselves. */
final class OwnerRulesTest {

  private final TrackerHarness lab =
      new TrackerHarness(DepositRulesTest.config(), Ed25519Scheme.INSTANCE, 12);
  private final TestUser bob = lab.user(2);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity laptop = bob.devices.get(1);

  private TrackerHarness.Answer put(DeviceList list) {
    return lab.send(new Request.PutDevices(bob.owner, list));
  }

  private Refusal refusalOfOpen(Request.Open open, long session) {
    return lab.send(session, open).refusal();
  }

  @Test
  void putDevices_newerAndSame_taken() {
    assertThat(put(bob.list).as(Response.Taken.class).version()).isEqualTo(1);
    assertThat(put(bob.list).as(Response.Taken.class).version()).isEqualTo(1);
    bob.add();
    bob.add();
    assertThat(put(bob.list).as(Response.Taken.class).version()).isEqualTo(3);
  }

  @Test
  void putDevices_older_refusedWithEvidence() {
    DeviceList first = bob.list;
    bob.add();
    put(bob.list);
    Response.Refused refused = put(first).as(Response.Refused.class);
    assertThat(refused.refusal()).isEqualTo(Refusal.OLDER);
    assertThat(refused.evidence()).isEqualTo(bob.list);
    lab.crash();
    assertThat(put(first).refusal()).isEqualTo(Refusal.OLDER);
  }

  @Test
  void putDevices_forked_firstIsKeptAndDevicesAreTold() {
    put(bob.list);
    DeviceList fork = bob.forked();
    Response.Refused refused = put(fork).as(Response.Refused.class);
    assertThat(refused.refusal()).isEqualTo(Refusal.FORK);
    assertThat(refused.evidence()).isEqualTo(bob.list);
    lab.crash();
    long session = lab.open();
    Response.Opened opened =
        lab.send(session, bob.open(phone, null, lab.tracker(), lab.hash(session)))
            .as(Response.Opened.class);
    assertThat(opened.fork()).isEqualTo(fork);
    assertThat(opened.listVersion()).isEqualTo(1);
  }

  @Test
  void putDevices_forkedWhileDeviceWaits_waitingDeviceIsToldAtOnceAndOnce() {
    put(bob.list);
    long session = lab.open(bob, phone);
    TrackerHarness.Answer waits = lab.fetch(session, 0, 10, Duration.ofSeconds(30));
    DeviceList fork = bob.forked();
    put(fork);
    assertThat(waits.as(Response.PageEnd.class).fork()).isEqualTo(fork);
    TrackerHarness.Answer next = lab.fetch(session, 0, 10, Duration.ZERO);
    assertThat(next.as(Response.PageEnd.class).fork()).isNull();
  }

  @Test
  void putDevices_forkedBetweenFetches_nextPageTellsWithoutWaiting() {
    put(bob.list);
    long session = lab.open(bob, phone);
    DeviceList fork = bob.forked();
    put(fork);
    TrackerHarness.Answer next = lab.fetch(session, 0, 10, Duration.ofSeconds(30));
    assertThat(next.as(Response.PageEnd.class).fork()).isEqualTo(fork);
  }

  @Test
  void putDevices_asManyMailboxesAsMayBe_thoseThatAreHereAreServedAndNoOthers() {
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
    put(bob.list);
    lab.crash();
    TestUser ann = lab.user(1);
    TestUser eve = lab.user(1);
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    assertThat(putDevices(ann).refusal()).isEqualTo(Refusal.STORE);
    putDevices(ann).as(Response.Taken.class);
    assertThat(putDevices(eve).refusal()).isEqualTo(Refusal.QUOTA);
    Envelope mail = eve.envelope(lab.wallMillis(), 7, 512);
    Admission.ByStamp stamp = new Admission.ByStamp(0);
    while (stamp.bits(mail, lab.tracker()) < lab.engine.stats().stampBits()) {
      stamp = new Admission.ByStamp(stamp.nonce() + 1);
    }
    assertThat(lab.send(new Request.Deposit(mail, stamp)).refusal()).isEqualTo(Refusal.QUOTA);
    assertThat(lab.engine.stats().get(TrackerCounter.REFUSED_MAILBOXES)).isEqualTo(2);
    bob.add();
    put(bob.list).as(Response.Taken.class);
    lab.open(ann, ann.devices.get(0));
  }

  private TrackerHarness.Answer putDevices(TestUser user) {
    return lab.send(new Request.PutDevices(user.owner, user.list));
  }

  @Test
  void putDevices_forkedAgainAfterTheOwnerWentOn_isKeptAndToldToo() {
    put(bob.list);
    long session = lab.open(bob, phone);
    put(bob.forked());
    assertThat(lab.fetch(session).as(Response.PageEnd.class).fork()).isNotNull();
    bob.add();
    bob.add();
    put(bob.list).as(Response.Taken.class);
    TrackerHarness.Answer waits = lab.fetch(session, 0, 10, Duration.ofSeconds(30));
    assertThat(waits.last).as("what was told is not told again").isNull();
    DeviceList fork = bob.forked();
    assertThat(put(fork).refusal()).isEqualTo(Refusal.FORK);
    assertThat(waits.as(Response.PageEnd.class).fork()).isEqualTo(fork);
    lab.crash();
    session = lab.open();
    Response.Opened opened =
        lab.send(session, bob.open(phone, null, lab.tracker(), lab.hash(session)))
            .as(Response.Opened.class);
    assertThat(opened.fork()).isEqualTo(fork);
  }

  @Test
  void putDevices_brokenChain_refusedWithEvidence() {
    put(bob.list);
    DeviceList held = bob.list;
    bob.list = bob.forked();
    bob.add();
    Response.Refused refused = put(bob.list).as(Response.Refused.class);
    assertThat(refused.refusal()).isEqualTo(Refusal.BROKEN_CHAIN);
    assertThat(refused.evidence()).isEqualTo(held);
  }

  @Test
  void putDevices_brokenChain_isKeptAsEvidenceAndDevicesAreToldAtOnceAndOnce() {
    put(bob.list);
    long session = lab.open(bob, phone);
    TrackerHarness.Answer waits = lab.fetch(session, 0, 10, Duration.ofSeconds(30));
    DeviceList broken = broken();
    assertThat(put(broken).refusal()).isEqualTo(Refusal.BROKEN_CHAIN);
    assertThat(waits.as(Response.PageEnd.class).fork()).isEqualTo(broken);
    assertThat(lab.fetch(session).as(Response.PageEnd.class).fork()).isNull();
    lab.computeFates.add(false);
    assertThat(put(broken).refusal()).isEqualTo(Refusal.BROKEN_CHAIN);
    assertThat(lab.computeFates.poll()).as("not verified again").isFalse();
    assertThat(put(bob.forked()).refusal()).isEqualTo(Refusal.FORK);
    assertThat(lab.engine.stats().get(TrackerCounter.FORKS)).isEqualTo(3);
    lab.crash();
    session = lab.open();
    Response.Opened opened =
        lab.send(session, bob.open(phone, null, lab.tracker(), lab.hash(session)))
            .as(Response.Opened.class);
    assertThat(opened.fork()).as("the first that was seen").isEqualTo(broken);
  }

  @Test
  void putDevices_brokenChainThatIsNotSigned_refusedAndNobodyIsTold() {
    put(bob.list);
    DeviceList madeUp = lab.user(1).sign(broken().content());
    assertThat(put(madeUp).refusal()).isEqualTo(Refusal.BAD_SIGNATURE);
    assertThat(lab.engine.stats().get(TrackerCounter.FORKS)).isZero();
    assertThat(lab.fetch(lab.open(bob, phone)).as(Response.PageEnd.class).fork()).isNull();
  }

  /** A next list, with another one before it than the newest. */
  private DeviceList broken() {
    DeviceList.Content now = bob.list.content();
    return bob.sign(
        new DeviceList.Content(
            now.version() + 1, bob.forked().hash(), 0, now.devices(), now.revoked()));
  }

  @Test
  void putDevices_signedByAnother_refusedAndNothingKept() {
    TestUser eve = lab.user(1);
    assertThat(lab.send(new Request.PutDevices(bob.owner, eve.list)).refusal())
        .isEqualTo(Refusal.BAD_SIGNATURE);
    put(bob.list).as(Response.Taken.class);
    eve.add();
    assertThat(lab.send(new Request.PutDevices(bob.owner, eve.list)).refusal())
        .isEqualTo(Refusal.BAD_SIGNATURE);
    assertThat(put(bob.list).as(Response.Taken.class).version()).isEqualTo(1);
  }

  @Test
  void putDevices_keyOfADeviceIsNone_refused() {
    Device unsound = new Device(new byte[32], new byte[32], 2);
    DeviceList bad =
        bob.sign(new DeviceList.Content(2, bob.list.hash(), 0, List.of(unsound), List.of()));
    assertThat(put(bad).refusal()).isEqualTo(Refusal.BAD_SIGNATURE);
  }

  @Test
  void putDevices_sameWhileFirstIsWritten_notTakenBeforeItIsDurable() {
    lab.isHolding = true;
    TrackerHarness.Answer first = put(bob.list);
    TrackerHarness.Answer second = put(bob.list);
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    lab.release();
    assertThat(first.refusal()).isEqualTo(Refusal.STORE);
    assertThat(second.refusal()).isEqualTo(Refusal.STORE);
  }

  @Test
  void putDevices_firstIsNotWrittenButTheNext_ownerIsKept() {
    lab.isHolding = true;
    TrackerHarness.Answer first = put(bob.list);
    bob.add();
    TrackerHarness.Answer second = put(bob.list);
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    lab.release();
    assertThat(first.refusal()).isEqualTo(Refusal.STORE);
    second.as(Response.Taken.class);
    lab.crash();
    long session = lab.open(bob, phone);
    lab.send(session, new Request.Prove(bob.mailbox, Digest.sha256()));
    Mailbox mailbox = lab.engine.mailboxes.peek(bob.mailbox);
    assertThat(mailbox == null ? null : mailbox.owner).isEqualTo(bob.owner);
  }

  @Test
  void open_withoutList_asksForIt() {
    long session = lab.open();
    assertThat(refusalOfOpen(bob.open(phone, null, lab.tracker(), lab.hash(session)), session))
        .isEqualTo(Refusal.NO_LIST);
    put(bob.list);
    bob.add();
    assertThat(refusalOfOpen(bob.open(phone, null, lab.tracker(), lab.hash(session)), session))
        .as("a newer one")
        .isEqualTo(Refusal.NO_LIST);
    assertThat(
            lab.send(session, bob.open(phone, bob.list, lab.tracker(), lab.hash(session)))
                .as(Response.Opened.class)
                .listVersion())
        .isEqualTo(2);
  }

  @Test
  void open_withOlderList_toldTheNewerVersion() {
    DeviceList first = bob.list;
    bob.add();
    put(bob.list);
    long session = lab.open();
    Request.Open open = bob.open(phone, first, 1, lab.tracker(), lab.hash(session));
    assertThat(lab.send(session, open).as(Response.Opened.class).listVersion()).isEqualTo(2);
  }

  @Test
  void open_revokedOrUnlistedOrOthersDevice_refused() {
    TestUser eve = lab.user(1);
    bob.revoke(laptop);
    put(bob.list);
    long session = lab.open();
    for (NodeIdentity device : List.of(laptop, eve.devices.get(0), bob.newKey())) {
      assertThat(refusalOfOpen(bob.open(device, null, lab.tracker(), lab.hash(session)), session))
          .isEqualTo(Refusal.NOT_LISTED);
    }
    assertThat(lab.fetch(session).refusal()).isEqualTo(Refusal.NOT_OPEN);
  }

  @Test
  void open_signatureOfAnotherSessionOrTracker_refused() {
    put(bob.list);
    long session = lab.open();
    long other = lab.open();
    Request.Open replayed = bob.open(phone, null, lab.tracker(), lab.hash(other));
    assertThat(refusalOfOpen(replayed, session)).isEqualTo(Refusal.BAD_SIGNATURE);
    Request.Open elsewhere = bob.open(phone, null, bob.mailbox, lab.hash(session));
    assertThat(refusalOfOpen(elsewhere, session)).isEqualTo(Refusal.BAD_SIGNATURE);
  }

  @Test
  void fetch_deviceRevokedMeanwhile_refusedAlsoWhileItWaits() {
    long session = lab.open(bob, laptop);
    TrackerHarness.Answer waits = lab.fetch(session, 0, 1, Duration.ofSeconds(30));
    bob.revoke(laptop);
    put(bob.list);
    lab.advance(Duration.ofSeconds(31));
    assertThat(waits.refusal()).isEqualTo(Refusal.NOT_LISTED);
    assertThat(lab.fetch(session).refusal()).isEqualTo(Refusal.NOT_LISTED);
  }

  @Test
  void putDeliveryKeys_byUnlistedDeviceOrOlder_refused() {
    NodeIdentity contact = bob.newKey();
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 1, 1);
    assertThat(lab.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key))).refusal())
        .isEqualTo(Refusal.NO_LIST);
    put(bob.list);
    assertThat(lab.send(new Request.PutDeliveryKeys(bob.keys(1, bob.newKey(), key))).refusal())
        .isEqualTo(Refusal.NOT_LISTED);
    lab.send(new Request.PutDeliveryKeys(bob.keys(2, phone, key))).as(Response.Taken.class);
    assertThat(lab.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key))).refusal())
        .isEqualTo(Refusal.OLDER);
    bob.revoke(laptop);
    put(bob.list);
    assertThat(lab.send(new Request.PutDeliveryKeys(bob.keys(3, laptop, key))).refusal())
        .isEqualTo(Refusal.NOT_LISTED);
  }

  @Test
  void deliveryKeys_signerRevoked_countNoMoreAndAreReplacedByAnyVersion() {
    NodeIdentity contact = bob.newKey();
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 10, 10);
    put(bob.list);
    lab.send(new Request.PutDeliveryKeys(bob.keys(Long.MAX_VALUE, laptop, key)))
        .as(Response.Taken.class);
    Request.Deposit before =
        TestUser.deposit(contact, bob.envelope(lab.wallMillis(), 7, 512), lab.tracker());
    lab.send(before).receipt();
    bob.revoke(laptop);
    put(bob.list);
    Request.Deposit after =
        TestUser.deposit(contact, bob.envelope(lab.wallMillis(), 7, 512), lab.tracker());
    assertThat(lab.send(after).refusal()).isEqualTo(Refusal.NOT_ADMITTED);
    lab.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key))).as(Response.Taken.class);
    lab.send(after).receipt();
  }

  @Test
  void requests_tooManyInASession_busy() {
    long session = lab.open(bob, phone);
    lab.isHolding = true;
    List<TrackerHarness.Answer> answers = new ArrayList<>();
    for (int i = 0; i < 33; i++) {
      Digest unknown = Digest.sha256(new byte[] {(byte) i});
      answers.add(lab.send(session, new Request.Prove(lab.user(1).mailbox, unknown)));
    }
    assertThat(answers.get(32).refusal()).isEqualTo(Refusal.BUSY);
    assertThat(answers.get(31).last).isNull();
    lab.release();
    assertThat(answers.subList(0, 32)).allMatch(a -> a.last instanceof Response.Custody);
    lab.fetch(session).as(Response.PageEnd.class);
  }

  @Test
  void fetch_secondWhileOneIsUnderWay_busy() {
    long session = lab.open(bob, phone);
    TrackerHarness.Answer waits = lab.fetch(session, 0, 1, Duration.ofSeconds(30));
    assertThat(lab.fetch(session).refusal()).isEqualTo(Refusal.BUSY);
    assertThat(waits.last).isNull();
    lab.advance(Duration.ofSeconds(31));
    waits.as(Response.PageEnd.class);
    lab.fetch(session).as(Response.PageEnd.class);
  }
}
