package org.bytchat.tracker.repair;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * What trackers have to agree on about one envelope, held or deleted: that it was there, and which
 * of the listed devices have acknowledged it. Whether it is deleted is each tracker's own decision.
 *
 * @param digest the envelope
 * @param devices those of the newest list that have acknowledged it, rising
 */
@API(status = API.Status.EXPERIMENTAL)
public record Item(Digest digest, List<DeviceId> devices) {

  /** How many devices may be named. */
  public static final int DEVICES_MAX = 8;

  /**
   * Makes an item.
   *
   * @throws IllegalArgumentException if there are too many devices
   */
  public Item {
    devices = List.copyOf(devices);
    if (devices.size() > DEVICES_MAX) {
      throw new IllegalArgumentException("an item names at most 8 devices");
    }
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @param bytes any bytes
   * @return the item, or why the bytes are none
   */
  public static Parsed<Item> parse(byte[] bytes) {
    return FieldReader.parse(bytes, Item::read);
  }

  static Item read(FieldReader fields) throws FieldReader.Refused {
    Digest digest = Digest.of(fields.bytes(Digest.BYTES));
    int count = fields.unsignedByte();
    if (count > DEVICES_MAX) {
      throw new FieldReader.Refused("an item names at most 8 devices, not " + count);
    }
    List<DeviceId> devices = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      devices.add(DeviceId.of(fields.bytes(DeviceId.BYTES)));
    }
    return new Item(digest, devices);
  }

  /**
   * Returns the length of the form on the wire.
   *
   * @return 33 to 161 bytes
   */
  public int sizeBytes() {
    return Digest.BYTES + 1 + devices.size() * DeviceId.BYTES;
  }

  /**
   * Returns the form on the wire, which is also what a fingerprint is made of.
   *
   * @return the digest, the number of devices in one byte, and their ids
   */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(sizeBytes());
    bytes.put(digest.toBytes()).put((byte) devices.size());
    devices.forEach(device -> bytes.put(device.toBytes()));
    return bytes.array();
  }
}
