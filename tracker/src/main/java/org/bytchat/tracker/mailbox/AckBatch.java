package org.bytchat.tracker.mailbox;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * That a device has envelopes, signed by it once for all of them. It is bound to no tracker and has
 * no time: every tracker that holds one of the envelopes may have it, and it may come twice.
 *
 * <p>What is signed is the root of a Merkle tree over the sorted digests, so that a {@link #proof}
 * of one of them names no other.
 *
 * <p>Immutable and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class AckBatch {

  /** How many envelopes a batch may name. */
  public static final int DIGESTS_MAX = 256;

  private static final String PURPOSE = "ack";
  private static final int SIGNATURE_BYTES = 64;

  private final NodeId mailbox;
  private final DeviceId device;
  private final List<Digest> digests;
  private final byte[] signature;

  private AckBatch(NodeId mailbox, DeviceId device, List<Digest> digests, byte[] signature) {
    this.mailbox = mailbox;
    this.device = device;
    this.digests = digests;
    this.signature = signature;
  }

  /**
   * Signs a batch.
   *
   * @param mailbox whose envelopes
   * @param device which device has them
   * @param digests the envelopes, 1 to {@link #DIGESTS_MAX}; the order and doubles do not matter
   * @param networkId the network
   * @param signer signs a statement with the device's key
   * @return the batch
   * @throws IllegalArgumentException if there are none or too many, or if what the signer returns
   *     has not 64 bytes
   */
  public static AckBatch sign(
      NodeId mailbox,
      DeviceId device,
      Collection<Digest> digests,
      int networkId,
      UnaryOperator<byte[]> signer) {
    List<Digest> sorted = List.copyOf(new TreeSet<>(digests));
    if (sorted.isEmpty() || sorted.size() > DIGESTS_MAX) {
      throw new IllegalArgumentException(
          "a batch names 1 to %d envelopes, not %d".formatted(DIGESTS_MAX, sorted.size()));
    }
    byte[] statement = statement(mailbox, MerkleTree.root(sorted), sorted.size(), networkId);
    byte[] signature = signer.apply(statement);
    if (signature.length != SIGNATURE_BYTES) {
      throw new IllegalArgumentException("a signature has 64 bytes, not " + signature.length);
    }
    return new AckBatch(mailbox, device, sorted, signature.clone());
  }

  /**
   * Reads a batch.
   *
   * @param bytes any bytes
   * @return the batch, or why the bytes are none
   */
  public static Parsed<AckBatch> parse(byte[] bytes) {
    return FieldReader.parse(bytes, AckBatch::read);
  }

  private static AckBatch read(FieldReader fields) throws FieldReader.Refused {
    NodeId mailbox = fields.nodeId();
    DeviceId device = DeviceId.of(fields.bytes(DeviceId.BYTES));
    int count = fields.unsignedShort();
    if (count < 1 || count > DIGESTS_MAX) {
      throw new FieldReader.Refused("a batch names 1 to 256 envelopes, not " + count);
    }
    List<Digest> digests = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Digest digest = Digest.of(fields.bytes(Digest.BYTES));
      if (i > 0 && digests.get(i - 1).compareTo(digest) >= 0) {
        throw new FieldReader.Refused("the digests do not rise");
      }
      digests.add(digest);
    }
    byte[] signature = fields.bytes(SIGNATURE_BYTES);
    return new AckBatch(mailbox, device, List.copyOf(digests), signature);
  }

  static byte[] statement(NodeId mailbox, Digest root, int count, int networkId) {
    byte[] value = Arrays.copyOf(root.toBytes(), Digest.BYTES + 2);
    value[Digest.BYTES] = (byte) (count >> 8);
    value[Digest.BYTES + 1] = (byte) count;
    return SignedBytes.of(PURPOSE, new SignedBytes.Frame(networkId, mailbox, 0, 0, 0), value);
  }

  /**
   * Returns whose envelopes they are.
   *
   * @return the mailbox
   */
  public NodeId mailbox() {
    return mailbox;
  }

  /**
   * Returns who has them.
   *
   * @return the device
   */
  public DeviceId device() {
    return device;
  }

  /**
   * Returns which they are.
   *
   * @return the digests, rising
   */
  public List<Digest> digests() {
    return digests;
  }

  /**
   * Returns the bytes that the device has signed.
   *
   * @param networkId the network
   * @return the statement, purpose "ack"
   */
  public byte[] statement(int networkId) {
    return statement(mailbox, MerkleTree.root(digests), digests.size(), networkId);
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
   * Verifies the signature.
   *
   * @param signingKey the device's Ed25519 key
   * @param networkId the network
   * @param scheme what verifies
   * @return whether the key is the device's, and signed this for that network
   */
  public boolean verify(byte[] signingKey, int networkId, SignatureScheme scheme) {
    return DeviceId.ofKey(signingKey).equals(device)
        && scheme.verify(signingKey, statement(networkId), signature);
  }

  /**
   * Returns what shows that one envelope is acknowledged.
   *
   * @param digest the envelope
   * @return the proof, or nothing if the batch does not name it
   */
  public Optional<AckProof> proof(Digest digest) {
    int index = Collections.binarySearch(digests, digest);
    if (index < 0) {
      return Optional.empty();
    }
    AckProof.Place place =
        new AckProof.Place(index, digests.size(), MerkleTree.path(digests, index));
    return Optional.of(new AckProof(mailbox, device, digest, place, signature));
  }

  /**
   * Returns the batch's bytes.
   *
   * @return what {@link #parse} reads
   */
  public byte[] toBytes() {
    int length =
        NodeId.BYTES + DeviceId.BYTES + 2 + digests.size() * Digest.BYTES + SIGNATURE_BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(length);
    bytes.put(mailbox.toBytes()).put(device.toBytes()).putShort((short) digests.size());
    digests.forEach(digest -> bytes.put(digest.toBytes()));
    return bytes.put(signature).array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AckBatch that && Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return "AckBatch[%d envelopes by %s]".formatted(digests.size(), device);
  }
}
