package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.StoreException;
import org.junit.jupiter.api.Test;

/** The rules of acknowledgements, deletion, the proof of delivery and the end. */
final class CustodyRulesTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final TrackerHarness lab =
      new TrackerHarness(
          TrackerConfig.defaults().withStamps(new TrackerConfig.Stamps(0, 0, 1_000)),
          Ed25519Scheme.INSTANCE,
          14);
  private final TestUser bob = lab.user(2);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity laptop = bob.devices.get(1);
  private final long session = lab.open(bob, phone);

  private Envelope deposit(int days) {
    Envelope envelope = bob.envelope(lab.wallMillis(), days, 512);
    again(envelope).receipt();
    return envelope;
  }

  private TrackerHarness.Answer again(Envelope envelope) {
    return lab.send(new Request.Deposit(envelope, new Admission.ByStamp(0)));
  }

  private TrackerHarness.Answer ack(NodeIdentity device, Envelope... envelopes) {
    return lab.send(
        new Request.PutAcks(
            bob.ack(device, Arrays.stream(envelopes).map(Envelope::digest).toList())));
  }

  private List<Boolean> known(TrackerHarness.Answer answer) {
    return answer.as(Response.Acked.class).known();
  }

  private boolean isDeleted(Envelope envelope) {
    Response.Custody custody =
        lab.send(new Request.Prove(bob.mailbox, envelope.digest())).as(Response.Custody.class);
    return custody.deletion() != null;
  }

  private void confirm() {
    lab.send(session, bob.open(phone, null, lab.tracker(), lab.hash(session)))
        .as(Response.Opened.class);
  }

  @Test
  void acknowledge_unknownAndHeld_toldWhichAreNoted() {
    Envelope held = deposit(3);
    Envelope unknown = bob.envelope(lab.wallMillis(), 3, 512);
    AckBatch batch = bob.ack(phone, List.of(held.digest(), unknown.digest()));
    List<Boolean> expected = batch.digests().stream().map(held.digest()::equals).toList();
    assertThat(known(lab.send(new Request.PutAcks(batch)))).isEqualTo(expected);
    assertThat(known(lab.send(new Request.PutAcks(batch)))).isEqualTo(expected);
    assertThat(lab.engine.stats().get(TrackerCounter.ACKED)).isEqualTo(1);
    assertThat(known(ack(laptop, unknown))).containsExactly(false);
  }

  @Test
  void acknowledge_byRevokedUnlistedOrOthersDevice_refusedAndNotNoted() {
    Envelope held = deposit(3);
    TestUser eve = lab.user(1);
    assertThat(ack(bob.newKey(), held).refusal()).isEqualTo(Refusal.NOT_LISTED);
    assertThat(ack(eve.devices.get(0), held).refusal()).isEqualTo(Refusal.NOT_LISTED);
    AckBatch forged =
        AckBatch.sign(
            bob.mailbox,
            TestUser.id(phone),
            List.of(held.digest()),
            TestUser.NETWORK,
            laptop::sign);
    assertThat(lab.send(new Request.PutAcks(forged)).refusal()).isEqualTo(Refusal.BAD_SIGNATURE);
    bob.revoke(laptop);
    lab.send(new Request.PutDevices(bob.owner, bob.list));
    assertThat(ack(laptop, held).refusal()).isEqualTo(Refusal.NOT_LISTED);
    assertThat(lab.engine.stats().get(TrackerCounter.ACKED)).isZero();
    assertThat(
            lab.send(new Request.PutAcks(eve.ack(eve.devices.get(0), List.of(held.digest()))))
                .refusal())
        .isEqualTo(Refusal.NO_LIST);
  }

  @Test
  void acknowledge_againWhileFirstIsWritten_notToldAsNotedBeforeItIs() {
    Envelope held = deposit(3);
    lab.isHolding = true;
    TrackerHarness.Answer first = ack(phone, held);
    TrackerHarness.Answer second = ack(phone, held);
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    lab.release();
    assertThat(first.refusal()).isEqualTo(Refusal.STORE);
    assertThat(second.refusal()).isEqualTo(Refusal.STORE);
    assertThat(lab.fetch(session).digests()).containsExactly(held.digest());
    assertThat(known(ack(phone, held))).containsExactly(true);
  }

  @Test
  void prove_acknowledged_proofsVerifyAndNameOnlyIt() {
    Envelope held = deposit(3);
    Envelope other = deposit(3);
    ack(phone, held, other);
    ack(laptop, held);
    Response.Custody custody =
        lab.send(new Request.Prove(bob.mailbox, held.digest())).as(Response.Custody.class);
    assertThat(custody.proofs()).hasSize(2);
    List<NodeIdentity> devices = List.of(phone, laptop);
    for (int i = 0; i < 2; i++) {
      AckProof proof = custody.proofs().get(i);
      assertThat(proof.digest()).isEqualTo(held.digest());
      assertThat(proof.verify(devices.get(i).publicKey(), TestUser.NETWORK, Ed25519Scheme.INSTANCE))
          .isTrue();
    }
    assertThat(custody.list()).isEqualTo(bob.list);
    assertThat(custody.owner()).isEqualTo(bob.owner);
    Response.Custody none =
        lab.send(new Request.Prove(bob.mailbox, Digest.sha256())).as(Response.Custody.class);
    assertThat(none).isEqualTo(new Response.Custody(null, null, List.of(), null, null));
  }

  @Test
  void prove_deviceWasRevokedSince_isNotAmongTheProofs() {
    Envelope held = deposit(3);
    ack(phone, held);
    ack(laptop, held);
    bob.revoke(laptop);
    lab.send(new Request.PutDevices(bob.owner, bob.list));
    Response.Custody custody =
        lab.send(new Request.Prove(bob.mailbox, held.digest())).as(Response.Custody.class);
    assertThat(custody.list()).isEqualTo(bob.list);
    assertThat(custody.proofs())
        .singleElement()
        .extracting(AckProof::device)
        .isEqualTo(TestUser.id(phone));
  }

  @Test
  void delete_allAcknowledgedAndConfirmed_goesAnHourAfterTheLast() {
    Envelope held = deposit(3);
    ack(phone, held);
    lab.advance(Duration.ofHours(5));
    ack(laptop, held);
    lab.advance(HOUR.minusSeconds(1));
    confirm();
    assertThat(isDeleted(held)).isFalse();
    lab.advance(Duration.ofSeconds(2));
    assertThat(isDeleted(held)).isTrue();
    Response.Receipts receipts = again(held).as(Response.Receipts.class);
    Receipt deletion = receipts.deletion();
    assertThat(deletion != null && deletion.verify(TestUser.NETWORK, lab.scheme)).isTrue();
    assertThat(deletion == null ? null : deletion.content().kind())
        .isEqualTo(Receipt.Kind.DELETION);
    assertThat(receipts.deposit().verify(TestUser.NETWORK, lab.scheme)).isTrue();
    lab.crash();
    assertThat(again(held).as(Response.Receipts.class)).isEqualTo(receipts);
    assertThat(lab.fetch(lab.open(bob, laptop)).digests()).isEmpty();
  }

  @Test
  void delete_oneHasNotAcknowledged_staysUntilItsEnd() throws StoreException {
    Envelope held = deposit(3);
    ack(phone, held);
    for (int hour = 0; hour < 71; hour++) {
      lab.advance(HOUR);
      confirm();
    }
    assertThat(lab.fetch(lab.open(bob, laptop)).digests()).containsExactly(held.digest());
    assertThat(lab.store.stats().envelopes()).isEqualTo(1);
    lab.advance(Duration.ofHours(2));
    assertThat(lab.fetch(lab.open(bob, laptop)).digests()).isEmpty();
    assertThat(lab.store.stats().envelopes()).isEqualTo(1);
    lab.advance(Duration.ofHours(3));
    assertThat(lab.store.stats().envelopes()).isZero();
    assertThat(lab.engine.stats().get(TrackerCounter.EXPIRED)).isEqualTo(1);
  }

  @Test
  void delete_notConfirmed_networkIsAskedEveryTenMinutesAtMost() {
    Envelope held = deposit(7);
    lab.advance(Duration.ofMinutes(2));
    ack(phone, held);
    ack(laptop, held);
    lab.advance(Duration.ofHours(4));
    assertThat(isDeleted(held)).isFalse();
    assertThat(lab.asked.size()).isBetween(10, 19);
    lab.published.put(bob.mailbox, bob.list);
    lab.advance(Duration.ofMinutes(11));
    assertThat(isDeleted(held)).isTrue();
  }

  @Test
  void delete_networkHasNewerList_decidedAnew() {
    Envelope held = deposit(7);
    ack(phone, held);
    ack(laptop, held);
    lab.advance(Duration.ofMinutes(30));
    NodeIdentity tablet = bob.add();
    lab.published.put(bob.mailbox, bob.list);
    lab.crash();
    lab.send(new Request.Prove(bob.mailbox, held.digest()));
    lab.advance(Duration.ofHours(3));
    assertThat(isDeleted(held)).as("the tablet may have been there when it came").isFalse();
    assertThat(lab.fetch(lab.open(bob, tablet)).digests()).containsExactly(held.digest());
    ack(tablet, held);
    lab.advance(Duration.ofHours(2));
    assertThat(isDeleted(held)).isTrue();
  }

  @Test
  void delete_deviceAddedAfterConfirmation_notRequiredForEarlierOnes() {
    Envelope early = deposit(7);
    confirm();
    NodeIdentity tablet = bob.add();
    lab.send(new Request.PutDevices(bob.owner, bob.list));
    Envelope late = deposit(7);
    ack(phone, early, late);
    ack(laptop, early, late);
    lab.published.put(bob.mailbox, bob.list);
    lab.advance(Duration.ofHours(2));
    assertThat(isDeleted(early)).isTrue();
    assertThat(isDeleted(late)).isFalse();
    assertThat(lab.fetch(lab.open(bob, tablet)).digests()).containsExactly(late.digest());
  }

  @Test
  void delete_confirmationAskedForBeforeItCame_newDeviceIsRequired() {
    lab.isHolding = true;
    confirmLater();
    Envelope held = bob.envelope(lab.wallMillis(), 7, 512);
    again(held);
    lab.release();
    NodeIdentity tablet = bob.add();
    lab.send(new Request.PutDevices(bob.owner, bob.list));
    ack(phone, held);
    ack(laptop, held);
    lab.published.put(bob.mailbox, bob.list);
    lab.advance(Duration.ofHours(3));
    assertThat(isDeleted(held)).isFalse();
    assertThat(lab.fetch(lab.open(bob, tablet)).digests()).containsExactly(held.digest());
  }

  private void confirmLater() {
    lab.send(session, bob.open(phone, null, lab.tracker(), lab.hash(session)));
  }

  @Test
  void delete_sequenceGivenAgainAfterFailedWrite_newDeviceIsRequired() {
    deposit(7);
    lab.advance(Duration.ofMinutes(2));
    // The confirmation is asked to be written while the write of an envelope before it is under
    // way.
    lab.commitNanos = 1_000_000_000;
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    TrackerHarness.Answer failed = again(bob.envelope(lab.wallMillis(), 7, 512));
    confirmLater();
    lab.advance(Duration.ofSeconds(3));
    lab.commitNanos = 0;
    assertThat(failed.refusal()).isEqualTo(Refusal.STORE);
    NodeIdentity tablet = bob.add();
    lab.send(new Request.PutDevices(bob.owner, bob.list));
    Envelope held = deposit(7);
    ack(phone, held);
    ack(laptop, held);
    lab.published.put(bob.mailbox, bob.list);
    lab.advance(Duration.ofHours(3));
    assertThat(isDeleted(held)).isFalse();
    assertThat(lab.fetch(lab.open(bob, tablet)).digests()).contains(held.digest());
  }

  @Test
  void delete_missingDeviceRevoked_notRequiredAnyMore() {
    Envelope held = deposit(7);
    lab.advance(Duration.ofMinutes(2));
    ack(phone, held);
    bob.revoke(laptop);
    lab.published.put(bob.mailbox, bob.list);
    lab.send(new Request.PutDevices(bob.owner, bob.list));
    lab.advance(Duration.ofHours(2));
    assertThat(isDeleted(held)).isTrue();
  }

  @Test
  void delete_networkHasFork_kept() {
    Envelope held = deposit(7);
    lab.advance(Duration.ofMinutes(2));
    ack(phone, held);
    ack(laptop, held);
    DeviceList fork = bob.forked();
    lab.published.put(bob.mailbox, fork);
    lab.advance(Duration.ofHours(3));
    assertThat(isDeleted(held)).isFalse();
    TrackerHarness.Answer open =
        lab.send(session, bob.open(phone, null, lab.tracker(), lab.hash(session)));
    assertThat(open.as(Response.Opened.class).fork()).isEqualTo(fork);
  }

  @Test
  void delete_networkHasBrokenChain_keptAndDevicesAreTold() {
    Envelope held = deposit(7);
    lab.advance(Duration.ofMinutes(2));
    ack(phone, held);
    ack(laptop, held);
    DeviceList.Content now = bob.list.content();
    DeviceList broken =
        bob.sign(new DeviceList.Content(2, new byte[32], 0, now.devices(), List.of()));
    lab.published.put(bob.mailbox, broken);
    lab.advance(Duration.ofHours(3));
    assertThat(isDeleted(held)).isFalse();
    TrackerHarness.Answer open =
        lab.send(session, bob.open(phone, null, lab.tracker(), lab.hash(session)));
    assertThat(open.as(Response.Opened.class).fork()).isEqualTo(broken);
    assertThat(lab.engine.stats().get(TrackerCounter.FORKS)).isPositive();
  }

  @Test
  void delete_diskFull_staysAndGoesLater() {
    Envelope held = deposit(7);
    ack(phone, held);
    ack(laptop, held);
    lab.published.put(bob.mailbox, bob.list);
    lab.advance(HOUR.minusSeconds(2));
    confirm();
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    lab.advance(Duration.ofMinutes(5));
    assertThat(lab.commitFates).isEmpty();
    assertThat(isDeleted(held)).isFalse();
    lab.advance(Duration.ofHours(2));
    assertThat(isDeleted(held)).isTrue();
  }

  /** Makes a tracker that has so few mailboxes in memory. */
  private void crowd(int mailboxesMax) {
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

  private void putOther() {
    TestUser other = lab.user(1);
    lab.published.put(other.mailbox, other.list);
    lab.send(new Request.PutDevices(other.owner, other.list)).as(Response.Taken.class);
  }

  @Test
  void delete_mailboxHasLeftMemory_isReadAgainInTime() {
    crowd(2);
    lab.published.put(bob.mailbox, bob.list);
    Envelope held = deposit(7);
    ack(phone, held);
    ack(laptop, held);
    putOther();
    putOther();
    assertThat(lab.engine.mailboxes.peek(bob.mailbox)).isNull();
    lab.advance(Duration.ofMinutes(30));
    // Read for something else, and gone again: the hour goes on.
    assertThat(isDeleted(held)).isFalse();
    putOther();
    putOther();
    lab.advance(Duration.ofMinutes(29));
    assertThat(isDeleted(held)).isFalse();
    lab.advance(Duration.ofSeconds(50));
    assertThat(lab.engine.stats().get(TrackerCounter.DELETED)).isZero();
    lab.advance(Duration.ofMinutes(15));
    assertThat(lab.engine.stats().get(TrackerCounter.DELETED)).isEqualTo(1);
    putOther();
    putOther();
    long loads = lab.engine.stats().get(TrackerCounter.LOADS);
    lab.advance(HOUR.multipliedBy(5));
    assertThat(lab.engine.stats().get(TrackerCounter.LOADS)).isEqualTo(loads);
    assertThat(isDeleted(held)).isTrue();
  }

  @Test
  void delete_moreHaveLeftMemoryThanMayBeRemembered_goWhenTheyAreUsed() {
    crowd(1);
    List<TestUser> users = List.of(lab.user(1), lab.user(1), lab.user(1));
    for (TestUser user : users) {
      lab.published.put(user.mailbox, user.list);
      lab.send(new Request.PutDevices(user.owner, user.list)).as(Response.Taken.class);
      Envelope envelope = user.envelope(lab.wallMillis(), 7, 512);
      lab.send(new Request.Deposit(envelope, new Admission.ByStamp(0))).receipt();
      lab.send(new Request.PutAcks(user.ack(user.devices.get(0), List.of(envelope.digest()))))
          .as(Response.Acked.class);
    }
    putOther();
    assertThat(lab.engine.stats().get(TrackerCounter.FORGOTTEN_DELETIONS)).isEqualTo(2);
    lab.advance(HOUR.multipliedBy(3));
    assertThat(lab.engine.stats().get(TrackerCounter.DELETED)).isEqualTo(1);
    lab.open(users.get(0), users.get(0).devices.get(0));
    lab.advance(HOUR);
    assertThat(lab.engine.stats().get(TrackerCounter.DELETED)).isEqualTo(2);
  }

  @Test
  void delete_diskFullAndNobodyAsks_goesLater() {
    lab.published.put(bob.mailbox, bob.list);
    Envelope held = deposit(7);
    ack(phone, held);
    ack(laptop, held);
    lab.advance(HOUR.minusSeconds(2));
    confirm();
    lab.commitFates.add(TrackerHarness.Fate.FULL);
    lab.advance(HOUR);
    assertThat(lab.commitFates).isEmpty();
    assertThat(lab.engine.stats().get(TrackerCounter.DELETED)).isEqualTo(1);
  }

  @Test
  void delete_tombstonesFull_staysUntilOthersEnd() {
    lab.config = lab.config.withMailbox(new TrackerConfig.MailboxLimits(100, 1 << 20, 1, 100, 100));
    lab.crash();
    lab.open(bob, phone);
    Envelope first = deposit(3);
    Envelope second = deposit(7);
    lab.published.put(bob.mailbox, bob.list);
    for (Envelope envelope : List.of(first, second)) {
      ack(phone, envelope);
      ack(laptop, envelope);
      lab.advance(Duration.ofHours(2));
    }
    assertThat(isDeleted(first)).isTrue();
    assertThat(isDeleted(second)).isFalse();
    lab.advance(Duration.ofHours(76));
    assertThat(isDeleted(second)).isTrue();
  }

  @Test
  void acknowledge_bySixtyFiveDevicesOverTime_bitsAreGivenAgain() {
    NodeIdentity last = laptop;
    for (int i = 0; i < 70; i++) {
      Envelope held = deposit(3);
      assertThat(known(ack(last, held))).containsExactly(true);
      lab.advance(Duration.ofHours(2));
      DeviceList.Content now = bob.list.content();
      bob.list =
          bob.sign(
              new DeviceList.Content(
                  now.version() + 1, bob.list.hash(), 0, now.devices().subList(0, 1), List.of()));
      last = bob.add();
      lab.send(new Request.PutDevices(bob.owner, bob.list)).as(Response.Taken.class);
    }
  }
}
