package org.bytchat.tracker.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Goal: what {@code docs/vectors/session.json} tells other implementations is what this one does,
 * and what this one does is Noise.
 *
 * <p>{@code -Dvectors.write=true} writes the file anew.
 */
class SessionVectorsTest {

  private static final HexFormat HEX = HexFormat.of();

  private static Path file() {
    String start = System.getProperty("basedir", System.getProperty("user.dir"));
    for (Path at = Path.of(start).toAbsolutePath(); at != null; at = at.getParent()) {
      Path folder = at.resolve("docs").resolve("vectors");
      if (Files.isDirectory(folder)) {
        return folder.resolve("session.json");
      }
    }
    throw new AssertionError("no docs folder above " + start);
  }

  private static JsonNode committed() {
    try {
      return new ObjectMapper().readTree(file().toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void write_onlyIfAsked() throws IOException {
    if (Boolean.getBoolean("vectors.write")) {
      Files.writeString(file(), SessionVectors.file());
    }
  }

  private static byte[] hex(JsonNode node, String name) {
    return HEX.parseHex(node.get(name).asText());
  }

  @Test
  void committedFile_isWhatTheGeneratorMakes() throws IOException {
    assertThat(Files.readString(file())).isEqualTo(SessionVectors.file());
  }

  @Test
  void committedFile_asServer_readsTheClientAndAnswersTheSame() {
    JsonNode file = committed();
    Preamble preamble = new Preamble(hex(file, "preamble"));
    assertThat(preamble.fault(Keys.networkId(file.get("network").asText()))).isNull();
    byte[] prologue = preamble.prologue(preamble.choose());
    assertThat(prologue).isEqualTo(hex(file, "prologue"));
    NoiseHandshake server =
        NoiseHandshake.responder(prologue, NoiseHandshake.keyOf(hex(file, "serverStatic")));
    server.fixEphemeral(hex(file, "serverEphemeral"));
    server.start();
    assertThat(server.read(body(file, "message1"), true)).isEmpty();
    assertThat(server.write(hex(file, "certificate"))).isEqualTo(body(file, "message2"));
    assertThat(server.read(body(file, "message3"), false)).isEqualTo(hex(file, "introduction"));
    assertThat(server.remoteStaticKey())
        .isEqualTo(NoiseHandshake.publicKey(NoiseHandshake.keyOf(hex(file, "clientStatic"))));
    NoiseHandshake.Keys keys = server.split();
    assertThat(keys.hash()).isEqualTo(hex(file, "handshakeHash"));
    assertFrames(keys, file.get("clientFrames"), file.get("serverFrames"));
  }

  @Test
  void committedFile_asClient_readsTheServerAndSaysTheSame() {
    JsonNode file = committed();
    NoiseHandshake client =
        NoiseHandshake.initiator(
            hex(file, "prologue"), NoiseHandshake.keyOf(hex(file, "clientStatic")));
    client.fixEphemeral(hex(file, "clientEphemeral"));
    client.start();
    assertThat(client.write(new byte[0])).isEqualTo(body(file, "message1"));
    byte[] payload = Objects.requireNonNull(client.read(body(file, "message2"), true));
    assertThat(payload).isEqualTo(hex(file, "certificate"));
    NodeIdentity node = NodeIdentity.of(Ed25519Scheme.INSTANCE, hex(file, "nodeSeed"));
    assertThat(node.id()).hasToString(file.get("nodeId").asText());
    NodeCertificate certificate = Objects.requireNonNull(NodeCertificate.decode(payload));
    int network = Keys.networkId(file.get("network").asText());
    assertThat(
            certificate.fault(
                new NodeCertificate.Asked(network, node.id(), Ed25519Scheme.INSTANCE),
                client.remoteStaticKey(),
                SessionVectors.ISSUED_MILLIS))
        .isNull();
    assertThat(client.write(hex(file, "introduction"))).isEqualTo(body(file, "message3"));
    NoiseHandshake.Keys keys = client.split();
    assertThat(keys.hash()).isEqualTo(hex(file, "handshakeHash"));
    assertFrames(keys, file.get("serverFrames"), file.get("clientFrames"));
  }

  private static byte[] body(JsonNode file, String name) {
    byte[] framed = hex(file, name);
    assertThat(ByteBuffer.wrap(framed).getInt()).isEqualTo(framed.length - 4);
    return Arrays.copyOfRange(framed, 4, framed.length);
  }

  private static void assertFrames(NoiseHandshake.Keys keys, JsonNode theirs, JsonNode ours) {
    for (JsonNode frame : ours) {
      int length = frame.get("plaintextBytes").asInt();
      byte[] sealed = RawPeer.sealed(keys, SessionVectors.plaintext(length));
      assertThat(sealed).hasSize(frame.get("bytes").asInt());
      assertThat(SessionVectors.sha256(sealed)).isEqualTo(frame.get("sha256").asText());
    }
    assertThat(ours).hasSize(SessionVectors.LENGTHS.length);
    for (JsonNode frame : theirs) {
      if (frame.has("hex")) {
        byte[] sealed = hex(frame, "hex");
        byte[] body = Arrays.copyOfRange(sealed, 4, sealed.length);
        assertThat(keys.cipher().open(body, body.length))
            .isEqualTo(SessionVectors.plaintext(frame.get("plaintextBytes").asInt()));
      }
    }
  }

  /** The vector of this pattern that the authors of cacophony, snow and noise-java share. */
  @Test
  void publishedNoiseVector_bothSides_sameBytes() {
    byte[] prologue = HEX.parseHex("50726f6c6f677565313233");
    NoiseHandshake client =
        NoiseHandshake.initiator(
            prologue, key("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"));
    client.fixEphemeral(
        HEX.parseHex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"));
    client.start();
    NoiseHandshake server =
        NoiseHandshake.responder(
            prologue, key("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"));
    server.fixEphemeral(
        HEX.parseHex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"));
    server.start();
    pass(
        client,
        server,
        "4c756477696720766f6e204d69736573",
        "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
            + "4c756477696720766f6e204d69736573");
    pass(
        server,
        client,
        "4d757272617920526f746862617264",
        "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
            + "81cbad1f276e038c48378ffce2b65285e08d6b68aaa3629a5a8639392490e5b9"
            + "4a6d8798832d5372f220f161d9c2df035528f8982ffe09be9b5c412f8a0db5d2"
            + "1351f20af1370d0bf8ef1a8c59a30e");
    pass(
        client,
        server,
        "462e20412e20486179656b",
        "c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a8"
            + "589981dfbd651e6ff4724a781cc2aa6158c9fea0d4ec82a286427484c5b8c812"
            + "3a7a6002b1de9f9775fc97");
    NoiseHandshake.Keys clientKeys = client.split();
    NoiseHandshake.Keys serverKeys = server.split();
    assertThat(HEX.formatHex(clientKeys.hash()))
        .isEqualTo("852a28d2146785c54bd8334f4e460c80d7fe4fd0cc5bc0abef2a24a3c4d44d5f")
        .isEqualTo(HEX.formatHex(serverKeys.hash()));
    carry(
        serverKeys,
        clientKeys,
        "4361726c204d656e676572",
        "96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df");
    carry(
        clientKeys,
        serverKeys,
        "4a65616e2d426170746973746520536179",
        "3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5");
  }

  private static com.southernstorm.noise.protocol.DHState key(String secret) {
    return NoiseHandshake.keyOf(HEX.parseHex(secret));
  }

  private static void pass(
      NoiseHandshake from, NoiseHandshake to, String payload, String ciphertext) {
    byte[] message = from.write(HEX.parseHex(payload));
    assertThat(HEX.formatHex(message)).isEqualTo(ciphertext);
    assertThat(to.read(message, true)).isEqualTo(HEX.parseHex(payload));
  }

  private static void carry(
      NoiseHandshake.Keys from, NoiseHandshake.Keys to, String plaintext, String ciphertext) {
    byte[] frame = HEX.parseHex(plaintext);
    byte[] body = new byte[FrameCipher.bodyBytes(frame.length)];
    from.cipher().seal(frame, body, 0);
    assertThat(HEX.formatHex(body)).isEqualTo(ciphertext);
    assertThat(to.cipher().open(body, body.length)).isEqualTo(frame);
  }
}
