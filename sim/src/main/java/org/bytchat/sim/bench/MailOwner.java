package org.bytchat.sim.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;

/** The owner of a mailbox with devices and one contact, all of whose keys follow from a number. */
final class MailOwner {

  static final int NETWORK = Keys.networkId(DhtConfig.DEFAULT_NETWORK);

  /** The most that an owner can allow: limits of contacts are not what is measured. */
  private static final int UNLIMITED = 0xffff;

  private static final int CONTACT = 0;
  private static final int USER = 1;
  private static final int FIRST_DEVICE = 2;

  private final UserKey key;
  private final Owner owner;
  private final NodeIdentity contact;
  private final List<NodeIdentity> devices = new ArrayList<>();

  MailOwner(int number, int deviceCount) {
    key = UserKey.ofSeed(Ed25519Scheme.INSTANCE, seed(number, USER));
    owner = new Owner(Uid.DEFAULT_VERSION, key.publicKey());
    contact = NodeIdentity.of(Ed25519Scheme.INSTANCE, seed(number, CONTACT));
    for (int i = 0; i < deviceCount; i++) {
      devices.add(NodeIdentity.of(Ed25519Scheme.INSTANCE, seed(number, FIRST_DEVICE + i)));
    }
  }

  private static byte[] seed(int number, int purpose) {
    byte[] numbers = ByteBuffer.allocate(8).putInt(number).putInt(purpose).array();
    return Digest.sha256("bench".getBytes(StandardCharsets.US_ASCII), numbers).toBytes();
  }

  Owner owner() {
    return owner;
  }

  NodeId mailbox() {
    return owner.mailbox();
  }

  DeviceList list() {
    List<Device> listed =
        devices.stream()
            .map(device -> new Device(device.publicKey(), new byte[Device.KEY_BYTES], 1))
            .toList();
    DeviceList.Content content =
        new DeviceList.Content(1, new byte[DeviceList.HASH_BYTES], 1, listed, List.of());
    return DeviceList.sign(content, key, Uid.DEFAULT_VERSION, NETWORK);
  }

  private DeviceId deviceId(int device) {
    return DeviceId.ofKey(devices.get(device).publicKey());
  }

  Request.PutDevices putDevices() {
    return new Request.PutDevices(owner, list());
  }

  Request.PutDeliveryKeys putDeliveryKeys() {
    DeliveryKeys.Key allowed = new DeliveryKeys.Key(contact.publicKey(), UNLIMITED, UNLIMITED);
    DeliveryKeys.Content content =
        new DeliveryKeys.Content(mailbox(), 1, 1, deviceId(0), List.of(allowed));
    return new Request.PutDeliveryKeys(
        DeliveryKeys.sign(content, NETWORK, statement -> devices.get(0).sign(statement)));
  }

  byte[] contactKey() {
    return contact.publicKey();
  }

  /** Opens a session for the first device, with a list that the tracker has. */
  Request.Open open(NodeId tracker, byte[] handshakeHash) {
    DeviceStatements.Scene scene = new DeviceStatements.Scene(NETWORK, tracker, mailbox());
    byte[] statement = DeviceStatements.session(scene, deviceId(0), 1, handshakeHash);
    return new Request.Open(owner, null, deviceId(0), 1, devices.get(0).sign(statement));
  }

  /** Makes an envelope with what looks like sealed bytes in it. */
  Envelope envelope(int length, long nowMillis, Random random) {
    byte[] sealed = new byte[length - Envelope.HEADER_BYTES];
    random.nextBytes(sealed);
    return Envelope.of(mailbox(), nowMillis, nowMillis + Duration.ofDays(7).toMillis(), sealed);
  }

  /** Signs a deposit, as the contact. */
  Request.Deposit deposit(Envelope envelope, NodeId tracker) {
    return new Request.Deposit(
        envelope,
        Admission.ByKey.sign(contact.publicKey(), envelope, tracker, NETWORK, contact::sign));
  }

  Request.PutAcks ack(int device, List<Digest> digests) {
    return new Request.PutAcks(
        AckBatch.sign(mailbox(), deviceId(device), digests, NETWORK, devices.get(device)::sign));
  }
}
