package org.bytchat.tracker.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: what {@code docs/vectors/session-messages.json} tells other implementations is what this
 * one does.
 *
 * <p>{@code -Dvectors.write=true} writes the file, and the fuzzing seeds made of it, anew.
 */
class MessageCodecVectorsTest {

  private static final Path FILE = Path.of("..", "docs", "vectors", "session-messages.json");

  private static final Path SEEDS =
      Path.of(
          "src/test/resources/org/bytchat/tracker/codec/MessageCodecFuzzTestInputs",
          "decode_anyBytes_staysConsistent");

  private final MessageCodec codec = new MessageCodec(Ed25519Scheme.INSTANCE);

  @BeforeAll
  static void write_onlyIfAsked() throws IOException {
    if (!Boolean.getBoolean("vectors.write")) {
      return;
    }
    Files.writeString(FILE, MessageVectors.file());
    Files.createDirectories(SEEDS);
    for (Map.Entry<String, byte[]> seed : seeds().entrySet()) {
      Files.write(SEEDS.resolve(seed.getKey()), seed.getValue());
    }
  }

  private static Map<String, byte[]> seeds() {
    Map<String, byte[]> seeds = new LinkedHashMap<>();
    MessageVectors.requests()
        .forEach((name, frame) -> seeds.put("request-" + name + ".bin", frame));
    MessageVectors.responses()
        .forEach((name, frame) -> seeds.put("response-" + name + ".bin", frame));
    return seeds;
  }

  static Stream<Arguments> requests() throws IOException {
    return entries("requests");
  }

  static Stream<Arguments> responses() throws IOException {
    return entries("responses");
  }

  private static Stream<Arguments> entries(String array) throws IOException {
    return new ObjectMapper()
        .readTree(FILE.toFile())
        .get(array)
        .valueStream()
        .map(entry -> Arguments.of(entry.get("name").asText(), entry));
  }

  @Test
  void committedFile_isWhatTheGeneratorMakes() throws IOException {
    assertThat(Files.readString(FILE)).isEqualTo(MessageVectors.file());
  }

  @Test
  void committedFuzzSeeds_holdTheVectors() throws IOException {
    for (Map.Entry<String, byte[]> seed : seeds().entrySet()) {
      assertThat(Files.readAllBytes(SEEDS.resolve(seed.getKey())))
          .as(seed.getKey())
          .isEqualTo(seed.getValue());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void request_committed_isTheMessageBothWays(String name, JsonNode entry) {
    byte[] frame = HexFormat.of().parseHex(entry.get("hex").asText());
    Request expected = SampleMessages.named(SampleMessages.requests(), name);
    long requestId = entry.get("message").get("i").asLong();
    assertThat(MessageView.of(codec.decodeRequest(frame)))
        .isEqualTo(MessageView.of(new Decoded.Message<>(requestId, expected)));
    assertThat(codec.encode(requestId, expected)).isEqualTo(frame);
    assertThat(MessageVectors.pack(entry.get("message"))).isEqualTo(frame);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("responses")
  void response_committed_isTheMessageBothWays(String name, JsonNode entry) {
    byte[] frame = HexFormat.of().parseHex(entry.get("hex").asText());
    Response expected = SampleMessages.named(SampleMessages.responses(), name);
    long requestId = entry.get("message").get("i").asLong();
    assertThat(MessageView.of(codec.decodeResponse(frame)))
        .isEqualTo(MessageView.of(new Decoded.Message<>(requestId, expected)));
    assertThat(codec.encode(requestId, expected)).isEqualTo(frame);
    assertThat(MessageVectors.pack(entry.get("message"))).isEqualTo(frame);
  }
}
