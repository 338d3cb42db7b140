package org.bytchat.dht.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.bytchat.dht.codec.VectorFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: what {@code docs/vectors/uid.json} tells other implementations is what this one and the
 * platform compute. {@code BytchatCodecVectorsTest} compares it with its generator and writes it.
 */
class UidVectorsTest {

  private static final HexFormat HEX = HexFormat.of();

  static Stream<Arguments> keys() {
    return entries("keys");
  }

  static Stream<Arguments> refusedKeys() {
    return entries("refusedKeys");
  }

  static Stream<Arguments> refusedTexts() {
    return entries("refusedTexts");
  }

  private static Stream<Arguments> entries(String array) {
    return VectorFiles.read("uid.json")
        .get(array)
        .valueStream()
        .map(entry -> Arguments.of(entry.get("name").asText(), entry));
  }

  @Test
  void file_hasEveryKindOfEntry() {
    assertThat(keys()).hasSize(3);
    assertThat(refusedKeys()).hasSizeGreaterThan(40);
    assertThat(refusedTexts()).hasSizeGreaterThan(10);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("keys")
  void key_committed_isWhatUserKeyComputes(String name, JsonNode entry) {
    UserKey key = UserKey.parse(hex(entry, "pkcs8"));
    UserPublicKey publicKey = UserPublicKey.parse(hex(entry, "spki"));
    assertThat(key.publicKey()).isEqualTo(publicKey);
    assertThat(key.encoded()).isEqualTo(hex(entry, "pkcs8"));
    assertThat(publicKey.verify(hex(entry, "statement"), hex(entry, "signature"))).isTrue();
    assertThat(key.sign(hex(entry, "statement"))).isEqualTo(hex(entry, "signature"));
    assertThat(entry.get("uids")).hasSize(2);
    for (JsonNode json : entry.get("uids")) {
      Uid uid = Uid.parse(json.get("text").asText());
      assertThat(publicKey.uid(json.get("version").asInt())).isEqualTo(uid);
      assertThat(uid.version()).isEqualTo(json.get("version").asInt());
      assertThat(uid.bytes()).isEqualTo(hex(json, "hash"));
      assertThat(uid).hasToString(json.get("text").asText());
      assertThat(uid.place()).hasToString(json.get("place").asText());
      assertThat(uid.place("meta")).hasToString(json.get("meta").asText());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("keys")
  void key_committed_isWhatThePlatformComputes(String name, JsonNode entry)
      throws GeneralSecurityException {
    byte[] spki = hex(entry, "spki");
    boolean rsa = name.startsWith("rsa");
    Signature verifier = Signature.getInstance(rsa ? "SHA256withRSA" : "Ed25519");
    verifier.initVerify(
        KeyFactory.getInstance(rsa ? "RSA" : "Ed25519")
            .generatePublic(new X509EncodedKeySpec(spki)));
    verifier.update(hex(entry, "statement"));
    assertThat(verifier.verify(hex(entry, "signature"))).isTrue();
    MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
    for (JsonNode json : entry.get("uids")) {
      boolean first = json.get("version").asInt() == 1;
      MessageDigest digest = MessageDigest.getInstance(first ? "SHA-1" : "SHA-512/256");
      assertThat(digest.digest(spki)).isEqualTo(hex(json, "hash"));
      assertThat(json.get("hash").asText()).startsWith(json.get("place").asText());
      sha1.update(new byte[] {'m', 'e', 't', 'a'});
      assertThat(sha1.digest(hex(json, "hash"))).isEqualTo(hex(json, "meta"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedKeys")
  void refusedKey_committed_isRefused(String name, JsonNode entry) {
    assertThatThrownBy(() -> UserPublicKey.parse(hex(entry, "spki")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedTexts")
  void refusedText_committed_isRefused(String name, JsonNode entry) {
    assertThatThrownBy(() -> Uid.parse(entry.get("text").asText()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] hex(JsonNode entry, String field) {
    return HEX.parseHex(entry.get(field).asText());
  }
}
