package org.bytchat.tracker.message;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * The payload of a {@code bind} or {@code find}: who asks, and what shows it. Each is preceded by
 * an {@link AskNonce}, whose answer has the nonce.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface BindingQuery {

  /** The length of a nonce in bytes. */
  int NONCE_BYTES = 16;

  /**
   * Reads a query.
   *
   * @param bytes any bytes
   * @return the query, or why the bytes are none
   */
  static Parsed<BindingQuery> parse(byte[] bytes) {
    return bytes.length == 0
        ? new Parsed.Good<>(new AskNonce())
        : FieldReader.parse(bytes, BindingQuery::read);
  }

  private static BindingQuery read(FieldReader fields) throws FieldReader.Refused {
    int kind = fields.unsignedByte();
    return switch (kind) {
      case Bind.KIND ->
          new Bind(
              DeviceId.of(fields.bytes(DeviceId.BYTES)),
              fields.number("the version"),
              readShown(fields));
      case FindAsDevice.KIND ->
          new FindAsDevice(DeviceId.of(fields.bytes(DeviceId.BYTES)), readShown(fields));
      case FindAsContact.KIND -> new FindAsContact(fields.bytes(32), readShown(fields));
      default -> throw new FieldReader.Refused("no query is of kind " + kind);
    };
  }

  private static Shown readShown(FieldReader fields) throws FieldReader.Refused {
    return new Shown(
        fields.number("the time"), fields.bytes(NONCE_BYTES), fields.bytes(Shown.SIGNATURE_BYTES));
  }

  /**
   * Returns the query's bytes.
   *
   * @return what {@link #parse} reads
   */
  byte[] toBytes();

  /**
   * What shows who asks.
   *
   * @param atMillis the time, by the tracker's clock as far as the asker knows it
   * @param nonce what the tracker gave
   * @param signature over purpose "bind" or "find", see {@link
   *     org.bytchat.tracker.device.DeviceStatements}
   */
  record Shown(long atMillis, byte[] nonce, byte[] signature) {

    static final int SIGNATURE_BYTES = 64;
    static final int BYTES = Long.BYTES + NONCE_BYTES + SIGNATURE_BYTES;

    /**
     * Makes it; the arrays are copied.
     *
     * @throws IllegalArgumentException if one has another length
     */
    public Shown {
      if (nonce.length != NONCE_BYTES || signature.length != SIGNATURE_BYTES) {
        throw new IllegalArgumentException("a nonce has 16 bytes and a signature 64");
      }
      nonce = nonce.clone();
      signature = signature.clone();
    }

    @Override
    public byte[] nonce() {
      return nonce.clone();
    }

    @Override
    public byte[] signature() {
      return signature.clone();
    }

    private byte[] after(int kind, byte[]... fields) {
      int length = 1 + BYTES;
      for (byte[] field : fields) {
        length += field.length;
      }
      ByteBuffer bytes = ByteBuffer.allocate(length).put((byte) kind);
      for (byte[] field : fields) {
        bytes.put(field);
      }
      return bytes.putLong(atMillis).put(nonce).put(signature).array();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Shown that
          && atMillis == that.atMillis
          && Arrays.equals(nonce, that.nonce)
          && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(signature);
    }

    @Override
    public String toString() {
      return "Shown[at " + atMillis + "]";
    }
  }

  /** Asks for a nonce: the empty payload. */
  record AskNonce() implements BindingQuery {
    @Override
    public byte[] toBytes() {
      return new byte[0];
    }
  }

  /**
   * Binds a device to where the tracker sees it.
   *
   * @param device the device
   * @param listVersion the newest version of the device list that it knows, from 0
   * @param shown what shows it
   */
  record Bind(DeviceId device, long listVersion, Shown shown) implements BindingQuery {

    static final int KIND = 1;

    @Override
    public byte[] toBytes() {
      byte[] version = ByteBuffer.allocate(Long.BYTES).putLong(listVersion).array();
      return shown.after(KIND, device.toBytes(), version);
    }
  }

  /**
   * A device of the user asks where the others are.
   *
   * @param device the device
   * @param shown what shows it
   */
  record FindAsDevice(DeviceId device, Shown shown) implements BindingQuery {

    static final int KIND = 2;

    @Override
    public byte[] toBytes() {
      return shown.after(KIND, device.toBytes());
    }
  }

  /**
   * A contact asks where the user's devices are.
   *
   * @param deliveryKey the key that the user gave the contact, 32 bytes
   * @param shown what shows it
   */
  record FindAsContact(byte[] deliveryKey, Shown shown) implements BindingQuery {

    static final int KIND = 3;

    /**
     * Makes a query; the key is copied.
     *
     * @throws IllegalArgumentException if the key has another length
     */
    public FindAsContact {
      if (deliveryKey.length != 32) {
        throw new IllegalArgumentException("a delivery key has 32 bytes");
      }
      deliveryKey = deliveryKey.clone();
    }

    @Override
    public byte[] deliveryKey() {
      return deliveryKey.clone();
    }

    @Override
    public byte[] toBytes() {
      return shown.after(KIND, deliveryKey);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof FindAsContact that
          && Arrays.equals(deliveryKey, that.deliveryKey)
          && shown.equals(that.shown);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(deliveryKey);
    }

    /** Does not name the contact. */
    @Override
    public String toString() {
      return "FindAsContact[" + shown + "]";
    }
  }
}
