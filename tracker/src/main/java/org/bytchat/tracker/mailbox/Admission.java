package org.bytchat.tracker.mailbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * What lets an envelope into a mailbox, at one tracker only: a contact's delivery key has signed
 * it, or a stranger has worked for it.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface Admission {

  /** The hardest stamp that may be asked for. */
  int STAMP_BITS_MAX = 40;

  /**
   * Reads an admission.
   *
   * @param bytes any bytes
   * @return the admission, or why the bytes are none
   */
  static Parsed<Admission> parse(byte[] bytes) {
    return FieldReader.parse(bytes, Admission::read);
  }

  private static Admission read(FieldReader fields) throws FieldReader.Refused {
    int kind = fields.unsignedByte();
    return switch (kind) {
      case ByKey.KIND ->
          new ByKey(fields.bytes(ByKey.KEY_BYTES), fields.bytes(ByKey.SIGNATURE_BYTES));
      case ByStamp.KIND -> new ByStamp(fields.number("the nonce"));
      default -> throw new FieldReader.Refused("no admission is of kind " + kind);
    };
  }

  /**
   * Returns the admission's bytes.
   *
   * @return what {@link #parse} reads
   */
  byte[] toBytes();

  /**
   * A contact's: the signature of a delivery key.
   *
   * @param publicKey the key, 32 bytes
   * @param signature over purpose "deposit", the tracker, the mailbox and the digest, 64 bytes
   */
  record ByKey(byte[] publicKey, byte[] signature) implements Admission {

    static final int KIND = 0;

    private static final String PURPOSE = "deposit";
    private static final int KEY_BYTES = 32;
    private static final int SIGNATURE_BYTES = 64;

    /**
     * Makes an admission; the arrays are copied.
     *
     * @throws IllegalArgumentException if one has another length
     */
    public ByKey {
      if (publicKey.length != KEY_BYTES || signature.length != SIGNATURE_BYTES) {
        throw new IllegalArgumentException("a key has 32 bytes and a signature has 64");
      }
      publicKey = publicKey.clone();
      signature = signature.clone();
    }

    /**
     * Signs.
     *
     * @param publicKey the delivery key
     * @param envelope what is deposited
     * @param tracker where
     * @param networkId the network
     * @param signer signs a statement with that key
     * @return the admission
     */
    public static ByKey sign(
        byte[] publicKey,
        Envelope envelope,
        NodeId tracker,
        int networkId,
        UnaryOperator<byte[]> signer) {
      return new ByKey(publicKey, signer.apply(statement(envelope, tracker, networkId)));
    }

    /**
     * Returns the bytes to sign.
     *
     * @param envelope what is deposited
     * @param tracker where
     * @param networkId the network
     * @return the statement, purpose "deposit"
     */
    public static byte[] statement(Envelope envelope, NodeId tracker, int networkId) {
      byte[] value =
          ByteBuffer.allocate(NodeId.BYTES + Digest.BYTES)
              .put(envelope.mailbox().toBytes())
              .put(envelope.digest().toBytes())
              .array();
      SignedBytes.Frame frame =
          new SignedBytes.Frame(networkId, tracker, 0, 0, envelope.expiresMillis());
      return SignedBytes.of(PURPOSE, frame, value);
    }

    /**
     * Verifies the signature.
     *
     * @param envelope what is deposited
     * @param tracker where
     * @param networkId the network
     * @param scheme what verifies
     * @return whether the key signed the deposit of that envelope at that tracker
     */
    public boolean verify(
        Envelope envelope, NodeId tracker, int networkId, SignatureScheme scheme) {
      return scheme.verify(publicKey, statement(envelope, tracker, networkId), signature);
    }

    @Override
    public byte[] publicKey() {
      return publicKey.clone();
    }

    @Override
    public byte[] signature() {
      return signature.clone();
    }

    @Override
    public byte[] toBytes() {
      return ByteBuffer.allocate(1 + publicKey.length + signature.length)
          .put((byte) KIND)
          .put(publicKey)
          .put(signature)
          .array();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByKey that
          && Arrays.equals(publicKey, that.publicKey)
          && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(signature);
    }

    @Override
    public String toString() {
      return "ByKey";
    }
  }

  /**
   * A stranger's: a number that was looked for (Dwork and Naor 1992; the form is hashcash's).
   *
   * @param nonce with which the hash of tracker, mailbox, digest and end begins with zeros, 0 to
   *     2^63 - 1
   */
  record ByStamp(long nonce) implements Admission {

    static final int KIND = 1;

    /** How often it is looked whether the work is still wanted. */
    private static final int ASK_ROUNDS = 4_096;

    private static final byte[] LABEL = "bytchat-stamp".getBytes(StandardCharsets.US_ASCII);

    /**
     * Makes a stamp.
     *
     * @throws IllegalArgumentException if the number is negative
     */
    public ByStamp {
      if (nonce < 0) {
        throw new IllegalArgumentException("the number of a stamp is not negative: " + nonce);
      }
    }

    /**
     * Looks for a stamp; takes 2^bits hashes on average.
     *
     * @param envelope what is deposited
     * @param tracker where
     * @param bits how many zeros the tracker asks for, 0 to {@link #STAMP_BITS_MAX}
     * @return the stamp
     * @throws IllegalArgumentException if that is too hard
     */
    public static ByStamp find(Envelope envelope, NodeId tracker, int bits) {
      return find(envelope, tracker, bits, () -> false).orElseThrow();
    }

    /**
     * Looks for a stamp as long as it is wanted.
     *
     * @param envelope what is deposited
     * @param tracker where
     * @param bits how many zeros the tracker asks for, 0 to {@link #STAMP_BITS_MAX}
     * @param isGivenUp asked every few thousand hashes whether to stop
     * @return the stamp, or nothing if it was given up
     * @throws IllegalArgumentException if that is too hard
     */
    public static Optional<ByStamp> find(
        Envelope envelope, NodeId tracker, int bits, BooleanSupplier isGivenUp) {
      if (bits < 0 || bits > STAMP_BITS_MAX) {
        throw new IllegalArgumentException(
            "a stamp has 0 to %d bits, not %d".formatted(STAMP_BITS_MAX, bits));
      }
      ByStamp stamp = new ByStamp(0);
      while (stamp.bits(envelope, tracker) < bits) {
        stamp = new ByStamp(stamp.nonce + 1);
        if (stamp.nonce % ASK_ROUNDS == 0 && isGivenUp.getAsBoolean()) {
          return Optional.empty();
        }
      }
      return Optional.of(stamp);
    }

    /**
     * Returns the hardest stamp that this is; costs one hash.
     *
     * @param envelope what is deposited
     * @param tracker where
     * @return 0 to 256 bits
     */
    public int bits(Envelope envelope, NodeId tracker) {
      byte[] times =
          ByteBuffer.allocate(16).putLong(envelope.expiresMillis()).putLong(nonce).array();
      return Digest.sha256(
              LABEL,
              tracker.toBytes(),
              envelope.mailbox().toBytes(),
              envelope.digest().toBytes(),
              times)
          .leadingZeros();
    }

    @Override
    public byte[] toBytes() {
      return ByteBuffer.allocate(9).put((byte) KIND).putLong(nonce).array();
    }
  }
}
