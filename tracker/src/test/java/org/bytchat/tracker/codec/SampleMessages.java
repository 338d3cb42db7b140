package org.bytchat.tracker.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.DigestRange;
import org.bytchat.tracker.repair.Fingerprints;
import org.bytchat.tracker.repair.Item;
import org.bytchat.tracker.repair.RepairStatements;
import org.bytchat.tracker.repair.Summary;

/** Messages of every kind with every optional part, and the largest; always the same. */
final class SampleMessages {

  private static final Path UIDS = Path.of("..", "docs", "vectors", "uid.json");

  static final int NETWORK = Keys.networkId("bytchat");
  static final long NOW_MILLIS = 1_800_000_000_000L;
  static final long DAY_MILLIS = 86_400_000L;

  static final NodeIdentity TRACKER = identity(1);
  static final NodeIdentity PHONE = identity(2);
  static final NodeIdentity LAPTOP = identity(3);
  static final NodeIdentity CONTACT = identity(4);

  static final UserKey ADA = UserKey.ofSeed(Ed25519Scheme.INSTANCE, seed(5));
  static final UserKey RSA = rsa("rsa3072");
  static final Owner ADAS = new Owner(2, ADA.publicKey());
  static final Owner RSAS = new Owner(1, RSA.publicKey());

  private SampleMessages() {}

  /** Returns the requests by their names in the vectors. */
  static Map<String, Request> requests() {
    Map<String, Request> all = new LinkedHashMap<>();
    DeviceId phone = DeviceId.ofKey(PHONE.publicKey());
    byte[] signature = PHONE.sign(new byte[] {1});
    all.put("info", new Request.Info());
    all.put("open", new Request.Open(ADAS, null, phone, 1, signature));
    all.put("open-list", new Request.Open(ADAS, devices(ADA, 2, 1), phone, 1, signature));
    all.put("open-rsa", new Request.Open(RSAS, null, phone, Long.MAX_VALUE, signature));
    all.put("devices", new Request.PutDevices(ADAS, devices(ADA, 2, 2)));
    all.put("devices-rsa", new Request.PutDevices(RSAS, devices(RSA, 1, 1)));
    all.put("keys", new Request.PutDeliveryKeys(keys(2)));
    all.put("keys-none", new Request.PutDeliveryKeys(keys(0)));
    all.put("deposit-key", deposit(512));
    all.put(
        "deposit-stamp",
        new Request.Deposit(envelope(1024, 0), Admission.ByStamp.find(envelope(1024, 0), id(), 8)));
    all.put("fetch", new Request.Fetch(0, 100, 0));
    all.put("fetch-next", new Request.Fetch(Long.MAX_VALUE, Integer.MAX_VALUE, 30_000));
    all.put("ack", new Request.PutAcks(batch(3)));
    all.put("prove", new Request.Prove(ADAS.mailbox(), envelope(512, 0).digest()));
    all.putAll(repairRequests());
    return all;
  }

  private static Map<String, Request> repairRequests() {
    Map<String, Request> all = new LinkedHashMap<>();
    byte[] statement = RepairStatements.peer(NETWORK, id(), LAPTOP.id(), seed(7));
    all.put("peer", new Request.Peer(LAPTOP.publicKey(), LAPTOP.sign(statement)));
    all.put("mailboxes", new Request.ListMailboxes(null, 256));
    all.put("mailboxes-next", new Request.ListMailboxes(ADAS.mailbox(), 32));
    all.put("compare", new Request.Compare(ADAS.mailbox(), List.of(whole(List.of()))));
    all.put("compare-none", new Request.Compare(ADAS.mailbox(), List.of()));
    all.put("pull-owner", new Request.PullOwner(ADAS.mailbox()));
    Digest digest = envelope(512, 0).digest();
    all.put("pull", new Request.Pull(ADAS.mailbox(), List.of(digest), List.of(digest)));
    all.put("pull-acks", new Request.Pull(ADAS.mailbox(), List.of(), List.of(digest)));
    return all;
  }

  private static DigestRange whole(List<Item> items) {
    return new DigestRange(DigestRange.LOWEST, DigestRange.HIGHEST, Fingerprints.of(items));
  }

  /** Returns the responses by their names in the vectors. */
  static Map<String, Response> responses() {
    Map<String, Response> all = new LinkedHashMap<>();
    all.put("info", new Response.Info(NOW_MILLIS, 18, 100));
    all.put("opened", new Response.Opened(3, null));
    all.put("opened-fork", new Response.Opened(3, devices(ADA, 2, 1)));
    all.put("taken", new Response.Taken(7));
    Receipt deposit = receipt(Receipt.Kind.DEPOSIT);
    Receipt deletion = receipt(Receipt.Kind.DELETION);
    all.put("receipts", new Response.Receipts(deposit, null));
    all.put("receipts-deleted", new Response.Receipts(deposit, deletion));
    all.put(
        "envelopes",
        new Response.Envelopes(List.of(envelope(512, 0).bytes(), envelope(512, 1).bytes())));
    all.put("envelopes-none", new Response.Envelopes(List.of()));
    all.put("end", new Response.PageEnd(200, false, 0, null));
    all.put("end-fork", new Response.PageEnd(200, false, 0, devices(ADA, 2, 1)));
    all.put("end-more", new Response.PageEnd(Long.MAX_VALUE, true, 70_000, null));
    all.put("acked", new Response.Acked(List.of(true, false, true)));
    all.put("acked-none", new Response.Acked(List.of()));
    all.put("custody-unknown", new Response.Custody(null, null, List.of(), null, null));
    all.put("custody-held", new Response.Custody(deposit, null, List.of(), ADAS, null));
    all.put(
        "custody-deleted",
        new Response.Custody(deposit, deletion, proofs(3), ADAS, devices(ADA, 2, 1)));
    all.putAll(repairResponses());
    for (Refusal refusal : Refusal.values()) {
      all.put(
          "refused-" + refusal.name().toLowerCase(Locale.ROOT).replace('_', '-'),
          new Response.Refused(refusal, "", null, 0));
    }
    all.put(
        "refused-text", new Response.Refused(Refusal.STORE, "the disk is full · später", null, 0));
    all.put("refused-evidence", new Response.Refused(Refusal.FORK, "", devices(ADA, 2, 1), 0));
    all.put("refused-bits", new Response.Refused(Refusal.STAMP, "too easy", null, 22));
    return all;
  }

  private static Map<String, Response> repairResponses() {
    Map<String, Response> all = new LinkedHashMap<>();
    List<Item> items = items(40);
    Digest lists = Fingerprints.ofLists(devices(ADA, 2, 1), keys(2));
    Summary summary =
        new Summary(ADAS.mailbox(), Fingerprints.ofMailbox(lists, Fingerprints.of(items)));
    all.put("greeted", new Response.Greeted());
    all.put("mailboxes", new Response.Mailboxes(List.of(summary), ADAS.mailbox()));
    all.put("mailboxes-none", new Response.Mailboxes(List.of(), null));
    List<Item> few = items(3);
    Comparison same = Fingerprints.compare(few, whole(few));
    Comparison listed = Fingerprints.compare(few, whole(items));
    Comparison split = Fingerprints.compare(items, whole(few));
    all.put("compared", new Response.Compared(lists, List.of(same, listed, split)));
    all.put("compared-none", new Response.Compared(lists, List.of()));
    all.put("owned", new Response.Owned(ADAS, devices(ADA, 2, 1), keys(2), 1_800_000_000_000L));
    all.put("owned-none", new Response.Owned(null, null, null, 0));
    Request.Deposit deposit = deposit(512);
    Envelope envelope = deposit.envelope();
    Copy.Head head =
        new Copy.Head(
            envelope.digest(), envelope.expiresMillis(), new Origin(id(), deposit.admission()));
    Copy.Head deleted = new Copy.Head(Digest.sha256(seed(1)), envelope.expiresMillis(), null);
    List<Copy> copies = List.of(new Copy(head, envelope.bytes()), new Copy(deleted, null));
    all.put("pulled", new Response.Pulled(copies, List.of(batch(3))));
    all.put("pulled-none", new Response.Pulled(List.of(), List.of()));
    return all;
  }

  private static List<Item> items(int count) {
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      digests.add(Digest.sha256(seed(i)));
    }
    digests.sort(null);
    DeviceId phone = DeviceId.ofKey(PHONE.publicKey());
    List<Item> items = new ArrayList<>();
    for (Digest digest : digests) {
      items.add(new Item(digest, items.size() % 2 == 0 ? List.of() : List.of(phone)));
    }
    return items;
  }

  static <T> T named(Map<String, T> messages, String name) {
    T message = messages.get(name);
    if (message == null) {
      throw new AssertionError("no sample " + name);
    }
    return message;
  }

  static NodeId id() {
    return TRACKER.id();
  }

  static Request.Deposit deposit(int length) {
    Envelope envelope = envelope(length, 0);
    return new Request.Deposit(
        envelope,
        Admission.ByKey.sign(CONTACT.publicKey(), envelope, id(), NETWORK, CONTACT::sign));
  }

  static Envelope envelope(int length, int fill) {
    byte[] sealed = new byte[length - Envelope.HEADER_BYTES];
    Arrays.fill(sealed, (byte) fill);
    return Envelope.of(ADAS.mailbox(), NOW_MILLIS, NOW_MILLIS + 7 * DAY_MILLIS, sealed);
  }

  static DeviceList devices(UserKey key, int deviceCount, int revokedCount) {
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < deviceCount; i++) {
      byte[] signingKey = i == 0 ? PHONE.publicKey() : identity(10 + i).publicKey();
      devices.add(new Device(signingKey, seed(100 + i), 1));
    }
    List<DeviceId> revoked = new ArrayList<>();
    for (int i = 0; i < revokedCount; i++) {
      revoked.add(DeviceId.ofKey(seed(i)));
    }
    DeviceList.Content content = new DeviceList.Content(2, seed(99), NOW_MILLIS, devices, revoked);
    return DeviceList.sign(content, key, key == RSA ? 1 : 2, NETWORK);
  }

  static DeliveryKeys keys(int count) {
    List<DeliveryKeys.Key> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] publicKey = seed(i);
      publicKey[1] = (byte) (i >> 8);
      keys.add(new DeliveryKeys.Key(publicKey, 60, 100));
    }
    DeliveryKeys.Content content =
        new DeliveryKeys.Content(
            ADAS.mailbox(), 4, NOW_MILLIS, DeviceId.ofKey(PHONE.publicKey()), keys);
    return DeliveryKeys.sign(content, NETWORK, PHONE::sign);
  }

  static AckBatch batch(int count) {
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      digests.add(Digest.sha256(seed(i)));
    }
    DeviceId phone = DeviceId.ofKey(PHONE.publicKey());
    return AckBatch.sign(ADAS.mailbox(), phone, digests, NETWORK, PHONE::sign);
  }

  static List<AckProof> proofs(int count) {
    AckBatch batch = batch(AckBatch.DIGESTS_MAX);
    return batch.digests().stream()
        .limit(count)
        .map(digest -> batch.proof(digest).orElseThrow())
        .toList();
  }

  static Receipt receipt(Receipt.Kind kind) {
    Receipt.Content content =
        new Receipt.Content(
            kind,
            ADAS.mailbox(),
            envelope(512, 0).digest(),
            NOW_MILLIS,
            NOW_MILLIS + 7 * DAY_MILLIS);
    return new Receipt(content, TRACKER.publicKey(), TRACKER.sign(content.statement(NETWORK)));
  }

  private static NodeIdentity identity(int number) {
    return NodeIdentity.of(Ed25519Scheme.INSTANCE, seed(number));
  }

  private static byte[] seed(int number) {
    byte[] seed = new byte[32];
    seed[0] = (byte) number;
    return seed;
  }

  /** A key that the vectors have, because to make one takes long. */
  private static UserKey rsa(String name) {
    try {
      for (JsonNode entry : new ObjectMapper().readTree(UIDS.toFile()).get("keys")) {
        if (entry.get("name").asText().equals(name)) {
          return UserKey.parse(HexFormat.of().parseHex(entry.get("pkcs8").asText()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("no key " + name);
  }
}
