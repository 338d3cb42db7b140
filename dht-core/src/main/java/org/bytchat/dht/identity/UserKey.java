package org.bytchat.dht.identity;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * A user's private key: it signs what the user stores.
 *
 * <p>Key files are PKCS#8 in PEM, plain or encrypted, as openssl reads and writes them. No method
 * and no exception tells anything of the secret except {@link #encoded}, {@link #toPem} and {@link
 * #toEncryptedPem}. What is copied on the way is overwritten, except where the platform keeps it in
 * objects that cannot be; arrays that the caller passes or gets are the caller's to overwrite.
 *
 * <p>Immutable and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class UserKey {

  static final String RSA_SIGNATURE = "SHA256withRSA";

  private final UserPublicKey publicKey;
  private final Secret secret;

  /** The part of a key that differs by algorithm. */
  private interface Secret {

    byte[] sign(byte[] statement);

    byte[] encoded();
  }

  private UserKey(UserPublicKey publicKey, Secret secret) {
    this.publicKey = publicKey;
    this.secret = secret;
  }

  /**
   * Makes a new Ed25519 key.
   *
   * @param random the platform's secure random numbers
   * @return the key
   */
  public static UserKey generateEd25519(SecureRandom random) {
    byte[] seed = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(seed);
    try {
      return ofSeed(Ed25519Scheme.INSTANCE, seed);
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  /**
   * Makes a new RSA key with the public exponent 65537. Takes up to some seconds.
   *
   * @param bits 2048 or 3072
   * @param random the platform's secure random numbers
   * @return the key
   * @throws IllegalArgumentException for another size
   */
  public static UserKey generateRsa(int bits, SecureRandom random) {
    if (bits != KeyDer.RSA_BITS_MIN && bits != KeyDer.RSA_BITS_MAX) {
      throw new IllegalArgumentException("a new RSA key has 2048 or 3072 bits, not " + bits);
    }
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(new RSAKeyGenParameterSpec(bits, KeyDer.RSA_EXPONENT), random);
      return ofRsa((RSAPrivateCrtKey) generator.generateKeyPair().getPrivate());
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform makes RSA keys", e);
    }
  }

  /**
   * Makes an Ed25519 key of its seed, or what a simulator has in its place.
   *
   * @param scheme the signature algorithm
   * @param seed 32 bytes; copied
   * @return the key
   * @throws IllegalArgumentException if the seed has another length
   */
  public static UserKey ofSeed(SignatureScheme scheme, byte[] seed) {
    NodeIdentity pair = NodeIdentity.of(scheme, seed);
    return new UserKey(
        UserPublicKey.ofEd25519(pair.publicKey(), scheme),
        new Secret() {
          @Override
          public byte[] sign(byte[] statement) {
            return pair.sign(statement);
          }

          @Override
          public byte[] encoded() {
            byte[] copy = pair.seed();
            try {
              return KeyDer.ed25519Private(copy);
            } finally {
              Arrays.fill(copy, (byte) 0);
            }
          }
        });
  }

  private static UserKey ofRsa(RSAPrivateCrtKey key) {
    return new UserKey(
        UserPublicKey.ofRsa(key.getModulus()),
        new Secret() {
          @Override
          public byte[] sign(byte[] statement) {
            try {
              Signature platform = Signature.getInstance(RSA_SIGNATURE);
              platform.initSign(key);
              platform.update(statement);
              return platform.sign();
            } catch (GeneralSecurityException e) {
              throw new IllegalStateException("the platform cannot sign with this RSA key", e);
            }
          }

          @Override
          public byte[] encoded() {
            return KeyDer.rsaPrivate(key);
          }
        });
  }

  /**
   * Reads a key.
   *
   * <p>For Ed25519, versions 1 and 2 of the structure are taken (RFC 5958); the public key that
   * version 2 may carry must belong to the private one. All numbers of an RSA key are checked
   * against each other. Attributes are passed over.
   *
   * @param encoded PKCS#8 as DER, not encrypted
   * @return the key
   * @throws IllegalArgumentException if it is anything else; the message says why, and nothing of
   *     the content
   */
  public static UserKey parse(byte[] encoded) {
    return of(KeyDer.privateInfo(encoded));
  }

  private static UserKey of(PrivateKeyInfo info) {
    UserKey key;
    if (KeyDer.isEd25519(info.getPrivateKeyAlgorithm())) {
      byte[] seed = KeyDer.ed25519Seed(info);
      key = ofSeed(Ed25519Scheme.INSTANCE, seed);
      Arrays.fill(seed, (byte) 0);
    } else if (KeyDer.isRsa(info.getPrivateKeyAlgorithm())) {
      try {
        KeyFactory factory = KeyFactory.getInstance("RSA");
        key = ofRsa((RSAPrivateCrtKey) factory.generatePrivate(KeyDer.rsaNumbers(info)));
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException("an RSA key that the platform does not take");
      }
    } else {
      throw KeyDer.unsupported(info.getPrivateKeyAlgorithm().getAlgorithm());
    }
    ASN1BitString named = info.getPublicKeyData();
    if (named != null && !key.publicKey.hasKeyBits(named)) {
      throw new IllegalArgumentException("the public key beside the private key is another one's");
    }
    return key;
  }

  /**
   * Says whether a key file needs a passphrase.
   *
   * @param text the content of a PEM file
   * @return whether its key is encrypted
   * @throws IllegalArgumentException if there is not exactly one PKCS#8 private key in it
   */
  public static boolean isEncryptedPem(byte[] text) {
    KeyPem pem = KeyPem.parse(text);
    pem.wipe();
    return pem.encrypted();
  }

  /**
   * Reads a key file.
   *
   * <p>Encrypted ones may use PBES2 with PBKDF2 (HMAC with SHA-1, SHA-256 or SHA-512, at most
   * 10,000,000 iterations, which take several seconds) and AES-128, -192 or -256 in CBC mode.
   *
   * @param text the content of a PEM file; lines outside its one block are passed over
   * @param passphrase for an encrypted key, as its UTF-8; not needed for a plain one
   * @return the key
   * @throws IllegalArgumentException if there is no such key in it, or the passphrase is missing or
   *     wrong; the message says which, and nothing of the content
   */
  public static UserKey parsePem(byte[] text, char @Nullable [] passphrase) {
    KeyPem pem = KeyPem.parse(text);
    try {
      if (!pem.encrypted()) {
        return parse(pem.der());
      }
      if (passphrase == null) {
        throw new IllegalArgumentException("the key is encrypted: a passphrase is needed");
      }
      return parseDecrypted(Pbes2.decrypt(pem.der(), passphrase));
    } finally {
      pem.wipe();
    }
  }

  /** One wrong passphrase in 256 decrypts to something, which is no key. */
  private static UserKey parseDecrypted(byte[] encoded) {
    try {
      PrivateKeyInfo info;
      try {
        info = KeyDer.privateInfo(encoded);
      } catch (IllegalArgumentException e) {
        throw Pbes2.wrongPassphrase();
      }
      return of(info);
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  /**
   * Returns the public key.
   *
   * @return the key that verifies what this one signs
   */
  public UserPublicKey publicKey() {
    return publicKey;
  }

  /**
   * Signs a statement.
   *
   * @param statement bytes made by {@link SignedBytes}
   * @return the signature, {@link UserPublicKey#signatureBytes} long; the same one every time
   * @throws IllegalArgumentException if the bytes do not begin as those of {@link SignedBytes} do
   */
  public byte[] sign(byte[] statement) {
    if (!SignedBytes.isStatement(statement)) {
      throw new IllegalArgumentException("only statements made by SignedBytes are signed");
    }
    return secret.sign(statement);
  }

  /**
   * Returns the private key, to be kept secret.
   *
   * @return PKCS#8 as DER, not encrypted
   */
  public byte[] encoded() {
    return secret.encoded();
  }

  /**
   * Returns the private key as the content of a file, to be kept secret.
   *
   * @return ASCII, {@code -----BEGIN PRIVATE KEY-----} and so on
   */
  public byte[] toPem() {
    KeyPem pem = new KeyPem(false, encoded());
    try {
      return pem.text();
    } finally {
      pem.wipe();
    }
  }

  /**
   * Encrypts the private key into the content of a file: PBES2 with PBKDF2-HMAC-SHA256, 600,000
   * iterations, and AES-256 in CBC mode. Takes some tenths of a second.
   *
   * @param passphrase not empty; its UTF-8 counts
   * @param random the platform's secure random numbers
   * @return ASCII, {@code -----BEGIN ENCRYPTED PRIVATE KEY-----} and so on
   * @throws IllegalArgumentException if the passphrase is empty
   */
  public byte[] toEncryptedPem(char[] passphrase, SecureRandom random) {
    byte[] plain = encoded();
    try {
      return new KeyPem(true, Pbes2.encrypt(plain, passphrase, random)).text();
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }

  /** Names the kind of key and its UID of the default version; nothing secret. */
  @Override
  public String toString() {
    return "UserKey[" + publicKey.type() + ", " + publicKey.uid(Uid.DEFAULT_VERSION) + "]";
  }
}
