package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.Test;

/** Goal: a tracker cannot have a revoked device count by showing the list of before. */
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

  /** All trackers show the list of before, and that the stolen device has the next parcel. */
  private Digest sendToLiars(LabSender alice) {
    Parcel parcel = alice.parcel(bob);
    Digest digest = parcel.digest();
    AckProof proof = bob.ack(stolen, List.of(digest)).proof(digest).orElseThrow();
    for (LabTracker tracker : lab.trackers) {
      tracker.liar =
          (request, truth) ->
              request instanceof Request.Prove
                      && truth instanceof Response.Custody custody
                      && custody.deposit() != null
                  ? new Response.Custody(custody.deposit(), null, List.of(proof), bob.owner, before)
                  : truth;
    }
    alice.offer(parcel);
    lab.run(Duration.ofHours(3));
    assertThat(alice.events(OutboxEvent.Deposited.class, digest)).hasSize(1);
    return digest;
  }

  @Test
  void list_ofBeforeARestart_isNotRolledBack() {
    LabSender alice = senderWhoKnows(CONFIG);
    assertThat(alice.listVersions).containsEntry(bob.mailbox, 2L);
    alice.crash();
    Digest digest = sendToLiars(alice);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
    assertThat(alice.engine.count(QuorumCounter.INVALID)).isPositive();
  }

  @Test
  void list_ofAParcelThatHasEnded_isNotRolledBack() {
    LabSender alice = senderWhoKnows(CONFIG);
    assertThat(alice.engine.standings()).isEmpty();
    Digest digest = sendToLiars(alice);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest)).isEmpty();
  }

  @Test
  void list_nobodyHasSeenANewerOne_counts() {
    LabSender alice = new LabSender(lab, CONFIG);
    DeliveryKeys keys = bob.keys(1, phone, Lab.key(alice.key.publicKey()));
    LabReader reader = new LabReader(lab, CONFIG, bob, 0, keys);
    lab.seconds(5);
    lab.parties.remove(reader);
    Digest digest = sendToLiars(alice);
    assertThat(alice.events(OutboxEvent.Delivered.class, digest))
        .as("that the device is stolen is not known to anybody yet")
        .hasSize(1);
  }

  @Test
  void list_newerOne_isKeptInstead() {
    LabSender alice = senderWhoKnows(CONFIG);
    bob.add();
    deliver(alice, bob);
    assertThat(alice.listVersions).containsExactly(Map.entry(bob.mailbox, 3L));
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
