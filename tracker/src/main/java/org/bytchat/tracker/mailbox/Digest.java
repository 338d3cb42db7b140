package org.bytchat.tracker.mailbox;

import java.util.Arrays;
import java.util.HexFormat;
import org.apiguardian.api.API;
import org.bytchat.tracker.wire.Sha256;

/**
 * What names an envelope everywhere: the SHA-256 of all of its bytes.
 *
 * <p>Immutable and safe for use by several threads. The order is that of unsigned bytes.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Digest implements Comparable<Digest> {

  /** The length in bytes. */
  public static final int BYTES = 32;

  private final byte[] bytes;

  private Digest(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes a digest as it was carried.
   *
   * @param bytes {@link #BYTES} bytes; copied
   * @return the digest
   * @throws IllegalArgumentException if the length is another
   */
  public static Digest of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a digest has " + BYTES + " bytes, not " + bytes.length);
    }
    return new Digest(bytes.clone());
  }

  /**
   * Hashes.
   *
   * @param parts what to hash, one after the other
   * @return the SHA-256
   */
  public static Digest sha256(byte[]... parts) {
    return new Digest(Sha256.of(parts));
  }

  /**
   * Returns the bytes.
   *
   * @return a copy
   */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /**
   * Copies the bytes into an array.
   *
   * @param target the array
   * @param offset where in it
   */
  public void write(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, BYTES);
  }

  /**
   * Returns the number of zero bits that the digest begins with.
   *
   * @return 0 to 256
   */
  public int leadingZeros() {
    int whole = 0;
    while (whole < BYTES && bytes[whole] == 0) {
      whole++;
    }
    return whole == BYTES
        ? Byte.SIZE * BYTES
        : Byte.SIZE * whole + Integer.numberOfLeadingZeros(bytes[whole] & 0xff) - 24;
  }

  @Override
  public int compareTo(Digest other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digest that && Arrays.equals(bytes, that.bytes);
  }

  /** Its first four bytes, which are as good as random. */
  @Override
  public int hashCode() {
    return bytes[0] << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
  }

  /** Lower-case hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
