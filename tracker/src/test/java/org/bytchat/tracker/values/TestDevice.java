package org.bytchat.tracker.values;

import java.util.Arrays;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;

/** A device with its private key, for tests; also a contact with a delivery key. */
public final class TestDevice {

  private final byte[] seed;
  private final byte[] publicKey;

  /** Makes the device of a seed of 32 bytes. */
  public TestDevice(byte[] seed) {
    this.seed = seed.clone();
    this.publicKey = Ed25519Scheme.INSTANCE.publicKey(seed);
  }

  /** Returns the device whose seed is 32 times a byte. */
  public static TestDevice of(int number) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) number);
    return new TestDevice(seed);
  }

  /** Returns the private key. */
  public byte[] seed() {
    return seed.clone();
  }

  /** Returns the public key. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** Returns what names it. */
  public DeviceId id() {
    return DeviceId.ofKey(publicKey);
  }

  /** Returns it as a list has it; what follows from its number stands for its X25519 key. */
  public Device since(long version) {
    byte[] exchangeKey = publicKey.clone();
    exchangeKey[0] ^= 1;
    return new Device(publicKey, exchangeKey, version);
  }

  /** Signs a statement. */
  public byte[] sign(byte[] statement) {
    return Ed25519Scheme.INSTANCE.sign(seed, publicKey, statement);
  }
}
