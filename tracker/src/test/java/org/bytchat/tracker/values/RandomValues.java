package org.bytchat.tracker.values;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;

/** Values of every kind, drawn from a seed. */
public final class RandomValues {

  private final Random random;
  private final int networkId;

  /** Makes a source of values. */
  public RandomValues(long seed) {
    this.random = Seeds.random(seed);
    this.networkId = random.nextInt();
  }

  /** Returns the network that all of them are for. */
  public int networkId() {
    return networkId;
  }

  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** A time, more often than not one that has many bits or few. */
  long time() {
    return random.nextLong() >>> (1 + random.nextInt(63));
  }

  NodeId nodeId() {
    return NodeId.of(bytes(NodeId.BYTES));
  }

  Digest digest() {
    return Digest.of(bytes(Digest.BYTES));
  }

  TestDevice device() {
    return new TestDevice(bytes(32));
  }

  UserKey user() {
    return UserKey.ofSeed(Ed25519Scheme.INSTANCE, bytes(32));
  }

  Owner owner(UserKey user) {
    return new Owner(1 + random.nextInt(2), user.publicKey());
  }

  DeviceList.Content devices(int deviceCount, int revokedCount) {
    long version = 1 + time() / 2;
    List<Device> devices =
        IntStream.range(0, deviceCount)
            .mapToObj(i -> device().since(1 + (long) (random.nextDouble() * (version - 1))))
            .toList();
    List<DeviceId> revoked =
        Stream.generate(() -> DeviceId.of(bytes(DeviceId.BYTES))).limit(revokedCount).toList();
    byte[] previous = version == 1 ? new byte[32] : bytes(32);
    return new DeviceList.Content(version, previous, time(), devices, revoked);
  }

  DeviceList deviceList(UserKey user, Owner owner, DeviceList.Content content) {
    return DeviceList.sign(content, user, owner.uidVersion(), networkId);
  }

  Envelope envelope(int length) {
    long created = time() / 2;
    long life = Envelope.TTL_MIN.toMillis();
    life += (long) (random.nextDouble() * (Envelope.TTL_MAX.toMillis() - life));
    return Envelope.of(nodeId(), created, created + life, bytes(length - Envelope.HEADER_BYTES));
  }

  AckBatch ackBatch(TestDevice device, int count) {
    List<Digest> digests = Stream.generate(this::digest).limit(count).toList();
    return AckBatch.sign(nodeId(), device.id(), digests, networkId, device::sign);
  }

  Receipt receipt(Receipt.Kind kind, TestDevice tracker) {
    Receipt.Content content = new Receipt.Content(kind, nodeId(), digest(), time(), time());
    return new Receipt(content, tracker.publicKey(), tracker.sign(content.statement(networkId)));
  }

  DeliveryKeys deliveryKeys(TestDevice device, int count) {
    List<DeliveryKeys.Key> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int hourlyRate = 1 + random.nextInt(0xffff);
      keys.add(new DeliveryKeys.Key(bytes(32), hourlyRate, 1 + random.nextInt(0xffff)));
    }
    DeliveryKeys.Content content =
        new DeliveryKeys.Content(nodeId(), 1 + time() / 2, time(), device.id(), keys);
    return DeliveryKeys.sign(content, networkId, device::sign);
  }

  Admission.ByKey byKey(TestDevice contact, Envelope envelope, NodeId tracker) {
    return Admission.ByKey.sign(contact.publicKey(), envelope, tracker, networkId, contact::sign);
  }
}
