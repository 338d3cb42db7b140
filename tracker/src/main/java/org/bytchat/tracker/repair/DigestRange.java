package org.bytchat.tracker.repair;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * All items of a mailbox from one digest to another, in short.
 *
 * @param first the lowest digest that is in it
 * @param last the highest digest that is in it, not below the first
 * @param fingerprint of the items in it, see {@link Fingerprints#of(java.util.List)}
 */
@API(status = API.Status.EXPERIMENTAL)
public record DigestRange(Digest first, Digest last, Digest fingerprint) {

  /** The length of its form in bytes. */
  public static final int BYTES = 3 * Digest.BYTES;

  /** The lowest digest there is. */
  public static final Digest LOWEST = Digest.of(new byte[Digest.BYTES]);

  /** The highest digest there is. */
  public static final Digest HIGHEST = highest();

  /**
   * Makes a range.
   *
   * @throws IllegalArgumentException if the last digest is below the first
   */
  public DigestRange {
    if (first.compareTo(last) > 0) {
      throw new IllegalArgumentException("a range rises");
    }
  }

  private static Digest highest() {
    byte[] bytes = new byte[Digest.BYTES];
    Arrays.fill(bytes, (byte) 0xff);
    return Digest.of(bytes);
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @param bytes any bytes
   * @return the range, or why the bytes are none
   */
  public static Parsed<DigestRange> parse(byte[] bytes) {
    return FieldReader.parse(bytes, DigestRange::read);
  }

  static DigestRange read(FieldReader fields) throws FieldReader.Refused {
    Digest first = Digest.of(fields.bytes(Digest.BYTES));
    Digest last = Digest.of(fields.bytes(Digest.BYTES));
    if (first.compareTo(last) > 0) {
      throw new FieldReader.Refused("a range rises");
    }
    return new DigestRange(first, last, Digest.of(fields.bytes(Digest.BYTES)));
  }

  /**
   * Tells whether a digest is in the range.
   *
   * @param digest the digest
   * @return whether it is
   */
  public boolean contains(Digest digest) {
    return first.compareTo(digest) <= 0 && digest.compareTo(last) <= 0;
  }

  /**
   * Returns the form on the wire.
   *
   * @return {@link #BYTES} bytes
   */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .put(first.toBytes())
        .put(last.toBytes())
        .put(fingerprint.toBytes())
        .array();
  }
}
