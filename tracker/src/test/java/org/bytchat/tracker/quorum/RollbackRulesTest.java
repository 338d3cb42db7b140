package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.Test;

/**
 * Goal: a tracker cannot have a revoked device count by showing the list of before, or another one
 * that a thief of the user's key has signed.
 */
final class RollbackRulesTest {

  private static final QuorumConfig CONFIG = QuorumConfig.defaults();

  private final Lab lab = new Lab(4, 9);
  private final TestUser bob = lab.user(2);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity stolen = bob.devices.get(1);
  private final DeviceList before = bob.list;

  /** A sender to whom bob's newest list, without the stolen device, was shown. */
  private LabSender senderWhoKnows(QuorumConfig config) {
    LabSender alice = new LabSender(lab, config);
    if (bob.list.equals(before)) {
      bob.revoke(stolen);
    }
    deliver(alice, bob);
    return alice;
  }

  private void deliver(LabSender alice, TestUser to) {
    DeliveryKeys keys = to.keys(1, to.devices.get(0), Lab.key(alice.key.publicKey()));
    LabReader reader = new LabReader(lab, CONFIG, to, 0, keys);
    lab.seconds(5);
    Parcel parcel = alice.parcel(to);
    alice.offer(parcel);
    lab.run(Duration.ofMinutes(5));
    assertThat(alice.events(OutboxEvent.Delivered.class, parcel.digest())).hasSize(1);
    lab.parties.remove(reader);
  }

  /** All trackers show a list, and that the stolen device has the next parcel. */
  private Digest sendToLiars(LabSender alice, DeviceList shown) {
    Parcel parcel = alice.parcel(bob);
    Digest digest = parcel.digest();
    lie(shown, List.of(bob.ack(stolen, List.of(digest)).proof(digest).orElseThrow()));
    alice.offer(parcel);
    lab.run(Duration.ofHours(3));
    assertThat(alice.events(OutboxEvent.Deposited.class, digest)).hasSize(1);
    return digest;
  }

  private void lie(DeviceList shown, List<AckProof> proofs) {
    for (LabTracker tracker : lab.trackers) {
      tracker.liar =
          (request, truth) ->
              request instanceof Request.Prove
                      && truth instanceof Response.Custody custody
                      && custody.deposit() != null
                  ? new Response.Custody(custody.deposit(), null, proofs, bob.owner, shown)
                  : truth;
    }
  }

  /** Another list of the newest version, in which the stolen device was not revoked. */
  private DeviceList forkWithStolen() {
    return bob.sign(
        new DeviceList.Content(2, before.hash(), 0, before.content().devices(), List.of()));
  }

  private List<OutboxEvent.Forked> forks(LabSender alice) {
    return alice.events.stream()
        .filter(OutboxEvent.Forked.class::isInstance)
        .map(OutboxEvent.Forked.class::cast)
        .toList();
  }

  private QuorumChange.ListVersion newest() {
    return new QuorumChange.ListVersion(bob.mailbox, bob.list.version(), newestHash());
  }

  private Digest newestHash() {
    return Digest.of(bob.list.hash());
  }

  @Test
  void list_ofBeforeARestart_isNotRolledBack() {
    LabSender alice = senderWhoKnows(CONFIG);
    assertThat(alice.listVersions).containsEntry(bob.mailbox, newest());
    alice.crash();
    Digest digest = sendToLiars(alice, before);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    assertThat(alice.engine.count(QuorumCounter.INVALID)).isPositive();
  }

  @Test
  void list_ofAParcelThatHasEnded_isNotRolledBack() {
    LabSender alice = senderWhoKnows(CONFIG);
    assertThat(alice.engine.standings()).isEmpty();
    Digest digest = sendToLiars(alice, before);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
  }

  @Test
  void list_nobodyHasSeenANewerOne_counts() {
    LabSender alice = new LabSender(lab, CONFIG);
    DeliveryKeys keys = bob.keys(1, phone, Lab.key(alice.key.publicKey()));
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.seconds(5);
    lab.parties.remove(reader);
    Digest digest = sendToLiars(alice, before);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest))
        .as("that the device is stolen is not known to anybody yet")
        .hasSize(1);
  }

  @Test
  void list_newerOne_isKeptInstead() {
    LabSender alice = senderWhoKnows(CONFIG);
    bob.add();
    deliver(alice, bob);
    assertThat(newest().version()).isEqualTo(3);
    assertThat(alice.listVersions).containsExactly(Map.entry(bob.mailbox, newest()));
    assertThat(alice.engine.count(QuorumCounter.FORKS)).isZero();
  }

  @Test
  void list_newerOneThatNobodyHasAcknowledgedBy_countsFromThenOn() {
    LabSender alice = new LabSender(lab, CONFIG);
    DeliveryKeys keys = bob.keys(1, phone, Lab.key(alice.key.publicKey()));
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.seconds(5);
    lab.parties.remove(reader);
    bob.revoke(stolen);
    lie(bob.list, List.of());
    alice.offer(alice.parcel(bob));
    lab.run(Duration.ofHours(3));
    assertThat(alice.listVersions).containsExactly(Map.entry(bob.mailbox, newest()));
    assertThat(alice.engine.count(QuorumCounter.INVALID)).isZero();
    Digest digest = sendToLiars(alice, before);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    Digest forked = sendToLiars(alice, forkWithStolen());
    assertThat(alice.events(OutboxEvent.Delivered.class, forked)).isEmpty();
    assertThat(forks(alice)).hasSize(1);
  }

  @Test
  void list_anotherOfTheSameVersion_provesNothingAndIsToldOnce() {
    LabSender alice = senderWhoKnows(CONFIG);
    DeviceList fork = forkWithStolen();
    Digest digest = sendToLiars(alice, fork);
    Digest next = sendToLiars(alice, fork);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    assertThat(alice.events(OutboxEvent.Delivered.class, next)).isEmpty();
    assertThat(forks(alice)).hasSize(1);
    OutboxEvent.Forked told = forks(alice).get(0);
    assertThat(told.digest()).isEqualTo(digest);
    assertThat(told.owner()).isEqualTo(bob.owner);
    assertThat(told.other()).isEqualTo(fork);
    assertThat(told.first()).isEqualTo(new OutboxEvent.First(2, newestHash(), null));
    assertThat(alice.listVersions).as("the first stays").containsEntry(bob.mailbox, newest());
    assertThat(alice.engine.count(QuorumCounter.FORKS)).isGreaterThan(1);
  }

  @Test
  void list_anotherOfTheSameVersionAfterARestart_provesNothingAndIsTold() {
    LabSender alice = senderWhoKnows(CONFIG);
    alice.crash();
    DeviceList fork = forkWithStolen();
    Digest digest = sendToLiars(alice, fork);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    assertThat(forks(alice)).extracting(OutboxEvent.Forked::other).containsExactly(fork);
  }

  @Test
  void list_anotherWhileTheFirstIsAtHand_bothAreTold() {
    LabSender alice = new LabSender(lab, CONFIG);
    bob.revoke(stolen);
    DeliveryKeys keys = bob.keys(1, phone, Lab.key(alice.key.publicKey()));
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.seconds(5);
    lab.parties.remove(reader);
    Parcel waits = alice.parcel(bob);
    // Of an acknowledgement that does not verify, the list is good all the same.
    AckProof forged =
        AckBatch.sign(
                bob.mailbox,
                TestUser.id(phone),
                List.of(waits.digest()),
                TestUser.NETWORK,
                stolen::sign)
            .proof(waits.digest())
            .orElseThrow();
    lie(bob.list, List.of(forged));
    alice.offer(waits);
    lab.run(Duration.ofHours(1));
    DeviceList fork = forkWithStolen();
    sendToLiars(alice, fork);
    assertThat(forks(alice)).hasSize(1);
    assertThat(forks(alice).get(0).first())
        .isEqualTo(new OutboxEvent.First(2, newestHash(), bob.list));
  }

  @Test
  void list_notOfTheHistoryOfTheFirst_provesNothingAndIsTold() {
    LabSender alice = senderWhoKnows(CONFIG);
    DeviceList broken =
        bob.sign(
            new DeviceList.Content(
                3, forkWithStolen().hash(), 0, before.content().devices(), List.of()));
    Digest digest = sendToLiars(alice, broken);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    assertThat(forks(alice)).extracting(OutboxEvent.Forked::other).containsExactly(broken);
    assertThat(alice.listVersions).containsEntry(bob.mailbox, newest());
  }

  @Test
  void list_anotherThatComesWithoutAcknowledgements_isTold() {
    LabSender alice = senderWhoKnows(CONFIG);
    DeviceList fork = forkWithStolen();
    lie(fork, List.of());
    alice.offer(alice.parcel(bob));
    lab.run(Duration.ofHours(3));
    assertThat(forks(alice)).extracting(OutboxEvent.Forked::other).containsExactly(fork);
  }

  @Test
  void list_anotherThatIsNotSigned_isNotTold() {
    LabSender alice = senderWhoKnows(CONFIG);
    DeviceList madeUp = lab.user(1).sign(forkWithStolen().content());
    Digest digest = sendToLiars(alice, madeUp);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    assertThat(forks(alice)).isEmpty();
    assertThat(alice.engine.count(QuorumCounter.FORKS)).isZero();
    assertThat(alice.engine.count(QuorumCounter.INVALID)).isPositive();
  }

  @Test
  void list_keptWithoutItsHash_learnsItAndRefusesAnother() {
    LabSender alice = senderWhoKnows(CONFIG);
    alice.listVersions.put(bob.mailbox, new QuorumChange.ListVersion(bob.mailbox, 2, null));
    alice.crash();
    Digest rolledBack = sendToLiars(alice, before);
    assertThat(alice.events(OutboxEvent.Delivered.class, rolledBack)).isEmpty();
    lab.trackers.forEach(tracker -> tracker.liar = (request, truth) -> truth);
    deliver(alice, bob);
    assertThat(alice.listVersions).containsEntry(bob.mailbox, newest());
    DeviceList fork = forkWithStolen();
    Digest digest = sendToLiars(alice, fork);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    assertThat(forks(alice)).hasSize(1);
  }

  @Test
  void lists_moreThanLimit_forgetsTheOneNotNeededForLongest() {
    QuorumConfig.Outbox outbox = CONFIG.outbox();
    LabSender alice =
        senderWhoKnows(
            CONFIG.withOutbox(
                new QuorumConfig.Outbox(
                    outbox.parcelsMax(),
                    outbox.bytesMax(),
                    outbox.asksMax(),
                    outbox.asksPerTrackerMax(),
                    outbox.stampsMax(),
                    outbox.stampBits(),
                    outbox.stampBitsMax(),
                    2)));
    TestUser carol = lab.user(1);
    TestUser dave = lab.user(1);
    deliver(alice, carol);
    deliver(alice, bob);
    deliver(alice, dave);
    assertThat(alice.listVersions).containsOnlyKeys(bob.mailbox, dave.mailbox);
    assertThat(alice.engine.count(QuorumCounter.LIST_VERSIONS_FORGOTTEN)).isEqualTo(1);
  }
}
