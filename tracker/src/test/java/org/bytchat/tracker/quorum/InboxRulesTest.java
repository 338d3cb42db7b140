package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.Test;

/** The rules of a device's side, against real trackers. */
final class InboxRulesTest {

  private static final QuorumConfig CONFIG = QuorumConfig.defaults();
  private static final BindingAnswer OVERTAKEN = new BindingAnswer.Refused(Refusal.OLDER);

  private final Lab lab = new Lab(2, 9);
  private final TestUser bob = lab.user(2);
  private final LabSender alice = new LabSender(lab, CONFIG);
  private final DeliveryKeys keys = bob.keys(1, bob.devices.get(0), Lab.key(alice.key.publicKey()));
  private final List<LabTracker> near = lab.closest(bob.mailbox);

  private LabReader reader(int device) {
    LabReader reader = new LabReader(lab, CONFIG, bob, device, keys);
    lab.seconds(5);
    return reader;
  }

  private Digest send() {
    Parcel parcel = alice.parcel(bob);
    assertThat(alice.offer(parcel)).isEqualTo(OutboxEngine.Offer.TAKEN);
    return parcel.digest();
  }

  private static long acks(LabTracker tracker) {
    return tracker.asked.stream().filter(Request.PutAcks.class::isInstance).count();
  }

  @Test
  void start_trackersLackLists_bringsThemToAllEight() {
    LabReader phone = reader(0);
    assertThat(phone.engine.openTrackers())
        .containsExactlyInAnyOrderElementsOf(
            near.subList(0, 8).stream().map(LabTracker::id).toList());
    for (LabTracker tracker : near.subList(0, 8)) {
      assertThat(tracker.asked)
          .filteredOn(Request.PutDeliveryKeys.class::isInstance)
          .containsExactly(new Request.PutDeliveryKeys(keys));
      assertThat(tracker.engine.stats().bindings()).isEqualTo(1);
    }
    assertThat(near.get(8).asked).isEmpty();
  }

  @Test
  void envelope_atFiveTrackers_comesOnceAndIsAcknowledgedAtAllEight() {
    LabReader phone = reader(0);
    Digest digest = send();
    lab.seconds(30);
    assertThat(phone.accepted.get(digest)).hasSize(1);
    assertThat(phone.seen).containsKey(digest);
    for (LabTracker tracker : near.subList(0, 8)) {
      assertThat(acks(tracker)).isPositive();
    }
    assertThat(phone.engine.count(QuorumCounter.ACKED)).isEqualTo(5);
    assertThat(phone.signed).as("signed once for all").hasSize(1);
  }

  @Test
  void envelope_ofTwoDevices_comesToBothAndGoes() {
    LabReader phone = reader(0);
    Digest digest = send();
    lab.run(Duration.ofHours(2));
    assertThat(near.get(0).holds(digest, bob.mailbox)).isTrue();
    LabReader laptop = reader(1);
    lab.run(Duration.ofHours(3));
    assertThat(phone.accepted.get(digest)).hasSize(1);
    assertThat(laptop.accepted.get(digest)).hasSize(1);
    for (LabTracker tracker : near) {
      assertThat(tracker.holds(digest, bob.mailbox)).isFalse();
    }
  }

  @Test
  void envelope_rejected_isOfferedAgainAndNotAcknowledgedBefore() {
    LabReader phone = reader(0);
    phone.rejectPercent = 100;
    Digest digest = send();
    lab.run(Duration.ofMinutes(20));
    assertThat(phone.engine.count(QuorumCounter.REJECTED)).isGreaterThan(3);
    assertThat(phone.signed).isEmpty();
    phone.rejectPercent = 0;
    lab.run(Duration.ofMinutes(10));
    assertThat(phone.accepted.get(digest)).hasSize(1);
    assertThat(phone.signed).containsExactly(digest);
  }

  @Test
  void envelope_diskFull_isAcknowledgedWhenItIsKept() {
    LabReader phone = reader(0);
    phone.isDiskFull = true;
    Digest digest = send();
    lab.run(Duration.ofMinutes(5));
    assertThat(phone.accepted.get(digest)).hasSize(1);
    assertThat(phone.signed).isEmpty();
    phone.isDiskFull = false;
    lab.run(Duration.ofMinutes(5));
    assertThat(phone.accepted.get(digest)).hasSize(1);
    assertThat(phone.signed).containsExactly(digest);
  }

  @Test
  void crash_afterKept_doesNotComeAgain() {
    LabReader phone = reader(0);
    LabTracker first = near.get(0);
    first.liar =
        (request, truth) ->
            request instanceof Request.PutAcks
                ? new Response.Refused(Refusal.BUSY, "", null, 0)
                : truth;
    Digest digest = send();
    lab.seconds(10);
    phone.crash();
    lab.seconds(10);
    assertThat(phone.accepted.get(digest)).hasSize(1);
  }

  @Test
  void ack_trackerWasDown_isGivenWhenItServesTheEnvelopeAgain() {
    LabReader phone = reader(0);
    LabTracker first = near.get(0);
    phone.rejectPercent = 100;
    Digest digest = send();
    lab.seconds(10);
    first.crash();
    phone.rejectPercent = 0;
    lab.run(Duration.ofMinutes(10));
    assertThat(phone.accepted.get(digest)).hasSize(1);
    // From now on it does not know either that it owes the first an acknowledgement.
    phone.crash();
    lab.seconds(10);
    long before = acks(first);
    first.restart();
    lab.run(Duration.ofMinutes(30));
    assertThat(acks(first)).isGreaterThan(before);
    assertThat(proofs(first, digest)).isEqualTo(1);
    assertThat(phone.accepted.get(digest)).hasSize(1);
  }

  private int proofs(LabTracker tracker, Digest digest) {
    List<QuorumEffect.Result> answers = new ArrayList<>();
    tracker.request(tracker.open(), new Request.Prove(bob.mailbox, digest), answers::add);
    lab.seconds(1);
    assertThat(answers).hasSize(1);
    return Desk.response(answers.get(0)) instanceof Response.Custody custody
        ? custody.proofs().size()
        : -1;
  }

  @Test
  void fetch_sessionLost_opensAgain() {
    LabReader phone = reader(0);
    near.forEach(LabTracker::crash);
    lab.seconds(2);
    assertThat(phone.engine.openTrackers()).isEmpty();
    near.forEach(LabTracker::restart);
    lab.run(Duration.ofMinutes(6));
    assertThat(phone.engine.openTrackers()).hasSize(8);
    Digest digest = send();
    lab.seconds(30);
    assertThat(phone.accepted).containsKey(digest);
  }

  @Test
  void tracker_givesRubbish_isBlamedOnceAndTheRestComes() {
    LabReader phone = reader(0);
    TestUser other = lab.user(1);
    byte[] foreign = other.envelope(lab.wallMillis(), 3, 512).bytes();
    byte[] ended = bob.envelope(lab.wallMillis() - Duration.ofDays(9).toMillis(), 3, 512).bytes();
    byte[] future = bob.envelope(lab.wallMillis() + Duration.ofDays(2).toMillis(), 3, 512).bytes();
    near.get(0).counterfeiter =
        envelopes -> {
          List<byte[]> all = new ArrayList<>(List.of(new byte[3], foreign, ended, future));
          all.addAll(envelopes);
          return all;
        };
    Digest digest = send();
    lab.run(Duration.ofMinutes(3));
    assertThat(phone.accepted).containsOnlyKeys(digest);
    assertThat(phone.events(InboxEvent.Misbehaved.class)).hasSize(1);
    assertThat(phone.engine.count(QuorumCounter.DROPPED)).isPositive();
  }

  @Test
  void tracker_inventsEnvelopes_hasAShareAndHasToWait() {
    QuorumConfig few = CONFIG.withInbox(new QuorumConfig.Inbox(1_000, 100, 1 << 20, 8, 10));
    near.get(0).counterfeiter =
        envelopes -> {
          List<byte[]> all = new ArrayList<>(envelopes);
          while (all.size() < 20) {
            all.add(bob.envelope(lab.wallMillis(), 3, 512).bytes());
          }
          return all;
        };
    LabReader phone = new LabReader(lab, few, bob, 0, keys);
    lab.run(Duration.ofMinutes(14));
    assertThat(phone.accepted).hasSize(100);
    assertThat(phone.events(InboxEvent.Misbehaved.class)).hasSize(1);
    Digest digest = send();
    lab.seconds(30);
    assertThat(phone.accepted).containsKey(digest);
    long fetches = near.get(0).asked.stream().filter(Request.Fetch.class::isInstance).count();
    assertThat(fetches).as("nothing new is not asked for without a pause").isLessThan(600);
  }

  /** The nearest tracker makes up envelopes that end at the time given, as many as it can. */
  private LabReader readerOfInventor(Duration life) {
    near.get(0).counterfeiter =
        envelopes -> {
          List<byte[]> all = new ArrayList<>(envelopes);
          long created = lab.wallMillis() + life.toMillis() - Duration.ofDays(3).toMillis();
          while (all.size() < 10) {
            all.add(bob.envelope(created, 3, 512).bytes());
          }
          return all;
        };
    QuorumConfig few = CONFIG.withInbox(new QuorumConfig.Inbox(1_000, 100, 1 << 20, 8, 10));
    return new LabReader(lab, few, bob, 0, keys);
  }

  @Test
  void share_trackerLeftALookup_isNoNewOne() {
    LabReader phone = readerOfInventor(Duration.ofDays(2));
    lab.run(Duration.ofMinutes(14));
    assertThat(phone.accepted).hasSize(100);
    near.get(0).isListed = false;
    lab.run(Duration.ofMinutes(20));
    near.get(0).isListed = true;
    lab.run(Duration.ofMinutes(40));
    assertThat(phone.engine.openTrackers()).contains(near.get(0).id());
    assertThat(phone.accepted).hasSize(100);
  }

  @Test
  void share_envelopesEnded_isFreeAgain() {
    LabReader phone = readerOfInventor(Duration.ofMinutes(20));
    lab.run(Duration.ofMinutes(14));
    assertThat(phone.accepted).hasSize(100);
    lab.run(Duration.ofHours(5));
    assertThat(phone.accepted).hasSizeBetween(150, 300);
  }

  @Test
  void clock_wasAhead_takesWhatItRefused() {
    LabReader phone = reader(0);
    setClock(phone, Duration.ofDays(30));
    lab.run(Duration.ofHours(2));
    Digest digest = send();
    lab.run(Duration.ofMinutes(20));
    assertThat(phone.accepted).doesNotContainKey(digest);
    setClock(phone, Duration.ZERO);
    lab.run(Duration.ofMinutes(20));
    assertThat(phone.accepted).containsKey(digest);
  }

  private void setClock(LabReader reader, Duration ahead) {
    reader.clockMillis = ahead.toMillis();
    reader.engine.adjustClock(reader.wallMillis(), lab.nowNanos);
  }

  @Test
  void envelope_rejectedTillItsEnd_isDropped() {
    LabReader phone = reader(0);
    phone.rejectPercent = 100;
    long created = lab.wallMillis() + Duration.ofHours(1).minusDays(3).toMillis();
    alice.offer(new Parcel(bob.envelope(created, 3, 512), alice.key.publicKey()));
    lab.run(Duration.ofHours(6));
    long rejected = phone.engine.count(QuorumCounter.REJECTED);
    assertThat(rejected).isPositive();
    assertThat(phone.engine.count(QuorumCounter.DROPPED)).isEqualTo(1);
    lab.run(Duration.ofHours(2));
    assertThat(phone.engine.count(QuorumCounter.REJECTED)).isEqualTo(rejected);
  }

  @Test
  void seen_overLimit_forgetsWhatEndsFirst() {
    QuorumConfig few = CONFIG.withInbox(new QuorumConfig.Inbox(1_000, 1_000, 1 << 20, 8, 100));
    LabReader phone = new LabReader(lab, few, bob, 0, keys);
    lab.seconds(5);
    Envelope first = bob.envelope(lab.wallMillis(), 3, 512);
    alice.offer(new Parcel(first, alice.key.publicKey()));
    for (int i = 0; i < 1_005; i++) {
      Envelope later = bob.envelope(lab.wallMillis(), 5, 512);
      alice.offer(new Parcel(later, alice.key.publicKey()));
    }
    lab.run(Duration.ofHours(3));
    assertThat(phone.engine.count(QuorumCounter.FORGOTTEN)).isPositive();
    assertThat(phone.seen).hasSizeLessThanOrEqualTo(1_000).doesNotContainKey(first.digest());
  }

  @Test
  void seen_ended_isForgotten() {
    LabReader phone = reader(0);
    Digest digest = send();
    lab.seconds(30);
    assertThat(phone.seen).containsKey(digest);
    lab.run(Duration.ofDays(8));
    assertThat(phone.seen).isEmpty();
  }

  @Test
  void inbox_applicationIsSlow_nothingMoreIsFetched() {
    QuorumConfig few = CONFIG.withInbox(new QuorumConfig.Inbox(1_000, 1_000, 1 << 20, 2, 2));
    LabReader phone = new LabReader(lab, few, bob, 0, keys);
    phone.rejectPercent = 100;
    lab.seconds(5);
    for (int i = 0; i < 40; i++) {
      Envelope large = bob.envelope(lab.wallMillis(), 3, 64 << 10);
      alice.offer(new Parcel(large, alice.key.publicKey()));
    }
    lab.run(Duration.ofMinutes(20));
    assertThat(phone.engine.count(QuorumCounter.INBOX_FULL)).isPositive();
    phone.rejectPercent = 0;
    lab.run(Duration.ofMinutes(40));
    assertThat(phone.accepted).hasSize(40);
    assertThat(phone.accepted.values()).allMatch(times -> times.size() == 1);
  }

  @Test
  void list_newerAtTracker_isToldOnceWithTheList() {
    reader(0);
    DeviceList before = bob.list;
    bob.revoke(bob.devices.get(1));
    DeviceList newer = bob.list;
    near.get(0).request(near.get(0).open(), new Request.PutDevices(bob.owner, newer), r -> {});
    near.get(1).request(near.get(1).open(), new Request.PutDevices(bob.owner, newer), r -> {});
    lab.seconds(5);
    bob.list = before;
    LabReader laptop = reader(1);
    lab.run(Duration.ofMinutes(20));
    assertThat(laptop.events(InboxEvent.NewerList.class)).hasSize(1);
    assertThat(laptop.events(InboxEvent.NewerList.class).get(0))
        .isIn(
            new InboxEvent.NewerList(near.get(0).id(), newer, false),
            new InboxEvent.NewerList(near.get(1).id(), newer, false));
    LabReader phone = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.run(Duration.ofMinutes(1));
    assertThat(phone.events(InboxEvent.NewerList.class)).hasSize(1);
    assertThat(phone.events(InboxEvent.NewerList.class).get(0).isListed()).isTrue();
    phone.engine.setDeviceList(newer, lab.nowNanos);
    lab.run(Duration.ofMinutes(1));
    for (LabTracker tracker : near.subList(2, 8)) {
      assertThat(tracker.asked).contains(new Request.PutDevices(bob.owner, newer));
    }
    assertThat(phone.ownList).isEqualTo(newer);
    phone.engine.setDeviceList(before, lab.nowNanos);
    lab.run(Duration.ofMinutes(1));
    assertThat(phone.ownList).isEqualTo(newer);
  }

  @Test
  void list_forkedAtTracker_isToldOnce() {
    DeviceList fork = bob.forked();
    LabReader phone = reader(0);
    for (LabTracker tracker : near.subList(0, 3)) {
      tracker.request(tracker.open(), new Request.PutDevices(bob.owner, fork), r -> {});
    }
    lab.run(Duration.ofMinutes(40));
    assertThat(phone.events(InboxEvent.Fork.class)).hasSize(1);
    assertThat(phone.events(InboxEvent.Fork.class).get(0).other()).isEqualTo(fork);
  }

  @Test
  void list_forgedByTracker_isNotTold() {
    TestUser mallory = lab.user(1);
    near.get(0).liar =
        (request, truth) ->
            request instanceof Request.Open
                ? new Response.Opened(7, mallory.forked())
                : request instanceof Request.PutDevices
                    ? new Response.Refused(Refusal.OLDER, "", newerOf(mallory), 0)
                    : truth;
    LabReader phone = reader(0);
    lab.run(Duration.ofMinutes(20));
    assertThat(phone.events(InboxEvent.Fork.class)).isEmpty();
    assertThat(phone.events(InboxEvent.NewerList.class)).isEmpty();
    assertThat(phone.engine.count(QuorumCounter.INVALID)).isPositive();
  }

  private static DeviceList newerOf(TestUser user) {
    user.add();
    return user.list;
  }

  @Test
  void mailbox_full_isTold() {
    LabReader phone = reader(0);
    near.get(2).liar =
        (request, truth) ->
            truth instanceof Response.PageEnd end
                ? new Response.PageEnd(end.cursor(), end.more(), 3, null)
                : truth;
    lab.run(Duration.ofMinutes(10));
    assertThat(phone.events(InboxEvent.Quota.class))
        .containsExactly(new InboxEvent.Quota(near.get(2).id(), 3));
  }

  @Test
  void fork_comesWithPage_isToldOnce() {
    LabReader phone = reader(0);
    DeviceList other = bob.forked();
    near.get(2).liar =
        (request, truth) ->
            truth instanceof Response.PageEnd end
                ? new Response.PageEnd(end.cursor(), end.more(), 0, other)
                : truth;
    lab.run(Duration.ofMinutes(10));
    assertThat(phone.events(InboxEvent.Fork.class))
        .containsExactly(new InboxEvent.Fork(near.get(2).id(), other));
  }

  @Test
  void bind_fromElsewhere_isTold() {
    LabReader phone = reader(0);
    Endpoint was = phone.endpoint();
    LabReader thief = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.seconds(5);
    assertThat(thief.endpoint()).isNotEqualTo(was);
    assertThat(thief.events(InboxEvent.BoundElsewhere.class)).hasSize(8);
    lab.run(Duration.ofMinutes(21));
    assertThat(phone.events(InboxEvent.BoundElsewhere.class))
        .allMatch(event -> event.place().endpoint().equals(thief.endpoint()))
        .hasSize(8);
  }

  @Test
  void bind_laterOneOfSomebodyElseEachTime_isToldOnce() {
    LabTracker tracker = near.get(2);
    tracker.bindLiar = answer -> answer instanceof BindingAnswer.Bound ? OVERTAKEN : answer;
    LabReader phone = reader(0);
    lab.run(Duration.ofMinutes(30));
    assertThat(phone.events(InboxEvent.Overtaken.class))
        .containsExactly(new InboxEvent.Overtaken(tracker.id()));
    tracker.bindLiar = answer -> answer;
    lab.run(Duration.ofMinutes(30));
    tracker.bindLiar = answer -> answer instanceof BindingAnswer.Bound ? OVERTAKEN : answer;
    lab.run(Duration.ofMinutes(30));
    assertThat(phone.events(InboxEvent.Overtaken.class)).hasSize(2);
  }

  @Test
  void list_thatNamesAnotherBeforeIt_isNotTaken() {
    LabReader phone = reader(0);
    DeviceList ours = bob.list;
    bob.list = bob.forked();
    bob.add();
    phone.engine.setDeviceList(bob.list, lab.nowNanos);
    lab.run(Duration.ofMinutes(1));
    assertThat(phone.ownList).isNotEqualTo(bob.list);
    for (LabTracker tracker : near) {
      assertThat(tracker.asked).doesNotContain(new Request.PutDevices(bob.owner, bob.list));
    }
    bob.list = ours;
    bob.add();
    phone.engine.setDeviceList(bob.list, lab.nowNanos);
    lab.seconds(5);
    assertThat(phone.ownList).isEqualTo(bob.list);
  }

  @Test
  void keys_newer_areBrought() {
    LabReader phone = reader(0);
    DeliveryKeys more =
        bob.keys(2, bob.devices.get(0), Lab.key(alice.key.publicKey()), Lab.key(lab.bytes(32)));
    phone.engine.setDeliveryKeys(more, lab.nowNanos);
    lab.seconds(5);
    for (LabTracker tracker : near.subList(0, 8)) {
      assertThat(tracker.asked).contains(new Request.PutDeliveryKeys(more));
    }
    LabReader laptop = reader(1);
    assertThat(laptop.events(InboxEvent.NewerDeliveryKeys.class)).hasSize(8);
  }

  @Test
  void keys_signerRevoked_areBroughtOnceAndTold() {
    bob.revoke(bob.devices.get(0));
    LabReader laptop = reader(1);
    lab.run(Duration.ofMinutes(20));
    for (LabTracker tracker : near.subList(0, 8)) {
      assertThat(tracker.asked).filteredOn(Request.PutDeliveryKeys.class::isInstance).hasSize(1);
    }
    assertThat(laptop.events(InboxEvent.DeliveryKeysRefused.class))
        .hasSize(8)
        .contains(
            new InboxEvent.DeliveryKeysRefused(
                near.get(0).id(), keys.content().version(), Refusal.NOT_LISTED));
    assertThat(laptop.engine.openTrackers()).hasSize(8);
  }

  @Test
  void lookup_otherTrackers_areOpenedAndOldOnesLeft() {
    LabReader phone = reader(0);
    near.get(0).isListed = false;
    lab.run(Duration.ofMinutes(20));
    assertThat(phone.engine.openTrackers())
        .containsExactlyInAnyOrderElementsOf(
            near.subList(1, 9).stream().map(LabTracker::id).toList());
    int asked = near.get(0).asked.size();
    lab.run(Duration.ofHours(1));
    assertThat(near.get(0).asked).hasSize(asked);
  }
}
