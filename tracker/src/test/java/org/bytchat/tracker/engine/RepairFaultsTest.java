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
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.MailboxStore;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: what cannot be read, written or given costs itself only, and repair goes on with others.
 */
class RepairFaultsTest {

  private final RepairLab lab = new RepairLab(HashScheme.INSTANCE, 10);
  private TestUser bob = lab.user(1);
  private final NodeIdentity contact = bob.newKey();
  private Node first;
  private Node second;

  @BeforeEach
  void begin() {
    first = lab.add(RepairRulesTest.CONFIG);
    second = lab.add(RepairRulesTest.CONFIG);
    putOwner(first, bob);
  }

  private void putOwner(Node node, TestUser user) {
    node.send(new Request.PutDevices(user.owner, user.list));
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 2_000, 2_000);
    assertThat(node.send(new Request.PutDeliveryKeys(user.keys(1, device(user), key))))
        .isInstanceOf(Response.Taken.class);
  }

  private static NodeIdentity device(TestUser user) {
    return user.devices.get(user.devices.size() - 1);
  }

  private List<Digest> deposit(TestUser user, int count, int sizeBytes) {
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Envelope envelope = user.envelope(lab.wallMillis(), 7, sizeBytes);
      assertThat(first.send(TestUser.deposit(contact, envelope, first.id())))
          .isInstanceOf(Response.Receipts.class);
      digests.add(envelope.digest());
    }
    return digests;
  }

  /** Has the first tracker delete what it holds. */
  private void delete(List<Digest> digests) {
    second.knows = List.of();
    for (int i = 0; i < digests.size(); i += 256) {
      List<Digest> some = digests.subList(i, Math.min(digests.size(), i + 256));
      lab.acknowledge(bob, device(bob), some, first);
    }
    first.open(bob, device(bob));
    lab.advance(Duration.ofHours(2));
    assertThat(first.digests(bob, true)).hasSameSizeAs(digests);
    second.knows = null;
  }

  private static long pullCount(Node node) {
    return node.asked.stream().filter(Request.Pull.class::isInstance).count();
  }

  private Response.Pulled pull(List<Digest> envelopes, List<Digest> acks) {
    lab.tellNeighbours();
    long session = first.open();
    first.greet(session, second);
    Response answer = first.send(session, new Request.Pull(bob.mailbox, envelopes, acks));
    assertThat(answer).isInstanceOf(Response.Pulled.class);
    return (Response.Pulled) answer;
  }

  // What cannot be read

  private void assertOnlyOtherIsMended(Node damaged) {
    TestUser eve = lab.user(1);
    putOwner(first, eve);
    deposit(bob, 3, 512);
    deposit(eve, 3, 512);
    MailboxStore whole = damaged.store;
    damaged.store = new DamagedStore(whole, bob.mailbox);
    lab.repair();
    damaged.store = whole;
    assertThat(second.digests(eve, false)).hasSize(3);
    assertThat(second.digests(bob, false)).isEmpty();
    assertThat(second.count(TrackerCounter.REPAIR_FAILURES)).isZero();
    lab.repair();
    assertThat(second.digests(bob, false)).hasSize(3);
  }

  @Test
  void mailbox_thatIsDamagedAtThePeer_isLeftOutAlone() {
    assertOnlyOtherIsMended(first);
  }

  @Test
  void mailbox_thatIsDamagedHere_isLeftOutAlone() {
    assertOnlyOtherIsMended(second);
  }

  @Test
  void envelopes_thatThePeerCannotGive_keepNoOthersFromBeingTaken() throws StoreException {
    // Of this size there is room for one in an answer, so that one is empty for the bad ones.
    List<Digest> good = deposit(bob, 5, Envelope.BYTES_MAX);
    List<Change> old = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      // As version 1 of the store has kept them: without what let them in.
      Envelope envelope = bob.envelope(lab.wallMillis(), 7, Envelope.BYTES_MAX);
      StoredMailbox.Entry entry =
          new StoredMailbox.Entry(
              100 + i,
              envelope.digest(),
              lab.wallMillis(),
              envelope.expiresMillis(),
              envelope.bytes().length,
              contact.publicKey(),
              0);
      old.add(new Change.PutEnvelope(bob.mailbox, entry, envelope.bytes(), null));
    }
    first.store.commit(old);
    first.crash();
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(5));
    assertThat(second.digests(bob, false)).containsExactlyInAnyOrderElementsOf(good);
    assertThat(second.count(TrackerCounter.REPAIR_FAILURES)).isZero();
    assertThat(pullCount(second)).isEqualTo(25);
    // The next turn finds that nothing has changed, and those after it ask for none of them.
    lab.advance(Duration.ofMinutes(10));
    long before = pullCount(second);
    lab.advance(Duration.ofMinutes(30));
    assertThat(pullCount(second)).isEqualTo(before);
  }

  // What cannot be written

  @Test
  void copies_afterOneThatCouldNotBeWritten_areNotPulledInThatTurn() {
    putOwner(second, bob);
    deposit(bob, 100, 512);
    lab.failEvery = 1;
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(5));
    assertThat(pullCount(second)).isEqualTo(1);
    assertThat(second.digests(bob, false)).isEmpty();
    lab.failEvery = 0;
    lab.advance(Duration.ofMinutes(6));
    assertThat(second.digests(bob, false)).hasSize(100);
    assertThat(second.count(TrackerCounter.REPAIR_FAILURES)).isZero();
  }

  // What is deleted

  @Test
  void deletedOnes_inAnAnswer_takeNoRoomOfTheirEnvelopes() {
    List<Digest> digests = deposit(bob, 64, 8 << 10);
    delete(digests);
    assertThat(pull(digests, List.of()).copies())
        .hasSize(64)
        .allMatch(copy -> copy.envelope() == null);
  }

  @Test
  void deletedOnes_inAnAnswer_leaveRoomForAnEnvelope() {
    List<Digest> digests = deposit(bob, 60, 512);
    delete(digests);
    List<Digest> asked = new ArrayList<>(digests);
    asked.addAll(deposit(bob, 2, 32 << 10));
    // The frame has 80 KiB, and the codec of the lab refuses more.
    assertThat(pull(asked, List.of()).copies()).hasSize(61);
  }

  @Test
  void graves_moreThanOneCommitTakes_areAllTakenInOneTurn() {
    List<Digest> digests = deposit(bob, 300, 512);
    delete(digests);
    second.send(new Request.PutDevices(bob.owner, bob.list));
    second.open(bob, device(bob));
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(2));
    assertThat(second.digests(bob, true)).containsExactlyInAnyOrderElementsOf(digests);
    assertThat(second.acks(bob)).hasSize(300);
    assertThat(second.count(TrackerCounter.REPAIR_TOMBSTONES)).isEqualTo(300);
    assertThat(second.fingerprint(bob)).isEqualTo(first.fingerprint(bob));
  }

  @Test
  void graves_knownForCertainWhenThePeerRefusesTheRest_areTaken() {
    List<Digest> digests = deposit(bob, 100, 512);
    // Each in a batch of its own, so that not all come at once.
    digests.forEach(digest -> lab.acknowledge(bob, device(bob), List.of(digest), first));
    delete(digests);
    second.send(new Request.PutDevices(bob.owner, bob.list));
    second.open(bob, device(bob));
    int[] ackPulls = new int[1];
    first.lies =
        (asker, request) ->
            request instanceof Request.Pull pull && !pull.acks().isEmpty() && ++ackPulls[0] > 2
                ? new Response.Refused(Refusal.NOT_NEAR, "", null, 0)
                : null;
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(2));
    assertThat(second.digests(bob, true)).hasSize(64);
    first.lies = null;
    lab.advance(RepairRulesTest.CONFIG.repair().interval().multipliedBy(3));
    assertThat(second.digests(bob, true)).containsExactlyInAnyOrderElementsOf(digests);
  }

  /** Each batch names 255 others, so that there is room for two batches at once. */
  @Test
  void graves_shownByBatchesThatNameManyOthers_areTakenInSeveralTurns() {
    TrackerConfig.MailboxLimits few = new TrackerConfig.MailboxLimits(1_000, 8 << 20, 10, 64, 10);
    Node small = lab.add(RepairRulesTest.CONFIG.withMailbox(few));
    small.knows = List.of();
    second.knows = List.of();
    List<Digest> digests = deposit(bob, 4, 512);
    for (int i = 0; i < digests.size(); i++) {
      List<Digest> named = new ArrayList<>(List.of(digests.get(i)));
      for (int filler = 0; filler < 255; filler++) {
        named.add(Digest.sha256(new byte[] {(byte) i, (byte) filler}));
      }
      lab.acknowledge(bob, device(bob), named, first);
    }
    first.open(bob, device(bob));
    lab.advance(Duration.ofHours(2));
    assertThat(first.digests(bob, true)).hasSize(4);
    small.knows = List.of(first);
    small.send(new Request.PutDevices(bob.owner, bob.list));
    small.open(bob, device(bob));
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(2));
    assertThat(small.digests(bob, true)).hasSize(2);
    lab.advance(RepairRulesTest.CONFIG.repair().interval().multipliedBy(3));
    assertThat(small.digests(bob, true)).hasSize(4);
    assertThat(small.count(TrackerCounter.REPAIR_REFUSED)).isZero();
  }

  @Test
  void graves_beyondHalfOfTheMemory_areNotTaken() {
    TrackerConfig.MailboxLimits few = new TrackerConfig.MailboxLimits(1_000, 8 << 20, 300, 64, 10);
    Node small = lab.add(RepairRulesTest.CONFIG.withMailbox(few));
    small.knows = List.of();
    List<Digest> digests = deposit(bob, 200, 512);
    delete(digests);
    small.knows = List.of(first);
    small.send(new Request.PutDevices(bob.owner, bob.list));
    small.open(bob, device(bob));
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(2));
    assertThat(small.digests(bob, true)).hasSize(150);
    assertThat(small.count(TrackerCounter.REPAIR_FAILURES)).isZero();
  }

  // Acknowledgements of devices that were revoked

  @Test
  void acks_ofDevicesThatWereRevoked_takeNoRoomOfOthers() {
    List<Digest> digests = deposit(bob, 250, 512);
    Set<NodeIdentity> gone = new LinkedHashSet<>();
    for (int i = 0; i < 12; i++) {
      NodeIdentity old = device(bob);
      lab.acknowledge(bob, old, digests, first);
      bob.add();
      bob.revoke(old);
      gone.add(old);
      first.send(new Request.PutDevices(bob.owner, bob.list));
    }
    putKeys(first);
    lab.acknowledge(bob, device(bob), digests, first);
    assertThat(gone).hasSize(12);
    assertThat(pull(List.of(), digests.subList(0, 32)).acks())
        .anyMatch(batch -> batch.device().equals(TestUser.id(device(bob))));
  }

  private void putKeys(Node node) {
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 2_000, 2_000);
    node.send(new Request.PutDeliveryKeys(bob.keys(2, device(bob), key)));
  }
}
