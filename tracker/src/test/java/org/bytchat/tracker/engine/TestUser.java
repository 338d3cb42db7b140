package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
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
import org.jspecify.annotations.Nullable;

/** A user with devices and a chain of device lists; signs whatever a test wants. */
public final class TestUser {

  public static final int NETWORK = 7;

  private final SignatureScheme scheme;
  private final Random random;
  private final UserKey key;
  public final Owner owner;
  public final NodeId mailbox;

  /** The newest list. */
  public DeviceList list;

  /** All that there ever were. */
  public final List<NodeIdentity> devices = new ArrayList<>();

  public TestUser(SignatureScheme scheme, Random random, int deviceCount) {
    this.scheme = scheme;
    this.random = random;
    this.key = UserKey.ofSeed(scheme, bytes(32));
    this.owner = new Owner(2, key.publicKey());
    this.mailbox = owner.mailbox();
    List<Device> first = new ArrayList<>();
    for (int i = 0; i < deviceCount; i++) {
      first.add(newDevice(1));
    }
    this.list = sign(new DeviceList.Content(1, new byte[32], 0, first, List.of()));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  public NodeIdentity newKey() {
    return NodeIdentity.of(scheme, bytes(32));
  }

  private Device newDevice(long since) {
    NodeIdentity device = newKey();
    devices.add(device);
    return new Device(device.publicKey(), bytes(32), since);
  }

  public DeviceList sign(DeviceList.Content content) {
    return DeviceList.sign(content, key, 2, NETWORK);
  }

  public static DeviceId id(NodeIdentity device) {
    return DeviceId.ofKey(device.publicKey());
  }

  /** A list of the same version that says something else. */
  public DeviceList forked() {
    DeviceList.Content now = list.content();
    return sign(
        new DeviceList.Content(
            now.version(), now.previous(), now.issuedMillis() + 1, now.devices(), now.revoked()));
  }

  /** Adds a device; what follows is signed by the new list. */
  public NodeIdentity add() {
    List<Device> all = new ArrayList<>(list.content().devices());
    all.add(newDevice(list.version() + 1));
    follow(all, list.content().revoked());
    return devices.get(devices.size() - 1);
  }

  public void revoke(NodeIdentity device) {
    List<Device> all = new ArrayList<>(list.content().devices());
    all.removeIf(other -> other.id().equals(id(device)));
    List<DeviceId> revoked = new ArrayList<>(list.content().revoked());
    revoked.add(id(device));
    follow(all, revoked);
  }

  private void follow(List<Device> all, List<DeviceId> revoked) {
    list = sign(new DeviceList.Content(list.version() + 1, list.hash(), 0, all, revoked));
  }

  public Envelope envelope(long createdMillis, int days, int sizeBytes) {
    return Envelope.of(
        mailbox,
        createdMillis,
        createdMillis + days * 86_400_000L,
        bytes(sizeBytes - Envelope.HEADER_BYTES));
  }

  public DeliveryKeys keys(long version, NodeIdentity device, DeliveryKeys.Key... keys) {
    return DeliveryKeys.sign(
        new DeliveryKeys.Content(mailbox, version, 0, id(device), Arrays.asList(keys)),
        NETWORK,
        device::sign);
  }

  public static Request.Deposit deposit(NodeIdentity contact, Envelope envelope, NodeId tracker) {
    return new Request.Deposit(
        envelope,
        Admission.ByKey.sign(contact.publicKey(), envelope, tracker, NETWORK, contact::sign));
  }

  public AckBatch ack(NodeIdentity device, Collection<Digest> digests) {
    return AckBatch.sign(mailbox, id(device), digests, NETWORK, device::sign);
  }

  public Request.Open open(
      NodeIdentity device, @Nullable DeviceList sent, NodeId tracker, byte[] handshakeHash) {
    return open(device, sent, list.version(), tracker, handshakeHash);
  }

  public Request.Open open(
      NodeIdentity device,
      @Nullable DeviceList sent,
      long version,
      NodeId tracker,
      byte[] handshakeHash) {
    byte[] statement =
        DeviceStatements.session(
            new DeviceStatements.Scene(NETWORK, tracker, mailbox),
            id(device),
            version,
            handshakeHash);
    return new Request.Open(owner, sent, id(device), version, device.sign(statement));
  }
}
