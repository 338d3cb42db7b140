package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.engine.XoshiroEntropy;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.OutboxEvent.Attempt.Kind;
import org.bytchat.tracker.quorum.OutboxEvent.Ended.Reason;
import org.junit.jupiter.api.Test;

/** What the sender's side does with refusals of admissions, and with too few receipts. */
final class OutboxRefusalsTest {

  private static final QuorumConfig CONFIG = QuorumConfig.defaults();

  private final Lab lab = new Lab(5, 9);
  private final TestUser bob = lab.user(1);
  private final LabSender alice =
      new LabSender(
          lab, CONFIG.withOutbox(new QuorumConfig.Outbox(10, 1 << 20, 64, 8, 1, 2, 8, 9)));
  private final DeliveryKeys keys = bob.keys(1, bob.devices.get(0), Lab.key(alice.key.publicKey()));
  private final List<LabTracker> near = lab.closest(bob.mailbox);
  private final LabTracker first = near.get(0);

  /** The first tracker refuses so many deposits. */
  private void refuseFirst(int count) {
    int[] refused = new int[1];
    first.liar =
        (request, truth) ->
            request instanceof Request.Deposit && refused[0]++ < count
                ? new Response.Refused(Refusal.BAD_SIGNATURE, "so", null, 0)
                : truth;
  }

  private LabReader bobReads() {
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.seconds(5);
    return reader;
  }

  private List<Admission> admissionsAt(LabTracker tracker) {
    return tracker.asked.stream()
        .filter(Request.Deposit.class::isInstance)
        .map(request -> ((Request.Deposit) request).admission())
        .toList();
  }

  private long madeFor(LabTracker tracker) {
    return alice.performed.stream()
        .filter(QuorumEffect.Admit.class::isInstance)
        .map(effect -> ((QuorumEffect.Admit) effect).tracker())
        .map(Contact::id)
        .filter(tracker.id()::equals)
        .count();
  }

  @Test
  void refusal_badSignatureOfAStamp_isTriedWithTheSameStamp() {
    refuseFirst(2);
    lab.parties.remove(bobReads());
    Parcel parcel = new Parcel(bob.envelope(lab.wallMillis(), 3, 512), null);
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(5));
    assertThat(alice.attempts(parcel.digest(), first))
        .containsExactly(Kind.REFUSED, Kind.REFUSED, Kind.RECEIPT);
    assertThat(admissionsAt(first))
        .hasSize(3)
        .allMatch(Admission.ByStamp.class::isInstance)
        .containsOnly(admissionsAt(first).get(0));
    assertThat(madeFor(first)).as("work is not done again for what is as good").isEqualTo(1);
  }

  @Test
  void refusal_badSignatureOfAKey_isSignedAgain() {
    refuseFirst(2);
    lab.parties.remove(bobReads());
    Parcel parcel = alice.parcel(bob);
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(5));
    assertThat(alice.attempts(parcel.digest(), first))
        .containsExactly(Kind.REFUSED, Kind.REFUSED, Kind.RECEIPT);
    assertThat(madeFor(first)).isEqualTo(3);
  }

  @Test
  void delivery_fewerReceiptsThanNeeded_endsWithThoseThatThereAre() {
    near.subList(2, 9).forEach(LabTracker::crash);
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.run(Duration.ofMinutes(1));
    Parcel parcel = alice.parcel(bob);
    Digest digest = parcel.digest();
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(30));
    assertThat(reader.accepted).containsKey(digest);
    assertThat(alice.events(OutboxEvent.Deposited.class, digest)).isEmpty();
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).hasSize(1);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest).get(0).receipts())
        .extracting(Receipt::tracker)
        .containsExactlyInAnyOrder(near.get(0).id(), near.get(1).id());
    assertThat(alice.events(OutboxEvent.Ended.class, digest))
        .containsExactly(new OutboxEvent.Ended(digest, Reason.DELIVERED));
    assertThat(alice.engine.count(QuorumCounter.DEPOSITED)).isZero();
    assertThat(alice.parcels).isEmpty();
    assertThat(alice.receipts).isEmpty();
  }

  @Test
  void asks_trackersAreSilent_areNoMoreWithEachThanIsSet() {
    QuorumConfig.Outbox two = new QuorumConfig.Outbox(50, 1 << 20, 64, 2, 1, 2, 8, 9);
    OutboxEngine engine =
        new OutboxEngine(CONFIG.withOutbox(two), TestUser.NETWORK, new XoshiroEntropy(1, 1));
    engine.adjustClock(lab.wallMillis(), 0);
    engine.start(List.of(), List.of(), 0);
    for (int i = 0; i < 20; i++) {
      engine.offer(alice.parcel(bob), 0);
    }
    int[] asked = new int[1];
    long now = 0;
    for (int step = 0; step < 100; step++) {
      engine.handleTimeout(now);
      QuorumEffect effect = engine.pollEffect();
      while (effect != null) {
        if (effect instanceof QuorumEffect.FindTrackers find) {
          engine.handleEffect(find.id(), new QuorumEffect.Trackers(List.of(first.contact())), now);
        } else if (effect instanceof QuorumEffect.Keep keep) {
          engine.handleEffect(keep.id(), new QuorumEffect.Kept(), now);
        } else if (effect instanceof QuorumEffect.Admit admit) {
          Admission admission =
              Admission.ByKey.sign(
                  alice.key.publicKey(),
                  admit.envelope(),
                  first.id(),
                  TestUser.NETWORK,
                  alice.key::sign);
          engine.handleEffect(admit.id(), new QuorumEffect.Admitted(admission), now);
        } else if (effect instanceof QuorumEffect.Ask) {
          asked[0]++;
        }
        effect = engine.pollEffect();
      }
      now += 1_000_000_000L;
    }
    assertThat(asked[0]).isEqualTo(2);
  }
}
