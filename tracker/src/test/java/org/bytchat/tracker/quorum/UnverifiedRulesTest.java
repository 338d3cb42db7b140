package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.OutboxEvent.Attempt.Kind;
import org.junit.jupiter.api.Test;

/**
 * Goal: what a client cannot verify for a fault of its own says nothing against who has sent it,
 * and is not forgotten.
 */
final class UnverifiedRulesTest {

  private static final QuorumConfig CONFIG = QuorumConfig.defaults();

  private final Lab lab = new Lab(3, 9);
  private final TestUser bob = lab.user(1);
  private final LabSender alice = new LabSender(lab, CONFIG);
  private final DeliveryKeys keys = bob.keys(1, bob.devices.get(0), Lab.key(alice.key.publicKey()));
  private final List<LabTracker> near = lab.closest(bob.mailbox);
  private final Parcel parcel = alice.parcel(bob);
  private final Digest digest = parcel.digest();

  private LabReader bobReads() {
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.seconds(5);
    return reader;
  }

  private List<LabTracker> askedToDeposit() {
    return near.stream()
        .filter(tracker -> tracker.asked.stream().anyMatch(Request.Deposit.class::isInstance))
        .toList();
  }

  @Test
  void receipt_notVerified_isVerifiedLaterAndNobodyIsBlamed() {
    lab.parties.remove(bobReads());
    alice.isOverloaded = true;
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(2));
    assertThat(alice.engine.count(QuorumCounter.NOT_VERIFIED)).isGreaterThan(5);
    assertThat(alice.engine.count(QuorumCounter.INVALID)).isZero();
    assertThat(alice.events(OutboxEvent.Tried.class, digest)).isEmpty();
    assertThat(alice.events(OutboxEvent.Deposited.class, digest)).isEmpty();
    assertThat(askedToDeposit()).as("nobody takes their place").isEqualTo(near.subList(0, 5));

    alice.isOverloaded = false;
    lab.run(Duration.ofMinutes(5));
    assertThat(alice.events(OutboxEvent.Deposited.class, digest)).hasSize(1);
    for (LabTracker tracker : near.subList(0, 5)) {
      assertThat(alice.attempts(digest, tracker)).containsExactly(Kind.RECEIPT);
      assertThat(tracker.asked).filteredOn(Request.Deposit.class::isInstance).hasSize(1);
    }
  }

  @Test
  void receipt_notVerifiedAndForged_isBlamedWhenItIsVerified() {
    lab.parties.remove(bobReads());
    near.get(0).liar =
        (request, truth) ->
            truth instanceof Response.Receipts good
                ? new Response.Receipts(
                    new Receipt(
                        good.deposit().content(), good.deposit().trackerKey(), new byte[64]),
                    null)
                : truth;
    alice.isOverloaded = true;
    alice.offer(parcel);
    lab.seconds(20);
    alice.isOverloaded = false;
    lab.run(Duration.ofMinutes(2));
    assertThat(alice.attempts(digest, near.get(0))).startsWith(Kind.INVALID);
    assertThat(alice.events(OutboxEvent.Deposited.class, digest)).hasSize(1);
  }

  @Test
  void proof_notVerified_isAskedForAgain() {
    bobReads();
    alice.offer(parcel);
    lab.seconds(20);
    assertThat(alice.events(OutboxEvent.Deposited.class, digest)).hasSize(1);
    alice.isOverloaded = true;
    lab.run(Duration.ofMinutes(10));
    assertThat(alice.engine.count(QuorumCounter.NOT_VERIFIED)).isPositive();
    assertThat(alice.engine.count(QuorumCounter.INVALID)).isZero();
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    alice.isOverloaded = false;
    lab.run(Duration.ofHours(2));
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).hasSize(1);
  }

  @Test
  void fork_shownOnceAndNotVerified_isToldLater() {
    LabReader phone = bobReads();
    DeviceList fork = bob.forked();
    phone.isOverloaded = true;
    boolean[] isShown = new boolean[1];
    near.get(2).liar =
        (request, truth) -> {
          if (truth instanceof Response.PageEnd end && !isShown[0]) {
            isShown[0] = true;
            return new Response.PageEnd(end.cursor(), end.more(), 0, fork);
          }
          return truth;
        };
    lab.run(Duration.ofMinutes(3));
    assertThat(isShown[0]).isTrue();
    assertThat(phone.engine.count(QuorumCounter.INVALID)).isZero();
    assertThat(phone.events(InboxEvent.Fork.class)).isEmpty();
    phone.isOverloaded = false;
    lab.run(Duration.ofMinutes(10));
    assertThat(phone.events(InboxEvent.Fork.class))
        .containsExactly(new InboxEvent.Fork(near.get(2).id(), fork));
  }

  @Test
  void lists_moreThanMayWait_areDroppedByTracker() {
    LabReader phone = bobReads();
    phone.isOverloaded = true;
    DeviceList fork = bob.forked();
    near.get(0).liar =
        (request, truth) ->
            truth instanceof Response.PageEnd end
                ? new Response.PageEnd(end.cursor(), end.more(), 0, lab.user(1).list)
                : truth;
    lab.run(Duration.ofMinutes(20));
    assertThat(phone.engine.count(QuorumCounter.LISTS_DROPPED)).isPositive();
    assertThat(verified(phone)).isEqualTo(4);
    near.get(1).liar =
        (request, truth) ->
            truth instanceof Response.PageEnd end
                ? new Response.PageEnd(end.cursor(), end.more(), 0, fork)
                : truth;
    lab.run(Duration.ofMinutes(2));
    assertThat(verified(phone)).as("another's is not kept out").isEqualTo(5);
    near.get(0).liar = (request, truth) -> truth;
    phone.isOverloaded = false;
    lab.run(Duration.ofMinutes(10));
    assertThat(phone.events(InboxEvent.Fork.class))
        .containsExactly(new InboxEvent.Fork(near.get(1).id(), fork));
    assertThat(phone.engine.count(QuorumCounter.INVALID)).isEqualTo(4);
  }

  private static long verified(LabReader reader) {
    return reader.performed.stream()
        .filter(QuorumEffect.VerifyList.class::isInstance)
        .map(effect -> ((QuorumEffect.VerifyList) effect).list())
        .distinct()
        .count();
  }
}
