package org.bytchat.tracker.device;

import java.util.Arrays;
import java.util.HexFormat;
import org.apiguardian.api.API;
import org.bytchat.tracker.wire.Sha256;

/**
 * What names a device: the first 16 bytes of the SHA-256 of its Ed25519 key, so that nobody can
 * take the id of another's.
 *
 * <p>Immutable and safe for use by several threads. The order is that of unsigned bytes.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DeviceId implements Comparable<DeviceId> {

  /** The length in bytes. */
  public static final int BYTES = 16;

  private final byte[] bytes;

  private DeviceId(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes an id as it was carried.
   *
   * @param bytes {@link #BYTES} bytes; copied
   * @return the id
   * @throws IllegalArgumentException if the length is another
   */
  public static DeviceId of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a device's id has " + BYTES + " bytes, not " + bytes.length);
    }
    return new DeviceId(bytes.clone());
  }

  /**
   * Returns the id of a key.
   *
   * @param publicKey the device's Ed25519 key, 32 bytes
   * @return its id
   */
  public static DeviceId ofKey(byte[] publicKey) {
    return new DeviceId(Arrays.copyOf(Sha256.of(publicKey), BYTES));
  }

  /**
   * Returns the bytes.
   *
   * @return a copy
   */
  public byte[] toBytes() {
    return bytes.clone();
  }

  @Override
  public int compareTo(DeviceId other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeviceId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Lower-case hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
