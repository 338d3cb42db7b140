package org.bytchat.dht.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.keyspace.NodeId;

/**
 * A signed record of a user that newer ones replace.
 *
 * <p>As carried, numbers big-endian: 1 (kind) ‖ UID version (1) ‖ label length (1) ‖ label ‖
 * sequence (8) ‖ issued (8) ‖ expires (8) ‖ key length (2) ‖ public key ‖ value length (2) ‖ value
 * ‖ signature, which is the rest.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class MutableRecord implements StoredItem {

  /** The first byte of a mutable record. */
  static final byte KIND = 1;

  /** The longest label. */
  public static final int LABEL_BYTES_MAX = 32;

  /** The longest SubjectPublicKeyInfo: that of an RSA key of 3072 bits. */
  public static final int PUBLIC_KEY_BYTES_MAX = 422;

  /** The shortest signature: that of Ed25519. */
  public static final int SIGNATURE_BYTES_MIN = 64;

  /** The longest signature: that of an RSA key of 3072 bits. */
  public static final int SIGNATURE_BYTES_MAX = 384;

  private static final String PURPOSE = "record";
  private static final int FIXED_BYTES = 3 + 3 * Long.BYTES + 2 * Short.BYTES;

  private final byte[] bytes;
  private final int publicKeyOffset;
  private final int valueOffset;
  private final int signatureOffset;
  private final String label;
  private final NodeId place;

  private MutableRecord(byte[] bytes, int publicKeyOffset, int valueOffset, int signatureOffset) {
    this.bytes = bytes;
    this.publicKeyOffset = publicKeyOffset;
    this.valueOffset = valueOffset;
    this.signatureOffset = signatureOffset;
    this.label = new String(bytes, 3, bytes[2], StandardCharsets.US_ASCII);
    this.place = Uid.ofKey(uidVersion(), publicKey()).place(label);
  }

  /**
   * Tells by their first byte alone whether bytes may be a mutable record, and so need verifying.
   *
   * @param buffer holds them
   * @param offset index of the first
   * @param length how many they are
   * @return whether they may be one
   */
  public static boolean isKind(byte[] buffer, int offset, int length) {
    return length > 0 && buffer[offset] == KIND;
  }

  /** Reads a record from bytes that are at most an item's, begin with the kind and are kept. */
  static ParseOutcome parseItem(byte[] bytes) {
    if (bytes.length < FIXED_BYTES) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TRUNCATED);
    }
    if (bytes[1] != Uid.VERSION_1 && bytes[1] != Uid.VERSION_2) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.UID_VERSION);
    }
    int labelBytes = bytes[2];
    if (labelBytes < 0 || labelBytes > LABEL_BYTES_MAX) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.LABEL);
    }
    if (bytes.length < FIXED_BYTES + labelBytes) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TRUNCATED);
    }
    for (int i = 3; i < 3 + labelBytes; i++) {
      if (!isLabelByte(bytes[i])) {
        return new ParseOutcome.Malformed(ParseOutcome.Fault.LABEL);
      }
    }
    return parseRest(bytes, ByteBuffer.wrap(bytes).position(3 + labelBytes));
  }

  private static ParseOutcome parseRest(byte[] bytes, ByteBuffer input) {
    if (input.getLong() < 1) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.SEQUENCE);
    }
    long issuedMillis = input.getLong();
    long expiresMillis = input.getLong();
    if (issuedMillis < 0 || expiresMillis < 0) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TIME);
    }
    int publicKeyBytes = Short.toUnsignedInt(input.getShort());
    if (publicKeyBytes < 1 || publicKeyBytes > PUBLIC_KEY_BYTES_MAX) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.KEY_LENGTH);
    }
    int publicKeyOffset = input.position();
    if (input.remaining() < publicKeyBytes + Short.BYTES) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TRUNCATED);
    }
    input.position(publicKeyOffset + publicKeyBytes);
    int valueBytes = Short.toUnsignedInt(input.getShort());
    int valueOffset = input.position();
    if (input.remaining() < valueBytes) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TRUNCATED);
    }
    int signatureOffset = valueOffset + valueBytes;
    int signatureBytes = bytes.length - signatureOffset;
    if (signatureBytes < SIGNATURE_BYTES_MIN || signatureBytes > SIGNATURE_BYTES_MAX) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.SIGNATURE_LENGTH);
    }
    return new ParseOutcome.Parsed(
        new MutableRecord(bytes, publicKeyOffset, valueOffset, signatureOffset));
  }

  private static boolean isLabelByte(byte character) {
    return (character >= 'a' && character <= 'z')
        || (character >= '0' && character <= '9')
        || character == '-';
  }

  /**
   * A record that is not signed yet.
   *
   * <p>The constructor throws {@link IllegalArgumentException} if a component is out of its range.
   * Whether the lifetime is one that holders take is not checked here.
   *
   * @param uidVersion 1 or 2
   * @param label what the record is, at most {@link #LABEL_BYTES_MAX} lower-case letters, digits
   *     and hyphens; empty for the user's own place
   * @param publicKey the signer's SubjectPublicKeyInfo, 1 to {@link #PUBLIC_KEY_BYTES_MAX} bytes
   * @param sequence 1 to 2^63 - 1
   * @param issuedMillis when it is made, milliseconds since 1970, at least 0
   * @param expiresMillis when it ends, milliseconds since 1970, at least 0
   * @param value the content
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Draft(
      int uidVersion,
      String label,
      byte[] publicKey,
      long sequence,
      long issuedMillis,
      long expiresMillis,
      byte[] value) {

    public Draft {
      if (uidVersion != Uid.VERSION_1 && uidVersion != Uid.VERSION_2) {
        throw new IllegalArgumentException("uidVersion must be 1 or 2: " + uidVersion);
      }
      if (label.length() > LABEL_BYTES_MAX
          || !label.chars().allMatch(found -> found < 128 && isLabelByte((byte) found))) {
        throw new IllegalArgumentException("not a label: '" + label + "'");
      }
      if (publicKey.length < 1 || publicKey.length > PUBLIC_KEY_BYTES_MAX) {
        throw new IllegalArgumentException("not a public key's length: " + publicKey.length);
      }
      if (sequence < 1 || issuedMillis < 0 || expiresMillis < 0) {
        throw new IllegalArgumentException(
            "sequence and times must not be negative, nor the sequence 0: %d, %d, %d"
                .formatted(sequence, issuedMillis, expiresMillis));
      }
      publicKey = publicKey.clone();
      value = value.clone();
    }

    /**
     * Returns where the record will lie.
     *
     * @return its key
     */
    public NodeId place() {
      return Uid.ofKey(uidVersion, publicKey).place(label);
    }

    /**
     * Builds the bytes to sign.
     *
     * @param networkId the network
     * @return the statement
     */
    public byte[] statement(int networkId) {
      return SignedBytes.of(
          PURPOSE,
          new SignedBytes.Frame(networkId, place(), sequence, issuedMillis, expiresMillis),
          value);
    }

    /**
     * Returns how long the record will be.
     *
     * @param signatureBytes the length of its signature
     * @return the length in bytes, which may be more than an item's
     */
    public int size(int signatureBytes) {
      return FIXED_BYTES + label.length() + publicKey.length + value.length + signatureBytes;
    }

    /**
     * Makes the record.
     *
     * @param signature of {@link #statement}, {@link #SIGNATURE_BYTES_MIN} to {@link
     *     #SIGNATURE_BYTES_MAX} bytes
     * @return the record; the signature has not been verified
     * @throws IllegalArgumentException if the signature has another length, or the record would be
     *     longer than {@link StoredItem#BYTES_MAX}
     */
    public MutableRecord signed(byte[] signature) {
      int size = size(signature.length);
      if (size > BYTES_MAX) {
        throw new IllegalArgumentException(
            "a record has at most " + BYTES_MAX + " bytes, not " + size);
      }
      ByteBuffer bytes = ByteBuffer.allocate(size);
      bytes.put(KIND).put((byte) uidVersion).put((byte) label.length());
      bytes.put(label.getBytes(StandardCharsets.US_ASCII));
      bytes.putLong(sequence).putLong(issuedMillis).putLong(expiresMillis);
      bytes.putShort((short) publicKey.length).put(publicKey);
      bytes.putShort((short) value.length).put(value).put(signature);
      if (parseItem(bytes.array()) instanceof ParseOutcome.Parsed parsed
          && parsed.item() instanceof MutableRecord made) {
        return made;
      }
      throw new IllegalArgumentException("not a signature's length: " + signature.length);
    }
  }

  @Override
  public NodeId key() {
    return place;
  }

  /**
   * Returns the version of the owner's UID.
   *
   * @return 1 or 2
   */
  public int uidVersion() {
    return bytes[1];
  }

  /**
   * Returns what the record is.
   *
   * @return the label, empty for the user's own place
   */
  public String label() {
    return label;
  }

  /**
   * Returns the sequence.
   *
   * @return 1 to 2^63 - 1
   */
  public long sequence() {
    return ByteBuffer.wrap(bytes).getLong(3 + bytes[2]);
  }

  /**
   * Returns when it was made, as its owner says.
   *
   * @return milliseconds since 1970, at least 0
   */
  public long issuedMillis() {
    return ByteBuffer.wrap(bytes).getLong(3 + bytes[2] + Long.BYTES);
  }

  @Override
  public long expiresMillis() {
    return ByteBuffer.wrap(bytes).getLong(3 + bytes[2] + 2 * Long.BYTES);
  }

  /**
   * Returns the owner's SubjectPublicKeyInfo.
   *
   * @return a copy; whether it is a key at all has not been checked
   */
  public byte[] publicKey() {
    return Arrays.copyOfRange(bytes, publicKeyOffset, valueOffset - Short.BYTES);
  }

  /**
   * Returns the content.
   *
   * @return a copy
   */
  public byte[] value() {
    return Arrays.copyOfRange(bytes, valueOffset, signatureOffset);
  }

  /**
   * Returns the signature.
   *
   * @return a copy, {@link #SIGNATURE_BYTES_MIN} to {@link #SIGNATURE_BYTES_MAX} bytes
   */
  public byte[] signature() {
    return Arrays.copyOfRange(bytes, signatureOffset, bytes.length);
  }

  /**
   * Builds the bytes that the signature must be of.
   *
   * @param networkId the network
   * @return the statement
   */
  public byte[] statement(int networkId) {
    return SignedBytes.of(
        PURPOSE,
        new SignedBytes.Frame(networkId, place, sequence(), issuedMillis(), expiresMillis()),
        value());
  }

  @Override
  public int size() {
    return bytes.length;
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MutableRecord that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "MutableRecord[%s, sequence %d, %d bytes]".formatted(place, sequence(), bytes.length);
  }
}
