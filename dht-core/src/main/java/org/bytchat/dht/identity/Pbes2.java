package org.bytchat.dht.identity;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * Encryption under a passphrase, PBES2 of PKCS#5 (RFC 8018), in an EncryptedPrivateKeyInfo.
 *
 * @param prf the platform's name of the derivation
 * @param salt its salt
 * @param iterations its rounds
 * @param keyBytes the length of the AES key
 * @param iv the first block of the chain
 */
record Pbes2(String prf, byte[] salt, int iterations, int keyBytes, byte[] iv) {

  /** How many rounds this library writes: what OWASP asks of PBKDF2-HMAC-SHA256. */
  static final int ITERATIONS = 600_000;

  /** How many rounds are done for a file at most: several seconds. */
  static final int ITERATIONS_MAX = 10_000_000;

  private static final int SALT_BYTES = 16;
  private static final int SALT_BYTES_MAX = 128;
  private static final int BLOCK_BYTES = 16;
  private static final ASN1ObjectIdentifier SCRYPT =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.11591.4.11");
  private static final String SHA1 = "PBKDF2WithHmacSHA1";
  private static final String SHA256 = "PBKDF2WithHmacSHA256";
  private static final String SHA512 = "PBKDF2WithHmacSHA512";

  /** Returns the DER of an EncryptedPrivateKeyInfo. */
  static byte[] encrypt(byte[] plain, char[] passphrase, SecureRandom random) {
    if (passphrase.length == 0) {
      throw new IllegalArgumentException("the passphrase is empty");
    }
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] iv = new byte[BLOCK_BYTES];
    random.nextBytes(iv);
    Pbes2 parameters = new Pbes2(SHA256, salt, ITERATIONS, 32, iv);
    try {
      byte[] sealed = parameters.cipher(Cipher.ENCRYPT_MODE, passphrase).doFinal(plain);
      return new EncryptedPrivateKeyInfo(parameters.identifier(), sealed)
          .getEncoded(ASN1Encoding.DER);
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError("every Java platform has AES and PBKDF2", e);
    }
  }

  private AlgorithmIdentifier identifier() {
    AlgorithmIdentifier hmac =
        new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE);
    KeyDerivationFunc derivation =
        new KeyDerivationFunc(
            PKCSObjectIdentifiers.id_PBKDF2, new PBKDF2Params(salt, iterations, hmac));
    EncryptionScheme scheme =
        new EncryptionScheme(NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(iv));
    return new AlgorithmIdentifier(
        PKCSObjectIdentifiers.id_PBES2, new PBES2Parameters(derivation, scheme));
  }

  /**
   * Decrypts.
   *
   * @param encoded the DER of an EncryptedPrivateKeyInfo
   * @return what was encrypted, if the passphrase is right; a wrong one is noticed nearly always
   * @throws IllegalArgumentException if the bytes are not that, if how they are encrypted is not
   *     supported, or if the passphrase is noticed to be wrong
   */
  static byte[] decrypt(byte[] encoded, char[] passphrase) {
    EncryptedPrivateKeyInfo info =
        KeyDer.read(
            "an encrypted private key",
            () -> EncryptedPrivateKeyInfo.getInstance(ASN1Primitive.fromByteArray(encoded)));
    Pbes2 parameters = parse(info.getEncryptionAlgorithm());
    try {
      return parameters.cipher(Cipher.DECRYPT_MODE, passphrase).doFinal(info.getEncryptedData());
    } catch (GeneralSecurityException e) {
      throw wrongPassphrase();
    }
  }

  static IllegalArgumentException wrongPassphrase() {
    return new IllegalArgumentException("the passphrase is wrong, or the key is damaged");
  }

  private static Pbes2 parse(AlgorithmIdentifier algorithm) {
    if (!algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
      throw unsupported("encryption " + algorithm.getAlgorithm().getId());
    }
    PBES2Parameters parameters =
        KeyDer.read(
            "PBES2 parameters", () -> PBES2Parameters.getInstance(algorithm.getParameters()));
    KeyDerivationFunc derivation = parameters.getKeyDerivationFunc();
    if (derivation.getAlgorithm().equals(SCRYPT)) {
      throw unsupported("key derivation scrypt");
    }
    if (!derivation.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
      throw unsupported("key derivation " + derivation.getAlgorithm().getId());
    }
    PBKDF2Params pbkdf2 =
        KeyDer.read(
            "PBKDF2 parameters", () -> PBKDF2Params.getInstance(derivation.getParameters()));
    EncryptionScheme scheme = parameters.getEncryptionScheme();
    int keyBytes = keyBytes(scheme.getAlgorithm());
    byte[] iv =
        KeyDer.read(
            "an initialisation vector",
            () -> ASN1OctetString.getInstance(scheme.getParameters()).getOctets());
    BigInteger length = pbkdf2.getKeyLength();
    if (iv.length != BLOCK_BYTES
        || (length != null && !length.equals(BigInteger.valueOf(keyBytes)))) {
      throw new IllegalArgumentException("encryption parameters of wrong lengths");
    }
    return new Pbes2(prf(pbkdf2), salt(pbkdf2), iterations(pbkdf2), keyBytes, iv);
  }

  private static int keyBytes(ASN1ObjectIdentifier cipher) {
    if (cipher.equals(NISTObjectIdentifiers.id_aes128_CBC)) {
      return 16;
    }
    if (cipher.equals(NISTObjectIdentifiers.id_aes192_CBC)) {
      return 24;
    }
    if (cipher.equals(NISTObjectIdentifiers.id_aes256_CBC)) {
      return 32;
    }
    throw unsupported("cipher " + cipher.getId());
  }

  private static String prf(PBKDF2Params pbkdf2) {
    ASN1ObjectIdentifier prf = pbkdf2.getPrf().getAlgorithm();
    if (prf.equals(PKCSObjectIdentifiers.id_hmacWithSHA1)) {
      return SHA1;
    }
    if (prf.equals(PKCSObjectIdentifiers.id_hmacWithSHA256)) {
      return SHA256;
    }
    if (prf.equals(PKCSObjectIdentifiers.id_hmacWithSHA512)) {
      return SHA512;
    }
    throw unsupported("pseudo-random function " + prf.getId());
  }

  private static byte[] salt(PBKDF2Params pbkdf2) {
    byte[] salt = pbkdf2.getSalt();
    if (salt.length == 0 || salt.length > SALT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a salt of " + salt.length + " bytes, not 1 to " + SALT_BYTES_MAX);
    }
    return salt;
  }

  private static int iterations(PBKDF2Params pbkdf2) {
    BigInteger iterations = pbkdf2.getIterationCount();
    if (iterations.signum() <= 0 || iterations.compareTo(BigInteger.valueOf(ITERATIONS_MAX)) > 0) {
      throw new IllegalArgumentException("an iteration count that is not 1 to " + ITERATIONS_MAX);
    }
    return iterations.intValueExact();
  }

  private static IllegalArgumentException unsupported(String what) {
    return new IllegalArgumentException(
        what
            + " is not supported; write the key anew with"
            + " openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter "
            + ITERATIONS);
  }

  private Cipher cipher(int mode, char[] passphrase) throws GeneralSecurityException {
    PBEKeySpec spec = new PBEKeySpec(passphrase, salt, iterations, keyBytes * 8);
    byte[] key = SecretKeyFactory.getInstance(prf).generateSecret(spec).getEncoded();
    spec.clearPassword();
    try {
      Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
      return cipher;
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** Without the salt and the vector; there is nothing secret in here. */
  @Override
  public String toString() {
    return "Pbes2[" + prf + ", " + iterations + ", AES-" + keyBytes * 8 + "]";
  }
}
