package org.bytchat.tracker.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;

/** Makes {@code docs/vectors/session.json}: one whole session with fixed keys. */
final class SessionVectors {

  static final long ISSUED_MILLIS = 1_767_225_600_000L;
  static final int[] LENGTHS = {0, 1, 65_519, 65_520, 81_920};

  private static final String NETWORK = "bytchat";
  private static final byte[] INTRODUCTION = "introduction".getBytes(StandardCharsets.US_ASCII);
  private static final HexFormat HEX = HexFormat.of();

  private SessionVectors() {}

  static byte[] secret(int first) {
    byte[] secret = new byte[32];
    for (int i = 0; i < secret.length; i++) {
      secret[i] = (byte) (first + i);
    }
    return secret;
  }

  /** The plaintext of a length: the byte at i is i modulo 251. */
  static byte[] plaintext(int length) {
    byte[] plaintext = new byte[length];
    for (int i = 0; i < length; i++) {
      plaintext[i] = (byte) (i % 251);
    }
    return plaintext;
  }

  static String sha256(byte[] bytes) {
    try {
      return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  static String file() {
    ObjectNode file = new ObjectMapper().createObjectNode();
    file.put(
        "description",
        "One session with fixed keys: what both sides send, each message of the handshake with its"
            + " length before it, then frames of each side. A frame's plaintext has the byte"
            + " i mod 251 at i; of frames whose bytes are many, the SHA-256 is given.");
    int network = Keys.networkId(NETWORK);
    NodeIdentity node = NodeIdentity.of(Ed25519Scheme.INSTANCE, secret(0));
    byte[] serverStatic = secret(0x20);
    byte[] certificate =
        NodeCertificate.issue(
                node,
                network,
                NoiseHandshake.publicKey(NoiseHandshake.keyOf(serverStatic)),
                ISSUED_MILLIS)
            .encode();
    Preamble preamble = Preamble.of(network);
    byte[] prologue = preamble.prologue(1);
    put(file, "nodeSeed", secret(0));
    file.put("nodeId", node.id().toString());
    file.put("network", NETWORK);
    put(file, "serverStatic", serverStatic);
    put(file, "serverEphemeral", secret(0x40));
    put(file, "clientStatic", secret(0x60));
    put(file, "clientEphemeral", secret(0x80));
    put(file, "preamble", preamble.bytes());
    file.put("version", 1);
    put(file, "prologue", prologue);
    put(file, "certificate", certificate);
    put(file, "introduction", INTRODUCTION);
    session(file, prologue, certificate);
    return print(file);
  }

  private static void session(ObjectNode file, byte[] prologue, byte[] certificate) {
    NoiseHandshake client = NoiseHandshake.initiator(prologue, NoiseHandshake.keyOf(secret(0x60)));
    client.fixEphemeral(secret(0x80));
    client.start();
    NoiseHandshake server = NoiseHandshake.responder(prologue, NoiseHandshake.keyOf(secret(0x20)));
    server.fixEphemeral(secret(0x40));
    server.start();
    byte[] first = client.write(new byte[0]);
    Objects.requireNonNull(server.read(first, true));
    byte[] second = server.write(certificate);
    Objects.requireNonNull(client.read(second, true));
    byte[] third = client.write(INTRODUCTION);
    Objects.requireNonNull(server.read(third, false));
    put(file, "message1", Handshake.framed(first));
    put(file, "message2", Handshake.framed(second));
    put(file, "message3", Handshake.framed(third));
    NoiseHandshake.Keys clientKeys = client.split();
    NoiseHandshake.Keys serverKeys = server.split();
    put(file, "handshakeHash", clientKeys.hash());
    frames(file.putArray("clientFrames"), clientKeys);
    frames(file.putArray("serverFrames"), serverKeys);
  }

  private static void frames(ArrayNode frames, NoiseHandshake.Keys keys) {
    for (int length : LENGTHS) {
      byte[] sealed = RawPeer.sealed(keys, plaintext(length));
      ObjectNode frame = frames.addObject().put("plaintextBytes", length);
      frame.put("bytes", sealed.length);
      if (length < 100) {
        put(frame, "hex", sealed);
      }
      frame.put("sha256", sha256(sealed));
    }
  }

  private static void put(ObjectNode object, String name, byte[] bytes) {
    object.put(name, HEX.formatHex(bytes));
  }

  private static String print(JsonNode file) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(indenter);
    printer.indentObjectsWith(indenter);
    try {
      return new ObjectMapper().writer(printer).writeValueAsString(file) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree can always be written", e);
    }
  }
}
