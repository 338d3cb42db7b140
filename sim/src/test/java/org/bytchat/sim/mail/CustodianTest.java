package org.bytchat.sim.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.junit.jupiter.api.Test;

/** Each fault of a tracker is found, and nothing else is. */
class CustodianTest {

  private static final long SESSION = 8;
  private static final long OPENING = 20;
  private static final long ANSWERED = 21;

  private final MailLog log = new MailLog();
  private final Site site = new Site();
  private Custodian custodian = new Custodian(site, Samples.world(), log, true);
  private MailDisk disk = new MailDisk(custodian, 0);
  private final Envelope envelope = Samples.envelope(1);

  private final Users.User user = Samples.user();

  CustodianTest() {
    custodian.watch(disk);
    open(user, 0);
  }

  /** A clock that tests set. */
  private static final class Site implements Custodian.Site {
    private long wallMillis = Samples.NOW_MILLIS;
    private long nowMicros;

    @Override
    public int index() {
      return 5;
    }

    @Override
    public long nowMicros() {
      return nowMicros;
    }

    @Override
    public long wallMillis() {
      return wallMillis;
    }
  }

  private void write(Change... changes) throws StoreException {
    for (Change change : changes) {
      disk.begin(List.of(change));
      disk.finish();
    }
  }

  /** Begins anew in a world of other users. */
  private void watch(MailWorld world) {
    custodian = new Custodian(site, world, log, true);
    disk = new MailDisk(custodian, 0);
    custodian.watch(disk);
  }

  private void check(Response response) {
    custodian.check(SESSION, ANSWERED, response);
  }

  private void ask(Users.User owner, int device) {
    Request open = new Request.Open(owner.owner(), null, owner.deviceId(device), 1, new byte[64]);
    custodian.onRequest(SESSION, OPENING, open);
  }

  private void open(Users.User owner, int device) {
    ask(owner, device);
    custodian.check(SESSION, OPENING, new Response.Opened(1, null));
  }

  private List<String> problems() {
    return log.drainProblems();
  }

  private static Response receipts(Receipt deposit) {
    return new Response.Receipts(deposit, null);
  }

  private static Receipt forged(Receipt receipt) {
    byte[] bytes = receipt.toBytes();
    bytes[bytes.length - 1] ^= 1;
    return Receipt.parse(bytes).toOptional().orElseThrow();
  }

  @Test
  void honestLife_ofAnEnvelope_isInOrder() throws StoreException {
    Receipt deposit = Samples.receipt(Receipt.Kind.DEPOSIT, envelope);
    write(Samples.put(envelope, 1));
    check(receipts(deposit));
    check(new Response.Envelopes(List.of(envelope.bytes())));
    write(Samples.delete(envelope.digest()));
    check(new Response.Receipts(deposit, Samples.receipt(Receipt.Kind.DELETION, envelope)));
    site.wallMillis = envelope.expiresMillis();
    write(Samples.forget(envelope.digest()));
    assertThat(problems()).isEmpty();
    assertThat(log.counts.receiptsChecked).isEqualTo(2);
    assertThat(log.counts.deletionsChecked).isEqualTo(1);
    assertThat(log.counts.envelopesServed).isEqualTo(1);
    assertThat(log.drain()).singleElement().isInstanceOf(MailLog.Deleted.class);
  }

  @Test
  void receipt_forWhatIsNotOnTheDisk_isFound() {
    disk.begin(List.of(Samples.put(envelope, 1)));
    check(receipts(Samples.receipt(Receipt.Kind.DEPOSIT, envelope)));
    assertThat(problems()).singleElement().asString().contains("not on its disk");
  }

  @Test
  void receipt_thatDoesNotVerify_isFound() throws StoreException {
    write(Samples.put(envelope, 1));
    check(receipts(forged(Samples.receipt(Receipt.Kind.DEPOSIT, envelope))));
    assertThat(problems()).singleElement().asString().contains("does not verify");
  }

  @Test
  void deletionReceipt_forWhatIsHeld_isFound() throws StoreException {
    write(Samples.put(envelope, 1));
    Receipt deposit = Samples.receipt(Receipt.Kind.DEPOSIT, envelope);
    check(new Response.Receipts(deposit, Samples.receipt(Receipt.Kind.DELETION, envelope)));
    assertThat(problems()).singleElement().asString().contains("deleted what it holds");
  }

  @Test
  void deletionReceipt_thatDoesNotVerify_isFound() throws StoreException {
    write(Samples.put(envelope, 1), Samples.delete(envelope.digest()));
    Receipt deposit = Samples.receipt(Receipt.Kind.DEPOSIT, envelope);
    Receipt deletion = forged(Samples.receipt(Receipt.Kind.DELETION, envelope));
    check(new Response.Receipts(deposit, deletion));
    check(new Response.Receipts(deposit, deposit));
    assertThat(problems()).hasSize(2).allMatch(text -> text.contains("of a deletion"));
  }

  @Test
  void deletedEnvelope_thatComesBack_isFound() throws StoreException {
    write(Samples.put(envelope, 1), Samples.delete(envelope.digest()), Samples.put(envelope, 2));
    assertThat(problems()).singleElement().asString().contains("again");
  }

  @Test
  void envelope_thatIsForgottenBeforeItsEnd_isFound() throws StoreException {
    write(Samples.put(envelope, 1));
    site.wallMillis = envelope.expiresMillis() - 1;
    write(Samples.forget(envelope.digest()));
    assertThat(problems()).singleElement().asString().contains("before its end");
  }

  @Test
  void envelope_thatIsTakenAfterItsEnd_isFoundIfItsCommitCannotHaveBegunBefore()
      throws StoreException {
    site.wallMillis = envelope.expiresMillis() + 60_000;
    write(Samples.put(envelope, 1));
    assertThat(problems()).isEmpty();
    site.wallMillis++;
    write(Samples.put(Samples.envelope(2), 2));
    assertThat(problems()).singleElement().asString().contains("after its end");
  }

  @Test
  void envelope_thatIsServedAfterItsEnd_isFound() throws StoreException {
    write(Samples.put(envelope, 1));
    Response page = new Response.Envelopes(List.of(envelope.bytes()));
    site.wallMillis = envelope.expiresMillis() - 1;
    check(page);
    assertThat(problems()).isEmpty();
    site.wallMillis++;
    check(page);
    assertThat(problems()).singleElement().asString().contains("after its end");
  }

  @Test
  void envelope_thatIsServedToARevokedDevice_isFoundOnceTheListIsOnTheDisk() throws StoreException {
    Users users = Samples.revoking(1);
    watch(Samples.world(users));
    Users.User revoking = Samples.userOfTwoDevices(users);
    Envelope mail = Samples.envelope(revoking, 1);
    Response page = new Response.Envelopes(List.of(mail.bytes()));
    write(Samples.putList(revoking, revoking.list(0)), Samples.put(mail, 1));
    open(revoking, 1);
    site.nowMicros = 10_000_000;
    check(page);
    disk.begin(List.of(Samples.putList(revoking, revoking.list(1))));
    check(page);
    disk.finish();
    // What was being read goes out still.
    site.nowMicros += 1_000_000;
    check(page);
    assertThat(problems()).isEmpty();
    // Being written again, it is no newer.
    write(Samples.putList(revoking, revoking.list(1)));
    site.nowMicros++;
    check(page);
    assertThat(problems()).singleElement().asString().contains("version 2", "does not name");
    open(revoking, 0);
    check(page);
    assertThat(problems()).isEmpty();
  }

  @Test
  void envelope_thatIsServedToWhoHasNotOpened_isFound() throws StoreException {
    write(Samples.put(envelope, 1));
    Response page = new Response.Envelopes(List.of(envelope.bytes()));
    check(page);
    assertThat(problems()).isEmpty();
    custodian.onClosed(SESSION);
    check(page);
    assertThat(problems()).singleElement().asString().contains("no device has opened");
    ask(user, 0);
    custodian.check(SESSION, OPENING, new Response.Refused(Refusal.NOT_LISTED, "", null, 0));
    check(page);
    assertThat(problems()).hasSize(1);
    open(user, 0);
    check(page);
    assertThat(problems()).isEmpty();
    custodian.onStopped();
    check(page);
    assertThat(problems()).hasSize(1);
  }

  @Test
  void envelope_thatIsServedToAnotherUser_isFound() throws StoreException {
    write(Samples.put(envelope, 1));
    open(Samples.USERS.user(user.index() + 1), 0);
    check(new Response.Envelopes(List.of(envelope.bytes())));
    assertThat(problems()).singleElement().asString().contains("to another user");
  }

  @Test
  void envelope_thatIsServedAfterItsDeletion_isFound() throws StoreException {
    write(Samples.put(envelope, 1), Samples.delete(envelope.digest()));
    check(new Response.Envelopes(List.of(envelope.bytes())));
    assertThat(problems()).singleElement().asString().contains("which it has deleted");
  }

  @Test
  void acknowledgement_thatDoesNotVerify_isFound() {
    AckBatch batch =
        AckBatch.sign(
            user.mailbox(),
            user.deviceId(0),
            List.of(envelope.digest()),
            Samples.NETWORK,
            user.devices().get(0)::sign);
    AckProof good = batch.proof(envelope.digest()).orElseThrow();
    check(new Response.Custody(null, null, List.of(good), user.owner(), user.list(0)));
    assertThat(problems()).isEmpty();
    byte[] bytes = good.toBytes();
    bytes[bytes.length - 1] ^= 1;
    AckProof bad = AckProof.parse(bytes).toOptional().orElseThrow();
    check(new Response.Custody(null, null, List.of(bad), user.owner(), user.list(0)));
    assertThat(problems()).singleElement().asString().contains("acknowledgement");
    assertThat(log.counts.proofsChecked).isEqualTo(2);
  }

  @Test
  void tombstone_thatIsTakenAfterItsEnd_isFound() throws StoreException {
    StoredMailbox.Entry entry =
        new StoredMailbox.Entry(
            1, envelope.digest(), Samples.NOW_MILLIS, envelope.expiresMillis(), 512, null, 1);
    site.wallMillis = envelope.expiresMillis() + 60_001;
    write(new Change.PutTombstone(envelope.mailbox(), entry));
    assertThat(problems()).singleElement().asString().contains("after its end");
  }

  @Test
  void acknowledgements_thatNoDeviceSigned_areFoundWhenTheyAreWritten() throws StoreException {
    write(acks(user.deviceId(0), user.devices().get(0)));
    assertThat(problems()).isEmpty();
    write(acks(user.deviceId(0), Samples.TRACKER));
    assertThat(problems()).singleElement().asString().contains("do not verify");
    NodeIdentity stranger = Samples.USERS.user(user.index() + 1).devices().get(0);
    write(acks(DeviceId.ofKey(stranger.publicKey()), stranger));
    assertThat(problems()).singleElement().asString().contains("do not verify");
  }

  private Change acks(DeviceId device, NodeIdentity signer) {
    List<Digest> digests = List.of(envelope.digest());
    AckBatch batch = AckBatch.sign(user.mailbox(), device, digests, Samples.NETWORK, signer::sign);
    return new Change.PutAcks(user.mailbox(), device, batch.toBytes(), digests, Samples.NOW_MILLIS);
  }

  @Test
  void envelope_thatNothingLetIn_isFound() throws StoreException {
    Origin origin = Samples.origin(envelope);
    NodeId elsewhere = NodeId.of(Bits.flipped(origin.tracker().toBytes()));
    Origin moved = new Origin(elsewhere, origin.admission());
    Origin cheap = new Origin(origin.tracker(), new Admission.ByStamp(0));
    Origin other = Samples.origin(Samples.envelope(2));
    int sequence = 1;
    for (Origin bad : Arrays.asList(moved, cheap, other, null)) {
      Change.PutEnvelope good = Samples.put(envelope, sequence++);
      write(new Change.PutEnvelope(good.mailbox(), good.entry(), good.envelope(), bad));
      assertThat(problems()).singleElement().asString().contains("nothing let in");
    }
  }

  @Test
  void envelope_ofOtherBytes_isFound() throws StoreException {
    Change.PutEnvelope good = Samples.put(envelope, 1);
    write(
        new Change.PutEnvelope(
            good.mailbox(), good.entry(), Bits.flipped(good.envelope()), good.origin()));
    assertThat(problems()).singleElement().asString().contains("other bytes");
  }

  @Test
  void parts_thatTheirUserDidNotSign_areFound() throws StoreException {
    Users.User other = Samples.USERS.user(user.index() + 1);
    write(
        part(StoredMailbox.Part.OWNER, user.owner().toBytes()),
        part(StoredMailbox.Part.DEVICES, user.list(0).toBytes()),
        part(StoredMailbox.Part.DELIVERY_KEYS, user.keys().toBytes()));
    assertThat(problems()).isEmpty();
    write(
        part(StoredMailbox.Part.OWNER, other.owner().toBytes()),
        part(StoredMailbox.Part.DEVICES, Bits.flipped(user.list(0).toBytes())),
        part(StoredMailbox.Part.DELIVERY_KEYS, other.keys().toBytes()),
        part(StoredMailbox.Part.FORK, user.list(0).toBytes()));
    assertThat(problems()).hasSize(4).allMatch(text -> text.contains("did not sign"));
  }

  private Change part(StoredMailbox.Part part, byte[] bytes) {
    return new Change.PutPart(user.mailbox(), part, bytes);
  }

  @Test
  void traitor_isNotBound() {
    Custodian lenient = new Custodian(site, Samples.world(), log, false);
    lenient.watch(disk);
    lenient.check(SESSION, ANSWERED, receipts(Samples.receipt(Receipt.Kind.DEPOSIT, envelope)));
    assertThat(problems()).isEmpty();
  }
}
