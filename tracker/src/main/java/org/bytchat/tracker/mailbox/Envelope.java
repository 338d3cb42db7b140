package org.bytchat.tracker.mailbox;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * A sealed message in a mailbox. What is sealed says nothing to who holds it; the length is one of
 * eight, so that it says little.
 *
 * <p>Immutable, if nobody changes the array that it was read of, which is not copied; then safe for
 * use by several threads. There are no others than those that {@link #parse} takes, so that the
 * digest is always that of the bytes.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Envelope {

  /** The length of the shortest. */
  public static final int BYTES_MIN = 512;

  /** The length of the longest. */
  public static final int BYTES_MAX = 64 * 1024;

  /** What comes before the sealed bytes. */
  public static final int HEADER_BYTES = 1 + NodeId.BYTES + 2 * Long.BYTES;

  /** The shortest life. */
  public static final Duration TTL_MIN = Duration.ofDays(3);

  /** The longest life. */
  public static final Duration TTL_MAX = Duration.ofDays(7);

  private static final int FORMAT = 1;

  private final NodeId mailbox;
  private final long createdMillis;
  private final long expiresMillis;
  private final byte[] bytes;
  private final Digest digest;

  private Envelope(NodeId mailbox, long createdMillis, long expiresMillis, byte[] bytes) {
    this.mailbox = mailbox;
    this.createdMillis = createdMillis;
    this.expiresMillis = expiresMillis;
    this.bytes = bytes;
    this.digest = Digest.sha256(bytes);
  }

  /**
   * Tells how long the envelope of some sealed bytes is.
   *
   * @param sealedBytes their length
   * @return the least of 512, 1,024 … 65,536 that has room for them
   * @throws IllegalArgumentException if the longest envelope has not
   */
  public static int lengthFor(int sealedBytes) {
    int length = BYTES_MIN;
    while (length < BYTES_MAX && length - HEADER_BYTES < sealedBytes) {
      length *= 2;
    }
    if (sealedBytes < 0 || length - HEADER_BYTES < sealedBytes) {
      throw new IllegalArgumentException(
          "an envelope holds at most %d sealed bytes, not %d"
              .formatted(BYTES_MAX - HEADER_BYTES, sealedBytes));
    }
    return length;
  }

  /**
   * Makes an envelope.
   *
   * @param mailbox whose it is
   * @param createdMillis when it is made, milliseconds since 1970
   * @param expiresMillis when it ends, 3 to 7 days later
   * @param sealed what is in it, padded by who sealed it to {@link #lengthFor} less {@link
   *     #HEADER_BYTES}
   * @return the envelope
   * @throws IllegalArgumentException if the times are out of the range or the length is no such
   */
  public static Envelope of(NodeId mailbox, long createdMillis, long expiresMillis, byte[] sealed) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + sealed.length);
    bytes.put((byte) FORMAT).put(mailbox.toBytes()).putLong(createdMillis);
    byte[] all = bytes.putLong(expiresMillis).put(sealed).array();
    Parsed<Envelope> parsed = parse(all);
    if (parsed instanceof Parsed.Malformed<Envelope> malformed) {
      throw new IllegalArgumentException("no envelope: " + malformed.reason());
    }
    return parsed.toOptional().orElseThrow();
  }

  /**
   * Reads an envelope. Knows no clock: whether it has ended is for who holds it.
   *
   * @param bytes any bytes; not copied
   * @return the envelope, or why the bytes are none
   */
  public static Parsed<Envelope> parse(byte[] bytes) {
    if (Integer.bitCount(bytes.length) != 1
        || bytes.length < BYTES_MIN
        || bytes.length > BYTES_MAX) {
      return new Parsed.Malformed<>(
          "an envelope has 512, 1,024 … 65,536 bytes, not " + bytes.length);
    }
    return FieldReader.parse(bytes, fields -> read(fields, bytes));
  }

  private static Envelope read(FieldReader fields, byte[] bytes) throws FieldReader.Refused {
    int format = fields.unsignedByte();
    if (format != FORMAT) {
      throw new FieldReader.Refused("the format " + format + " is not known");
    }
    NodeId mailbox = fields.nodeId();
    long createdMillis = fields.number("the time of creation");
    long expiresMillis = fields.number("the time of expiry");
    long lifeMillis = expiresMillis - createdMillis;
    if (lifeMillis < TTL_MIN.toMillis() || lifeMillis > TTL_MAX.toMillis()) {
      throw new FieldReader.Refused("it lives 3 to 7 days, not " + lifeMillis + " ms");
    }
    fields.skip(bytes.length - HEADER_BYTES);
    return new Envelope(mailbox, createdMillis, expiresMillis, bytes);
  }

  /**
   * Returns whose it is.
   *
   * @return the mailbox
   */
  public NodeId mailbox() {
    return mailbox;
  }

  /**
   * Returns when it was made, as its sender says, who should round it.
   *
   * @return milliseconds since 1970
   */
  public long createdMillis() {
    return createdMillis;
  }

  /**
   * Returns when it ends.
   *
   * @return milliseconds since 1970, 3 to 7 days after it was made
   */
  public long expiresMillis() {
    return expiresMillis;
  }

  /**
   * Returns all of it, as carried.
   *
   * @return the array itself, not to be changed
   */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * Returns what names it.
   *
   * @return the SHA-256 of its bytes
   */
  public Digest digest() {
    return digest;
  }

  /**
   * Returns what is sealed.
   *
   * @return a copy
   */
  public byte[] sealed() {
    byte[] sealed = new byte[bytes.length - HEADER_BYTES];
    System.arraycopy(bytes, HEADER_BYTES, sealed, 0, sealed.length);
    return sealed;
  }

  /** Two envelopes of one digest are the same. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Envelope that && digest.equals(that.digest);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public String toString() {
    return "Envelope[%s, %d bytes]".formatted(digest, bytes.length);
  }
}
