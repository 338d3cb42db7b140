package org.bytchat.dht.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.HexFormat;
import java.util.Random;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

class NodeIdentityTest {

  private static final HexFormat HEX = HexFormat.of();

  /** RFC 8032, section 7.1, tests 2 and 3. */
  @Test
  void sign_rfc8032Vectors_match() {
    assertVector(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    assertVector(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  }

  private static void assertVector(String seed, String key, String message, String signature) {
    NodeIdentity identity = NodeIdentity.of(Ed25519Scheme.INSTANCE, HEX.parseHex(seed));
    assertThat(identity.publicKey()).isEqualTo(HEX.parseHex(key));
    assertThat(identity.sign(HEX.parseHex(message))).isEqualTo(HEX.parseHex(signature));
    assertThat(
            Ed25519Scheme.INSTANCE.verify(
                HEX.parseHex(key), HEX.parseHex(message), HEX.parseHex(signature)))
        .isTrue();
  }

  @SeededTest(runs = 10)
  void id_anyKey_isTheHashOfThePlatformsEncoding(long seed) throws GeneralSecurityException {
    NodeIdentity identity = identity(seed);
    byte[] encoded = platformKey(identity.publicKey()).getEncoded();
    byte[] hash = MessageDigest.getInstance("SHA-1").digest(encoded);
    assertThat(identity.id()).isEqualTo(NodeId.of(hash));
    assertThat(NodeIdentity.idOf(identity.publicKey())).isEqualTo(identity.id());
  }

  @SeededTest(runs = 10)
  void sign_anyMessage_isVerifiedByThePlatform(long seed) throws GeneralSecurityException {
    NodeIdentity identity = identity(seed);
    byte[] message = new byte[Seeds.random(seed).nextInt(300)];
    Signature platform = Signature.getInstance("Ed25519");
    platform.initVerify(platformKey(identity.publicKey()));
    platform.update(message);
    assertThat(platform.verify(identity.sign(message))).isTrue();
  }

  /** Decodes a key as RFC 8032, section 5.1.3 says: y little-endian, the top bit is x's parity. */
  private static PublicKey platformKey(byte[] key) throws GeneralSecurityException {
    byte[] reversed = new byte[key.length];
    for (int i = 0; i < key.length; i++) {
      reversed[i] = key[key.length - 1 - i];
    }
    boolean odd = (reversed[0] & 0x80) != 0;
    reversed[0] &= 0x7f;
    EdECPoint point = new EdECPoint(odd, new BigInteger(1, reversed));
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
  }

  @SeededTest(runs = 20)
  void verify_anythingDamaged_isFalseAndDoesNotThrow(long seed) {
    Random random = Seeds.random(seed);
    NodeIdentity identity = identity(seed);
    byte[] message = "statement".getBytes(StandardCharsets.US_ASCII);
    byte[] signature = identity.sign(message);
    byte[] key = identity.publicKey();
    byte[] target = new byte[][] {message, signature, key}[random.nextInt(3)];
    target[random.nextInt(target.length)] ^= (byte) (1 << random.nextInt(8));
    assertThat(Ed25519Scheme.INSTANCE.verify(key, message, signature)).isFalse();
    random.nextBytes(key);
    random.nextBytes(signature);
    assertThat(Ed25519Scheme.INSTANCE.verify(key, message, signature)).isFalse();
    assertThat(Ed25519Scheme.INSTANCE.verify(new byte[31], message, signature)).isFalse();
    assertThat(Ed25519Scheme.INSTANCE.verify(key, message, new byte[65])).isFalse();
  }

  @Test
  void of_seedOfAnotherLength_isRefused() {
    for (int length : new int[] {0, 31, 33}) {
      assertThatThrownBy(() -> NodeIdentity.of(Ed25519Scheme.INSTANCE, new byte[length]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(length));
    }
  }

  @Test
  void seedAndKey_changedByTheCaller_identityStays() {
    byte[] seed = new byte[32];
    NodeIdentity identity = NodeIdentity.of(Ed25519Scheme.INSTANCE, seed);
    seed[0] = 1;
    identity.seed()[1] = 1;
    identity.publicKey()[0] ^= 1;
    assertThat(identity.seed()).isEqualTo(new byte[32]);
    assertThat(NodeIdentity.idOf(identity.publicKey())).isEqualTo(identity.id());
  }

  @Test
  void toString_always_hidesTheSeed() {
    NodeIdentity identity = identity(5);
    assertThat(identity.toString())
        .contains(identity.id().toString())
        .doesNotContain(HEX.formatHex(identity.seed()));
  }

  @Test
  void generate_twice_differs() {
    SecureRandom random = new SecureRandom();
    assertThat(NodeIdentity.generate(random).id()).isNotEqualTo(NodeIdentity.generate(random).id());
  }

  // The puzzle.

  @SeededTest(runs = 20)
  void puzzleBits_anyKey_areTheLeadingZeroBitsOfItsHash(long seed) throws GeneralSecurityException {
    byte[] key = identity(seed).publicKey();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update("bytchat-puzzle".getBytes(StandardCharsets.US_ASCII));
    BigInteger hash = new BigInteger(1, digest.digest(key));
    int bits = NodeIdentity.puzzleBits(key);
    assertThat(bits).isEqualTo(256 - hash.bitLength());
    assertThat(NodeIdentity.solves(key, bits)).isTrue();
    assertThat(NodeIdentity.solves(key, bits + 1)).isFalse();
    assertThat(NodeIdentity.solves(key, 0)).isTrue();
  }

  @Test
  void generate_withAPuzzle_solvesIt() {
    SecureRandom random = new SecureRandom();
    for (int i = 0; i < 10; i++) {
      assertThat(NodeIdentity.puzzleBits(NodeIdentity.generate(random, 6).publicKey()))
          .isGreaterThanOrEqualTo(6);
    }
  }

  private static NodeIdentity identity(long seed) {
    byte[] bytes = new byte[32];
    Seeds.random(seed).nextBytes(bytes);
    return NodeIdentity.of(Ed25519Scheme.INSTANCE, bytes);
  }
}
