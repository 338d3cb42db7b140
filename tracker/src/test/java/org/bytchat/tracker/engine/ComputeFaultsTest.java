package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.BindingQuery;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.RepairStatements;
import org.junit.jupiter.api.Test;

/**
 * Goal: who shows a good signature is never told that it is bad, also while the tracker cannot
 * verify or sign.
 */
final class ComputeFaultsTest {

  private static final Endpoint HOME = Endpoint.ofIpv4(0xc0000201, 4_000);

  private final TrackerHarness lab =
      new TrackerHarness(DepositRulesTest.config(), Ed25519Scheme.INSTANCE, 41);
  private final TestUser bob = lab.user(1);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity contact = bob.newKey();

  /** Sends a request of which the computation is not performed, then the same again. */
  private <T extends Response> T atFirstNotPerformed(Class<T> type, Request request) {
    return atFirstNotPerformed(type, () -> lab.send(request), false);
  }

  /**
   * Does it twice.
   *
   * @param computations for each that comes before the one that is not performed, true
   */
  private <T extends Response> T atFirstNotPerformed(
      Class<T> type, Supplier<TrackerHarness.Answer> request, Boolean... computations) {
    long bad = lab.engine.stats().get(TrackerCounter.BAD_SIGNATURES);
    lab.computeFates.addAll(Arrays.asList(computations));
    assertThat(request.get().refusal()).isEqualTo(Refusal.BUSY);
    assertThat(lab.computeFates).isEmpty();
    assertThat(lab.engine.stats().get(TrackerCounter.BAD_SIGNATURES)).isEqualTo(bad);
    return request.get().as(type);
  }

  private void allow() {
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 100, 100);
    lab.send(new Request.PutDevices(bob.owner, bob.list)).as(Response.Taken.class);
    lab.send(new Request.PutDeliveryKeys(bob.keys(1, phone, key))).as(Response.Taken.class);
  }

  private Request.Deposit deposit() {
    Envelope envelope = bob.envelope(lab.wallMillis(), 3, 512);
    return TestUser.deposit(contact, envelope, lab.tracker());
  }

  @Test
  void putDevices_notVerified_busyThenTaken() {
    Request request = new Request.PutDevices(bob.owner, bob.list);
    assertThat(atFirstNotPerformed(Response.Taken.class, request).version()).isEqualTo(1);
  }

  @Test
  void putDeliveryKeys_notVerified_busyThenTaken() {
    lab.send(new Request.PutDevices(bob.owner, bob.list)).as(Response.Taken.class);
    DeliveryKeys.Key key = new DeliveryKeys.Key(contact.publicKey(), 100, 100);
    Request request = new Request.PutDeliveryKeys(bob.keys(1, phone, key));
    assertThat(atFirstNotPerformed(Response.Taken.class, request).version()).isEqualTo(1);
  }

  @Test
  void open_notVerified_busyThenOpened() {
    long session = lab.open();
    Request.Open open = bob.open(phone, bob.list, lab.tracker(), lab.hash(session));
    // The list is verified first.
    Supplier<TrackerHarness.Answer> send = () -> lab.send(session, open);
    assertThat(atFirstNotPerformed(Response.Opened.class, send, true, false).listVersion())
        .isEqualTo(1);
  }

  @Test
  void deposit_notVerified_busyThenStored() {
    allow();
    atFirstNotPerformed(Response.Receipts.class, deposit());
    assertThat(lab.engine.stats().get(TrackerCounter.DEPOSITS)).isEqualTo(1);
  }

  @Test
  void deposit_receiptNotSigned_busyThenSameEnvelopeIsReceipted() {
    allow();
    Request.Deposit deposit = deposit();
    atFirstNotPerformed(Response.Receipts.class, () -> lab.send(deposit), true, false);
    assertThat(lab.engine.stats().get(TrackerCounter.DEPOSITS)).isEqualTo(1);
  }

  @Test
  void acknowledge_notVerified_busyThenNoted() {
    allow();
    Request.Deposit deposit = deposit();
    lab.send(deposit).receipt();
    Request acks = new Request.PutAcks(bob.ack(phone, List.of(deposit.envelope().digest())));
    assertThat(atFirstNotPerformed(Response.Acked.class, acks).known()).containsExactly(true);
  }

  @Test
  void greet_notVerified_busyThenGreeted() {
    NodeIdentity peer = bob.newKey();
    lab.engine.handleNeighbours(List.of(Contact.of(peer.id(), HOME, 1)), lab.nowNanos);
    lab.pump();
    long session = lab.open();
    byte[] statement =
        RepairStatements.peer(TestUser.NETWORK, lab.tracker(), peer.id(), lab.hash(session));
    Request request = new Request.Peer(peer.publicKey(), peer.sign(statement));
    atFirstNotPerformed(Response.Greeted.class, () -> lab.send(session, request), false);
  }

  private BindingAnswer ask(boolean isBind, BindingQuery query) {
    List<BindingAnswer> answers = new ArrayList<>();
    lab.engine.handleQuery(
        new TrackerEngine.Query(isBind, bob.mailbox, HOME, query.toBytes()),
        answers::add,
        lab.nowNanos);
    lab.pump();
    assertThat(answers).hasSize(1);
    return answers.get(0);
  }

  private BindingQuery.Shown shown(NodeIdentity signer, byte[] subject, boolean isBind) {
    byte[] nonce = ((BindingAnswer.Nonce) ask(isBind, new BindingQuery.AskNonce())).nonce();
    DeviceStatements.Scene scene =
        new DeviceStatements.Scene(TestUser.NETWORK, lab.tracker(), bob.mailbox);
    long now = lab.wallMillis();
    DeviceStatements.Asker asker = new DeviceStatements.Asker(subject, nonce, HOME, now);
    byte[] statement =
        isBind
            ? DeviceStatements.bind(scene, asker, bob.list.version())
            : DeviceStatements.find(scene, asker);
    return new BindingQuery.Shown(now, nonce, signer.sign(statement));
  }

  private BindingAnswer atFirstNotVerified(boolean isBind, BindingQuery query) {
    lab.computeFates.add(false);
    assertThat(ask(isBind, query)).isEqualTo(new BindingAnswer.Refused(Refusal.BUSY));
    assertThat(lab.computeFates).isEmpty();
    assertThat(lab.engine.stats().get(TrackerCounter.BAD_SIGNATURES)).isZero();
    return ask(isBind, query);
  }

  @Test
  void bind_notVerified_busyThenBound() {
    allow();
    byte[] subject = TestUser.id(phone).toBytes();
    BindingQuery query = new BindingQuery.Bind(TestUser.id(phone), 1, shown(phone, subject, true));
    assertThat(atFirstNotVerified(true, query)).isInstanceOf(BindingAnswer.Bound.class);
  }

  @Test
  void bind_badSignature_refusedAsBad() {
    allow();
    byte[] subject = TestUser.id(phone).toBytes();
    BindingQuery query =
        new BindingQuery.Bind(TestUser.id(phone), 1, shown(contact, subject, true));
    assertThat(ask(true, query)).isEqualTo(new BindingAnswer.Refused(Refusal.BAD_SIGNATURE));
    assertThat(lab.engine.stats().get(TrackerCounter.BAD_SIGNATURES)).isEqualTo(1);
  }

  @Test
  void find_notVerified_busyThenAnswered() {
    allow();
    BindingQuery query =
        new BindingQuery.FindAsContact(
            contact.publicKey(), shown(contact, contact.publicKey(), false));
    assertThat(atFirstNotVerified(false, query)).isInstanceOf(BindingAnswer.Devices.class);
  }

  @Test
  void publishedList_notVerified_isReadAgain() {
    allow();
    lab.published.put(bob.mailbox, bob.list);
    Request.Deposit deposit = deposit();
    lab.send(deposit).receipt();
    lab.send(new Request.PutAcks(bob.ack(phone, List.of(deposit.envelope().digest()))))
        .as(Response.Acked.class);
    lab.computeFates.add(false);
    lab.advance(Duration.ofHours(3));
    assertThat(lab.computeFates).isEmpty();
    assertThat(lab.asked).hasSizeGreaterThan(1);
    assertThat(lab.engine.stats().get(TrackerCounter.DELETED)).isEqualTo(1);
    assertThat(lab.engine.stats().get(TrackerCounter.BAD_SIGNATURES)).isZero();
  }
}
