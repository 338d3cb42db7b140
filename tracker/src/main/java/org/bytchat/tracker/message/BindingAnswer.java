package org.bytchat.tracker.message;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;
import org.jspecify.annotations.Nullable;

/** The payload of an answer to {@code bind} or {@code find}. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface BindingAnswer {

  /**
   * Reads an answer.
   *
   * @param bytes any bytes
   * @return the answer, or why the bytes are none
   */
  static Parsed<BindingAnswer> parse(byte[] bytes) {
    return FieldReader.parse(bytes, BindingAnswer::read);
  }

  private static BindingAnswer read(FieldReader fields) throws FieldReader.Refused {
    int kind = fields.unsignedByte();
    return switch (kind) {
      case Nonce.KIND ->
          new Nonce(
              fields.bytes(BindingQuery.NONCE_BYTES),
              fields.number("the time"),
              readEndpoint(fields));
      case Bound.KIND -> readBound(fields);
      case Devices.KIND -> readDevices(fields);
      case Refused.KIND -> readRefused(fields);
      default -> throw new FieldReader.Refused("no answer is of kind " + kind);
    };
  }

  private static Endpoint readEndpoint(FieldReader fields) throws FieldReader.Refused {
    int length = fields.unsignedByte();
    for (AddressFamily family : AddressFamily.values()) {
      if (family.endpointBytes() == length) {
        return Endpoint.read(family, fields.bytes(length), 0);
      }
    }
    throw new FieldReader.Refused("no endpoint has " + length + " bytes");
  }

  private static Bound readBound(FieldReader fields) throws FieldReader.Refused {
    long untilMillis = fields.number("the end");
    int isElsewhere = fields.unsignedByte();
    if (isElsewhere > 1) {
      throw new FieldReader.Refused("a flag is 0 or 1");
    }
    return new Bound(untilMillis, isElsewhere == 0 ? null : readPlace(fields));
  }

  private static Place readPlace(FieldReader fields) throws FieldReader.Refused {
    return new Place(
        DeviceId.of(fields.bytes(DeviceId.BYTES)), readEndpoint(fields), fields.number("the end"));
  }

  private static Devices readDevices(FieldReader fields) throws FieldReader.Refused {
    long listVersion = fields.number("the version");
    int count = fields.unsignedByte();
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.add(readPlace(fields));
    }
    return new Devices(listVersion, places);
  }

  private static Refused readRefused(FieldReader fields) throws FieldReader.Refused {
    int code = fields.unsignedByte();
    Optional<Refusal> refusal = Refusal.of(code);
    if (refusal.isEmpty()) {
      throw new FieldReader.Refused("no refusal has the number " + code);
    }
    return new Refused(refusal.get());
  }

  /**
   * Returns the answer's bytes.
   *
   * @return what {@link #parse} reads, at most 400 bytes
   */
  byte[] toBytes();

  /**
   * Where a device is bound.
   *
   * @param device the device
   * @param endpoint where the tracker saw it
   * @param untilMillis when that ends, by the tracker's clock
   */
  record Place(DeviceId device, Endpoint endpoint, long untilMillis) {

    private void write(ByteBuffer bytes) {
      bytes.put(device.toBytes());
      writeEndpoint(bytes, endpoint);
      bytes.putLong(untilMillis);
    }
  }

  private static void writeEndpoint(ByteBuffer bytes, Endpoint endpoint) {
    byte[] carried = new byte[endpoint.family().endpointBytes()];
    endpoint.write(carried, 0);
    bytes.put((byte) carried.length).put(carried);
  }

  private static byte[] taken(ByteBuffer bytes) {
    byte[] taken = new byte[bytes.flip().remaining()];
    bytes.get(taken);
    return taken;
  }

  /**
   * A nonce, for one query from where the asker is, within a minute.
   *
   * @param nonce to be signed
   * @param nowMillis the tracker's time, milliseconds since 1970
   * @param observed where the tracker sees the asker; to be signed, too
   */
  record Nonce(byte[] nonce, long nowMillis, Endpoint observed) implements BindingAnswer {

    static final int KIND = 0;

    /**
     * Makes an answer; the nonce is copied.
     *
     * @throws IllegalArgumentException if it has another length
     */
    public Nonce {
      if (nonce.length != BindingQuery.NONCE_BYTES) {
        throw new IllegalArgumentException("a nonce has 16 bytes");
      }
      nonce = nonce.clone();
    }

    @Override
    public byte[] nonce() {
      return nonce.clone();
    }

    @Override
    public byte[] toBytes() {
      ByteBuffer bytes = ByteBuffer.allocate(64).put((byte) KIND).put(nonce).putLong(nowMillis);
      writeEndpoint(bytes, observed);
      return taken(bytes);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Nonce that
          && Arrays.equals(nonce, that.nonce)
          && nowMillis == that.nowMillis
          && observed.equals(that.observed);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(nonce);
    }
  }

  /**
   * The device is bound.
   *
   * @param untilMillis when that ends, by the tracker's clock
   * @param elsewhere where the same device is, or was just before, bound from another endpoint;
   *     null if nowhere. If that was not this device, somebody has its key
   */
  record Bound(long untilMillis, @Nullable Place elsewhere) implements BindingAnswer {

    static final int KIND = 1;

    @Override
    public byte[] toBytes() {
      ByteBuffer bytes = ByteBuffer.allocate(96).put((byte) KIND).putLong(untilMillis);
      Place other = elsewhere;
      bytes.put((byte) (other == null ? 0 : 1));
      if (other != null) {
        other.write(bytes);
      }
      return taken(bytes);
    }
  }

  /**
   * The user's bound devices.
   *
   * @param listVersion the newest version of the device list that the tracker knows
   * @param places the devices, at most 8
   */
  record Devices(long listVersion, List<Place> places) implements BindingAnswer {

    static final int KIND = 2;

    public Devices {
      places = List.copyOf(places);
    }

    @Override
    public byte[] toBytes() {
      ByteBuffer bytes = ByteBuffer.allocate(16 + 64 * places.size());
      bytes.put((byte) KIND).putLong(listVersion).put((byte) places.size());
      places.forEach(place -> place.write(bytes));
      return taken(bytes);
    }
  }

  /**
   * It was refused.
   *
   * @param refusal why
   */
  record Refused(Refusal refusal) implements BindingAnswer {

    static final int KIND = 3;

    @Override
    public byte[] toBytes() {
      return new byte[] {KIND, (byte) refusal.code()};
    }
  }
}
