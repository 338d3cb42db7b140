package org.bytchat.tracker;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
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

/** A user with devices and contacts, who signs with real keys. */
public final class Party {

  private static final SecureRandom RANDOM = new SecureRandom();

  public final int networkId;
  public final UserKey key = UserKey.generateEd25519(RANDOM);
  public final Owner owner = new Owner(Uid.DEFAULT_VERSION, key.publicKey());
  public final List<NodeIdentity> devices = new ArrayList<>();
  public final List<NodeIdentity> contacts = new ArrayList<>();

  public Party(int networkId, int devices, int contacts) {
    this.networkId = networkId;
    for (int i = 0; i < devices; i++) {
      this.devices.add(NodeIdentity.generate(RANDOM));
    }
    for (int i = 0; i < contacts; i++) {
      this.contacts.add(NodeIdentity.generate(RANDOM));
    }
  }

  public NodeId mailbox() {
    return owner.mailbox();
  }

  public static DeviceId id(NodeIdentity device) {
    return DeviceId.ofKey(device.publicKey());
  }

  /** The first version of the list, with all devices. */
  public DeviceList list() {
    List<Device> listed =
        devices.stream()
            .map(device -> new Device(device.publicKey(), new byte[Device.KEY_BYTES], 1))
            .toList();
    DeviceList.Content content =
        new DeviceList.Content(1, new byte[DeviceList.HASH_BYTES], 1, listed, List.of());
    return DeviceList.sign(content, key, Uid.DEFAULT_VERSION, networkId);
  }

  /** Another first version, as somebody makes it who signs twice. */
  public DeviceList otherList() {
    DeviceList.Content content = list().content();
    return DeviceList.sign(
        new DeviceList.Content(1, content.previous(), 2, content.devices(), List.of()),
        key,
        Uid.DEFAULT_VERSION,
        networkId);
  }

  /** The next version, by which the second device is revoked. */
  public DeviceList listWithoutTheSecond() {
    return after(list(), 2, devices.get(0));
  }

  /** The version after a list, by which all of its devices but these are revoked. */
  public DeviceList after(DeviceList before, long issuedMillis, NodeIdentity... kept) {
    List<DeviceId> ids = Arrays.stream(kept).map(Party::id).toList();
    List<Device> listed = new ArrayList<>();
    List<DeviceId> revoked = new ArrayList<>(before.content().revoked());
    for (Device device : before.content().devices()) {
      if (ids.contains(device.id())) {
        listed.add(device);
      } else {
        revoked.add(device.id());
      }
    }
    long version = before.version() + 1;
    return DeviceList.sign(
        new DeviceList.Content(version, before.hash(), issuedMillis, listed, revoked),
        key,
        Uid.DEFAULT_VERSION,
        networkId);
  }

  public DeliveryKeys deliveryKeys() {
    List<DeliveryKeys.Key> keys =
        contacts.stream()
            .map(contact -> new DeliveryKeys.Key(contact.publicKey(), 0xffff, 0xffff))
            .toList();
    DeliveryKeys.Content content =
        new DeliveryKeys.Content(mailbox(), 1, 1, id(devices.get(0)), keys);
    return DeliveryKeys.sign(content, networkId, devices.get(0)::sign);
  }

  /** An open request of a device in a session. */
  public Request.Open open(NodeIdentity device, NodeId tracker, byte[] handshakeHash) {
    return open(device, list(), tracker, handshakeHash);
  }

  /** The same of a device that shows another list. */
  public Request.Open open(
      NodeIdentity device, DeviceList list, NodeId tracker, byte[] handshakeHash) {
    DeviceStatements.Scene scene = new DeviceStatements.Scene(networkId, tracker, mailbox());
    byte[] statement = DeviceStatements.session(scene, id(device), list.version(), handshakeHash);
    return new Request.Open(owner, list, id(device), list.version(), device.sign(statement));
  }

  /** An envelope of some length with random bytes in it. */
  public Envelope envelope(int length, long nowMillis) {
    return envelope(length, nowMillis, Envelope.TTL_MAX);
  }

  /** The same that lives so long. */
  public Envelope envelope(int length, long createdMillis, Duration life) {
    byte[] sealed = new byte[length - Envelope.HEADER_BYTES];
    RANDOM.nextBytes(sealed);
    return Envelope.of(mailbox(), createdMillis, createdMillis + life.toMillis(), sealed);
  }

  public Request.Deposit deposit(Envelope envelope, NodeIdentity contact, NodeId tracker) {
    Admission admission =
        Admission.ByKey.sign(contact.publicKey(), envelope, tracker, networkId, contact::sign);
    return new Request.Deposit(envelope, admission);
  }

  public AckBatch ack(NodeIdentity device, Digest... digests) {
    return AckBatch.sign(mailbox(), id(device), Arrays.asList(digests), networkId, device::sign);
  }

  public static Ed25519Scheme scheme() {
    return Ed25519Scheme.INSTANCE;
  }
}
