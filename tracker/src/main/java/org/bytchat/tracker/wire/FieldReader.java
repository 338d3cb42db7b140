package org.bytchat.tracker.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;

/**
 * Reads the fields of a signed value, one after the other, big-endian. Not thread-safe.
 *
 * <p>Bytes that end too soon, or a field that is out of its range, end the reading: {@link #parse}
 * turns that into {@link Parsed.Malformed}.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class FieldReader {

  private final ByteBuffer input;

  /**
   * Reads a value of its fields.
   *
   * @param <T> what is read
   */
  @FunctionalInterface
  public interface Layout<T> {

    /**
     * Reads.
     *
     * @param fields the bytes
     * @return the value
     * @throws Refused if they are none
     */
    T read(FieldReader fields) throws Refused;
  }

  /** A field is out of its range. Does not leave this package's callers. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    /**
     * Makes a refusal.
     *
     * @param reason what is wrong
     */
    public Refused(String reason) {
      super(reason, null, false, false);
    }
  }

  private FieldReader(byte[] bytes) {
    this.input = ByteBuffer.wrap(bytes);
  }

  /**
   * Reads all of some bytes.
   *
   * @param <T> what is read
   * @param bytes any bytes
   * @param layout reads the fields
   * @return what came of it; bytes that are left over are a fault
   */
  public static <T> Parsed<T> parse(byte[] bytes, Layout<T> layout) {
    FieldReader fields = new FieldReader(bytes);
    try {
      T value = layout.read(fields);
      if (fields.input.hasRemaining()) {
        return new Parsed.Malformed<>(fields.input.remaining() + " bytes are left over");
      }
      return new Parsed.Good<>(value);
    } catch (Refused e) {
      return new Parsed.Malformed<>(String.valueOf(e.getMessage()));
    } catch (BufferUnderflowException e) {
      return new Parsed.Malformed<>("it ends too soon");
    }
  }

  /**
   * Reads an unsigned byte.
   *
   * @return 0 to 255
   */
  public int unsignedByte() {
    return input.get() & 0xff;
  }

  /**
   * Reads two bytes.
   *
   * @return 0 to 65,535
   */
  public int unsignedShort() {
    return input.getShort() & 0xffff;
  }

  /**
   * Reads eight bytes of a number that is not negative, such as a time.
   *
   * @param what names the field
   * @return 0 to 2^63 - 1
   * @throws Refused if it is beyond that
   */
  public long number(String what) throws Refused {
    long number = input.getLong();
    if (number < 0) {
      throw new Refused(what + " is beyond 2^63 - 1");
    }
    return number;
  }

  /**
   * Reads bytes.
   *
   * @param length how many, of the format or of a field of two bytes at most
   * @return a new array
   */
  public byte[] bytes(int length) {
    if (length > input.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    input.get(bytes);
    return bytes;
  }

  /**
   * Passes over bytes.
   *
   * @param length how many
   */
  public void skip(int length) {
    if (length > input.remaining()) {
      throw new BufferUnderflowException();
    }
    input.position(input.position() + length);
  }

  /**
   * Reads an id.
   *
   * @return the id
   */
  public NodeId nodeId() {
    return NodeId.read(bytes(NodeId.BYTES), 0);
  }

  /**
   * Reads all that is left.
   *
   * @return a new array
   */
  public byte[] rest() {
    return bytes(input.remaining());
  }
}
