package org.bytchat.dht.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.dht.identity.TestKeys.concat;
import static org.bytchat.dht.identity.TestKeys.der;
import static org.bytchat.dht.identity.TestKeys.integer;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserKeyTest {

  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] VALUE = "Ada".getBytes(StandardCharsets.UTF_8);
  private static final byte[] ED25519 = HEX.parseHex("300506032b6570");
  private static final byte[] RSA = HEX.parseHex("300d06092a864886f70d0101010500");

  /** RFC 8410, section 10.3: the same key in version 1, and in version 2 with an attribute. */
  private static final String VERSION_1 =
      "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";

  private static final String VERSION_2 =
      "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
          + "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB"
          + "Z9w7lshQhqowtrbLDFw4rXAxZuE=";

  /** Section 10.1. */
  private static final String PUBLIC =
      "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

  @Test
  void generate_everyKind_signsAndComesBack() {
    SecureRandom random = new SecureRandom();
    for (UserKey key :
        new UserKey[] {
          UserKey.generateEd25519(random),
          UserKey.generateEd25519(random),
          UserKey.generateRsa(2048, random),
          UserKey.generateRsa(3072, random)
        }) {
      byte[] statement = TestKeys.statement(key, VALUE);
      byte[] signature = key.sign(statement);
      assertThat(signature).hasSize(key.publicKey().signatureBytes());
      UserPublicKey read = UserPublicKey.parse(key.publicKey().encoded());
      assertThat(read.verify(statement, signature)).isTrue();
      UserKey again = UserKey.parse(key.encoded());
      assertThat(again.publicKey()).isEqualTo(key.publicKey());
      assertThat(again.encoded()).isEqualTo(key.encoded());
      assertThat(again.sign(statement)).isEqualTo(signature);
    }
  }

  @Test
  void generate_twice_differs() {
    SecureRandom random = new SecureRandom();
    assertThat(UserKey.generateEd25519(random).publicKey())
        .isNotEqualTo(UserKey.generateEd25519(random).publicKey());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1024, 2047, 2560, 4096})
  void generateRsa_otherSizes_areRefused(int bits) {
    assertThatThrownBy(() -> UserKey.generateRsa(bits, new SecureRandom()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not " + bits);
  }

  @ParameterizedTest
  @CsvSource({"ed25519, Ed25519", "rsa2048, RSA", "rsa3072, RSA"})
  void encoded_opensslsKey_isTheSameBytesAndThePlatforms(String name, String algorithm)
      throws GeneralSecurityException {
    byte[] encoded = TestKeys.key(name).encoded();
    String body = new String(TestKeys.file(name), StandardCharsets.US_ASCII);
    assertThat(encoded)
        .isEqualTo(Base64.getDecoder().decode(body.replaceAll("-----.*-----|\\s", "")));
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(encoded);
    assertThat(KeyFactory.getInstance(algorithm).generatePrivate(spec).getEncoded())
        .isEqualTo(encoded);
  }

  @Test
  void parse_rfc8410Examples_areTheSameKey() {
    UserKey first = UserKey.parse(Base64.getDecoder().decode(VERSION_1));
    UserKey second = UserKey.parse(Base64.getDecoder().decode(VERSION_2));
    byte[] expected = Base64.getDecoder().decode(PUBLIC);
    assertThat(first.publicKey().encoded()).isEqualTo(expected);
    assertThat(second.publicKey().encoded()).isEqualTo(expected);
    assertThat(second.encoded()).isEqualTo(Base64.getDecoder().decode(VERSION_1));
  }

  @Test
  void parse_publicKeyOfAnother_isRefused() {
    byte[] encoded = Base64.getDecoder().decode(VERSION_2);
    encoded[encoded.length - 1] ^= 1;
    assertThatThrownBy(() -> UserKey.parse(encoded))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another one's");
  }

  @Test
  void parse_wrongStructures_areRefusedWithAReason() {
    byte[] seed = der(4, der(4, new byte[32]));
    byte[] zero = integer(BigInteger.ZERO);
    assertRefused(der(0x30, zero, ED25519, der(4, der(4, new byte[31]))), "31 bytes");
    assertRefused(der(0x30, zero, ED25519, der(4, new byte[32])), "Ed25519 private key");
    assertRefused(der(0x30, integer(BigInteger.TWO), ED25519, seed), "PKCS#8");
    assertRefused(der(0x30, ED25519, seed), "PKCS#8");
    assertRefused(concat(der(0x30, zero, ED25519, seed), new byte[1]), "PKCS#8");
    assertRefused(der(0x30, zero, HEX.parseHex("300706032b65700500"), seed), "parameters");
    assertRefused(der(0x30, zero, HEX.parseHex("300506032b656e"), seed), "1.3.101.110");
    assertRefused(der(0x30, zero, RSA, seed), "RSA private key");
    assertRefused(new byte[0], "PKCS#8");
    assertRefused(new byte[KeyDer.PRIVATE_BYTES_MAX + 1], "more than 8192 bytes");
    assertThat(UserKey.parse(der(0x30, zero, ED25519, seed)).publicKey().type())
        .isEqualTo("ed25519");
  }

  private static void assertRefused(byte[] encoded, String reason) {
    assertThatThrownBy(() -> UserKey.parse(encoded))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  /** Each of the eight numbers of an RSA key, changed alone: signing with it could give it away. */
  @Test
  void parse_rsaNumberChanged_isRefused() throws GeneralSecurityException {
    byte[] encoded = TestKeys.key("rsa2048").encoded();
    RSAPrivateCrtKey key =
        (RSAPrivateCrtKey)
            KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    BigInteger[] numbers = {
      key.getModulus(),
      key.getPublicExponent(),
      key.getPrivateExponent(),
      key.getPrimeP(),
      key.getPrimeQ(),
      key.getPrimeExponentP(),
      key.getPrimeExponentQ(),
      key.getCrtCoefficient()
    };
    assertThat(rsa(numbers)).isEqualTo(encoded);
    for (int i = 0; i < numbers.length; i++) {
      BigInteger good = numbers[i];
      for (BigInteger bad :
          new BigInteger[] {
            good.add(BigInteger.TWO),
            good.subtract(BigInteger.TWO),
            good.negate(),
            BigInteger.ZERO,
            BigInteger.ONE,
            good.add(key.getModulus())
          }) {
        numbers[i] = bad;
        assertRefused(rsa(numbers), "RSA");
      }
      numbers[i] = good;
    }
    numbers[3] = key.getPrimeQ();
    numbers[4] = key.getPrimeP();
    assertRefused(rsa(numbers), "contradict");
    numbers[3] = BigInteger.ONE;
    numbers[4] = key.getModulus();
    assertRefused(rsa(numbers), "contradict");
  }

  private static byte[] rsa(BigInteger[] numbers) {
    byte[] content = integer(BigInteger.ZERO);
    for (BigInteger number : numbers) {
      content = concat(content, integer(number));
    }
    return der(0x30, integer(BigInteger.ZERO), RSA, der(4, der(0x30, content)));
  }

  @SeededTest(runs = 400)
  void parse_mutatedKey_isRefusedOrAWholeKey(long seed) {
    Random random = Seeds.random(seed);
    byte[] encoded = TestKeys.key(TestKeys.PLAIN.get(random.nextInt(3))).encoded();
    byte[] mutated = UserPublicKeyTest.mutate(encoded, random);
    try {
      UserKey key = UserKey.parse(mutated);
      byte[] statement = TestKeys.statement(key, VALUE);
      assertThat(key.publicKey().verify(statement, key.sign(statement))).isTrue();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
      assertThat(e.getCause()).isNull();
    }
  }

  @Test
  void sign_bytesThatAreNoStatement_isRefused() {
    UserKey key = TestKeys.key("ed25519");
    byte[] statement = TestKeys.statement(key, VALUE);
    for (byte[] bytes :
        new byte[][] {
          new byte[0],
          new byte[200],
          Arrays.copyOf(statement, 80),
          "bytchat/1/".getBytes(StandardCharsets.US_ASCII),
          concat(new byte[1], statement)
        }) {
      assertThatThrownBy(() -> key.sign(bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("SignedBytes");
    }
  }

  @Test
  void toString_everyKind_showsTheUidOnly() {
    for (String name : TestKeys.PLAIN) {
      UserKey key = TestKeys.key(name);
      assertThat(key).hasToString("UserKey[" + name + ", " + key.publicKey().uid(2) + "]");
    }
    assertThat(KeyPem.parse(TestKeys.file("ed25519"))).hasToString("KeyPem[plain]");
  }

  @Test
  void seed_changedByTheCaller_keyStays() {
    byte[] seed = new byte[32];
    UserKey key = UserKey.ofSeed(Ed25519Scheme.INSTANCE, seed);
    byte[] before = key.encoded();
    seed[0] = 1;
    key.encoded()[20] ^= 1;
    assertThat(key.encoded()).isEqualTo(before);
    assertThatThrownBy(() -> UserKey.ofSeed(Ed25519Scheme.INSTANCE, new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
