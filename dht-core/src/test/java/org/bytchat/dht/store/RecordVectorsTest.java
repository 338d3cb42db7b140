package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytchat.dht.codec.VectorFiles;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.identity.UserPublicKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.BlobAssembler.Step;
import org.bytchat.dht.store.ParseOutcome.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

/**
 * Goal: what {@code docs/vectors/record.json} tells other implementations is what this one and the
 * platform compute. {@code BytchatCodecVectorsTest} compares it with its generator and writes it.
 */
class RecordVectorsTest {

  private static final HexFormat HEX = HexFormat.of();

  static Stream<Arguments> records() {
    return entries("records");
  }

  static Stream<Arguments> badSignatures() {
    return entries("badSignatures");
  }

  static Stream<Arguments> chunks() {
    return entries("chunks");
  }

  static Stream<Arguments> malformed() {
    return entries("malformed");
  }

  static Stream<Arguments> brokenBlobs() {
    return entries("brokenBlobs");
  }

  static Stream<Arguments> badReferences() {
    return entries("badReferences");
  }

  static Stream<Arguments> blobs() {
    return VectorFiles.read("record.json")
        .get("blobs")
        .valueStream()
        .map(entry -> Arguments.of(entry.get("size").asInt(), entry));
  }

  private static Stream<Arguments> entries(String array) {
    return VectorFiles.read("record.json")
        .get(array)
        .valueStream()
        .map(entry -> Arguments.of(entry.get("name").asText(), entry));
  }

  private static UserKey key(JsonNode entry) {
    for (JsonNode key : VectorFiles.read("record.json").get("keys")) {
      if (key.get("name").equals(entry.get("key"))) {
        byte[] pem = key.get("pem").asText().getBytes(StandardCharsets.US_ASCII);
        UserKey read = UserKey.parsePem(pem, null);
        assertThat(read.publicKey()).isEqualTo(UserPublicKey.parse(hex(key, "spki")));
        return read;
      }
    }
    throw new AssertionError("no key of " + entry);
  }

  @Test
  void file_hasEveryKindOfEntry() {
    assertThat(records()).hasSizeGreaterThan(8);
    assertThat(badSignatures()).hasSizeGreaterThan(12);
    assertThat(chunks()).hasSizeGreaterThan(4);
    assertThat(malformed()).hasSizeGreaterThan(40);
    assertThat(blobs()).hasSizeGreaterThan(4);
    assertThat(brokenBlobs()).hasSizeGreaterThan(6);
    assertThat(badReferences()).hasSize(5);
    assertThat(faults("malformed")).containsAll(names(Fault.class));
    assertThat(faults("brokenBlobs")).containsAll(names(BlobAssembler.Fault.class));
  }

  private static <E extends Enum<E>> List<String> names(Class<E> type) {
    return EnumSet.allOf(type).stream().map(Enum::name).toList();
  }

  private static Stream<String> faults(String array) {
    return entries(array).map(entry -> ((JsonNode) entry.get()[1]).get("fault").asText());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void record_committed_isReadAsItsParts(String name, JsonNode entry) {
    MutableRecord read = (MutableRecord) Items.parsed(hex(entry, "rec"));
    assertThat(read.uidVersion()).isEqualTo(entry.get("uidVersion").asInt());
    assertThat(read.label()).isEqualTo(entry.get("label").asText());
    assertThat(read.sequence()).isEqualTo(entry.get("seq").asLong());
    assertThat(read.issuedMillis()).isEqualTo(entry.get("issued").asLong());
    assertThat(read.expiresMillis()).isEqualTo(entry.get("expires").asLong());
    assertThat(read.value()).isEqualTo(hex(entry, "value"));
    assertThat(read.publicKey()).isEqualTo(key(entry).publicKey().encoded());
    assertThat(read.key()).hasToString(entry.get("place").asText());
    assertThat(read.statement(RecordVectorsKeys.NETWORK)).isEqualTo(hex(entry, "statement"));
    assertThat(read.signature()).isEqualTo(hex(entry, "signature"));
    assertThat(RecordVectorsKeys.isSigned(read)).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void record_committedParts_areMadeAndSignedToItsBytes(String name, JsonNode entry) {
    UserKey key = key(entry);
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            entry.get("uidVersion").asInt(),
            entry.get("label").asText(),
            key.publicKey().encoded(),
            entry.get("seq").asLong(),
            entry.get("issued").asLong(),
            entry.get("expires").asLong(),
            hex(entry, "value"));
    assertThat(RecordVectorsKeys.signed(key, draft).bytes()).isEqualTo(hex(entry, "rec"));
  }

  /** Nothing of this project computes here. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void record_committed_isWhatThePlatformComputes(String name, JsonNode entry)
      throws GeneralSecurityException, IOException {
    byte[] spki = key(entry).publicKey().encoded();
    boolean first = entry.get("uidVersion").asInt() == 1;
    byte[] uid = digest(first ? "SHA-1" : "SHA-512/256", spki);
    String label = entry.get("label").asText();
    byte[] place =
        label.isEmpty()
            ? Arrays.copyOf(uid, 20)
            : digest("SHA-1", label.getBytes(StandardCharsets.US_ASCII), uid);
    assertThat(place).isEqualTo(hex(entry, "place"));
    String numbers =
        "%016x%016x%016x"
            .formatted(
                entry.get("seq").asLong(),
                entry.get("issued").asLong(),
                entry.get("expires").asLong());
    String ascii = HEX.formatHex("bytchat/1/record\0".getBytes(StandardCharsets.US_ASCII));
    String network = HEX.formatHex(digest("SHA-1", "bytchat".getBytes(StandardCharsets.US_ASCII)));
    String hash = HEX.formatHex(digest("SHA-256", hex(entry, "value")));
    assertThat(entry.get("statement").asText())
        .isEqualTo(ascii + network.substring(0, 8) + HEX.formatHex(place) + numbers + hash);
    boolean rsa = entry.get("key").asText().startsWith("rsa");
    Signature verifier = Signature.getInstance(rsa ? "SHA256withRSA" : "Ed25519");
    verifier.initVerify(
        KeyFactory.getInstance(rsa ? "RSA" : "Ed25519")
            .generatePublic(new X509EncodedKeySpec(spki)));
    verifier.update(hex(entry, "statement"));
    assertThat(verifier.verify(hex(entry, "signature"))).isTrue();
    assertThat(entry.get("rec").asText())
        .isEqualTo(
            "01%02x%02x".formatted(first ? 1 : 2, label.length())
                + HEX.formatHex(label.getBytes(StandardCharsets.US_ASCII))
                + numbers
                + "%04x".formatted(spki.length)
                + HEX.formatHex(spki)
                + "%04x".formatted(hex(entry, "value").length)
                + entry.get("value").asText()
                + entry.get("signature").asText());
  }

  private static byte[] digest(String algorithm, byte[]... parts) throws GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance(algorithm);
    for (byte[] part : parts) {
      digest.update(part);
    }
    return digest.digest();
  }

  @Test
  void profiles_committed_areTheMapsOfTheDocument() throws IOException {
    int avatars = 0;
    for (JsonNode entry : VectorFiles.read("record.json").get("records")) {
      if (entry.get("label").asText().equals("meta")) {
        Map<Value, Value> value = map(hex(entry, "value"));
        assertThat(value).containsKey(text("n"));
        assertThat(value).containsEntry(text("ts"), ValueFactory.newInteger(RecordVectors.ISSUED));
        Value avatar = value.get(text("av"));
        assertThat(value).hasSize(avatar == null ? 2 : 3);
        if (avatar != null) {
          avatars++;
          assertThat(BlobReference.parse(avatar.asBinaryValue().asByteArray()))
              .hasValueSatisfying(found -> assertThat(found.size()).isEqualTo(45 * 959 + 1));
        }
      }
    }
    assertThat(avatars).isEqualTo(2);
  }

  private static Value text(String key) {
    return ValueFactory.newString(key);
  }

  private static Map<Value, Value> map(byte[] bytes) throws IOException {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes)) {
      Map<Value, Value> map = unpacker.unpackValue().asMapValue().map();
      assertThat(unpacker.hasNext()).isFalse();
      return map;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badSignatures")
  void badSignature_committed_isReadAndDoesNotVerify(String name, JsonNode entry) {
    MutableRecord read = (MutableRecord) Items.parsed(hex(entry, "rec"));
    assertThat(RecordVectorsKeys.isSigned(read)).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void malformed_committed_givesTheFault(String name, JsonNode entry) {
    assertThat(StoredItem.parse(hex(entry, "rec")))
        .isEqualTo(new ParseOutcome.Malformed(Fault.valueOf(entry.get("fault").asText())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chunks")
  void chunk_committed_isReadAndMade(String name, JsonNode entry) throws GeneralSecurityException {
    Chunk read = (Chunk) Items.parsed(hex(entry, "rec"));
    long expires = entry.get("expires").asLong();
    assertThat(read.expiresMillis()).isEqualTo(expires);
    assertThat(read.key()).hasToString(entry.get("key").asText());
    String content;
    if (entry.has("ids")) {
      List<NodeId> ids =
          entry.get("ids").valueStream().map(id -> NodeId.parse(id.asText())).toList();
      assertThat(read.ids()).isEqualTo(ids);
      assertThat(Chunk.index(ids, expires)).isEqualTo(read);
      content = "01" + String.join("", ids.stream().map(NodeId::toString).toList());
    } else {
      assertThat(read.data()).isEqualTo(hex(entry, "data"));
      assertThat(Chunk.leaf(hex(entry, "data"), expires)).isEqualTo(read);
      content = "00" + entry.get("data").asText();
    }
    assertThat(entry.get("rec").asText()).isEqualTo("02%016x".formatted(expires) + content);
    assertThat(digest("SHA-1", HEX.parseHex(content))).isEqualTo(hex(entry, "key"));
  }

  @ParameterizedTest(name = "{0} bytes")
  @MethodSource("blobs")
  void blob_committed_isCutAndPutTogether(int size, JsonNode entry) {
    byte[] content = RecordVectors.content(size, entry.get("modulus").asInt());
    Blob blob = Blob.cut(content, entry.get("expires").asLong());
    BlobReference reference = BlobReference.parse(hex(entry, "reference")).orElseThrow();
    assertThat(blob.reference()).isEqualTo(reference);
    assertThat(reference.size()).isEqualTo(size);
    assertThat(reference.sha256()).isEqualTo(hex(entry, "sha256"));
    assertThat(reference.root()).hasToString(entry.get("root").asText());
    assertThat(blob.chunks()).hasSameSizeAs(entry.get("chunks"));
    BlobAssembler assembler = new BlobAssembler(reference);
    Step step = new Step.Taken();
    for (int i = blob.chunks().size() - 1; i >= 0; i--) {
      Chunk chunk = blob.chunks().get(i);
      JsonNode json = entry.get("chunks").get(i);
      assertThat(chunk.key()).hasToString(json.get("key").asText());
      if (json.has("rec")) {
        assertThat(chunk).isEqualTo(Items.parsed(hex(json, "rec")));
      }
      step = assembler.offer(chunk);
    }
    assertThat(step).isInstanceOf(Step.Complete.class);
    assertThat(((Step.Complete) step).content()).isEqualTo(content);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenBlobs")
  void brokenBlob_committed_failsAtItsLastChunkThatMatters(String name, JsonNode entry) {
    BlobReference reference = BlobReference.parse(hex(entry, "reference")).orElseThrow();
    BlobAssembler assembler = new BlobAssembler(reference);
    Step step = new Step.NotWanted();
    for (JsonNode rec : entry.get("chunks")) {
      Set<NodeId> wanted = Set.copyOf(assembler.wanted());
      Chunk chunk = (Chunk) Items.parsed(HEX.parseHex(rec.asText()));
      if (wanted.contains(chunk.key())) {
        step = assembler.offer(chunk);
      }
    }
    assertThat(step)
        .isEqualTo(new Step.Failed(BlobAssembler.Fault.valueOf(entry.get("fault").asText())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badReferences")
  void badReference_committed_isNone(String name, JsonNode entry) {
    assertThat(BlobReference.parse(hex(entry, "av"))).isEmpty();
  }

  private static byte[] hex(JsonNode entry, String field) {
    return HEX.parseHex(entry.get(field).asText());
  }
}
