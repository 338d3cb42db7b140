package org.bytchat.tracker.mailbox;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * That a device has acknowledged one envelope: a part of an {@link AckBatch}, without the others
 * that it names. Says nothing of who sent the envelope.
 *
 * <p>Immutable and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class AckProof {

  private static final int SIGNATURE_BYTES = 64;

  private final NodeId mailbox;
  private final DeviceId device;
  private final Digest digest;
  private final Place place;
  private final byte[] signature;

  /**
   * Where in the batch the envelope is.
   *
   * @param index from 0
   * @param count how many the batch names, at most 256
   * @param path the hashes beside the way to the root, the lowest first
   */
  record Place(int index, int count, List<Digest> path) {

    Place {
      path = List.copyOf(path);
    }
  }

  AckProof(NodeId mailbox, DeviceId device, Digest digest, Place place, byte[] signature) {
    this.mailbox = mailbox;
    this.device = device;
    this.digest = digest;
    this.place = place;
    this.signature = signature;
  }

  /**
   * Reads a proof.
   *
   * @param bytes any bytes
   * @return the proof, or why the bytes are none
   */
  public static Parsed<AckProof> parse(byte[] bytes) {
    return FieldReader.parse(bytes, AckProof::read);
  }

  private static AckProof read(FieldReader fields) throws FieldReader.Refused {
    NodeId mailbox = fields.nodeId();
    DeviceId device = DeviceId.of(fields.bytes(DeviceId.BYTES));
    Digest digest = Digest.of(fields.bytes(Digest.BYTES));
    int index = fields.unsignedShort();
    int count = fields.unsignedShort();
    if (count > AckBatch.DIGESTS_MAX || index >= count) {
      throw new FieldReader.Refused("no place in a batch: " + index + " of " + count);
    }
    int length = fields.unsignedByte();
    if (length != MerkleTree.pathLength(index, count)) {
      throw new FieldReader.Refused(
          "the path of %d of %d has no %d hashes".formatted(index, count, length));
    }
    List<Digest> path = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      path.add(Digest.of(fields.bytes(Digest.BYTES)));
    }
    Place place = new Place(index, count, path);
    return new AckProof(mailbox, device, digest, place, fields.bytes(SIGNATURE_BYTES));
  }

  /**
   * Returns who has the envelope.
   *
   * @return the device
   */
  public DeviceId device() {
    return device;
  }

  /**
   * Returns whose envelope it is.
   *
   * @return the mailbox
   */
  public NodeId mailbox() {
    return mailbox;
  }

  /**
   * Returns which envelope it is.
   *
   * @return its digest
   */
  public Digest digest() {
    return digest;
  }

  /**
   * Verifies the proof.
   *
   * @param signingKey the device's Ed25519 key
   * @param networkId the network
   * @param scheme what verifies
   * @return whether the key is the device's, and it signed a batch with this envelope in that
   *     network
   */
  public boolean verify(byte[] signingKey, int networkId, SignatureScheme scheme) {
    byte[] statement = statement(networkId).orElse(null);
    return statement != null
        && DeviceId.ofKey(signingKey).equals(device)
        && scheme.verify(signingKey, statement, signature);
  }

  /**
   * Returns the bytes that the device must have signed.
   *
   * @param networkId the network
   * @return the statement of the batch, purpose "ack"; nothing if the proof has no such place
   */
  public Optional<byte[]> statement(int networkId) {
    Digest root = MerkleTree.rootOf(digest, place.index, place.count, place.path);
    return Optional.ofNullable(root)
        .map(found -> AckBatch.statement(mailbox, found, place.count, networkId));
  }

  /**
   * Returns the signature.
   *
   * @return a copy, 64 bytes
   */
  public byte[] signature() {
    return signature.clone();
  }

  /**
   * Returns the proof's bytes.
   *
   * @return what {@link #parse} reads, at most 393 bytes
   */
  public byte[] toBytes() {
    int length =
        NodeId.BYTES
            + DeviceId.BYTES
            + Digest.BYTES
            + 5
            + place.path.size() * Digest.BYTES
            + SIGNATURE_BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(length);
    bytes.put(mailbox.toBytes()).put(device.toBytes()).put(digest.toBytes());
    bytes.putShort((short) place.index).putShort((short) place.count);
    bytes.put((byte) place.path.size());
    place.path.forEach(hash -> bytes.put(hash.toBytes()));
    return bytes.put(signature).array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AckProof that && Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return 31 * digest.hashCode() + device.hashCode();
  }

  @Override
  public String toString() {
    return "AckProof[%s by %s]".formatted(digest, device);
  }
}
