package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.tracker.engine.RepairLab.Node;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
}
