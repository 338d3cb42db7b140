package org.bytchat.tracker.mailbox;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * What a tracker has signed of an envelope: that it holds it until its end, or that it has deleted
 * it because all devices had acknowledged it. It names no sender and no device.
 *
 * <p>Immutable and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Receipt {

  /** The length in bytes. */
  public static final int BYTES = 1 + 32 + NodeId.BYTES + Digest.BYTES + 2 * Long.BYTES + 64;

  private static final int KEY_BYTES = 32;
  private static final int SIGNATURE_BYTES = 64;

  /** What a receipt is for. */
  public enum Kind {
    /** The envelope is on the tracker's disk. */
    DEPOSIT("receipt"),
    /** The envelope has gone. */
    DELETION("deletion");

    private final String purpose;

    Kind(String purpose) {
      this.purpose = purpose;
    }
  }

  /**
   * What is signed.
   *
   * @param kind what it is for
   * @param mailbox whose envelope
   * @param digest of the envelope
   * @param atMillis when it was accepted or deleted, by the tracker's clock
   * @param expiresMillis when the envelope ends
   */
  public record Content(
      Kind kind, NodeId mailbox, Digest digest, long atMillis, long expiresMillis) {

    /**
     * Makes a content.
     *
     * @throws IllegalArgumentException if a time is negative
     */
    public Content {
      if (atMillis < 0 || expiresMillis < 0) {
        throw new IllegalArgumentException("the times of a receipt are of 1970 or later");
      }
    }

    /**
     * Returns the bytes to sign.
     *
     * @param networkId the network
     * @return the statement, purpose "receipt" or "deletion"
     */
    public byte[] statement(int networkId) {
      SignedBytes.Frame frame =
          new SignedBytes.Frame(networkId, mailbox, 0, atMillis, expiresMillis);
      return SignedBytes.of(kind.purpose, frame, digest.toBytes());
    }
  }

  private final Content content;
  private final byte[] trackerKey;
  private final byte[] signature;

  /**
   * Makes a receipt of its signature.
   *
   * @param content what was signed
   * @param trackerKey the key of the tracker, 32 bytes; copied
   * @param signature by that key, 64 bytes; copied
   * @throws IllegalArgumentException if one has another length
   */
  public Receipt(Content content, byte[] trackerKey, byte[] signature) {
    if (trackerKey.length != KEY_BYTES || signature.length != SIGNATURE_BYTES) {
      throw new IllegalArgumentException("a key has 32 bytes and a signature has 64");
    }
    this.content = content;
    this.trackerKey = trackerKey.clone();
    this.signature = signature.clone();
  }

  /**
   * Reads a receipt.
   *
   * @param bytes any bytes
   * @return the receipt, or why the bytes are none
   */
  public static Parsed<Receipt> parse(byte[] bytes) {
    return FieldReader.parse(bytes, Receipt::read);
  }

  private static Receipt read(FieldReader fields) throws FieldReader.Refused {
    int kind = fields.unsignedByte();
    if (kind >= Kind.values().length) {
      throw new FieldReader.Refused("a receipt is for 0, a deposit, or 1, a deletion, not " + kind);
    }
    byte[] trackerKey = fields.bytes(KEY_BYTES);
    NodeId mailbox = fields.nodeId();
    Digest digest = Digest.of(fields.bytes(Digest.BYTES));
    long atMillis = fields.number("the time");
    long expiresMillis = fields.number("the end");
    Content content = new Content(Kind.values()[kind], mailbox, digest, atMillis, expiresMillis);
    return new Receipt(content, trackerKey, fields.bytes(SIGNATURE_BYTES));
  }

  /**
   * Returns what was signed.
   *
   * @return the content
   */
  public Content content() {
    return content;
  }

  /**
   * Returns whose receipt it is.
   *
   * @return the id of the key that signed it
   */
  public NodeId tracker() {
    return NodeIdentity.idOf(trackerKey);
  }

  /**
   * Returns the key of the tracker. Whoever keeps receipts as evidence takes them only from
   * trackers whose key is one by {@link SignatureScheme#isPublicKey}: programs disagree on
   * signatures of others.
   *
   * @return a copy, 32 bytes
   */
  public byte[] trackerKey() {
    return trackerKey.clone();
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
   * @param networkId the network
   * @param scheme what verifies
   * @return whether {@link #tracker} signed it for that network
   */
  public boolean verify(int networkId, SignatureScheme scheme) {
    return scheme.verify(trackerKey, content.statement(networkId), signature);
  }

  /**
   * Returns the receipt's bytes.
   *
   * @return what {@link #parse} reads, {@link #BYTES} long
   */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .put((byte) content.kind.ordinal())
        .put(trackerKey)
        .put(content.mailbox.toBytes())
        .put(content.digest.toBytes())
        .putLong(content.atMillis)
        .putLong(content.expiresMillis)
        .put(signature)
        .array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Receipt that && Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return "Receipt[%s of %s by %s]".formatted(content.kind, content.digest, tracker());
  }
}
