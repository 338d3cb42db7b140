package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.OutboxEvent.Attempt.Kind;
import org.bytchat.tracker.quorum.OutboxEvent.Ended.Reason;
import org.junit.jupiter.api.Test;

/** The rules of the sender's side, against real trackers. */
final class OutboxRulesTest {

  private static final QuorumConfig CONFIG = QuorumConfig.defaults();

  private final Lab lab = new Lab(1, 9);
  private final TestUser bob = lab.user(1);
  private final LabSender alice = new LabSender(lab, CONFIG);
  private final DeliveryKeys keys = bob.keys(1, bob.devices.get(0), Lab.key(alice.key.publicKey()));
  private final List<LabTracker> near = lab.closest(bob.mailbox);
  private final Parcel parcel = alice.parcel(bob);
  private final Digest digest = parcel.digest();

  /** Bob's device comes by, and brings his lists to the trackers. */
  private LabReader bobReads() {
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.seconds(5);
    return reader;
  }

  private void bobLeaves(LabReader reader) {
    lab.parties.remove(reader);
  }

  private void admitted() {
    bobLeaves(bobReads());
  }

  private void refuseAt(LabTracker tracker, Refusal refusal) {
    tracker.liar =
        (request, truth) ->
            request instanceof Request.Deposit ? new Response.Refused(refusal, "", null, 0) : truth;
  }

  private interface ReceiptChange {
    Receipt change(Receipt receipt);
  }

  private void receiptsOf(LabTracker tracker, ReceiptChange change) {
    tracker.liar =
        (request, truth) ->
            truth instanceof Response.Receipts good
                ? new Response.Receipts(change.change(good.deposit()), null)
                : truth;
  }

  private Receipt sign(NodeIdentity by, Receipt.Content content) {
    return new Receipt(content, by.publicKey(), by.sign(content.statement(TestUser.NETWORK)));
  }

  private Set<NodeId> holders() {
    Set<NodeId> holders = new TreeSet<>();
    for (LabTracker tracker : lab.trackers) {
      if (tracker.holds(digest, bob.mailbox)) {
        holders.add(tracker.id());
      }
    }
    return holders;
  }

  private List<OutboxEvent.Deposited> deposited() {
    return alice.events(OutboxEvent.Deposited.class, digest);
  }

  @Test
  void offer_trackersUp_depositsAtFiveClosestAndTellsOnce() {
    admitted();
    assertThat(alice.offer(parcel)).isEqualTo(OutboxEngine.Offer.TAKEN);
    lab.seconds(30);
    assertThat(holders())
        .containsExactlyInAnyOrderElementsOf(
            near.subList(0, 5).stream().map(LabTracker::id).toList());
    assertThat(deposited()).hasSize(1);
    assertThat(deposited().get(0).receipts()).hasSizeBetween(3, 5).doesNotHaveDuplicates();
    assertThat(alice.engine.standings().get(0).receipts()).hasSize(5);
    assertThat(alice.events(OutboxEvent.Queued.class, digest)).hasSize(1);
  }

  @Test
  void offer_twice_isDuplicate() {
    alice.offer(parcel);
    assertThat(alice.offer(parcel)).isEqualTo(OutboxEngine.Offer.DUPLICATE);
  }

  @Test
  void offer_moreThanLimits_isFull() {
    LabSender small =
        new LabSender(
            lab, CONFIG.withOutbox(new QuorumConfig.Outbox(2, 64 << 10, 8, 8, 1, 2, 8, 10)));
    assertThat(small.offer(small.parcel(bob))).isEqualTo(OutboxEngine.Offer.TAKEN);
    assertThat(small.offer(new Parcel(bob.envelope(lab.wallMillis(), 3, 64 << 10), null)))
        .isEqualTo(OutboxEngine.Offer.FULL);
    assertThat(small.offer(small.parcel(bob))).isEqualTo(OutboxEngine.Offer.TAKEN);
    assertThat(small.offer(small.parcel(bob))).isEqualTo(OutboxEngine.Offer.FULL);
    assertThat(small.engine.count(QuorumCounter.OUTBOX_FULL)).isEqualTo(2);
  }

  @Test
  void offer_diskFull_endsWithoutDeposit() {
    admitted();
    alice.isDiskFull = true;
    alice.offer(parcel);
    lab.seconds(30);
    assertThat(alice.events(OutboxEvent.Ended.class, digest))
        .containsExactly(new OutboxEvent.Ended(digest, Reason.NOT_KEPT));
    assertThat(holders()).isEmpty();
    assertThat(alice.engine.standings()).isEmpty();
  }

  @Test
  void receipts_wrongOnes_areNotCounted() {
    admitted();
    NodeIdentity other = NodeIdentity.of(Lab.SCHEME, lab.bytes(32));
    receiptsOf(near.get(0), good -> sign(other, good.content()));
    receiptsOf(near.get(1), good -> sign(near.get(1).identity, of(good, lab.user(1).mailbox)));
    receiptsOf(near.get(2), good -> new Receipt(good.content(), good.trackerKey(), new byte[64]));
    receiptsOf(
        near.get(3),
        good -> {
          Receipt.Content was = good.content();
          return sign(
              near.get(3).identity,
              new Receipt.Content(
                  was.kind(),
                  was.mailbox(),
                  was.digest(),
                  was.atMillis(),
                  was.expiresMillis() + 1));
        });
    receiptsOf(
        near.get(4),
        good -> {
          Receipt.Content was = good.content();
          Digest wrong = Digest.of(lab.bytes(32));
          return sign(
              near.get(4).identity,
              new Receipt.Content(
                  was.kind(), was.mailbox(), wrong, was.atMillis(), was.expiresMillis()));
        });
    alice.offer(parcel);
    lab.seconds(5);
    for (LabTracker liar : near.subList(0, 5)) {
      assertThat(alice.attempts(digest, liar)).containsExactly(Kind.INVALID);
    }
    // Three farther ones took their place.
    lab.seconds(30);
    assertThat(deposited()).hasSize(1);
    assertThat(deposited().get(0).receipts().stream().map(Receipt::tracker).toList())
        .containsExactlyInAnyOrderElementsOf(
            near.subList(5, 8).stream().map(LabTracker::id).toList());
    assertThat(alice.engine.count(QuorumCounter.INVALID)).isGreaterThanOrEqualTo(5);
  }

  private static Receipt.Content of(Receipt good, NodeId mailbox) {
    Receipt.Content was = good.content();
    return new Receipt.Content(
        was.kind(), mailbox, was.digest(), was.atMillis(), was.expiresMillis());
  }

  @Test
  void receipts_ofOneTrackerAgainAndAgain_countOnce() {
    admitted();
    LabTracker first = near.get(0);
    for (LabTracker other : near) {
      receiptsOf(other, good -> sign(first.identity, good.content()));
    }
    alice.offer(parcel);
    lab.run(Duration.ofHours(3));
    assertThat(deposited()).isEmpty();
    assertThat(alice.engine.standings().get(0).receipts()).hasSize(1);
  }

  @Test
  void refusal_busy_isTriedAgainWithGrowingWaits() {
    admitted();
    refuseAt(near.get(0), Refusal.BUSY);
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(10));
    assertThat(deposited()).hasSize(1);
    assertThat(alice.attempts(digest, near.get(0))).containsOnly(Kind.REFUSED).hasSizeBetween(5, 9);
    near.get(0).liar = (request, truth) -> truth;
    lab.run(Duration.ofMinutes(40));
    assertThat(alice.attempts(digest, near.get(0))).last().isEqualTo(Kind.RECEIPT);
  }

  @Test
  void refusal_notAdmitted_isToldOnceAndTriedOn() {
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(2));
    assertThat(alice.events(OutboxEvent.NotAdmitted.class, digest)).hasSize(1);
    assertThat(deposited()).isEmpty();
    LabReader reader = bobReads();
    lab.run(Duration.ofMinutes(40));
    assertThat(deposited()).hasSize(1);
    assertThat(reader.accepted).containsKey(digest);
    assertThat(alice.events(OutboxEvent.NotAdmitted.class, digest)).hasSize(1);
  }

  @Test
  void stamp_harderOneAsked_isMadeUpToLimit() {
    QuorumConfig.Outbox few = new QuorumConfig.Outbox(10, 1 << 20, 8, 8, 1, 2, 8, 10);
    LabSender stranger = new LabSender(lab, CONFIG.withOutbox(few));
    lab.trackers.forEach(one -> setBits(one, 6));
    setBits(near.get(0), 9);
    Parcel sent = new Parcel(parcel.envelope(), null);
    stranger.offer(sent);
    lab.seconds(20);
    assertThat(stranger.events(OutboxEvent.Deposited.class, digest)).hasSize(1);
    assertThat(stranger.attempts(digest, near.get(0))).containsOnly(Kind.STAMP);
    assertThat(stranger.attempts(digest, near.get(1))).containsExactly(Kind.RECEIPT);
    assertThat(
            stranger.performed.stream()
                .filter(QuorumEffect.Admit.class::isInstance)
                .map(effect -> ((QuorumEffect.Admit) effect).stampBits()))
        .contains(6)
        .allMatch(bits -> bits <= 8);
  }

  private static void setBits(LabTracker tracker, int bits) {
    tracker.crash();
    tracker.config = TrackerConfig.defaults().withStamps(new TrackerConfig.Stamps(bits, 10, 1_000));
    tracker.restart();
  }

  @Test
  void newcomers_afterLookup_getTheParcelUntilHalfOfItsLife() {
    admitted();
    alice.offer(parcel);
    lab.seconds(30);
    near.get(0).isListed = false;
    near.get(1).isListed = false;
    lab.run(Duration.ofHours(1));
    assertThat(holders()).contains(near.get(5).id(), near.get(6).id()).hasSize(7);
    long half = (parcel.envelope().expiresMillis() - parcel.envelope().createdMillis()) / 2;
    lab.run(Duration.ofMillis(half));
    near.get(2).isListed = false;
    lab.run(Duration.ofHours(2));
    assertThat(holders()).doesNotContain(near.get(7).id());
    assertThat(deposited()).hasSize(1);
  }

  @Test
  void tracker_thatForgets_getsTheParcelAgain() throws Exception {
    admitted();
    alice.offer(parcel);
    lab.seconds(30);
    LabTracker first = near.get(0);
    int depositsBefore = depositCount(first);
    first.liar =
        (request, truth) ->
            request instanceof Request.Prove
                ? new Response.Custody(null, null, List.of(), null, null)
                : truth;
    lab.run(Duration.ofHours(6));
    assertThat(depositCount(first)).isGreaterThan(depositsBefore);
    assertThat(deposited()).hasSize(1);
  }

  private static int depositCount(LabTracker tracker) {
    return (int) tracker.asked.stream().filter(Request.Deposit.class::isInstance).count();
  }

  @Test
  void delivery_acknowledged_isProvenAndEnds() {
    bobReads();
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(5));
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).hasSize(1);
    OutboxEvent.Delivered delivered = alice.events(OutboxEvent.Delivered.class, digest).get(0);
    assertThat(
            delivered.proof().verify(bob.devices.get(0).publicKey(), TestUser.NETWORK, Lab.SCHEME))
        .isTrue();
    assertThat(alice.events(OutboxEvent.Ended.class, digest))
        .containsExactly(new OutboxEvent.Ended(digest, Reason.DELIVERED));
    assertThat(alice.engine.standings()).isEmpty();
    assertThat(alice.parcels).isEmpty();
    int asked = alice.performed.size();
    lab.run(Duration.ofHours(9));
    assertThat(alice.performed).hasSize(asked);
  }

  @Test
  void delivery_forgedProofs_areNotBelieved() {
    admitted();
    TestUser mallory = lab.user(1);
    AckProof foreign =
        mallory.ack(mallory.devices.get(0), List.of(digest)).proof(digest).orElseThrow();
    AckProof other =
        bob.ack(bob.devices.get(0), List.of(Digest.sha256(new byte[1])))
            .proof(Digest.sha256(new byte[1]))
            .orElseThrow();
    AckProof unsigned = unsigned();
    DeviceList stolen = bob.list;
    List<Response.Custody> lies =
        List.of(
            custody(foreign, mallory.owner, mallory.list),
            custody(foreign, bob.owner, stolen),
            custody(foreign, bob.owner, mallory.list),
            custody(other, bob.owner, bob.list),
            custody(unsigned, bob.owner, bob.list),
            new Response.Custody(receipt(), null, List.of(foreign), null, null));
    int[] next = new int[1];
    for (LabTracker tracker : lab.trackers) {
      tracker.liar =
          (request, truth) ->
              request instanceof Request.Prove ? lies.get(next[0]++ % lies.size()) : truth;
    }
    alice.offer(parcel);
    lab.run(Duration.ofHours(12));
    assertThat(next[0]).isGreaterThanOrEqualTo(lies.size());
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    assertThat(alice.events(OutboxEvent.Ended.class, digest)).isEmpty();
    assertThat(alice.engine.count(QuorumCounter.INVALID)).isGreaterThanOrEqualTo(5);
  }

  private AckProof unsigned() {
    byte[] bytes =
        bob.ack(bob.devices.get(0), List.of(digest)).proof(digest).orElseThrow().toBytes();
    bytes[bytes.length - 1] ^= 1;
    bytes[bytes.length - 64] ^= 1;
    return AckProof.parse(bytes).toOptional().orElseThrow();
  }

  private Receipt receipt() {
    return new Receipt(
        new Receipt.Content(Receipt.Kind.DEPOSIT, bob.mailbox, digest, 0, 0),
        new byte[32],
        new byte[64]);
  }

  private Response.Custody custody(
      AckProof proof, org.bytchat.tracker.device.Owner owner, DeviceList list) {
    return new Response.Custody(receipt(), null, List.of(proof), owner, list);
  }

  @Test
  void crash_withReceipts_goesOnAndTellsNothingTwice() {
    admitted();
    near.get(3).crash();
    near.get(4).crash();
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(1));
    assertThat(deposited()).hasSize(1);
    alice.crash();
    near.get(3).restart();
    near.get(4).restart();
    lab.run(Duration.ofMinutes(1));
    assertThat(deposited()).hasSize(1);
    assertThat(alice.engine.standings().get(0).isDeposited()).isTrue();
    assertThat(holders()).contains(near.get(3).id(), near.get(4).id());
    bobReads();
    lab.run(Duration.ofHours(1));
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).hasSize(1);
  }

  @Test
  void trackers_threeOfFiveGone_othersTakeThePlace() {
    admitted();
    near.subList(0, 3).forEach(LabTracker::crash);
    alice.offer(parcel);
    lab.seconds(30);
    assertThat(deposited()).hasSize(1);
    assertThat(bobReads().accepted).containsKey(digest);
  }

  @Test
  void clock_twoHoursWrong_depositsAndProves() {
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    reader.clockMillis = Duration.ofHours(-2).toMillis();
    reader.crash();
    alice.clockMillis = Duration.ofHours(2).toMillis();
    alice.crash();
    Parcel ahead = alice.parcel(bob);
    alice.offer(ahead);
    lab.run(Duration.ofMinutes(10));
    assertThat(alice.events(OutboxEvent.Deposited.class, ahead.digest())).hasSize(1);
    assertThat(reader.accepted).containsKey(ahead.digest());
    assertThat(alice.events(OutboxEvent.Delivered.class, ahead.digest())).hasSize(1);
  }

  @Test
  void end_nobodyReads_isToldWhenItHasExpired() {
    admitted();
    alice.offer(parcel);
    lab.run(Duration.ofDays(8));
    assertThat(alice.events(OutboxEvent.Ended.class, digest))
        .containsExactly(new OutboxEvent.Ended(digest, Reason.EXPIRED));
    assertThat(alice.parcels).isEmpty();
    assertThat(alice.receipts).isEmpty();
  }

  @Test
  void clock_aheadForAMoment_parcelIsNotGivenUp() {
    admitted();
    alice.offer(parcel);
    lab.seconds(30);
    setClock(Duration.ofDays(30));
    lab.run(Duration.ofMinutes(2));
    alice.crash();
    lab.run(Duration.ofMinutes(2));
    setClock(Duration.ZERO);
    lab.run(Duration.ofHours(1));
    assertThat(alice.events(OutboxEvent.Ended.class, digest)).isEmpty();
    setClock(Duration.ofDays(30));
    lab.run(Duration.ofMinutes(10));
    assertThat(alice.events(OutboxEvent.Ended.class, digest))
        .containsExactly(new OutboxEvent.Ended(digest, Reason.EXPIRED));
  }

  private void setClock(Duration ahead) {
    alice.clockMillis = ahead.toMillis();
    alice.engine.adjustClock(alice.wallMillis(), lab.nowNanos);
  }

  @Test
  void trackers_disownAfterHalfOfTheLife_getTheParcelAgain() {
    admitted();
    alice.offer(parcel);
    lab.seconds(30);
    long half = (parcel.envelope().expiresMillis() - parcel.envelope().createdMillis()) / 2;
    lab.run(Duration.ofMillis(half).plusHours(1));
    LabTracker first = near.get(0);
    int before = depositCount(first);
    for (LabTracker liar : near.subList(0, 3)) {
      liar.liar =
          (request, truth) ->
              request instanceof Request.Prove
                  ? new Response.Custody(null, null, List.of(), null, null)
                  : truth;
    }
    lab.run(Duration.ofHours(16));
    assertThat(depositCount(first)).isGreaterThan(before);
  }

  @Test
  void offer_absurdTimes_doNotStopTheClock() {
    long now = lab.wallMillis();
    Parcel tomorrows = new Parcel(bob.envelope(now + 86_400_000L, 3, 512), null);
    Parcel absurd = new Parcel(bob.envelope(now * 1_000, 3, 512), null);
    assertThat(alice.offer(tomorrows)).isEqualTo(OutboxEngine.Offer.EXPIRED);
    assertThat(alice.offer(absurd)).isEqualTo(OutboxEngine.Offer.EXPIRED);
    // Kept by a clock that was wrong then.
    alice.parcels.put(absurd.digest(), absurd);
    alice.crash();
    lab.seconds(5);
    assertThat(alice.engine.standings()).hasSize(1);
  }

  @Test
  void cancel_underWay_endsAndForgets() {
    admitted();
    alice.offer(parcel);
    lab.seconds(1);
    alice.engine.cancel(digest, lab.nowNanos);
    lab.run(Duration.ofHours(2));
    assertThat(alice.events(OutboxEvent.Ended.class, digest))
        .containsExactly(new OutboxEvent.Ended(digest, Reason.CANCELLED));
    assertThat(alice.parcels).isEmpty();
  }
}
