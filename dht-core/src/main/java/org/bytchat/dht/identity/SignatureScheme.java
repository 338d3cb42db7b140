package org.bytchat.dht.identity;

import org.apiguardian.api.API;

/**
 * A signature algorithm for the keys of nodes, with the sizes of Ed25519.
 *
 * <p>Production has {@link Ed25519Scheme}; a simulator may bring a cheaper one of equal sizes, and
 * must say so in its report. Implementations are stateless and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public interface SignatureScheme {

  /** The length of a private seed in bytes. */
  int SEED_BYTES = 32;

  /**
   * Derives the public key.
   *
   * @param seed the private seed, {@link #SEED_BYTES} long
   * @return a new array of 32 bytes
   */
  byte[] publicKey(byte[] seed);

  /**
   * Signs.
   *
   * @param seed the private seed
   * @param publicKey the public key of that seed
   * @param message what to sign
   * @return a new array of 64 bytes
   */
  byte[] sign(byte[] seed, byte[] publicKey, byte[] message);

  /**
   * Verifies.
   *
   * @param publicKey any 32 bytes
   * @param message what was signed
   * @param signature any 64 bytes
   * @return whether the signature is good; false, never an exception, for bytes that are no key
   */
  boolean verify(byte[] publicKey, byte[] message, byte[] signature);

  /**
   * Says whether bytes are a public key that may stand for somebody.
   *
   * @param publicKey any bytes
   * @return whether they are; no, for a key with which more than its owner can sign
   */
  default boolean isPublicKey(byte[] publicKey) {
    return publicKey.length == SEED_BYTES;
  }
}
