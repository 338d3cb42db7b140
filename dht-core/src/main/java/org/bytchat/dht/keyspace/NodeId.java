package org.bytchat.dht.keyspace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.apiguardian.api.API;

/**
 * A 160-bit point of the keyspace: the id of a node, or the key of something stored.
 *
 * <p>Immutable and safe for use by several threads. Ids are compared as unsigned big-endian
 * numbers; nearness is {@link Distance}, the XOR metric (Maymounkov and Mazières 2002, section
 * 2.1).
 */
@API(status = API.Status.EXPERIMENTAL)
public final class NodeId implements Comparable<NodeId> {

  /** Length of an id in bytes. */
  public static final int BYTES = 20;

  /** Length of an id in bits. */
  public static final int BITS = 160;

  /** The id of which every bit is zero. */
  public static final NodeId ZERO = new NodeId(0, 0, 0);

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final long high;
  private final long middle;
  private final int low;

  private NodeId(long high, long middle, int low) {
    this.high = high;
    this.middle = middle;
    this.low = low;
  }

  /**
   * Makes an id of its words.
   *
   * @param high bits 0 to 63, the most significant ones
   * @param middle bits 64 to 127
   * @param low bits 128 to 159
   * @return the id
   */
  public static NodeId of(long high, long middle, int low) {
    return new NodeId(high, middle, low);
  }

  /**
   * Makes an id of 20 bytes.
   *
   * @param bytes the id, big-endian; copied
   * @return the id
   * @throws IllegalArgumentException if there are not exactly 20 bytes
   */
  public static NodeId of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("an id has 20 bytes, not " + bytes.length);
    }
    return read(bytes, 0);
  }

  /**
   * Reads an id at an offset of an array.
   *
   * @param bytes the array
   * @param offset index of the first of the 20 bytes
   * @return the id
   * @throws IndexOutOfBoundsException if the array ends before the id does
   */
  public static NodeId read(byte[] bytes, int offset) {
    return new NodeId(
        (long) LONG.get(bytes, offset),
        (long) LONG.get(bytes, offset + 8),
        (int) INT.get(bytes, offset + 16));
  }

  /**
   * Parses the text form.
   *
   * @param hex 40 hexadecimal digits, either case
   * @return the id
   * @throws IllegalArgumentException if the text is not 40 hexadecimal digits
   */
  public static NodeId parse(String hex) {
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException(
          "an id is written as 40 hexadecimal digits, not " + hex.length() + " characters");
    }
    try {
      return read(HexFormat.of().parseHex(hex), 0);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a hexadecimal id: " + hex, e);
    }
  }

  /**
   * Returns the most significant word.
   *
   * @return bits 0 to 63
   */
  public long high() {
    return high;
  }

  /**
   * Returns the middle word.
   *
   * @return bits 64 to 127
   */
  public long middle() {
    return middle;
  }

  /**
   * Returns the least significant word.
   *
   * @return bits 128 to 159
   */
  public int low() {
    return low;
  }

  /**
   * Returns the XOR distance to another id.
   *
   * @param other the other id
   * @return the distance, zero only if the ids are equal
   */
  public Distance distanceTo(NodeId other) {
    return new Distance(high ^ other.high, middle ^ other.middle, low ^ other.low);
  }

  /**
   * Returns how many leading bits the two ids share.
   *
   * @param other the other id
   * @return 0 to 160; 160 only if the ids are equal
   */
  public int commonPrefixLength(NodeId other) {
    return commonPrefixLength(other.high, other.middle, other.low);
  }

  /**
   * Returns how many leading bits this id shares with one given as words.
   *
   * @param otherHigh bits 0 to 63 of the other id
   * @param otherMiddle bits 64 to 127
   * @param otherLow bits 128 to 159
   * @return 0 to 160; 160 only if the ids are equal
   */
  public int commonPrefixLength(long otherHigh, long otherMiddle, int otherLow) {
    long xor = high ^ otherHigh;
    if (xor != 0) {
      return Long.numberOfLeadingZeros(xor);
    }
    xor = middle ^ otherMiddle;
    if (xor != 0) {
      return 64 + Long.numberOfLeadingZeros(xor);
    }
    return 128 + Integer.numberOfLeadingZeros(low ^ otherLow);
  }

  /**
   * Tells whether this id has given words.
   *
   * @param otherHigh bits 0 to 63
   * @param otherMiddle bits 64 to 127
   * @param otherLow bits 128 to 159
   * @return whether all are equal
   */
  public boolean hasWords(long otherHigh, long otherMiddle, int otherLow) {
    return high == otherHigh && middle == otherMiddle && low == otherLow;
  }

  /**
   * Tells whether another id is at most as far from this one as a distance.
   *
   * @param distance the upper 64 bits of it, without sign; lower bits do not count
   * @param other the other id
   * @return whether it is
   */
  public boolean isWithin(long distance, NodeId other) {
    return Long.compareUnsigned(high ^ other.high, distance) <= 0;
  }

  /**
   * Compares which of two ids is nearer to this one.
   *
   * @param a an id
   * @param b another id
   * @return negative if {@code a} is nearer, positive if {@code b} is, zero only if they are equal
   */
  public int compareDistance(NodeId a, NodeId b) {
    int order = Long.compareUnsigned(high ^ a.high, high ^ b.high);
    if (order == 0) {
      order = Long.compareUnsigned(middle ^ a.middle, middle ^ b.middle);
    }
    return order != 0 ? order : Integer.compareUnsigned(low ^ a.low, low ^ b.low);
  }

  /**
   * Returns one bit.
   *
   * @param index 0 (most significant) to 159
   * @return whether the bit is set
   * @throws IndexOutOfBoundsException if there is no such bit
   */
  public boolean bit(int index) {
    if (index < 0 || index >= BITS) {
      throw new IndexOutOfBoundsException("bit " + index + " of a 160-bit id");
    }
    if (index < 64) {
      return (high >>> (63 - index) & 1) != 0;
    }
    return index < 128 ? (middle >>> (127 - index) & 1) != 0 : (low >>> (159 - index) & 1) != 0;
  }

  /**
   * Writes the 20 bytes into an array.
   *
   * @param target the array
   * @param offset index of the first byte written
   * @throws IndexOutOfBoundsException if the array is too short
   */
  public void write(byte[] target, int offset) {
    LONG.set(target, offset, high);
    LONG.set(target, offset + 8, middle);
    INT.set(target, offset + 16, low);
  }

  /**
   * Returns the id as bytes.
   *
   * @return a new array of 20 bytes, big-endian
   */
  public byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    write(bytes, 0);
    return bytes;
  }

  @Override
  public int compareTo(NodeId other) {
    int order = Long.compareUnsigned(high, other.high);
    if (order == 0) {
      order = Long.compareUnsigned(middle, other.middle);
    }
    return order != 0 ? order : Integer.compareUnsigned(low, other.low);
  }

  @Override
  public boolean equals(Object other) {
    return other == this
        || (other instanceof NodeId that
            && high == that.high
            && middle == that.middle
            && low == that.low);
  }

  @Override
  public int hashCode() {
    // Ids are hashes, but a peer may choose them: mix, so that it cannot aim at one hash slot.
    return Long.hashCode((high ^ Long.rotateLeft(middle, 29) ^ low) * 0x9E3779B97F4A7C15L);
  }

  /** Returns the 40 hexadecimal digits that {@link #parse} reads. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(toBytes());
  }
}
