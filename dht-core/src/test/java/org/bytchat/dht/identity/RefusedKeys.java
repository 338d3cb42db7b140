package org.bytchat.dht.identity;

import static org.bytchat.dht.identity.TestKeys.concat;
import static org.bytchat.dht.identity.TestKeys.der;
import static org.bytchat.dht.identity.TestKeys.integer;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Public keys that nobody may have, each wrong in one way. */
final class RefusedKeys {

  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] ED25519 = HEX.parseHex("302a300506032b6570032100");
  private static final byte[] RSA_OID = HEX.parseHex("06092a864886f70d010101");
  private static final byte[] NULL = {5, 0};
  private static final BigInteger EXPONENT = BigInteger.valueOf(65537);
  private static final BigInteger MODULUS = odd(2048);

  private RefusedKeys() {}

  /**
   * A key.
   *
   * @param name what is wrong
   * @param encoded its bytes
   * @param reason part of the message
   */
  record Refused(String name, byte[] encoded, String reason) {}

  static List<Refused> all() {
    List<Refused> all = new ArrayList<>(ed25519());
    all.addAll(rsaNumbers());
    all.addAll(rsaForms());
    all.add(refused("empty", "", "not the DER"));
    all.add(new Refused("too-long", der(0x30, new byte[420]), "at most 422"));
    all.add(
        refused(
            "x25519",
            "302a300506032b656e032100" + "3d4017c3e843895a92b70aa74d1b7ebc".repeat(2),
            "algorithm 1.3.101.110"));
    all.add(
        new Refused(
            "rsa-pss",
            spki(HEX.parseHex("06092a864886f70d01010a"), new byte[0], rsaBits(MODULUS, EXPONENT)),
            "algorithm 1.2.840.113549.1.1.10"));
    return all;
  }

  private static List<Refused> ed25519() {
    String good = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    List<Refused> all = new ArrayList<>();
    // The eight points whose order divides 8.
    List<String> small =
        List.of(
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa");
    for (int i = 0; i < small.size(); i++) {
      all.add(point("ed25519-small-order-" + i, small.get(i)));
    }
    // A good point plus one of order 8, 4 and 2.
    List<String> mixed =
        List.of(
            "0169d3c02f3edd121cafbe1dfd45c4cf4aac216a79e36e6326419f2a654d2d46",
            "e16c0bbb8a9aed2119dd3057675579fca6a881f5b5ab6f09fad362f705ac11b3",
            "b0bfe83c17bc76a56d48f558b2e481436367d330d13b69733f32aa0ed50b99f3");
    for (int i = 0; i < mixed.size(); i++) {
      all.add(point("ed25519-mixed-order-" + i, mixed.get(i)));
    }
    String p = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    all.add(point("ed25519-y-is-p", "edff" + p));
    all.add(point("ed25519-y-is-p-plus-1", "eeff" + p));
    all.add(point("ed25519-y-is-p-plus-3", "f0ff" + p));
    all.add(
        point(
            "ed25519-zero-x-with-sign",
            "0100000000000000000000000000000000000000000000000000000000000080"));
    all.add(
        point(
            "ed25519-no-point",
            "0200000000000000000000000000000000000000000000000000000000000000"));
    all.add(
        refused("ed25519-null-parameters", "302c300706032b65700500032100" + good, "parameters"));
    all.add(refused("ed25519-short", "3029300506032b6570032000" + good.substring(2), "canonical"));
    all.add(refused("ed25519-long-form-length", "30812a300506032b6570032100" + good, "canonical"));
    all.add(refused("ed25519-unused-bits", "302a300506032b6570032104" + good, "canonical"));
    all.add(refused("ed25519-trailing-byte", HEX.formatHex(ED25519) + good + "00", "not the DER"));
    all.add(refused("ed25519-bare", good, "not the DER"));
    return all;
  }

  private static List<Refused> rsaNumbers() {
    return List.of(
        new Refused("rsa-1024", rsa(odd(1024), EXPONENT), "2048 to 3072 bits"),
        new Refused("rsa-2040", rsa(odd(2040), EXPONENT), "2048 to 3072 bits"),
        new Refused("rsa-2047", rsa(odd(2047), EXPONENT), "2048 to 3072 bits"),
        new Refused("rsa-2052", rsa(odd(2052), EXPONENT), "2048 to 3072 bits"),
        new Refused("rsa-3080", rsa(odd(3080), EXPONENT), "at most 422 bytes"),
        new Refused("rsa-4096", rsa(odd(4096), EXPONENT), "at most 422 bytes"),
        new Refused("rsa-even", rsa(MODULUS.add(BigInteger.ONE), EXPONENT), "even"),
        new Refused("rsa-negative", rsa(MODULUS.negate(), EXPONENT), "canonical"),
        new Refused("rsa-exponent-1", rsa(MODULUS, BigInteger.ONE), "exponent"),
        new Refused("rsa-exponent-3", rsa(MODULUS, BigInteger.valueOf(3)), "exponent"),
        new Refused("rsa-exponent-65539", rsa(MODULUS, EXPONENT.add(BigInteger.TWO)), "exponent"),
        new Refused("rsa-exponent-negative", rsa(MODULUS, EXPONENT.negate()), "exponent"));
  }

  private static List<Refused> rsaForms() {
    byte[] bits = rsaBits(MODULUS, EXPONENT);
    byte[] good = spki(RSA_OID, NULL, bits);
    byte[] zeros = concat(new byte[2], MODULUS.toByteArray());
    byte[] padded = der(0x30, der(2, zeros), integer(EXPONENT));
    byte[] wide = der(0x30, integer(MODULUS), HEX.parseHex("02820003010001"));
    byte[] unused = bits.clone();
    unused[0] = 1;
    byte[] indefinite =
        concat(new byte[] {0x30, (byte) 0x80}, Arrays.copyOfRange(good, 4, good.length), NULL);
    indefinite[indefinite.length - 2] = 0;
    return List.of(
        new Refused("rsa-no-parameters", spki(RSA_OID, new byte[0], bits), "parameters"),
        new Refused("rsa-zero-padded", spki(RSA_OID, NULL, concat(new byte[1], padded)), "DER"),
        new Refused("rsa-long-form-length", spki(RSA_OID, NULL, concat(new byte[1], wide)), "DER"),
        new Refused("rsa-unused-bits", spki(RSA_OID, NULL, unused), "DER"),
        new Refused("rsa-after-the-key", spki(RSA_OID, NULL, concat(bits, NULL)), "DER"),
        new Refused("rsa-indefinite-length", indefinite, "DER"),
        new Refused("rsa-trailing-byte", concat(good, new byte[1]), "DER"),
        new Refused("rsa-cut", Arrays.copyOf(good, good.length - 1), "DER"),
        new Refused("rsa-bare", der(0x30, integer(MODULUS), integer(EXPONENT)), "DER"));
  }

  static byte[] rsa(BigInteger modulus, BigInteger exponent) {
    return spki(RSA_OID, NULL, rsaBits(modulus, exponent));
  }

  private static byte[] rsaBits(BigInteger modulus, BigInteger exponent) {
    return concat(new byte[1], der(0x30, integer(modulus), integer(exponent)));
  }

  private static byte[] spki(byte[] algorithm, byte[] parameters, byte[] bits) {
    return der(0x30, der(0x30, algorithm, parameters), der(3, bits));
  }

  /** The first odd number of a size, times nothing: that it is no product is not looked at. */
  static BigInteger odd(int bits) {
    return BigInteger.ONE.shiftLeft(bits - 1).setBit(0);
  }

  private static Refused point(String name, String hex) {
    return new Refused(name, concat(ED25519, HEX.parseHex(hex)), "prime-order");
  }

  private static Refused refused(String name, String hex, String reason) {
    return new Refused(name, HEX.parseHex(hex), reason);
  }
}
