package org.bytchat.dht.identity;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A user's public key, from which their {@link Uid} follows.
 *
 * <p>Ed25519, or RSA of 2048 to 3072 bits (a multiple of 8) with the public exponent 65537. RSA
 * signs with PKCS#1 v1.5 and SHA-256. One key has exactly one form, so that it has exactly one UID
 * of each version.
 *
 * <p>Immutable and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class UserPublicKey {

  /** How the key signs. */
  public enum Algorithm {
    /** RFC 8032 and 8410. */
    ED25519,
    /** RFC 8017, RSASSA-PKCS1-v1_5 with SHA-256. */
    RSA
  }

  /** The length of the longest key that is taken, RSA of 3072 bits, in bytes. */
  public static final int ENCODED_BYTES_MAX = 422;

  private static final int ED25519_BITS = 256;

  private final Algorithm algorithm;
  private final byte[] encoded;
  private final int bits;
  private final Verifier verifier;

  /** Verifies with one key; may throw on a bad signature. */
  @FunctionalInterface
  private interface Verifier {
    boolean verify(byte[] statement, byte[] signature) throws GeneralSecurityException;
  }

  private UserPublicKey(Algorithm algorithm, byte[] encoded, int bits, Verifier verifier) {
    this.algorithm = algorithm;
    this.encoded = encoded;
    this.bits = bits;
    this.verifier = verifier;
  }

  /**
   * Reads a key.
   *
   * <p>Refuses an Ed25519 key that is not the canonical form of a point of the prime-order group:
   * with a point of small order anyone can sign, and with one of mixed order implementations
   * disagree on what is signed. For Ed25519 this costs about as much as a verification, for RSA
   * little.
   *
   * @param encoded its SubjectPublicKeyInfo as canonical DER; copied
   * @return the key
   * @throws IllegalArgumentException if it is anything else; the message says why
   */
  public static UserPublicKey parse(byte[] encoded) {
    return parse(encoded, Ed25519Scheme.INSTANCE);
  }

  /**
   * Reads a key in a network whose Ed25519 is something else, for simulators.
   *
   * @param encoded as for {@link #parse(byte[])}
   * @param ed25519 what verifies, and knows keys, in the place of Ed25519
   * @return the key
   * @throws IllegalArgumentException if it is anything else; the message says why
   */
  public static UserPublicKey parse(byte[] encoded, SignatureScheme ed25519) {
    if (encoded.length > ENCODED_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a public key has at most %d bytes, not %d".formatted(ENCODED_BYTES_MAX, encoded.length));
    }
    SubjectPublicKeyInfo info = KeyDer.publicInfo(encoded);
    if (KeyDer.isEd25519(info.getAlgorithm())) {
      int start = Math.max(0, encoded.length - SignatureScheme.SEED_BYTES);
      byte[] key = Arrays.copyOfRange(encoded, start, encoded.length);
      if (!Arrays.equals(KeyDer.ed25519Public(key), encoded)) {
        throw new IllegalArgumentException("an Ed25519 key that is not written as canonical DER");
      }
      return ofEd25519(key, ed25519);
    }
    if (KeyDer.isRsa(info.getAlgorithm())) {
      return ofRsa(KeyDer.rsaModulus(info, encoded));
    }
    throw KeyDer.unsupported(info.getAlgorithm().getAlgorithm());
  }

  static UserPublicKey ofEd25519(byte[] key, SignatureScheme scheme) {
    if (!scheme.isPublicKey(key)) {
      throw new IllegalArgumentException(
          "an Ed25519 key that is no point of the prime-order group, or not its canonical form");
    }
    return new UserPublicKey(
        Algorithm.ED25519,
        KeyDer.ed25519Public(key),
        ED25519_BITS,
        (statement, signature) -> scheme.verify(key, statement, signature));
  }

  static UserPublicKey ofRsa(BigInteger modulus) {
    PublicKey key;
    try {
      key =
          KeyFactory.getInstance("RSA")
              .generatePublic(new RSAPublicKeySpec(modulus, KeyDer.RSA_EXPONENT));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("an RSA key that the platform does not take", e);
    }
    return new UserPublicKey(
        Algorithm.RSA,
        KeyDer.rsaPublic(modulus),
        modulus.bitLength(),
        (statement, signature) -> {
          Signature platform = Signature.getInstance(UserKey.RSA_SIGNATURE);
          platform.initVerify(key);
          platform.update(statement);
          return platform.verify(signature);
        });
  }

  /**
   * Returns how the key signs.
   *
   * @return the algorithm
   */
  public Algorithm algorithm() {
    return algorithm;
  }

  /**
   * Returns what people call the kind of key.
   *
   * @return {@code ed25519}, or {@code rsa} and the number of bits, as in {@code rsa2048}
   */
  public String type() {
    return algorithm == Algorithm.ED25519 ? "ed25519" : "rsa" + bits;
  }

  /**
   * Returns the key's SubjectPublicKeyInfo.
   *
   * @return a copy of the DER, at most {@link #ENCODED_BYTES_MAX} bytes
   */
  public byte[] encoded() {
    return encoded.clone();
  }

  /** Says whether a BIT STRING beside a private key is this key's. */
  boolean hasKeyBits(ASN1BitString bits) {
    return KeyDer.publicInfo(encoded).getPublicKeyData().equals(bits);
  }

  /**
   * Returns how long every signature of the key is.
   *
   * @return 64 bytes for Ed25519, 256 to 384 for RSA
   */
  public int signatureBytes() {
    return algorithm == Algorithm.ED25519 ? 64 : bits / 8;
  }

  /**
   * Returns the UID of the key.
   *
   * @param version 1 or 2
   * @return the UID
   * @throws IllegalArgumentException if there is no such version
   */
  public Uid uid(int version) {
    return Uid.ofKey(version, encoded);
  }

  /**
   * Verifies.
   *
   * @param statement bytes made by {@link SignedBytes}
   * @param signature any bytes
   * @return whether the signature is good; false, never an exception, for bytes that are none
   */
  public boolean verify(byte[] statement, byte[] signature) {
    if (signature.length != signatureBytes()) {
      return false;
    }
    try {
      return verifier.verify(statement, signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UserPublicKey that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  /** Names the kind of key and its UID of the default version. */
  @Override
  public String toString() {
    return "UserPublicKey[" + type() + ", " + uid(Uid.DEFAULT_VERSION) + "]";
  }
}
