package org.bytchat.dht.testkit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bytchat.dht.identity.SignatureScheme;

/**
 * Signatures that anyone can forge, a hundred times cheaper than real ones and as long: for tests
 * of large networks in which nobody does.
 */
public enum HashScheme implements SignatureScheme {
  /** The one instance. */
  INSTANCE;

  @Override
  public byte[] publicKey(byte[] seed) {
    return hash(seed, new byte[0]);
  }

  @Override
  public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
    return Arrays.copyOf(hash(publicKey, message), 64);
  }

  @Override
  public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
    return Arrays.equals(sign(new byte[0], publicKey, message), signature);
  }

  private static byte[] hash(byte[] first, byte[] second) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(first);
      return digest.digest(second);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
