package org.bytchat.dht.identity;

import java.io.IOException;
import java.math.BigInteger;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/** Users' keys as DER: SubjectPublicKeyInfo (RFC 5280, 8410) and PKCS#8 (RFC 5208, 5958). */
final class KeyDer {

  static final int RSA_BITS_MIN = 2048;
  static final int RSA_BITS_MAX = 3072;
  static final BigInteger RSA_EXPONENT = BigInteger.valueOf(65537);

  /** More than any key that is taken needs, attributes included. */
  static final int PRIVATE_BYTES_MAX = 8192;

  private static final AlgorithmIdentifier RSA =
      new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
  private static final AlgorithmIdentifier ED25519 =
      new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.101.112"));

  private KeyDer() {}

  /** Something that may fail on bytes that are no DER in ways of its own. */
  @FunctionalInterface
  interface Reading<T> {
    @Nullable T read() throws IOException;
  }

  /**
   * Runs the library's parser on foreign bytes. What it throws has no common type but these two,
   * and may quote what it read, so nothing of it is passed on. It makes null of no bytes.
   */
  static <T> T read(String what, Reading<T> reading) {
    T found;
    try {
      found = reading.read();
    } catch (IOException | RuntimeException e) {
      found = null;
    }
    if (found == null) {
      throw new IllegalArgumentException("not the DER of " + what);
    }
    return found;
  }

  static byte[] ed25519Public(byte[] publicKey) {
    byte[] prefix = NodeIdentity.SPKI_PREFIX;
    byte[] encoded = Arrays.copyOf(prefix, prefix.length + publicKey.length);
    System.arraycopy(publicKey, 0, encoded, prefix.length, publicKey.length);
    return encoded;
  }

  static byte[] rsaPublic(BigInteger modulus) {
    try {
      return new SubjectPublicKeyInfo(RSA, new RSAPublicKey(modulus, RSA_EXPONENT))
          .getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new AssertionError("a key can always be written", e);
    }
  }

  static SubjectPublicKeyInfo publicInfo(byte[] encoded) {
    return read(
        "a SubjectPublicKeyInfo",
        () -> SubjectPublicKeyInfo.getInstance(ASN1Primitive.fromByteArray(encoded)));
  }

  /** Returns the modulus of an RSA key that is written in the one way that is taken. */
  static BigInteger rsaModulus(SubjectPublicKeyInfo info, byte[] encoded) {
    RSAPublicKey key =
        read("an RSA public key", () -> RSAPublicKey.getInstance(info.parsePublicKey()));
    BigInteger modulus = key.getModulus();
    checkRsa(modulus, key.getPublicExponent());
    if (!Arrays.equals(rsaPublic(modulus), encoded)) {
      throw new IllegalArgumentException("an RSA key that is not written as canonical DER");
    }
    return modulus;
  }

  private static void checkRsa(BigInteger modulus, BigInteger exponent) {
    int bits = modulus.bitLength();
    if (modulus.signum() <= 0 || bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || bits % 8 != 0) {
      throw new IllegalArgumentException(
          "an RSA key has %d to %d bits, a multiple of 8, not %d"
              .formatted(RSA_BITS_MIN, RSA_BITS_MAX, bits));
    }
    if (!modulus.testBit(0)) {
      throw new IllegalArgumentException("an RSA key with an even modulus");
    }
    if (!exponent.equals(RSA_EXPONENT)) {
      throw new IllegalArgumentException("an RSA key whose exponent is not " + RSA_EXPONENT);
    }
  }

  static byte[] ed25519Private(byte[] seed) {
    return privateInfo(ED25519, new DEROctetString(seed));
  }

  static byte[] rsaPrivate(RSAPrivateCrtKey key) {
    return privateInfo(
        RSA,
        new RSAPrivateKey(
            key.getModulus(),
            key.getPublicExponent(),
            key.getPrivateExponent(),
            key.getPrimeP(),
            key.getPrimeQ(),
            key.getPrimeExponentP(),
            key.getPrimeExponentQ(),
            key.getCrtCoefficient()));
  }

  private static byte[] privateInfo(AlgorithmIdentifier algorithm, ASN1Encodable key) {
    try {
      return new PrivateKeyInfo(algorithm, key).getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new AssertionError("a key can always be written", e);
    }
  }

  /** Returns the outer structure of PKCS#8, which must be DER and end where the bytes end. */
  static PrivateKeyInfo privateInfo(byte[] encoded) {
    if (encoded.length > PRIVATE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a private key of more than " + PRIVATE_BYTES_MAX + " bytes");
    }
    return read(
        "a PKCS#8 private key",
        () -> {
          PrivateKeyInfo info = PrivateKeyInfo.getInstance(ASN1Primitive.fromByteArray(encoded));
          byte[] again = info.getEncoded(ASN1Encoding.DER);
          boolean same = Arrays.equals(again, encoded);
          Arrays.fill(again, (byte) 0);
          if (!same) {
            throw new IOException("not DER");
          }
          return info;
        });
  }

  static boolean isEd25519(AlgorithmIdentifier algorithm) {
    return is(algorithm, ED25519);
  }

  static boolean isRsa(AlgorithmIdentifier algorithm) {
    return is(algorithm, RSA);
  }

  private static boolean is(AlgorithmIdentifier algorithm, AlgorithmIdentifier wanted) {
    if (!algorithm.getAlgorithm().equals(wanted.getAlgorithm())) {
      return false;
    }
    if (!algorithm.equals(wanted)) {
      throw new IllegalArgumentException("a key whose algorithm has other parameters than usual");
    }
    return true;
  }

  static IllegalArgumentException unsupported(ASN1ObjectIdentifier algorithm) {
    return new IllegalArgumentException(
        "a key of algorithm " + algorithm.getId() + "; only Ed25519 and RSA are supported");
  }

  static byte[] ed25519Seed(PrivateKeyInfo info) {
    byte[] seed =
        read(
            "an Ed25519 private key",
            () -> ASN1OctetString.getInstance(info.parsePrivateKey()).getOctets());
    if (seed.length != SignatureScheme.SEED_BYTES) {
      throw new IllegalArgumentException(
          "an Ed25519 private key of " + seed.length + " bytes, not 32");
    }
    return seed;
  }

  /** Returns the numbers of an RSA key after checking each against the others. */
  static RSAPrivateCrtKeySpec rsaNumbers(PrivateKeyInfo info) {
    RSAPrivateKey key =
        read("an RSA private key", () -> RSAPrivateKey.getInstance(info.parsePrivateKey()));
    checkRsa(key.getModulus(), key.getPublicExponent());
    if (!areConsistent(key)) {
      throw new IllegalArgumentException(
          "the numbers of the RSA private key contradict each other");
    }
    return new RSAPrivateCrtKeySpec(
        key.getModulus(),
        key.getPublicExponent(),
        key.getPrivateExponent(),
        key.getPrime1(),
        key.getPrime2(),
        key.getExponent1(),
        key.getExponent2(),
        key.getCoefficient());
  }

  /** RFC 8017, section 3.2: a wrong number here would give the key away with a signature. */
  private static boolean areConsistent(RSAPrivateKey key) {
    BigInteger p = key.getPrime1();
    BigInteger q = key.getPrime2();
    BigInteger d = key.getPrivateExponent();
    BigInteger one = BigInteger.ONE;
    if (p.compareTo(one) <= 0 || q.compareTo(one) <= 0 || !p.multiply(q).equals(key.getModulus())) {
      return false;
    }
    BigInteger p1 = p.subtract(one);
    BigInteger q1 = q.subtract(one);
    BigInteger product = key.getPublicExponent().multiply(d);
    return d.signum() > 0
        && d.compareTo(key.getModulus()) < 0
        && product.mod(p1).equals(one)
        && product.mod(q1).equals(one)
        && key.getExponent1().equals(d.mod(p1))
        && key.getExponent2().equals(d.mod(q1))
        && key.getCoefficient().signum() > 0
        && key.getCoefficient().compareTo(p) < 0
        && key.getCoefficient().multiply(q).mod(p).equals(one);
  }
}
