package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.jspecify.annotations.Nullable;

/**
 * What a tracker must do, spelled out naively: watches its answers and what is on its disk after
 * each step.
 */
final class TrackerModel implements TrackerHarness.Observer {

  private static final long HOUR_NANOS = Duration.ofHours(1).toNanos();

  private final TrackerHarness lab;
  final Map<NodeId, TestUser> users = new LinkedHashMap<>();
  final Map<Digest, Sent> sent = new LinkedHashMap<>();

  /** The last moment at which the tracker's clock was so far. */
  private long lastWallMillis;

  int deletedCount;
  int receiptCount;
  int servedCount;
  int endedCount;

  /** An envelope that somebody tried to deposit. */
  static final class Sent {
    final Envelope envelope;
    final TestUser user;

    /** The devices listed before it was sent. */
    final Set<DeviceId> listed = new HashSet<>();

    /** Those whose acknowledgement was sent. */
    final Set<DeviceId> ackSent = new HashSet<>();

    /** When each acknowledgement was seen on disk. */
    final Map<DeviceId, Long> ackSeenNanos = new LinkedHashMap<>();

    boolean isReceipted;
    boolean isStored;
    boolean isDeleted;
    boolean isForgotten;

    Sent(Envelope envelope, TestUser user) {
      this.envelope = envelope;
      this.user = user;
      user.list.content().devices().forEach(device -> listed.add(device.id()));
    }
  }

  TrackerModel(TrackerHarness lab) {
    this.lab = lab;
  }

  Sent note(Envelope envelope) {
    return sent.computeIfAbsent(
        envelope.digest(),
        digest -> new Sent(envelope, Objects.requireNonNull(users.get(envelope.mailbox()))));
  }

  private @Nullable StoredMailbox stored(NodeId mailbox) {
    try {
      return lab.store.load(mailbox).orElse(null);
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void onAnswer(TrackerHarness.Answer answer, Response response) {
    onStep();
    if (response instanceof Response.Envelopes page) {
      page.envelopes().forEach(this::checkServed);
    } else if (response instanceof Response.Receipts receipts) {
      checkReceipts(receipts.deposit(), receipts.deletion());
    } else if (response instanceof Response.Acked acked) {
      AckBatch batch = ((Request.PutAcks) answer.request).batch();
      for (int i = 0; i < acked.known().size(); i++) {
        Sent one = sent.get(batch.digests().get(i));
        if (acked.known().get(i) && one != null) {
          assertThat(one.ackSeenNanos).as("acks are durable").containsKey(batch.device());
        }
      }
    } else if (response instanceof Response.Custody custody) {
      checkCustody((Request.Prove) answer.request, custody);
    } else if (response instanceof Response.Taken) {
      checkTaken(answer.request);
    }
  }

  private void checkServed(byte[] bytes) {
    servedCount++;
    Sent one = Objects.requireNonNull(sent.get(Digest.sha256(bytes)));
    assertThat(one.envelope.expiresMillis()).as("served").isGreaterThan(lab.wallMillis());
    assertThat(one.isStored).isTrue();
  }

  private void checkReceipts(Receipt deposit, @Nullable Receipt deletion) {
    Sent one = Objects.requireNonNull(sent.get(deposit.content().digest()));
    receiptCount++;
    assertThat(deposit.verify(TestUser.NETWORK, lab.scheme)).isTrue();
    assertThat(deposit.tracker()).isEqualTo(lab.tracker());
    assertThat(deposit.content().kind()).isEqualTo(Receipt.Kind.DEPOSIT);
    assertThat(deposit.content().expiresMillis()).isEqualTo(one.envelope.expiresMillis());
    assertThat(one.isStored || one.isForgotten).as("receipts are for what is on disk").isTrue();
    one.isReceipted = true;
    if (deletion != null) {
      assertThat(deletion.verify(TestUser.NETWORK, lab.scheme)).isTrue();
      assertThat(deletion.content().kind()).isEqualTo(Receipt.Kind.DELETION);
      assertThat(deletion.content().digest()).isEqualTo(deposit.content().digest());
      assertThat(one.isDeleted || one.isForgotten).isTrue();
    }
  }

  private void checkCustody(Request.Prove request, Response.Custody custody) {
    Receipt deposit = custody.deposit();
    if (deposit != null) {
      checkReceipts(deposit, custody.deletion());
    }
    TestUser user = Objects.requireNonNull(users.get(request.mailbox()));
    for (AckProof proof : custody.proofs()) {
      assertThat(proof.digest()).isEqualTo(request.digest());
      NodeIdentity device =
          user.devices.stream()
              .filter(one -> TestUser.id(one).equals(proof.device()))
              .findFirst()
              .orElseThrow();
      assertThat(proof.verify(device.publicKey(), TestUser.NETWORK, lab.scheme)).isTrue();
    }
  }

  private void checkTaken(Request request) {
    if (request instanceof Request.PutDevices put) {
      DeviceList held = list(stored(put.owner().mailbox()));
      assertThat(held == null ? 0 : held.version()).isGreaterThanOrEqualTo(put.list().version());
    } else if (request instanceof Request.PutDeliveryKeys put) {
      StoredMailbox box = stored(put.keys().content().mailbox());
      byte[] bytes = box == null ? null : box.parts().get(StoredMailbox.Part.DELIVERY_KEYS);
      long version =
          bytes == null
              ? 0
              : DeliveryKeys.parse(bytes).toOptional().orElseThrow().content().version();
      assertThat(version).isGreaterThanOrEqualTo(put.keys().content().version());
    }
  }

  private static @Nullable DeviceList list(@Nullable StoredMailbox box) {
    byte[] bytes = box == null ? null : box.parts().get(StoredMailbox.Part.DEVICES);
    return bytes == null ? null : DeviceList.parse(bytes).toOptional().orElseThrow();
  }

  @Override
  public void onStep() {
    lastWallMillis = Math.max(lastWallMillis, lab.wallMillis());
    users.values().forEach(this::checkDisk);
  }

  private void checkDisk(TestUser user) {
    StoredMailbox box = stored(user.mailbox);
    if (box == null) {
      return;
    }
    Set<Digest> there = new HashSet<>();
    for (StoredMailbox.Ack ack : box.acks()) {
      Sent one = Objects.requireNonNull(sent.get(ack.digest()));
      assertThat(one.ackSent).contains(ack.device());
      one.ackSeenNanos.putIfAbsent(ack.device(), lab.nowNanos);
    }
    for (StoredMailbox.Entry entry : box.entries()) {
      there.add(entry.digest());
      Sent one = Objects.requireNonNull(sent.get(entry.digest()));
      assertThat(one.isForgotten).as("what has ended comes back").isFalse();
      one.isStored = true;
      if (entry.isDeleted() && !one.isDeleted) {
        deletedCount++;
        one.isDeleted = true;
        checkDeletion(one);
      }
      assertThat(entry.isDeleted()).as("what was deleted comes back").isEqualTo(one.isDeleted);
    }
    for (Sent one : sent.values()) {
      if (one.user == user && one.isStored && !one.isForgotten && !has(there, one)) {
        one.isForgotten = true;
        endedCount++;
        long endMillis = one.envelope.expiresMillis() + Duration.ofHours(3).toMillis();
        assertThat(lastWallMillis).as("forgotten too early").isGreaterThanOrEqualTo(endMillis);
      }
    }
  }

  private static boolean has(Set<Digest> there, Sent one) {
    return there.contains(one.envelope.digest());
  }

  /** All that were listed when it came, and still are, have acknowledged it, an hour ago. */
  private void checkDeletion(Sent one) {
    assertThat(one.ackSeenNanos).isNotEmpty();
    for (Device device : one.user.list.content().devices()) {
      if (one.listed.contains(device.id())) {
        assertThat(one.ackSeenNanos).as("deleted unacknowledged").containsKey(device.id());
      }
    }
    one.ackSeenNanos
        .values()
        .forEach(at -> assertThat(lab.nowNanos - at).isGreaterThanOrEqualTo(HOUR_NANOS));
  }

  /** What a device is to get when nothing is under way. */
  Set<Digest> expected(TestUser user, NodeIdentity device) {
    Set<Digest> all = new HashSet<>();
    for (Sent one : sent.values()) {
      if (one.user == user
          && one.isStored
          && !one.isDeleted
          && !one.isForgotten
          && one.envelope.expiresMillis() > lab.wallMillis()
          && !one.ackSeenNanos.containsKey(TestUser.id(device))) {
        all.add(one.envelope.digest());
      }
    }
    return all;
  }

  /** Memory is what is on disk, when nothing is under way. */
  void checkMemory() {
    for (Mailbox mailbox : lab.engine.mailboxes.all()) {
      StoredMailbox box = stored(mailbox.key);
      assertThat(mailbox.commitsUnderWay).isZero();
      assertThat(mailbox.stale).isFalse();
      assertThat(mailbox.list).isEqualTo(list(box));
      assertThat(mailbox.owner == null).isEqualTo(mailbox.list == null);
      Map<Digest, Long> onDisk = new LinkedHashMap<>();
      Set<String> acks = new HashSet<>();
      if (box != null) {
        box.entries().forEach(entry -> onDisk.put(entry.digest(), entry.deletedMillis()));
        box.acks().forEach(ack -> acks.add(ack.digest() + " " + ack.device()));
      }
      Map<Digest, Long> inMemory = new LinkedHashMap<>();
      Set<String> noted = new HashSet<>();
      TestUser user = Objects.requireNonNull(users.get(mailbox.key));
      for (Held held : mailbox.entries()) {
        inMemory.put(held.digest(), held.deletedMillis);
        assertThat(held.durable && !held.deleting).isTrue();
        for (NodeIdentity device : user.devices) {
          if (mailbox.isAcknowledged(held, TestUser.id(device))) {
            noted.add(held.digest() + " " + TestUser.id(device));
          }
        }
      }
      assertThat(inMemory).isEqualTo(onDisk);
      assertThat(noted).isEqualTo(acks);
    }
  }
}
