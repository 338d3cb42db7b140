package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.RepairLab.Node;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: what repair learned of a peer is remembered, so that nothing is done again in vain. */
class RepairMemoryTest {

  private final RepairLab lab = new RepairLab(HashScheme.INSTANCE, 9);
  private final TestUser bob = lab.user(2);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity laptop = bob.devices.get(1);
  private final NodeIdentity contact = bob.newKey();
  private Node first;
  private Node second;

  @BeforeEach
  void begin() {
    first = lab.add(RepairRulesTest.CONFIG);
    second = lab.add(RepairRulesTest.CONFIG);
  }

  private DeliveryKeys keys() {
    return bob.keys(1, phone, new DeliveryKeys.Key(contact.publicKey(), 1_000, 900));
  }

  private void putOwner(Node node, DeviceList list) {
    assertThat(node.send(new Request.PutDevices(bob.owner, list)))
        .isInstanceOf(Response.Taken.class);
    assertThat(node.send(new Request.PutDeliveryKeys(keys()))).isInstanceOf(Response.Taken.class);
  }

  private Envelope deposit(Node node) {
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
    assertThat(node.send(TestUser.deposit(contact, envelope, node.id())))
        .isInstanceOf(Response.Receipts.class);
    return envelope;
  }

  /** The same version, without the laptop. */
  private DeviceList forked() {
    DeviceList.Content now = bob.list.content();
    return bob.sign(
        new DeviceList.Content(
            now.version(), now.previous(), 1, now.devices().subList(0, 1), now.revoked()));
  }

  private static long askedCount(Node node, Class<? extends Request> kind) {
    return node.asked.stream().filter(kind::isInstance).count();
  }

  private static void assertOnlyListed(Node node) {
    assertThat(node.asked).isNotEmpty().allMatch(Request.ListMailboxes.class::isInstance);
  }

  // Peers that come and go

  @Test
  void peer_thatFailsAndLeavesAndComesBack_isNotAskedSooner() {
    first.isDown = true;
    for (int minute = 0; minute < 600; minute++) {
      second.knows = minute % 2 == 0 ? List.of(first) : List.of();
      second.tellNeighbours();
      lab.advance(Duration.ofMinutes(1));
    }
    // As often as one that stays: at first after 20 minutes, in the end every 160.
    assertThat(second.asked).hasSizeBetween(4, 10);
  }

  @Test
  void peer_thatLeavesAndComesBack_isNotAskedBeforeItsTime() {
    for (int minute = 0; minute < 60; minute++) {
      second.knows = minute % 2 == 0 ? List.of(first) : List.of();
      second.tellNeighbours();
      lab.advance(Duration.ofMinutes(1));
    }
    assertThat(second.asked).hasSizeBetween(4, 7);
  }

  @Test
  void peers_thatFailedAndLeft_areForgottenBeyondTheLimit() {
    TrackerConfig.Repair base = TrackerConfig.Repair.defaults();
    Node small =
        lab.add(
            RepairRulesTest.CONFIG.withRepair(
                new TrackerConfig.Repair(5, 8, 8, 8, base.interval(), 200, 1 << 20, 4_096)));
    List<Node> crowd = List.copyOf(lab.add(RepairRulesTest.CONFIG, 40)).subList(3, 43);
    crowd.forEach(node -> node.isDown = true);
    for (int group = 0; group < 5; group++) {
      small.knows = crowd.subList(group * 8, group * 8 + 8);
      small.tellNeighbours();
      lab.advance(Duration.ofMinutes(1));
    }
    // Four groups have left, and one of them is remembered.
    assertThat(small.count(TrackerCounter.REPAIR_FORGOTTEN)).isEqualTo(3 * 8);
    small.asked.clear();
    small.knows = crowd.subList(24, 32);
    small.tellNeighbours();
    lab.advance(Duration.ofMinutes(1));
    assertThat(small.asked).isEmpty();
  }

  // Lists that differ for good

  private void fork() {
    putOwner(first, bob.list);
    putOwner(second, forked());
    Envelope envelope = deposit(first);
    lab.acknowledge(bob, laptop, List.of(envelope.digest()), first);
    lab.repair();
    assertThat(second.digests(bob, false)).containsExactly(envelope.digest());
  }

  @Test
  void forkedLists_atTwoTrackers_areKeptAsEvidenceAndComparedOnceAnHour() {
    fork();
    assertThat(first.fingerprint(bob)).isNotEqualTo(second.fingerprint(bob));
    for (Node node : lab.nodes) {
      assertThat(node.stored(bob))
          .isNotNull()
          .satisfies(stored -> assertThat(stored.parts()).containsKey(StoredMailbox.Part.FORK));
    }
    lab.nodes.forEach(node -> node.asked.clear());
    lab.advance(Duration.ofMinutes(25));
    lab.nodes.forEach(RepairMemoryTest::assertOnlyListed);
    lab.advance(Duration.ofHours(10));
    for (Node node : lab.nodes) {
      assertThat(askedCount(node, Request.ListMailboxes.class)).isGreaterThan(50);
      assertThat(askedCount(node, Request.Compare.class)).isBetween(7L, 11L);
      assertThat(askedCount(node, Request.PullOwner.class)).isBetween(7L, 11L);
      // What a device signs that is not listed here is not asked for.
      assertThat(askedCount(node, Request.Pull.class)).isZero();
    }
  }

  @Test
  void forkedList_thatIsKeptAsEvidence_isNotVerifiedAgain() {
    fork();
    int before = second.verifiedListCount;
    lab.advance(Duration.ofHours(10));
    assertThat(askedCount(second, Request.PullOwner.class)).isGreaterThan(7);
    assertThat(second.verifiedListCount).isEqualTo(before);
  }

  @Test
  void mailbox_thatChangesWithForkedLists_isMendedWithoutTheLists() {
    fork();
    lab.nodes.forEach(node -> node.asked.clear());
    Envelope envelope = deposit(first);
    lab.advance(Duration.ofMinutes(11));
    assertThat(second.digests(bob, false)).contains(envelope.digest());
    assertThat(askedCount(second, Request.PullOwner.class)).isZero();
  }

  @Test
  void lists_afterACommitFailed_areTriedAgainInTheNextTurn() {
    putOwner(first, bob.list);
    first.open(bob, phone);
    lab.failEvery = 1;
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(1));
    assertThat(second.stored(bob)).isNull();
    lab.failEvery = 0;
    lab.advance(Duration.ofMinutes(11));
    assertThat(second.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
  }

  // Mailboxes that nobody uses any more

  private void storeUsedAt(Node node, long usedMillis) throws StoreException {
    node.store.commit(
        List.of(
            new Change.PutPart(bob.mailbox, StoredMailbox.Part.OWNER, bob.owner.toBytes()),
            new Change.PutPart(bob.mailbox, StoredMailbox.Part.DEVICES, bob.list.toBytes()),
            new Change.Touch(bob.mailbox, usedMillis)));
  }

  @Test
  void mailbox_withoutEnvelopes_isTakenWithTheTimeOfItsLastUse() throws StoreException {
    long used = lab.wallMillis() - Duration.ofDays(20).toMillis();
    storeUsedAt(first, used);
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(2));
    assertThat(second.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
    assertThat(second.store.load(bob.mailbox).orElseThrow().touchedMillis()).isEqualTo(used);
  }

  @Test
  void mailbox_thatIsForgottenBeforeLong_isNotTaken() throws StoreException {
    storeUsedAt(first, lab.wallMillis() - Duration.ofDays(30).toMillis());
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(2));
    assertThat(second.store.load(bob.mailbox)).isEmpty();
    assertThat(second.count(TrackerCounter.REPAIR_REFUSED)).isPositive();
    assertThat(second.count(TrackerCounter.REPAIR_FAILURES)).isZero();
  }

  // One list, signed twice

  /** What a key that signs with other nonces could have signed. */
  private static byte[] withOtherSignature(byte[] bytes) {
    byte[] changed = bytes.clone();
    changed[changed.length - 1] ^= 1;
    return changed;
  }

  @Test
  void lists_thatSayTheSameInTwoSignatures_areTheSame() throws StoreException {
    putOwner(first, bob.list);
    second.store.commit(
        List.of(
            new Change.PutPart(bob.mailbox, StoredMailbox.Part.OWNER, bob.owner.toBytes()),
            new Change.PutPart(
                bob.mailbox, StoredMailbox.Part.DEVICES, withOtherSignature(bob.list.toBytes())),
            new Change.PutPart(
                bob.mailbox,
                StoredMailbox.Part.DELIVERY_KEYS,
                withOtherSignature(keys().toBytes()))));
    lab.repair();
    assertThat(second.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
    lab.nodes.forEach(RepairMemoryTest::assertOnlyListed);
  }
}
