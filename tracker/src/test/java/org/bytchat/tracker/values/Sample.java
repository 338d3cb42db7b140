package org.bytchat.tracker.values;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;

/**
 * A good value, and what whoever takes one checks.
 *
 * @param name names it
 * @param format its kind
 * @param value the value
 * @param check whether a value of that kind is good
 */
record Sample<T>(String name, Format<T> format, T value, Predicate<T> check) {

  private static final Ed25519Scheme ED25519 = Ed25519Scheme.INSTANCE;
  private static final int STAMP_BITS = 14;

  byte[] bytes() {
    return format.writer().apply(value);
  }

  /** Says whether bytes would be taken: they are well-formed, and verify. */
  boolean takes(byte[] bytes) {
    Optional<T> read = format.read(bytes);
    return read.isPresent() && check.test(read.get());
  }

  @Override
  public String toString() {
    return name;
  }

  /** Returns values of every kind. */
  static List<Sample<?>> all(long seed) {
    RandomValues values = new RandomValues(seed);
    List<Sample<?>> all = new ArrayList<>();
    addOfOwner(values, all);
    addAcks(values, all);
    addReceipts(values, all);
    addAdmissions(values, all);
    return all;
  }

  private static void addOfOwner(RandomValues values, List<Sample<?>> all) {
    UserKey user = values.user();
    Owner owner = values.owner(user);
    int network = values.networkId();
    all.add(
        new Sample<>("owner", Format.OWNER, owner, read -> read.mailbox().equals(owner.mailbox())));
    for (int devices : new int[] {0, 1, 3}) {
      all.add(
          new Sample<>(
              "devices-" + devices,
              Format.DEVICES,
              values.deviceList(user, owner, values.devices(devices, 2 * devices)),
              read -> read.verify(owner, network)));
    }
    TestDevice device = values.device();
    for (int keys : new int[] {0, 1, 3}) {
      all.add(
          new Sample<>(
              "delivery-" + keys,
              Format.DELIVERY,
              values.deliveryKeys(device, keys),
              read -> read.verify(device.publicKey(), network, ED25519)));
    }
  }

  private static void addAcks(RandomValues values, List<Sample<?>> all) {
    TestDevice device = values.device();
    int network = values.networkId();
    for (int count : new int[] {1, 2, 7}) {
      AckBatch batch = values.ackBatch(device, count);
      all.add(
          new Sample<>(
              "ack-" + count,
              Format.ACK,
              batch,
              read -> read.verify(device.publicKey(), network, ED25519)));
      for (int index = 0; index < count; index++) {
        all.add(
            new Sample<>(
                "proof-" + index + "-of-" + count,
                Format.PROOF,
                batch.proof(batch.digests().get(index)).orElseThrow(),
                read -> read.verify(device.publicKey(), network, ED25519)));
      }
    }
  }

  private static void addReceipts(RandomValues values, List<Sample<?>> all) {
    TestDevice tracker = values.device();
    for (Receipt.Kind kind : Receipt.Kind.values()) {
      Receipt receipt = values.receipt(kind, tracker);
      all.add(
          new Sample<>(
              "receipt-" + kind,
              Format.RECEIPT,
              receipt,
              read ->
                  read.tracker().equals(receipt.tracker())
                      && read.verify(values.networkId(), ED25519)));
    }
  }

  private static void addAdmissions(RandomValues values, List<Sample<?>> all) {
    Envelope envelope = values.envelope(Envelope.BYTES_MIN);
    all.add(
        new Sample<>(
            "envelope",
            Format.ENVELOPE,
            envelope,
            read -> read.digest().equals(envelope.digest())));
    NodeId tracker = values.nodeId();
    Predicate<Admission> admits =
        admission ->
            admission instanceof Admission.ByKey byKey
                ? byKey.verify(envelope, tracker, values.networkId(), ED25519)
                : ((Admission.ByStamp) admission).bits(envelope, tracker) >= STAMP_BITS;
    all.add(
        new Sample<>(
            "admission-by-key",
            Format.ADMISSION,
            values.byKey(values.device(), envelope, tracker),
            admits));
    all.add(
        new Sample<>(
            "admission-by-stamp",
            Format.ADMISSION,
            Admission.ByStamp.find(envelope, tracker, STAMP_BITS),
            admits));
  }
}
