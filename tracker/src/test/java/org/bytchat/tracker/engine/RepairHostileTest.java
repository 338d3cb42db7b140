package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.tracker.engine.RepairLab.Node;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.DigestRange;
import org.bytchat.tracker.repair.Item;
import org.bytchat.tracker.repair.RepairStatements;
import org.bytchat.tracker.repair.Summary;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: a hostile peer gets nothing that is not its own, gives nothing false, and costs little. */
class RepairHostileTest {

  private static final Digest FALSE = Digest.sha256(new byte[] {1});

  private final RepairLab lab = new RepairLab(HashScheme.INSTANCE, 6);
  private TestUser bob;
  private NodeIdentity phone;
  private NodeIdentity contact;
  private Node honest;
  private Node liar;
  private int offerCount;

  @BeforeEach
  void begin() {
    bob = lab.user(1);
    phone = bob.devices.get(0);
    contact = bob.newKey();
    honest = lab.add(RepairRulesTest.CONFIG);
    liar = lab.add(RepairRulesTest.CONFIG);
    honest.send(new Request.PutDevices(bob.owner, bob.list));
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 1_000, 900);
    honest.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key)));
    lab.tellNeighbours();
  }

  private static void assertRefused(Response response, Refusal refusal) {
    assertThat(response)
        .isInstanceOfSatisfying(
            Response.Refused.class, refused -> assertThat(refused.refusal()).isEqualTo(refusal));
  }

  // Who is served

  @Test
  void requests_withoutProof_areRefused() {
    for (Request request :
        List.of(
            new Request.ListMailboxes(null, 10),
            new Request.Compare(bob.mailbox, List.of()),
            new Request.PullOwner(bob.mailbox),
            new Request.Pull(bob.mailbox, List.of(), List.of()))) {
      assertRefused(honest.send(request), Refusal.NOT_NEAR);
      long session = honest.open();
      assertThat(honest.greet(session, liar)).isInstanceOf(Response.Greeted.class);
      assertThat(honest.send(session, request)).isNotInstanceOf(Response.Refused.class);
    }
  }

  @Test
  void proof_ofAnotherSessionOrForAnotherTracker_isRefused() {
    long first = honest.open();
    long second = honest.open();
    long elsewhere = liar.open();
    Node third = lab.add(RepairRulesTest.CONFIG);
    lab.tellNeighbours();
    byte[] good = proof(honest, third, honest.hash(first));
    assertRefused(peer(honest, second, third, good), Refusal.BAD_SIGNATURE);
    byte[] other = proof(liar, third, liar.hash(elsewhere));
    assertRefused(peer(honest, first, third, other), Refusal.BAD_SIGNATURE);
    assertRefused(
        peer(honest, first, third, proof(honest, liar, honest.hash(first))), Refusal.BAD_SIGNATURE);
    assertThat(peer(honest, first, third, good)).isInstanceOf(Response.Greeted.class);
  }

  private static byte[] proof(Node asked, Node asker, byte[] hash) {
    return asker.identity.sign(
        RepairStatements.peer(TestUser.NETWORK, asked.id(), asker.id(), hash));
  }

  private static Response peer(Node asked, long session, Node asker, byte[] signature) {
    return asked.send(session, new Request.Peer(asker.identity.publicKey(), signature));
  }

  @Test
  void tracker_thatIsNotKnown_isRefused() {
    honest.knows = List.of();
    honest.tellNeighbours();
    assertRefused(honest.greet(honest.open(), liar), Refusal.NOT_NEAR);
  }

  @Test
  void tracker_thatIsNotAmongTheEightClosest_isGivenNothingOfTheMailbox() {
    honest.open(bob, phone);
    lab.add(RepairRulesTest.CONFIG, 12);
    lab.tellNeighbours();
    List<Node> closest = lab.closest(bob);
    int servedCount = 0;
    for (int rank = 0; rank < closest.size(); rank++) {
      Node asker = closest.get(rank);
      if (asker == honest) {
        servedCount += rank < 8 ? 1 : 0;
        continue;
      }
      long session = honest.open();
      assertThat(honest.greet(session, asker)).isInstanceOf(Response.Greeted.class);
      Response pulled = honest.send(session, new Request.PullOwner(bob.mailbox));
      Response.Mailboxes listed =
          (Response.Mailboxes) honest.send(session, new Request.ListMailboxes(null, 10));
      assertThat(pulled instanceof Response.Owned).as("rank " + rank).isEqualTo(rank < 8);
      assertThat(listed.summaries()).as("rank " + rank).hasSize(rank < 8 ? 1 : 0);
      servedCount += pulled instanceof Response.Owned ? 1 : 0;
    }
    assertThat(servedCount).isEqualTo(8);
  }

  @Test
  void askerWithoutPause_isToldToComeLater() {
    long session = honest.open();
    honest.greet(session, liar);
    List<Response> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      answers.add(honest.send(session, new Request.PullOwner(bob.mailbox)));
    }
    assertThat(answers.stream().filter(Response.Owned.class::isInstance).count())
        .isBetween(75L, 125L);
    assertRefused(answers.get(999), Refusal.BUSY);
    Node other = lab.add(RepairRulesTest.CONFIG);
    lab.tellNeighbours();
    long others = honest.open();
    honest.greet(others, other);
    assertThat(honest.send(others, new Request.PullOwner(bob.mailbox)))
        .isInstanceOf(Response.Owned.class);
    lab.advance(Duration.ofSeconds(2));
    assertThat(honest.send(session, new Request.PullOwner(bob.mailbox)))
        .isInstanceOf(Response.Owned.class);
  }

  @Test
  void rangesThatOverlap_areRefused() {
    long session = honest.open();
    honest.greet(session, liar);
    DigestRange whole = new DigestRange(DigestRange.LOWEST, DigestRange.HIGHEST, FALSE);
    assertRefused(
        honest.send(session, new Request.Compare(bob.mailbox, List.of(whole, whole))),
        Refusal.MALFORMED);
  }

  // What is taken

  /** The liar offers one envelope in a way that a test chooses. */
  private void offer(Copy copy, List<AckBatch> acks) {
    // Another one each time: what did not help is not tried again for an hour.
    Digest fingerprint = Digest.sha256(new byte[] {2, (byte) offerCount++});
    liar.lies =
        (asker, request) -> {
          if (request instanceof Request.ListMailboxes) {
            return new Response.Mailboxes(List.of(new Summary(bob.mailbox, fingerprint)), null);
          } else if (request instanceof Request.Compare) {
            Item item = new Item(copy.head().digest(), List.of(TestUser.id(phone)));
            return new Response.Compared(FALSE, List.of(new Comparison.Items(List.of(item))));
          } else if (request instanceof Request.PullOwner) {
            return new Response.Owned(null, null, null, 0);
          } else if (request instanceof Request.Pull pull) {
            return new Response.Pulled(
                pull.envelopes().isEmpty() ? List.of() : List.of(copy), acks);
          }
          return null;
        };
  }

  private Copy copy(Envelope envelope, Admission admission) {
    Origin origin = new Origin(liar.id(), admission);
    return new Copy(
        new Copy.Head(envelope.digest(), envelope.expiresMillis(), origin), envelope.bytes());
  }

  private Envelope envelope() {
    return bob.envelope(lab.wallMillis(), 7, 512);
  }

  private Admission byKey(NodeIdentity signer, Envelope envelope, Node tracker) {
    return new Admission.ByKey(
        contact.publicKey(),
        signer.sign(Admission.ByKey.statement(envelope, tracker.id(), TestUser.NETWORK)));
  }

  private void assertNotTaken() {
    lab.repair();
    assertThat(honest.digests(bob, false)).isEmpty();
    assertThat(honest.digests(bob, true)).isEmpty();
    assertThat(liar.lies).isNotNull();
  }

  @Test
  void envelope_withAnAdmissionForItsOrigin_isTaken() {
    Envelope envelope = envelope();
    offer(copy(envelope, byKey(contact, envelope, liar)), List.of());
    lab.repair();
    assertThat(honest.digests(bob, false)).containsExactly(envelope.digest());
  }

  @Test
  void envelope_withAForgedAdmission_isRefused() {
    Envelope envelope = envelope();
    offer(copy(envelope, byKey(phone, envelope, liar)), List.of());
    assertNotTaken();
    assertThat(honest.count(TrackerCounter.REPAIR_REFUSED)).isPositive();
  }

  @Test
  void envelope_withAnAdmissionForAnotherTracker_isRefused() {
    Envelope envelope = envelope();
    offer(copy(envelope, byKey(contact, envelope, honest)), List.of());
    assertNotTaken();
  }

  @Test
  void envelope_ofAnotherAdmission_isRefused() {
    Envelope envelope = envelope();
    offer(copy(envelope(), byKey(contact, envelope, liar)), List.of());
    assertNotTaken();
  }

  @Test
  void envelope_withTooEasyAStamp_isRefused() {
    Envelope envelope = envelope();
    long nonce = 0;
    while (new Admission.ByStamp(nonce).bits(envelope, liar.id()) >= 4) {
      nonce++;
    }
    offer(copy(envelope, new Admission.ByStamp(nonce)), List.of());
    assertNotTaken();
  }

  @Test
  void envelope_ofTheFutureOrThePast_isRefused() {
    Envelope future = bob.envelope(lab.wallMillis() + 10 * 3_600_000L, 7, 512);
    offer(copy(future, byKey(contact, future, liar)), List.of());
    assertNotTaken();
    Envelope past = bob.envelope(lab.wallMillis() - 4 * 86_400_000L, 3, 512);
    offer(copy(past, byKey(contact, past, liar)), List.of());
    assertNotTaken();
  }

  @Test
  void envelope_thatIsNotOfItsDigest_isRefused() {
    Envelope envelope = envelope();
    Copy good = copy(envelope, byKey(contact, envelope, liar));
    byte[] changed = envelope.bytes().clone();
    changed[100] ^= 1;
    offer(new Copy(good.head(), changed), List.of());
    assertNotTaken();
    offer(new Copy(good.head(), new byte[] {1, 2}), List.of());
    assertNotTaken();
  }

  @Test
  void acks_thatAreForged_areNotNoted() {
    Envelope envelope = envelope();
    honest.send(TestUser.deposit(contact, envelope, honest.id()));
    AckBatch forged =
        AckBatch.sign(
            bob.mailbox,
            TestUser.id(phone),
            List.of(envelope.digest()),
            TestUser.NETWORK,
            contact::sign);
    offer(copy(envelope, byKey(contact, envelope, liar)), List.of(forged));
    lab.repair();
    assertThat(honest.acks(bob)).isEmpty();
    assertThat(honest.count(TrackerCounter.BAD_SIGNATURES)).isPositive();
    // The same way, what the device has signed is noted.
    AckBatch good = bob.ack(phone, List.of(envelope.digest()));
    offer(copy(envelope, byKey(contact, envelope, liar)), List.of(good));
    lab.advance(Duration.ofHours(5));
    assertThat(honest.acks(bob)).hasSize(1);
  }

  @Test
  void tombstone_withoutOrWithForgedAcks_isNotTaken() {
    honest.open(bob, phone);
    Envelope envelope = envelope();
    Copy.Head head = new Copy.Head(envelope.digest(), envelope.expiresMillis(), null);
    offer(new Copy(head, null), List.of());
    assertNotTaken();
    honest.open(bob, phone);
    AckBatch forged =
        AckBatch.sign(
            bob.mailbox,
            TestUser.id(phone),
            List.of(envelope.digest()),
            TestUser.NETWORK,
            contact::sign);
    offer(new Copy(head, null), List.of(forged));
    assertNotTaken();
  }

  @Test
  void tombstone_thatEndsTooLate_isNotTaken() {
    honest.open(bob, phone);
    Envelope envelope = envelope();
    Copy.Head head = new Copy.Head(envelope.digest(), lab.wallMillis() + 30 * 86_400_000L, null);
    offer(new Copy(head, null), List.of(bob.ack(phone, List.of(envelope.digest()))));
    assertNotTaken();
  }

  @Test
  void owner_ofAnotherMailbox_endsTheTurn() {
    TestUser eve = lab.user(1);
    lie(
        request ->
            request instanceof Request.PullOwner
                ? new Response.Owned(eve.owner, eve.list, null, 0)
                : null);
    lab.repair();
    assertThat(honest.count(TrackerCounter.REPAIR_FAILURES)).isPositive();
    assertThat(honest.stored(eve)).isNull();
    assertThat(honest.open(bob, phone)).isPositive();
  }

  @Test
  void listAndKeys_thatAreForged_areNotTaken() {
    TestUser eve = lab.user(1);
    DeliveryKeys keys = eve.keys(9, phone);
    DeliveryKeys forged =
        DeliveryKeys.sign(
            new DeliveryKeys.Content(bob.mailbox, 9, 0, TestUser.id(phone), List.of()),
            TestUser.NETWORK,
            contact::sign);
    assertThat(keys).isNotEqualTo(forged);
    lie(
        request ->
            request instanceof Request.PullOwner
                ? new Response.Owned(bob.owner, eve.list, forged, 0)
                : null);
    Digest before = honest.fingerprint(bob);
    lab.repair();
    assertThat(honest.fingerprint(bob)).isEqualTo(before);
    assertThat(honest.count(TrackerCounter.BAD_SIGNATURES)).isPositive();
  }

  // What it costs

  private interface Lie {
    @Nullable Response to(Request request);
  }

  private void lie(Lie lie) {
    liar.lies =
        (asker, request) -> {
          Response said = lie.to(request);
          if (said != null) {
            return said;
          } else if (request instanceof Request.ListMailboxes) {
            return new Response.Mailboxes(List.of(new Summary(bob.mailbox, FALSE)), null);
          } else if (request instanceof Request.Compare compare) {
            List<Comparison> same = new ArrayList<>();
            compare.ranges().forEach(range -> same.add(new Comparison.Same()));
            return new Response.Compared(FALSE, same);
          }
          return new Response.Pulled(List.of(), List.of());
        };
  }

  private void assertBounded(int requestsMax) {
    honest.asked.clear();
    lab.repair();
    assertThat(honest.asked).isNotEmpty().hasSizeLessThan(requestsMax);
    // Others are asked all the same.
    Node third = lab.add(RepairRulesTest.CONFIG);
    third.send(new Request.PutDevices(bob.owner, bob.list));
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 1_000, 900);
    third.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key)));
    Envelope envelope = envelope();
    third.send(TestUser.deposit(contact, envelope, third.id()));
    lab.repair();
    assertThat(honest.digests(bob, false)).containsExactly(envelope.digest());
  }

  @Test
  void endlessRanges_areBounded() {
    lie(
        request -> {
          if (request instanceof Request.Compare compare) {
            List<Comparison> splits = new ArrayList<>();
            for (DigestRange range : compare.ranges()) {
              splits.add(
                  new Comparison.Split(
                      List.of(new DigestRange(range.first(), range.last(), FALSE))));
            }
            return new Response.Compared(FALSE, splits);
          }
          return null;
        });
    assertBounded(3 * 4_200);
  }

  @Test
  void rangesOutsideOfWhatWasAsked_endTheTurn() {
    lie(
        request ->
            request instanceof Request.Compare
                ? new Response.Compared(
                    FALSE,
                    List.of(
                        new Comparison.Split(
                            List.of(
                                new DigestRange(FALSE, DigestRange.HIGHEST, FALSE),
                                new DigestRange(DigestRange.LOWEST, FALSE, FALSE)))))
                : null);
    assertBounded(20);
    assertThat(honest.count(TrackerCounter.REPAIR_FAILURES)).isPositive();
  }

  @Test
  void itemsThatItDoesNotHave_areAskedForOnce() {
    lie(
        request ->
            request instanceof Request.Compare
                ? new Response.Compared(
                    FALSE, List.of(new Comparison.Items(List.of(new Item(FALSE, List.of())))))
                : null);
    assertBounded(40);
  }

  @Test
  void pagesWithoutEnd_doNotKeepOthersFromTheirTurn() {
    lie(
        request -> {
          if (request instanceof Request.ListMailboxes list) {
            byte[] next = list.after() == null ? new byte[20] : list.after().toBytes();
            int at = next.length - 1;
            while (next[at] == -1) {
              next[at--] = 0;
            }
            next[at]++;
            NodeId key = NodeId.of(next);
            return new Response.Mailboxes(List.of(new Summary(key, FALSE)), key);
          }
          return null;
        });
    assertBounded(2_000_000);
  }

  @Test
  void peerThatSaysNothing_isAskedLessAndLess() {
    liar.isDown = true;
    honest.asked.clear();
    lab.tellNeighbours();
    lab.advance(Duration.ofHours(10));
    // At first after 20 minutes, in the end every 160.
    assertThat(honest.asked).hasSizeBetween(4, 10);
  }
}
