package org.bytchat.tracker.values;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Goal: whoever follows docs/tracker.md comes to the bytes, statements and signatures of the
 * vectors. Nothing here uses the code that made them; the platform hashes and verifies.
 */
class VectorsEncodingTest {

  private static final HexFormat HEX = HexFormat.of();

  @Test
  void devices_fields_giveBytesAndStatement() {
    JsonNode file = VectorFiles.read("devices.json");
    Map<String, JsonNode> owners =
        file.get("owners").valueStream().collect(Collectors.toMap(o -> text(o, "bytes"), o -> o));
    for (JsonNode owner : owners.values()) {
      assertThat(new Fields().number(1, owner.get("uidVersion")).hex(owner.get("spki")).toHex())
          .isEqualTo(text(owner, "bytes"));
    }
    for (JsonNode list : file.get("lists")) {
      Fields content = new Fields().number(8, list.get("version")).hex(list.get("previous"));
      content.number(8, list.get("issued")).number(1, list.get("devices").size());
      for (JsonNode device : list.get("devices")) {
        content.hex(device.get("signingKey")).hex(device.get("exchangeKey"));
        content.number(8, device.get("since"));
        byte[] hash = Fields.sha256(HEX.parseHex(text(device, "signingKey")));
        assertThat(HEX.formatHex(hash, 0, 16)).isEqualTo(text(device, "id"));
      }
      content.number(1, list.get("revoked").size());
      list.get("revoked").forEach(content::hex);
      assertThat(HEX.formatHex(Fields.sha256(content.toBytes()))).isEqualTo(text(list, "hash"));
      JsonNode owner = owners.get(text(list, "owner"));
      String place = placeOfUid(owner);
      long version = list.get("version").asLong();
      long issued = list.get("issued").asLong();
      assertThat(content.statement("devices", file.get("network"), place, version, issued, 0))
          .isEqualTo(text(list, "statement"));
      assertThat(content.hex(list.get("signature")).toHex()).isEqualTo(text(list, "bytes"));
      String spki = text(owner, "spki");
      String algorithm = spki.length() == 88 ? "Ed25519" : "SHA256withRSA";
      assertThat(Fields.verifySpki(algorithm, spki, list.get("statement"), list.get("signature")))
          .isTrue();
    }
  }

  /** The first 20 bytes of the hash of the key, and with them the place of the mailbox. */
  private static String placeOfUid(JsonNode owner) {
    try {
      String hash = owner.get("uidVersion").asInt() == 1 ? "SHA-1" : "SHA-512/256";
      byte[] uid = MessageDigest.getInstance(hash).digest(HEX.parseHex(text(owner, "spki")));
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update("chat".getBytes(StandardCharsets.US_ASCII));
      assertThat(HEX.formatHex(sha1.digest(uid))).isEqualTo(text(owner, "mailbox"));
      return HEX.formatHex(uid, 0, 20);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void statements_fields_giveStatement() {
    JsonNode file = VectorFiles.read("statements.json");
    JsonNode network = file.get("network");
    String tracker = text(file, "tracker");
    for (JsonNode entry : file.get("session")) {
      Fields value = new Fields().hex(file.get("mailbox")).hex(key(file, entry, "deviceId"));
      value.hex(entry.get("handshakeHash"));
      long version = entry.get("listVersion").asLong();
      assertSigned(file, entry, value.statement("session", network, tracker, version, 0, 0));
    }
    for (JsonNode entry : file.get("repair")) {
      Fields value = new Fields().hex(entry.get("asker")).hex(entry.get("handshakeHash"));
      assertSigned(file, entry, value.statement("repair", network, tracker, 0, 0, 0));
    }
    for (String purpose : List.of("bind", "find")) {
      for (JsonNode entry : file.get(purpose)) {
        Fields value = new Fields().hex(file.get("mailbox"));
        value.number(4, text(entry, "subject").length() / 2).hex(entry.get("subject"));
        value.number(4, text(entry, "nonce").length() / 2).hex(entry.get("nonce"));
        value.hex(entry.get("endpoint"));
        long version = entry.get("listVersion").asLong();
        long at = entry.get("at").asLong();
        assertSigned(file, entry, value.statement(purpose, network, tracker, version, at, 0));
      }
    }
  }

  @Test
  void envelopes_fields_giveHeaderAndDigest() {
    for (JsonNode entry : VectorFiles.read("envelope.json").get("envelopes")) {
      Fields fields = new Fields().number(1, 1).hex(entry.get("mailbox"));
      fields.number(8, entry.get("created")).number(8, entry.get("expires"));
      assertThat(fields.toHex()).isEqualTo(text(entry, "header"));
      for (int i = 0; i < entry.get("length").asInt() - 37; i++) {
        fields.number(1, i % 251);
      }
      assertThat(HEX.formatHex(Fields.sha256(fields.toBytes()))).isEqualTo(text(entry, "digest"));
    }
  }

  @Test
  void admissions_fields_giveBytesStatementAndBits() {
    JsonNode file = VectorFiles.read("admission.json");
    long expires = file.get("expires").asLong();
    for (JsonNode entry : file.get("byKey")) {
      Fields value = new Fields().hex(file.get("mailbox")).hex(file.get("digest"));
      JsonNode network = file.get("network");
      assertThat(value.statement("deposit", network, text(file, "tracker"), 0, 0, expires))
          .isEqualTo(text(entry, "statement"));
      assertThat(
              Fields.verify(
                  text(entry, "publicKey"), entry.get("statement"), entry.get("signature")))
          .isTrue();
      Fields bytes = new Fields().number(1, 0).hex(entry.get("publicKey"));
      assertThat(bytes.hex(entry.get("signature")).toHex()).isEqualTo(text(entry, "bytes"));
    }
    for (JsonNode entry : file.get("byStamp")) {
      Fields hashed = new Fields().raw("bytchat-stamp".getBytes(StandardCharsets.US_ASCII));
      hashed.hex(file.get("tracker")).hex(file.get("mailbox")).hex(file.get("digest"));
      hashed.number(8, expires).number(8, entry.get("nonce"));
      int bits = 256 - new BigInteger(1, Fields.sha256(hashed.toBytes())).bitLength();
      assertThat(entry.get("bits").asInt()).isEqualTo(bits);
      assertThat(new Fields().number(1, 1).number(8, entry.get("nonce")).toHex())
          .isEqualTo(text(entry, "bytes"));
    }
  }

  @Test
  void receipts_fields_giveBytesAndStatement() {
    JsonNode file = VectorFiles.read("receipt.json");
    for (JsonNode entry : file.get("receipts")) {
      boolean isDeposit = text(entry, "kind").equals("DEPOSIT");
      long at = entry.get("at").asLong();
      long expires = entry.get("expires").asLong();
      String purpose = isDeposit ? "receipt" : "deletion";
      assertThat(
              new Fields()
                  .hex(entry.get("digest"))
                  .statement(purpose, file.get("network"), text(entry, "mailbox"), 0, at, expires))
          .isEqualTo(text(entry, "statement"));
      assertThat(
              Fields.verify(
                  text(entry, "trackerKey"), entry.get("statement"), entry.get("signature")))
          .isTrue();
      Fields bytes = new Fields().number(1, isDeposit ? 0 : 1).hex(entry.get("trackerKey"));
      bytes.hex(entry.get("mailbox")).hex(entry.get("digest")).number(8, at).number(8, expires);
      assertThat(bytes.hex(entry.get("signature")).toHex()).isEqualTo(text(entry, "bytes"));
    }
  }

  @Test
  void acks_fields_giveBytesAndStatement() {
    JsonNode file = VectorFiles.read("ack.json");
    for (JsonNode entry : file.get("batches")) {
      int count = entry.get("count").asInt();
      List<String> digests =
          IntStream.range(0, count)
              .mapToObj(number -> HEX.formatHex(Fields.sha256(new byte[] {(byte) number})))
              .sorted()
              .toList();
      Fields value = new Fields().hex(root(digests)).number(2, count);
      String mailbox = text(file, "mailbox");
      assertSigned(file, entry, value.statement("ack", file.get("network"), mailbox, 0, 0, 0));
      Fields bytes = new Fields().hex(mailbox).hex(key(file, entry, "deviceId"));
      bytes.number(2, count);
      digests.forEach(bytes::hex);
      bytes.hex(entry.get("signature"));
      String hash = HEX.formatHex(Fields.sha256(bytes.toBytes()));
      assertThat(entry.has("bytes") ? bytes.toHex() : hash)
          .isEqualTo(entry.has("bytes") ? text(entry, "bytes") : text(entry, "sha256"));
    }
  }

  /** Joins neighbours level by level; who has none goes up alone. */
  private static String root(List<String> digests) {
    List<String> level = new ArrayList<>();
    digests.forEach(digest -> level.add(hash("00" + digest)));
    while (level.size() > 1) {
      List<String> next = new ArrayList<>();
      for (int i = 0; i < level.size(); i += 2) {
        boolean isAlone = i + 1 == level.size();
        next.add(isAlone ? level.get(i) : hash("01" + level.get(i) + level.get(i + 1)));
      }
      level.clear();
      level.addAll(next);
    }
    return level.get(0);
  }

  private static String hash(String hex) {
    return HEX.formatHex(Fields.sha256(HEX.parseHex(hex)));
  }

  @Test
  void deliveryKeys_fields_giveBytesAndStatement() {
    JsonNode file = VectorFiles.read("delivery.json");
    for (JsonNode entry : file.get("lists")) {
      Fields content = new Fields().number(8, entry.get("version"));
      content.number(8, entry.get("issued")).hex(entry.get("device"));
      content.number(2, entry.get("keys").size());
      for (JsonNode key : entry.get("keys")) {
        content.hex(key.get("publicKey")).number(2, key.get("hourlyRate"));
        content.number(2, key.get("quota"));
      }
      long version = entry.get("version").asLong();
      long issued = entry.get("issued").asLong();
      String mailbox = text(entry, "mailbox");
      assertSigned(
          file,
          entry,
          content.statement("delivery", file.get("network"), mailbox, version, issued, 0));
      Fields bytes = new Fields().hex(mailbox).raw(content.toBytes());
      assertThat(bytes.hex(entry.get("signature")).toHex()).isEqualTo(text(entry, "bytes"));
    }
  }

  /** The statement is the one made here, and signed by the key that the entry names. */
  private static void assertSigned(JsonNode file, JsonNode entry, String statement) {
    assertThat(text(entry, "statement")).isEqualTo(statement);
    String publicKey = key(file, entry, "publicKey");
    assertThat(Fields.verify(publicKey, entry.get("statement"), entry.get("signature"))).isTrue();
  }

  private static String key(JsonNode file, JsonNode entry, String field) {
    return file.get("keys")
        .valueStream()
        .filter(key -> text(key, "name").equals(text(entry, "key")))
        .map(key -> text(key, field))
        .findFirst()
        .orElseThrow();
  }

  private static String text(JsonNode node, String field) {
    return node.get(field).asText();
  }
}
