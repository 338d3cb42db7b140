package org.bytchat.sim.network;

import java.util.Arrays;
import org.bytchat.dht.identity.SignatureScheme;

/**
 * Signatures for simulations: a keyed hash of the sizes of Ed25519. Whoever knows the public key
 * can sign, so it shows what honest nodes do, and what those cannot do who do not try to forge.
 *
 * <p>A 64-bit hash by multiplication (SplitMix64), fast enough for a million nodes to prove their
 * ids.
 */
public enum SimulatedScheme implements SignatureScheme {
  /** The one instance. */
  INSTANCE;

  private static final int SIGNATURE_BYTES = 64;
  private static final long FACTOR = 0x9E3779B97F4A7C15L;

  @Override
  public byte[] publicKey(byte[] seed) {
    return Arrays.copyOf(sign(seed, seed, seed), SEED_BYTES);
  }

  @Override
  public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
    byte[] signature = new byte[SIGNATURE_BYTES];
    long state = absorb(absorb(FACTOR, publicKey), message);
    for (int at = 0; at < SIGNATURE_BYTES; at += Long.BYTES) {
      state += FACTOR;
      long word = mix(state);
      for (int i = 0; i < Long.BYTES; i++) {
        signature[at + i] = (byte) (word >>> 8 * i);
      }
    }
    return signature;
  }

  @Override
  public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
    return Arrays.equals(sign(publicKey, publicKey, message), signature);
  }

  private static long absorb(long start, byte[] bytes) {
    long state = start ^ bytes.length;
    int at = 0;
    while (at < bytes.length) {
      long word = 0;
      for (int i = 0; i < Long.BYTES && at < bytes.length; i++) {
        word |= (bytes[at++] & 0xffL) << 8 * i;
      }
      state = mix(state ^ word) * FACTOR;
    }
    return state;
  }

  /** The output function of SplitMix64. */
  private static long mix(long value) {
    long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
