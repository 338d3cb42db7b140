package org.bytchat.dht.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytchat.dht.identity.RefusedKeys.Refused;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class UserPublicKeyTest {

  private static final byte[] VALUE = "Ada".getBytes(StandardCharsets.UTF_8);

  @ParameterizedTest
  @CsvSource({
    "ed25519, ED25519, 44, 64",
    "rsa2048, RSA, 294, 256",
    "rsa3072, RSA, 422, 384",
  })
  void parse_goodKey_isReadAndDescribed(
      String name, UserPublicKey.Algorithm algorithm, int encodedBytes, int signatureBytes) {
    UserPublicKey key = TestKeys.key(name).publicKey();
    UserPublicKey again = UserPublicKey.parse(key.encoded());
    assertThat(again).isEqualTo(key).hasSameHashCodeAs(key);
    assertThat(again.encoded()).isEqualTo(key.encoded()).hasSize(encodedBytes);
    assertThat(again.algorithm()).isEqualTo(algorithm);
    assertThat(again.type()).isEqualTo(name);
    assertThat(again.signatureBytes()).isEqualTo(signatureBytes);
    assertThat(again).hasToString("UserPublicKey[" + name + ", " + key.uid(2) + "]");
  }

  @ParameterizedTest
  @CsvSource({"ed25519, Ed25519", "rsa2048, RSA", "rsa3072, RSA"})
  void encoded_goodKey_isWhatThePlatformReadsAndVerifiesWith(String name, String algorithm)
      throws GeneralSecurityException {
    UserKey key = TestKeys.key(name);
    byte[] encoded = key.publicKey().encoded();
    PublicKey platform =
        KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded));
    assertThat(platform.getEncoded()).isEqualTo(encoded);
    byte[] statement = TestKeys.statement(key, VALUE);
    Signature verifier =
        Signature.getInstance(algorithm.equals("RSA") ? "SHA256withRSA" : algorithm);
    verifier.initVerify(platform);
    verifier.update(statement);
    assertThat(verifier.verify(key.sign(statement))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"ed25519", "rsa2048", "rsa3072"})
  void uid_bothVersions_areThePlatformsHashes(String name) throws GeneralSecurityException {
    UserPublicKey key = TestKeys.key(name).publicKey();
    assertThat(key.uid(1).bytes())
        .isEqualTo(MessageDigest.getInstance("SHA-1").digest(key.encoded()));
    assertThat(key.uid(2).bytes())
        .isEqualTo(MessageDigest.getInstance("SHA-512/256").digest(key.encoded()));
    assertThat(key.uid(1).version()).isEqualTo(1);
    assertThat(key.uid(2)).isEqualTo(Uid.ofKey(2, key.encoded()));
  }

  static Stream<Arguments> refused() {
    return RefusedKeys.all().stream().map(refused -> Arguments.of(refused.name(), refused));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void parse_refusedKey_saysWhy(String name, Refused refused) {
    assertThatThrownBy(() -> UserPublicKey.parse(refused.encoded()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(refused.reason());
  }

  /** Else the refusals above could be for some other reason. */
  @Test
  void parse_handWrittenRsaKey_isTaken() {
    for (int bits : new int[] {2048, 2056, 2560, 3072}) {
      byte[] encoded = RefusedKeys.rsa(RefusedKeys.odd(bits), BigInteger.valueOf(65537));
      UserPublicKey key = UserPublicKey.parse(encoded);
      assertThat(key.encoded()).isEqualTo(encoded);
      assertThat(key.type()).isEqualTo("rsa" + bits);
      assertThat(key.signatureBytes()).isEqualTo(bits / 8);
    }
  }

  /** One key has one form: what is taken at all is taken as the bytes it came in. */
  @SeededTest(runs = 600)
  void parse_mutatedKey_isRefusedOrAnotherKey(long seed) {
    Random random = Seeds.random(seed);
    String name = TestKeys.PLAIN.get(random.nextInt(3));
    byte[] encoded = TestKeys.key(name).publicKey().encoded();
    byte[] mutated = mutate(encoded, random);
    if (Arrays.equals(mutated, encoded)) {
      return;
    }
    try {
      assertThat(UserPublicKey.parse(mutated).encoded()).isEqualTo(mutated);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  static byte[] mutate(byte[] bytes, Random random) {
    byte[] mutated = bytes.clone();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      // Mostly at the front, where the structure is.
      int at = random.nextInt(random.nextBoolean() ? mutated.length : Math.min(40, mutated.length));
      switch (random.nextInt(5)) {
        case 0 -> mutated[at] = (byte) random.nextInt(256);
        case 1 -> mutated = Arrays.copyOf(mutated, at + 1);
        case 2 -> mutated = Arrays.copyOf(mutated, mutated.length + 1 + random.nextInt(3));
        case 3 -> {
          int length = random.nextInt(mutated.length - at) / 2;
          System.arraycopy(mutated, at + length, mutated, at, length);
        }
        default -> mutated[at] ^= (byte) (1 << random.nextInt(8));
      }
    }
    return mutated;
  }

  @SeededTest(runs = 60)
  void verify_anythingDamaged_isFalseAndDoesNotThrow(long seed) {
    Random random = Seeds.random(seed);
    UserKey key = TestKeys.key(TestKeys.PLAIN.get(random.nextInt(3)));
    byte[] statement = TestKeys.statement(key, VALUE);
    byte[] signature = key.sign(statement);
    UserPublicKey publicKey = key.publicKey();
    assertThat(publicKey.verify(statement, signature)).isTrue();
    for (byte[] bad :
        List.of(
            flipped(signature, random),
            mutateAll(signature.length, random),
            new byte[0],
            Arrays.copyOf(signature, signature.length - 1),
            Arrays.copyOf(signature, signature.length + 1),
            new byte[signature.length])) {
      assertThat(publicKey.verify(statement, bad)).isFalse();
    }
    byte[] ones = new byte[signature.length];
    Arrays.fill(ones, (byte) -1);
    assertThat(publicKey.verify(statement, ones)).isFalse();
    assertThat(publicKey.verify(flipped(statement, random), signature)).isFalse();
    assertThat(publicKey.verify(new byte[0], signature)).isFalse();
  }

  private static byte[] flipped(byte[] bytes, Random random) {
    byte[] copy = bytes.clone();
    copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
    return copy;
  }

  private static byte[] mutateAll(int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void verify_anotherKeysSignature_isFalse() {
    UserKey ada = TestKeys.key("rsa2048");
    UserKey bob = TestKeys.key("rsa3072");
    byte[] statement = TestKeys.statement(ada, VALUE);
    assertThat(bob.publicKey().verify(statement, ada.sign(statement))).isFalse();
    assertThat(ada.publicKey().verify(statement, bob.sign(statement))).isFalse();
  }

  /** An Ed25519 signature plus the order of the group would verify where S is not bounded. */
  @Test
  void verify_scalarPlusTheOrder_isFalse() {
    UserKey key = TestKeys.key("ed25519");
    byte[] statement = TestKeys.statement(key, VALUE);
    byte[] signature = key.sign(statement);
    BigInteger order =
        BigInteger.ONE.shiftLeft(252).add(new BigInteger("27742317777372353535851937790883648493"));
    byte[] scalar = reversed(Arrays.copyOfRange(signature, 32, 64));
    byte[] sum = reversed(new BigInteger(1, scalar).add(order).toByteArray());
    System.arraycopy(Arrays.copyOf(sum, 32), 0, signature, 32, 32);
    assertThat(key.publicKey().verify(statement, signature)).isFalse();
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return reversed;
  }

  @Test
  void encoded_changedByTheCaller_keyStays() {
    byte[] encoded = TestKeys.key("ed25519").publicKey().encoded();
    UserPublicKey key = UserPublicKey.parse(encoded);
    encoded[20] ^= 1;
    key.encoded()[21] ^= 1;
    assertThat(key).isEqualTo(TestKeys.key("ed25519").publicKey());
  }

  /** The simulator's scheme has public keys that are no points. */
  @SeededTest(runs = 5)
  void parse_simulatedScheme_takesItsKeys(long seed) {
    byte[] seedBytes = mutateAll(32, Seeds.random(seed));
    UserKey key = UserKey.ofSeed(HashScheme.INSTANCE, seedBytes);
    byte[] statement = TestKeys.statement(key, VALUE);
    UserPublicKey read = UserPublicKey.parse(key.publicKey().encoded(), HashScheme.INSTANCE);
    assertThat(read.verify(statement, key.sign(statement))).isTrue();
    assertThat(read.verify(VALUE, key.sign(statement))).isFalse();
    assertThat(read.signatureBytes()).isEqualTo(64);
  }
}
