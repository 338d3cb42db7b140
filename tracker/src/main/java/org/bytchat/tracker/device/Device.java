package org.bytchat.tracker.device;

import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;

/**
 * A device of a user, as their device list has it. Immutable.
 *
 * @param signingKey its Ed25519 public key, 32 bytes
 * @param exchangeKey its X25519 public key, 32 bytes
 * @param since the version of the first list that has it, from 1
 */
@API(status = API.Status.EXPERIMENTAL)
public record Device(byte[] signingKey, byte[] exchangeKey, long since) {

  /** The length of either key. */
  public static final int KEY_BYTES = SignatureScheme.SEED_BYTES;

  /**
   * Makes a device.
   *
   * @throws IllegalArgumentException if a key has another length, or the version is not positive
   */
  public Device {
    if (signingKey.length != KEY_BYTES || exchangeKey.length != KEY_BYTES) {
      throw new IllegalArgumentException("the keys of a device have " + KEY_BYTES + " bytes each");
    }
    if (since < 1) {
      throw new IllegalArgumentException("a device is listed since version 1 or later: " + since);
    }
    signingKey = signingKey.clone();
    exchangeKey = exchangeKey.clone();
  }

  @Override
  public byte[] signingKey() {
    return signingKey.clone();
  }

  @Override
  public byte[] exchangeKey() {
    return exchangeKey.clone();
  }

  /**
   * Returns what names the device.
   *
   * @return the id that follows from its Ed25519 key
   */
  public DeviceId id() {
    return DeviceId.ofKey(signingKey);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Device that
        && Arrays.equals(signingKey, that.signingKey)
        && Arrays.equals(exchangeKey, that.exchangeKey)
        && since == that.since;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signingKey);
  }

  @Override
  public String toString() {
    return "Device[" + id() + ", since version " + since + "]";
  }
}
