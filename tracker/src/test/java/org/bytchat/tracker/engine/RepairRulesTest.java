package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.tracker.engine.RepairLab.Node;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: trackers that are to have the same come to have it, and nothing that is gone comes back.
 */
class RepairRulesTest {

  static final TrackerConfig CONFIG =
      TrackerConfig.defaults().withStamps(new TrackerConfig.Stamps(4, 4, 1_000));

  private final RepairLab lab = new RepairLab(HashScheme.INSTANCE, 5);
  private TestUser bob;
  private NodeIdentity phone;
  private NodeIdentity contact;
  private Node first;
  private Node second;

  @BeforeEach
  void begin() {
    bob = lab.user(1);
    phone = bob.devices.get(0);
    contact = bob.newKey();
    first = lab.add(CONFIG);
    second = lab.add(CONFIG);
    putOwner(first);
  }

  private void putOwner(Node node) {
    node.send(new Request.PutDevices(bob.owner, bob.list));
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 1_000, 900);
    assertThat(node.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key))))
        .isInstanceOf(Response.Taken.class);
  }

  private Envelope deposit(Node node) {
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
    put(node, envelope);
    return envelope;
  }

  private void put(Node node, Envelope envelope) {
    assertThat(node.send(TestUser.deposit(contact, envelope, node.id())))
        .isInstanceOf(Response.Receipts.class);
  }

  private Envelope depositStranger(Node node) {
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
    Admission stamp = Admission.ByStamp.find(envelope, node.id(), 4);
    assertThat(node.send(new Request.Deposit(envelope, stamp)))
        .isInstanceOf(Response.Receipts.class);
    return envelope;
  }

  @Test
  void newcomer_ofAFullMailbox_getsListsEnvelopesAndAcks() {
    Set<Digest> all = new LinkedHashSet<>();
    for (int i = 0; i < 150; i++) {
      all.add(deposit(first).digest());
    }
    all.add(depositStranger(first).digest());
    lab.acknowledge(bob, bob.devices.get(0), List.copyOf(all).subList(0, 60), first);
    lab.repair();
    assertThat(second.digests(bob, false)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(second.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
    assertThat(second.acks(bob)).hasSize(60);
    assertThat(second.count(TrackerCounter.REPAIR_ENVELOPES)).isEqualTo(151);
    assertThat(second.fetch(bob, phone)).hasSize(91);
    assertThat(first.count(TrackerCounter.REPAIR_ENVELOPES)).isZero();
  }

  @Test
  void copies_ofCopies_verifyForTheFirstTracker() {
    Envelope envelope = deposit(first);
    lab.repair();
    first.isDown = true;
    Node third = lab.add(CONFIG);
    lab.repair();
    assertThat(third.digests(bob, false)).containsExactly(envelope.digest());
  }

  @Test
  void divergedTrackers_withLargeMailboxes_converge() {
    putOwner(second);
    for (int i = 0; i < 120; i++) {
      Envelope envelope = deposit(i % 3 == 0 ? second : first);
      if (i % 3 == 2) {
        put(second, envelope);
      }
    }
    lab.repair();
    assertThat(first.digests(bob, false)).hasSize(120);
    assertThat(second.digests(bob, false)).hasSize(120);
    assertThat(second.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
    int before = first.asked.size();
    lab.repair();
    assertThat(first.asked.subList(before, first.asked.size()))
        .allMatch(Request.ListMailboxes.class::isInstance);
  }

  /** Its delivery keys are for those who write while the owner is away and trackers change. */
  @Test
  void emptyMailbox_thatNoDeviceCameTo_isGivenOnFromOneToTheNext() {
    Node third = lab.add(CONFIG);
    third.knows = List.of(second);
    lab.repair();
    assertThat(second.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
    lab.repair();
    assertThat(third.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
  }

  @Test
  void newerLists_atOnePeer_areTakenByTheOther() {
    first.open(bob, phone);
    lab.repair();
    NodeIdentity laptop = bob.add();
    lab.published.put(bob.mailbox, bob.list);
    first.send(new Request.PutDevices(bob.owner, bob.list));
    first.send(new Request.PutDeliveryKeys(bob.keys(2, laptop)));
    lab.repair();
    assertThat(second.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
    assertThat(second.open(bob, laptop)).isPositive();
  }

  @Test
  void acks_atDifferentTrackers_mergeAndDelete() {
    bob = lab.user(2);
    phone = bob.devices.get(0);
    putOwner(first);
    Envelope envelope = deposit(first);
    lab.repair();
    lab.acknowledge(bob, bob.devices.get(0), List.of(envelope.digest()), first);
    lab.acknowledge(bob, bob.devices.get(1), List.of(envelope.digest()), second);
    lab.repair();
    assertThat(first.acks(bob)).hasSize(2);
    assertThat(second.acks(bob)).hasSize(2);
    lab.advance(Duration.ofHours(3));
    assertThat(first.digests(bob, true)).containsExactly(envelope.digest());
    assertThat(second.digests(bob, true)).containsExactly(envelope.digest());
  }

  @Test
  void deleted_offeredAgainByAPeer_neverComesBack() {
    Envelope envelope = deposit(first);
    lab.repair();
    second.isDown = true;
    second.knows = List.of();
    second.tellNeighbours();
    lab.acknowledge(bob, phone, List.of(envelope.digest()), first);
    lab.advance(Duration.ofHours(3));
    assertThat(first.digests(bob, true)).containsExactly(envelope.digest());
    second.isDown = false;
    for (int i = 0; i < 5; i++) {
      first.tellNeighbours();
      lab.advance(Duration.ofHours(1));
      assertThat(first.digests(bob, false)).isEmpty();
    }
    assertThat(second.digests(bob, false)).containsExactly(envelope.digest());
    // The other one learns of the acknowledgement, and lets it go by its own rules.
    second.knows = null;
    lab.repair();
    lab.advance(Duration.ofHours(3));
    assertThat(second.digests(bob, true)).containsExactly(envelope.digest());
  }

  @Test
  void tombstone_atAPeer_isTakenByANewcomerThatConfirmedTheList() {
    Envelope envelope = deposit(first);
    lab.acknowledge(bob, phone, List.of(envelope.digest()), first);
    first.open(bob, phone);
    lab.advance(Duration.ofHours(2));
    assertThat(first.digests(bob, true)).containsExactly(envelope.digest());
    lab.repair();
    lab.advance(Duration.ofHours(1));
    assertThat(second.digests(bob, true)).containsExactly(envelope.digest());
    assertThat(second.acks(bob)).hasSize(1);
    // What it never had does not come as new, either.
    put(second, envelope);
    assertThat(second.digests(bob, false)).isEmpty();
    assertThat(second.fetch(bob, phone)).isEmpty();
  }

  @Test
  void tombstone_withoutAllAcks_isNotTaken() {
    Envelope envelope = deposit(first);
    lab.acknowledge(bob, phone, List.of(envelope.digest()), first);
    first.open(bob, phone);
    lab.advance(Duration.ofHours(2));
    assertThat(first.digests(bob, true)).hasSize(1);
    // Listed when nobody had told the first tracker, and without an acknowledgement.
    bob.add();
    lab.published.put(bob.mailbox, bob.list);
    second.send(new Request.PutDevices(bob.owner, bob.list));
    second.open(bob, phone);
    lab.repair();
    lab.advance(Duration.ofHours(1));
    assertThat(second.digests(bob, true)).isEmpty();
    assertThat(second.count(TrackerCounter.REPAIR_REFUSED)).isPositive();
    put2(envelope);
    assertThat(second.digests(bob, false)).containsExactly(envelope.digest());
  }

  private void put2(Envelope envelope) {
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 1_000, 900);
    second.send(new Request.PutDeliveryKeys(bob.keys(5, phone, key)));
    put(second, envelope);
  }

  @Test
  void ended_atAPeer_isNotTaken() {
    Envelope envelope = bob.envelope(lab.wallMillis(), 3, 512);
    put(first, envelope);
    second.knows = List.of();
    lab.advance(Duration.ofDays(3).plusMinutes(1));
    second.knows = null;
    lab.repair();
    assertThat(second.digests(bob, false)).isEmpty();
    assertThat(first.digests(bob, false)).containsExactly(envelope.digest());
  }

  @Test
  void fullMailbox_takesNoMore() {
    TrackerConfig small =
        CONFIG.withMailbox(new TrackerConfig.MailboxLimits(10, 1 << 20, 100, 3, 50));
    Node tiny = lab.add(small);
    for (int i = 0; i < 20; i++) {
      deposit(first);
    }
    List<Digest> strangers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      strangers.add(depositStranger(first).digest());
    }
    lab.repair();
    assertThat(tiny.digests(bob, false)).hasSize(10);
    Set<Digest> taken = tiny.digests(bob, false);
    taken.retainAll(strangers);
    assertThat(taken).hasSizeLessThanOrEqualTo(3);
    assertThat(tiny.count(TrackerCounter.REPAIR_REFUSED)).isPositive();
    assertThat(second.digests(bob, false)).hasSize(30);
  }

  @Test
  void mailboxesFarAway_areLeftAlone() {
    lab.add(CONFIG, 10);
    Node holder = lab.closest(bob).get(0);
    putOwner(holder);
    deposit(holder);
    lab.repair();
    lab.repair();
    List<Node> closest = lab.closest(bob);
    for (int i = 0; i < closest.size(); i++) {
      boolean isHolder = closest.get(i).stored(bob) != null;
      if (i < 5) {
        assertThat(closest.get(i).digests(bob, false)).as("rank " + i).hasSize(1);
      } else if (closest.get(i) != first) {
        assertThat(isHolder).as("rank " + i).isFalse();
      }
    }
  }

  @Test
  void budget_ofBytes_isRespected() {
    TrackerConfig.Repair base = TrackerConfig.Repair.defaults();
    TrackerConfig slow =
        CONFIG.withRepair(
            new TrackerConfig.Repair(5, 8, 256, 32, base.interval(), 200, 64 << 10, 4_096));
    Node newcomer = lab.add(slow);
    for (int i = 0; i < 60; i++) {
      Envelope envelope = bob.envelope(lab.wallMillis(), 7, 32 << 10);
      put(first, envelope);
    }
    newcomer.tellNeighbours();
    first.tellNeighbours();
    lab.advance(Duration.ofSeconds(10));
    // Ten seconds of 64 KiB, a second before, and the last answer.
    assertThat(newcomer.count(TrackerCounter.REPAIR_TAKEN_BYTES))
        .isBetween(400_000L, 11L * (64 << 10) + 80_000);
    lab.advance(Duration.ofMinutes(2));
    assertThat(newcomer.digests(bob, false)).hasSize(60);
  }
}
