package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.tracker.engine.RepairLab.Node;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Goal: limits here, and refusals of an honest peer, do not count as failures of that peer. */
class RepairOwnLimitsTest {

  private final RepairLab lab = new RepairLab(HashScheme.INSTANCE, 8);
  private final TestUser bob = lab.user(1);
  private final NodeIdentity contact = bob.newKey();
  private Node holder;

  @BeforeEach
  void begin() {
    holder = lab.add(RepairRulesTest.CONFIG);
    putOwner(bob);
  }

  private void putOwner(TestUser user) {
    holder.send(new Request.PutDevices(user.owner, user.list));
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 2_000, 2_000);
    holder.send(new Request.PutDeliveryKeys(user.keys(1, user.devices.get(0), key)));
  }

  private void deposit(TestUser user, int count) {
    for (int i = 0; i < count; i++) {
      Envelope envelope = user.envelope(lab.wallMillis(), 7, 512);
      assertThat(holder.send(TestUser.deposit(contact, envelope, holder.id())))
          .isInstanceOf(Response.Receipts.class);
    }
  }

  static TrackerConfig config(TrackerConfig.MailboxLimits mailbox, int rangesMax) {
    TrackerConfig.Repair base = TrackerConfig.Repair.defaults();
    return RepairRulesTest.CONFIG
        .withMailbox(mailbox)
        .withRepair(
            new TrackerConfig.Repair(
                base.replicas(),
                base.servedPeers(),
                base.neighboursMax(),
                base.peersMax(),
                base.interval(),
                base.mailboxesPerSecond(),
                base.bytesPerSecond(),
                rangesMax));
  }

  @Test
  void peer_withMoreThanMayBeHeldHere_isNoFailure() {
    TrackerConfig.MailboxLimits few = new TrackerConfig.MailboxLimits(10, 1 << 20, 10, 3, 50);
    Node tiny = lab.add(config(few, 4_096));
    deposit(bob, 60);
    lab.repair();
    assertThat(tiny.count(TrackerCounter.REPAIR_FAILURES)).isZero();
    assertThat(tiny.digests(bob, false)).hasSize(10);
  }

  @Test
  void peer_withMoreRangesThanAreComparedHere_isNoFailure() {
    Node hasty = lab.add(config(RepairRulesTest.CONFIG.mailbox(), 24));
    deposit(bob, 600);
    for (int i = 0; i < 40; i++) {
      lab.repair();
    }
    assertThat(hasty.count(TrackerCounter.REPAIR_FAILURES)).isZero();
    // Each turn finds a few more.
    assertThat(hasty.digests(bob, false)).hasSize(600);
  }

  @ParameterizedTest
  @EnumSource(
      value = Refusal.class,
      names = {"NOT_NEAR", "STORE"})
  void mailbox_thatThePeerRefuses_isPassedOver(Refusal refusal) {
    TestUser eve = lab.user(1);
    putOwner(eve);
    deposit(bob, 1);
    deposit(eve, 1);
    Node newcomer = lab.add(RepairRulesTest.CONFIG);
    TestUser refused = bob.mailbox.compareTo(eve.mailbox) < 0 ? bob : eve;
    holder.lies =
        (asker, request) ->
            request instanceof Request.Compare compare && compare.mailbox().equals(refused.mailbox)
                ? new Response.Refused(refusal, "", null, 0)
                : null;
    lab.tellNeighbours();
    lab.advance(Duration.ofSeconds(30));
    assertThat(newcomer.digests(refused, false)).isEmpty();
    assertThat(newcomer.digests(refused == bob ? eve : bob, false)).hasSize(1);
    assertThat(newcomer.count(TrackerCounter.REPAIR_FAILURES)).isZero();
  }

  @Test
  void peer_thatRefusesEachMailbox_isAskedAFewTimesATurn() {
    for (int i = 0; i < 40; i++) {
      TestUser user = lab.user(1);
      putOwner(user);
      deposit(user, 1);
    }
    Node newcomer = lab.add(RepairRulesTest.CONFIG);
    holder.lies =
        (asker, request) ->
            request instanceof Request.Compare
                ? new Response.Refused(Refusal.NOT_NEAR, "", null, 0)
                : null;
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(5));
    assertThat(newcomer.asked).hasSizeBetween(2, 10);
  }

  @Test
  void peer_thatDoesNotKnowTheNewcomerYet_isAskedAgainAtTheUsualTime() {
    deposit(bob, 1);
    Node newcomer = lab.add(RepairRulesTest.CONFIG);
    holder.knows = List.of();
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(5));
    assertThat(newcomer.asked).hasSize(1);
    assertThat(newcomer.count(TrackerCounter.REPAIR_FAILURES)).isZero();
    holder.knows = null;
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(6));
    assertThat(newcomer.digests(bob, false)).hasSize(1);
  }
}
