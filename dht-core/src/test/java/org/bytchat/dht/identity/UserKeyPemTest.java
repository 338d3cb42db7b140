package org.bytchat.dht.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: key files are read and written as openssl does, and nothing else is taken for one. */
class UserKeyPemTest {

  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----\n";
  private static final String END = "-----END PRIVATE KEY-----\n";
  private static final String BODY =
      "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";

  private static char[] passphrase() {
    return TestKeys.PASSPHRASE.toCharArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "rsa2048", "rsa3072"})
  void toPem_opensslsKey_isOpensslsFile(String name) {
    assertThat(TestKeys.key(name).toPem()).isEqualTo(TestKeys.file(name));
    assertThat(UserKey.isEncryptedPem(TestKeys.file(name))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519-aes128-sha1, ed25519",
    "ed25519-aes192-sha512, ed25519",
    "ed25519-aes256-sha256, ed25519",
    "rsa2048-aes256-sha512, rsa2048",
  })
  void parsePem_opensslsEncryptedKey_isThePlainOne(String name, String plain) {
    byte[] text = TestKeys.file(name);
    assertThat(UserKey.isEncryptedPem(text)).isTrue();
    UserKey key = UserKey.parsePem(text, passphrase());
    assertThat(key.encoded()).isEqualTo(TestKeys.key(plain).encoded());
    assertThatThrownBy(() -> UserKey.parsePem(text, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a passphrase is needed");
    for (String wrong : new String[] {"", "correct-hors", "Correct-horse", "correct-horse "}) {
      assertThatThrownBy(() -> UserKey.parsePem(text, wrong.toCharArray()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the passphrase is wrong, or the key is damaged");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "refused-sha384, pseudo-random function 1.2.840.113549.2.10",
    "refused-scrypt, key derivation scrypt is not supported",
    "refused-des3, cipher 1.2.840.113549.3.7",
    "refused-pbes1, encryption 1.2.840.113549.1.12.1.3",
    "refused-iterations, not 1 to 10000000",
    "refused-p256, algorithm 1.2.840.10045.2.1",
    "refused-x25519, algorithm 1.3.101.110",
    "refused-rsa1024, 2048 to 3072 bits",
    "refused-exponent3, exponent",
    "refused-rsa-pss, algorithm 1.2.840.113549.1.1.10",
    "refused-traditional, RSA PRIVATE KEY",
    "refused-public, a PUBLIC KEY",
  })
  void parsePem_opensslsOtherKey_isRefusedWithAReason(String name, String reason) {
    assertThatThrownBy(() -> UserKey.parsePem(TestKeys.file(name), passphrase()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void parsePem_unsupportedKey_saysHowToConvert() {
    for (String name : new String[] {"refused-scrypt", "refused-traditional", "refused-pbes1"}) {
      assertThatThrownBy(() -> UserKey.parsePem(TestKeys.file(name), passphrase()))
          .hasMessageContaining("openssl pkcs8 -topk8");
    }
  }

  @Test
  void toEncryptedPem_anyKey_comesBackAndIsStrong() {
    UserKey key = TestKeys.key("ed25519");
    char[] passphrase = "pässwörd ✓".toCharArray();
    byte[] text = key.toEncryptedPem(passphrase, new SecureRandom());
    assertThat(new String(text, US_ASCII))
        .startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
        .endsWith("\n-----END ENCRYPTED PRIVATE KEY-----\n");
    assertThat(new String(text, US_ASCII).lines()).allMatch(line -> line.length() <= 64);
    assertThat(UserKey.isEncryptedPem(text)).isTrue();
    assertThat(UserKey.parsePem(text, passphrase).encoded()).isEqualTo(key.encoded());
    assertThat(passphrase).isEqualTo("pässwörd ✓".toCharArray());

    EncryptedPrivateKeyInfo info = EncryptedPrivateKeyInfo.getInstance(KeyPem.parse(text).der());
    PBES2Parameters pbes2 =
        PBES2Parameters.getInstance(info.getEncryptionAlgorithm().getParameters());
    PBKDF2Params pbkdf2 = PBKDF2Params.getInstance(pbes2.getKeyDerivationFunc().getParameters());
    assertThat(pbkdf2.getIterationCount()).isGreaterThanOrEqualTo(BigInteger.valueOf(600_000));
    assertThat(pbkdf2.getSalt()).hasSize(16);
    assertThat(pbkdf2.getPrf().getAlgorithm()).isEqualTo(PKCSObjectIdentifiers.id_hmacWithSHA256);
    assertThat(key.toEncryptedPem(passphrase, new SecureRandom())).isNotEqualTo(text);
  }

  @Test
  void toEncryptedPem_emptyPassphrase_isRefused() {
    UserKey key = TestKeys.key("ed25519");
    assertThatThrownBy(() -> key.toEncryptedPem(new char[0], new SecureRandom()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
  }

  @Test
  void parsePem_otherLayout_isTheSameKey() {
    byte[] expected = Base64.getDecoder().decode(BODY);
    for (String text :
        new String[] {
          BEGIN + BODY + "\n" + END,
          (BEGIN + BODY + "\n" + END).replace("\n", "\r\n"),
          "A note.\n-- and another\n" + BEGIN + BODY + "\n" + END + "after\n",
          (BEGIN + BODY + "\n" + END).strip(),
          BEGIN + BODY.substring(0, 10) + "\n \t" + BODY.substring(10) + "\n\n" + END,
        }) {
      assertThat(parse(text).encoded()).as(text).isEqualTo(expected);
    }
  }

  @Test
  void parsePem_noSuchText_isRefusedWithAReason() {
    assertRefused("", "no PEM block");
    assertRefused(BODY, "no PEM block");
    assertRefused(" " + BEGIN + BODY + "\n" + END, "no PEM block");
    assertRefused(BEGIN + BODY, "no line -----END PRIVATE KEY");
    assertRefused(BEGIN + BODY + "\n-----END PUBLIC KEY-----\n", "no line -----END PRIVATE KEY");
    assertRefused("-----BEGIN ", "something else");
    assertRefused("-----BEGIN PRIVATE KEY\n" + BODY + "\n" + END, "something else");
    assertRefused("-----BEGIN \u0007-----\n" + BODY + "\n" + END, "something else");
    assertRefused("-----BEGIN CERTIFICATE-----\n" + END, "a CERTIFICATE, not");
    assertRefused("-----BEGIN OPENSSH PRIVATE KEY-----\n" + END, "openssl pkcs8 -topk8");
    assertRefused((BEGIN + BODY + "\n" + END).repeat(2), "more than one PEM block");
    assertRefused(BEGIN + END, "not the DER");
    assertRefused((BEGIN + END).replace("PRIVATE", "ENCRYPTED PRIVATE"), "not the DER");
    assertRefused(BEGIN + BODY.substring(1) + "\n" + END, "base64");
    assertRefused(BEGIN + "*" + BODY.substring(1) + "\n" + END, "not base64");
    assertRefused(BEGIN + "MC4CAQA=x\n" + END, "not base64");
    assertRefused(BEGIN + "MC5=\n" + END, "canonical base64");
    assertRefused(BEGIN + "MC4\n" + END, "canonical base64");
    assertRefused("\n".repeat(16_385), "more than 16384 bytes");
  }

  private static UserKey parse(String text) {
    return UserKey.parsePem(text.getBytes(US_ASCII), passphrase());
  }

  private static void assertRefused(String text, String reason) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason)
        .hasMessageNotContaining(BODY.substring(30, 40));
  }

  /** Structures within structures, as deep as the bytes allow. */
  @ParameterizedTest
  @ValueSource(strings = {"3080", "2480", "a080", "3180"})
  void parse_deepNesting_isRefused(String open) {
    for (int depth : new int[] {100, 200, 4000, 6000}) {
      byte[] bytes = HexFormat.of().parseHex(open.repeat(depth));
      for (boolean encrypted : new boolean[] {false, true}) {
        byte[] text = new KeyPem(encrypted, bytes).text();
        assertThatThrownBy(() -> UserKey.parsePem(text, passphrase()))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> UserPublicKey.parse(bytes))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @SeededTest(runs = 400)
  void parsePem_mutatedPlainText_throwsNothingElse(long seed) {
    mutateAndParse(TestKeys.file("ed25519"), null, Seeds.random(seed));
  }

  @SeededTest(runs = 200)
  void parsePem_mutatedEncryptedText_throwsNothingElse(long seed) {
    byte[] text = TestKeys.file("ed25519-aes256-sha256");
    mutateAndParse(text, passphrase(), Seeds.random(seed));
  }

  private static void mutateAndParse(byte[] text, char @Nullable [] passphrase, Random random) {
    parse(UserPublicKeyTest.mutate(text, random), passphrase);
  }

  private static void parse(byte[] text, char @Nullable [] passphrase) {
    try {
      UserKey key = UserKey.parsePem(text, passphrase);
      assertThat(UserKey.parse(key.encoded()).publicKey()).isEqualTo(key.publicKey());
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
      assertThat(e.getCause()).isNull();
    }
  }

  /**
   * As above, one layer further in: what the base64 says. PBES2 has no checksum, so a change of the
   * sealed bytes can give another key.
   */
  @SeededTest(runs = 300)
  void parsePem_mutatedEncryptedDer_throwsNothingElse(long seed) {
    KeyPem pem = KeyPem.parse(TestKeys.file("ed25519-aes128-sha1"));
    byte[] mutated = UserPublicKeyTest.mutate(pem.der(), Seeds.random(seed));
    parse(new KeyPem(true, mutated).text(), passphrase());
  }
}
