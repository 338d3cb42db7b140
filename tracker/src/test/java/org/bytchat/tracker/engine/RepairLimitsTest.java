package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.bytchat.tracker.repair.Item;
import org.bytchat.tracker.repair.Summary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: repair goes on when frames, turns and quotas are at their limits, and asks nothing twice.
 */
class RepairLimitsTest {

  private static final Digest FALSE = Digest.sha256(new byte[] {1});
  private static final int HOURLY_RATE = 20;

  private final RepairLab lab = new RepairLab(HashScheme.INSTANCE, 7);
  private final Map<NodeId, NodeIdentity> contacts = new LinkedHashMap<>();
  private TestUser bob;
  private Node first;
  private Node second;

  @BeforeEach
  void begin() {
    bob = lab.user(1);
    first = lab.add(RepairRulesTest.CONFIG);
    second = lab.add(RepairRulesTest.CONFIG);
    putOwner(first, bob, 1_000);
  }

  private void putOwner(Node node, TestUser user, int hourlyRate) {
    NodeIdentity contact = contacts.computeIfAbsent(user.mailbox, unused -> user.newKey());
    node.send(new Request.PutDevices(user.owner, user.list));
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), hourlyRate, 900);
    assertThat(node.send(new Request.PutDeliveryKeys(user.keys(1, user.devices.get(0), key))))
        .isInstanceOf(Response.Taken.class);
  }

  private NodeIdentity contact(TestUser user) {
    return contacts.getOrDefault(user.mailbox, user.devices.get(0));
  }

  private Response offer(Node node, TestUser user, Envelope envelope) {
    return node.send(TestUser.deposit(contact(user), envelope, node.id()));
  }

  private Envelope deposit(Node node, TestUser user) {
    Envelope envelope = user.envelope(lab.wallMillis(), 7, 512);
    assertThat(offer(node, user, envelope)).isInstanceOf(Response.Receipts.class);
    return envelope;
  }

  private Response ask(Node asked, Node asker, Request request) {
    lab.tellNeighbours();
    long session = asked.open();
    assertThat(asked.greet(session, asker)).isInstanceOf(Response.Greeted.class);
    return asked.send(session, request);
  }

  @Test
  void acks_eachInABatchOfItsOwn_fitAFrameAndAllCome() {
    bob = lab.user(8);
    putOwner(first, bob, 1_000);
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      Digest digest = deposit(first, bob).digest();
      digests.add(digest);
      bob.devices.forEach(device -> lab.acknowledge(bob, device, List.of(digest), first));
    }
    assertThat(ask(first, second, new Request.Pull(bob.mailbox, List.of(), digests)))
        .isInstanceOfSatisfying(
            Response.Pulled.class, pulled -> assertThat(pulled.acks()).hasSize(256));
    lab.repair();
    assertThat(second.acks(bob)).hasSize(512);
  }

  @Test
  void acks_inOneBatch_areAskedForOnce() {
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      digests.add(deposit(first, bob).digest());
    }
    lab.acknowledge(bob, bob.devices.get(0), digests, first);
    lab.repair();
    assertThat(second.acks(bob)).hasSize(150);
    assertThat(second.asked)
        .filteredOn(request -> request instanceof Request.Pull pull && !pull.acks().isEmpty())
        .hasSize(1);
  }

  @Test
  void ended_askedFor_isNotGiven() {
    Envelope envelope = bob.envelope(lab.wallMillis(), 3, 512);
    offer(first, bob, envelope);
    second.knows = List.of();
    Request pull = new Request.Pull(bob.mailbox, List.of(envelope.digest()), List.of());
    assertThat(ask(first, second, pull))
        .isInstanceOfSatisfying(
            Response.Pulled.class, pulled -> assertThat(pulled.copies()).hasSize(1));
    lab.advance(Duration.ofDays(3).plusMinutes(1));
    assertThat(first.digests(bob, false)).containsExactly(envelope.digest());
    assertThat(ask(first, second, pull))
        .isInstanceOfSatisfying(
            Response.Pulled.class, pulled -> assertThat(pulled.copies()).isEmpty());
  }

  @Test
  void busyPeer_isAskedTheSameAgain() {
    deposit(first, bob);
    int[] busy = {5};
    first.lies =
        (asker, request) ->
            request instanceof Request.Compare && busy[0]-- > 0 ? refused(Refusal.BUSY) : null;
    lab.tellNeighbours();
    lab.advance(Duration.ofSeconds(30));
    assertThat(second.digests(bob, false)).hasSize(1);
    assertThat(second.asked).filteredOn(Request.ListMailboxes.class::isInstance).hasSize(1);
    assertThat(second.count(TrackerCounter.REPAIR_FAILURES)).isZero();
  }

  private static Response refused(Refusal refusal) {
    return new Response.Refused(refusal, "", null, 0);
  }

  @Test
  void mailboxThatIsNeverMended_doesNotKeepLaterOnesWaiting() {
    TestUser eve = lab.user(1);
    boolean isBobFirst = bob.mailbox.compareTo(eve.mailbox) < 0;
    TestUser earlier = isBobFirst ? bob : eve;
    TestUser later = isBobFirst ? eve : bob;
    putOwner(first, eve, 1_000);
    deposit(first, earlier);
    deposit(first, later);
    first.lies =
        (asker, request) ->
            request instanceof Request.Compare compare && compare.mailbox().equals(earlier.mailbox)
                ? refused(Refusal.BUSY)
                : null;
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(5));
    assertThat(second.digests(earlier, false)).isEmpty();
    assertThat(second.digests(later, false)).hasSize(1);
  }

  private void lie(Copy copy, List<AckBatch> acks) {
    second.lies =
        (asker, request) -> {
          if (request instanceof Request.ListMailboxes) {
            return new Response.Mailboxes(List.of(new Summary(bob.mailbox, FALSE)), null);
          } else if (request instanceof Request.Compare) {
            Item item = new Item(copy.head().digest(), List.of(TestUser.id(bob.devices.get(0))));
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

  @Test
  void copyThatIsRefused_isPulledOnceAnHourAndTakenFromOthers() {
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
    NodeIdentity stranger = bob.newKey();
    Admission forged =
        Admission.ByKey.sign(
            contact(bob).publicKey(), envelope, second.id(), TestUser.NETWORK, stranger::sign);
    Copy.Head head =
        new Copy.Head(envelope.digest(), envelope.expiresMillis(), new Origin(second.id(), forged));
    lie(new Copy(head, envelope.bytes()), List.of());
    lab.tellNeighbours();
    lab.advance(Duration.ofMinutes(55));
    assertThat(first.asked)
        .filteredOn(Request.ListMailboxes.class::isInstance)
        .hasSizeGreaterThan(3);
    assertThat(envelopePulls()).isEqualTo(1);
    lab.advance(Duration.ofMinutes(60));
    assertThat(envelopePulls()).isEqualTo(2);
    Node third = lab.add(RepairRulesTest.CONFIG);
    putOwner(third, bob, 1_000);
    offer(third, bob, envelope);
    lab.repair();
    assertThat(first.digests(bob, false)).containsExactly(envelope.digest());
  }

  private long envelopePulls() {
    return first.asked.stream()
        .filter(request -> request instanceof Request.Pull pull && !pull.envelopes().isEmpty())
        .count();
  }

  @Test
  void receipt_forWhatIsRememberedWithAFalseEnd_hasTheEndOfTheEnvelope() {
    first.open(bob, bob.devices.get(0));
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
    long falseEnd = envelope.expiresMillis() - 86_400_000L;
    lie(
        new Copy(new Copy.Head(envelope.digest(), falseEnd, null), null),
        List.of(bob.ack(bob.devices.get(0), List.of(envelope.digest()))));
    lab.repair();
    assertThat(first.digests(bob, true)).containsExactly(envelope.digest());
    Response.Receipts receipts = (Response.Receipts) offer(first, bob, envelope);
    assertThat(receipts.deposit().content().expiresMillis()).isEqualTo(envelope.expiresMillis());
    assertThat(receipts.deletion())
        .isNotNull()
        .satisfies(
            deletion ->
                assertThat(deletion.content().expiresMillis()).isEqualTo(envelope.expiresMillis()));
  }

  @Test
  void contact_ofWhomManyCopiesWereTaken_isNotShutOutAfterARestart() {
    bob = lab.user(1);
    putOwner(first, bob, HOURLY_RATE);
    for (int hour = 0; hour < 4; hour++) {
      for (int i = 0; i < HOURLY_RATE; i++) {
        deposit(first, bob);
      }
      lab.advance(Duration.ofHours(1));
    }
    lab.repair();
    assertThat(second.digests(bob, false)).hasSize(4 * HOURLY_RATE);
    second.crash();
    second.open(bob, bob.devices.get(0));
    lab.advance(Duration.ofMinutes(5));
    deposit(second, bob);
  }
}
