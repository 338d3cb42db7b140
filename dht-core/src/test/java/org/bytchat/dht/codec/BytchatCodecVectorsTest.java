package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytchat.dht.codec.MalformedVectors.Malformed;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

/**
 * Goal: what {@code docs/vectors} tells other implementations is what this one does.
 *
 * <p>{@code -Dvectors.write=true} writes the files, and the fuzzing seeds made of them, anew.
 */
class BytchatCodecVectorsTest {

  private static final String SEEDS =
      "dht-core/src/test/resources/org/bytchat/dht/codec/BytchatCodecFuzzTestInputs"
          + "/decode_anyBytes_staysConsistent";

  /** Files that the tests of the tracker make. */
  private static final Set<String> OF_THE_TRACKER =
      Set.of(
          "devices.json",
          "statements.json",
          "envelope.json",
          "admission.json",
          "receipt.json",
          "ack.json",
          "delivery.json",
          "session.json",
          "session-messages.json");

  private final CodecHarness harness = new CodecHarness();

  @BeforeAll
  static void write_onlyIfAsked() throws IOException {
    if (!Boolean.getBoolean("vectors.write")) {
      return;
    }
    Files.createDirectories(VectorFiles.folder());
    for (Map.Entry<String, String> file : VectorFiles.generate().entrySet()) {
      Files.writeString(VectorFiles.folder().resolve(file.getKey()), file.getValue());
    }
    Files.createDirectories(seedFolder());
    for (Map.Entry<String, byte[]> seed : seeds().entrySet()) {
      Files.write(seedFolder().resolve(seed.getKey()), seed.getValue());
    }
  }

  @Test
  void committedFiles_areWhatTheGeneratorMakes() throws IOException {
    Map<String, String> generated = VectorFiles.generate();
    try (Stream<Path> files = Files.list(VectorFiles.folder())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(file -> !OF_THE_TRACKER.contains(file))
          .containsExactlyInAnyOrderElementsOf(generated.keySet());
    }
    for (Map.Entry<String, String> file : generated.entrySet()) {
      assertThat(Files.readString(VectorFiles.folder().resolve(file.getKey())))
          .as(file.getKey())
          .isEqualTo(file.getValue());
    }
  }

  @Test
  void committedFuzzSeeds_holdTheVectors() throws IOException {
    for (Map.Entry<String, byte[]> seed : seeds().entrySet()) {
      assertThat(Files.readAllBytes(seedFolder().resolve(seed.getKey())))
          .as(seed.getKey())
          .isEqualTo(seed.getValue());
    }
  }

  static Stream<Arguments> canonical() {
    return Stream.of("ping", "find_node", "get", "put", "bind", "find", "error")
        .flatMap(BytchatCodecVectorsTest::vectors);
  }

  static Stream<Arguments> valid() {
    return Stream.concat(canonical(), vectors("lenient"));
  }

  static Stream<Arguments> malformed() {
    return vectors("malformed");
  }

  private static Stream<Arguments> vectors(String file) {
    return VectorFiles.read(file + ".json")
        .get("vectors")
        .valueStream()
        .map(vector -> Arguments.of(file + "/" + vector.get("name").asText(), vector));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("valid")
  void decode_committedHex_givesTheMessage(String name, JsonNode vector) {
    Packet decoded = harness.decoded(hex(vector));
    Packet expected =
        PacketJson.read(vector.get("message"), new BytchatCodec(ContactInterner.NONE));
    assertThat(PacketView.of(decoded)).isEqualTo(PacketView.of(expected));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("canonical")
  void encode_committedMessage_givesTheHex(String name, JsonNode vector) {
    Packet packet = PacketJson.read(vector.get("message"), new BytchatCodec(ContactInterner.NONE));
    assertThat(HexFormat.of().formatHex(harness.encode(packet)))
        .isEqualTo(vector.get("hex").asText());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("canonical")
  void committedHex_isTheMapThatMsgpackCoreReads(String name, JsonNode vector) {
    Packet packet = PacketJson.read(vector.get("message"), new BytchatCodec(ContactInterner.NONE));
    Value map = MsgpackOracle.unpack(hex(vector));
    assertThat(MsgpackOracle.without(map, "p")).isEqualTo(MsgpackOracle.contentOf(packet));
    Value padding = map.asMapValue().map().get(ValueFactory.newString("p"));
    JsonNode expected = vector.get("message").get("p");
    assertThat(padding == null ? -1 : padding.asBinaryValue().asByteArray().length)
        .isEqualTo(expected == null ? -1 : expected.asInt());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void decode_committedMalformedHex_givesTheOutcome(String name, JsonNode vector) {
    assertThat(harness.decode(hex(vector)).name()).isEqualTo(vector.get("outcome").asText());
  }

  @Test
  void lenient_encodesToOtherBytes() {
    for (WireVector vector : LenientVectors.all()) {
      assertThat(harness.encode(vector.packet())).as(vector.name()).isNotEqualTo(vector.datagram());
    }
  }

  /** All fields of the format occur: no key is left without an example. */
  @Test
  void canonical_coverEveryKey() {
    StringBuilder messages = new StringBuilder();
    canonical().forEach(arguments -> messages.append(arguments.get()[1]));
    for (String key :
        List.of(
            "t", "y", "id", "n", "v", "f", "ro", "q", "a", "r", "e", "ip", "p", "k", "want", "s",
            "c", "fwd", "to", "tk", "rec", "cas", "pl", "n4", "n6", "seq", "pk", "sig", "m")) {
      assertThat(messages).contains("\"" + key + "\":");
    }
  }

  @Test
  void keys_committed_areWhatKeysAndTheJdkCompute() throws NoSuchAlgorithmException {
    JsonNode file = VectorFiles.read("keys.json");
    MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
    for (JsonNode entry : file.get("sha1")) {
      byte[] text = entry.get("text").asText().getBytes(StandardCharsets.UTF_8);
      assertThat(entry.get("id").asText()).isEqualTo(Keys.sha1(text).toString());
      assertThat(entry.get("id").asText()).isEqualTo(HexFormat.of().formatHex(sha1.digest(text)));
    }
    for (JsonNode entry : file.get("labels")) {
      String label = entry.get("label").asText();
      byte[] uid = HexFormat.of().parseHex(entry.get("uid").asText());
      assertThat(entry.get("key").asText()).isEqualTo(Keys.of(label, uid).toString());
      sha1.update(label.getBytes(StandardCharsets.UTF_8));
      assertThat(entry.get("key").asText()).isEqualTo(HexFormat.of().formatHex(sha1.digest(uid)));
    }
    for (JsonNode entry : file.get("networks")) {
      String name = entry.get("name").asText();
      byte[] digest = sha1.digest(name.getBytes(StandardCharsets.UTF_8));
      assertThat(HexFormat.fromHexDigits(entry.get("n").asText())).isEqualTo(Keys.networkId(name));
      assertThat(entry.get("n").asText()).isEqualTo(HexFormat.of().formatHex(digest, 0, 4));
    }
  }

  @Test
  void distances_committed_areTheXorOfTheIds() {
    for (JsonNode entry : VectorFiles.read("keys.json").get("distances")) {
      NodeId a = NodeId.parse(entry.get("a").asText());
      NodeId b = NodeId.parse(entry.get("b").asText());
      BigInteger xor = new BigInteger(1, a.toBytes()).xor(new BigInteger(1, b.toBytes()));
      assertThat(new BigInteger(entry.get("distance").asText(), 16)).isEqualTo(xor);
      assertThat(entry.get("distance").asText()).isEqualTo(a.distanceTo(b).toString());
      assertThat(entry.get("commonPrefixLength").asInt()).isEqualTo(160 - xor.bitLength());
      assertThat(entry.get("commonPrefixLength").asInt()).isEqualTo(a.commonPrefixLength(b));
    }
  }

  @Test
  void puzzles_committed_areTheZeroBitsThatTheJdkFinds() throws NoSuchAlgorithmException {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    JsonNode puzzles = VectorFiles.read("keys.json").get("puzzles");
    assertThat(puzzles).hasSizeGreaterThan(3);
    for (JsonNode entry : puzzles) {
      byte[] key = HexFormat.of().parseHex(entry.get("pk").asText());
      sha256.update("bytchat-puzzle".getBytes(StandardCharsets.US_ASCII));
      BigInteger hash = new BigInteger(1, sha256.digest(key));
      assertThat(entry.get("bits").asInt()).isEqualTo(256 - hash.bitLength());
      assertThat(entry.get("bits").asInt()).isEqualTo(NodeIdentity.puzzleBits(key));
    }
  }

  private static Path seedFolder() {
    return VectorFiles.folder().resolve("../..").resolve(SEEDS).normalize();
  }

  private static Map<String, byte[]> seeds() {
    Map<String, byte[]> seeds = new LinkedHashMap<>();
    WireVectors.all()
        .forEach(
            (file, vectors) ->
                vectors.forEach(
                    vector -> seeds.put(file + "-" + vector.name() + ".bin", vector.datagram())));
    List<Malformed> malformed = MalformedVectors.all();
    // Every other one: a fuzzer finds the neighbours, and each input takes time in each build.
    for (int i = 0; i < malformed.size(); i += 2) {
      seeds.put("malformed-" + malformed.get(i).name() + ".bin", malformed.get(i).datagram());
    }
    return seeds;
  }

  private static byte[] hex(JsonNode vector) {
    return HexFormat.of().parseHex(vector.get("hex").asText());
  }
}
