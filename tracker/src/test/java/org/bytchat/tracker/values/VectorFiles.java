package org.bytchat.tracker.values;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;

/** The tracker's files in {@code docs/vectors}, and what their generators share. */
final class VectorFiles {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HexFormat HEX = HexFormat.of();

  static final int NETWORK = Keys.networkId("bytchat");
  static final long TIME = 1_800_000_000_000L;
  static final long DAY = 86_400_000L;

  /** The user whose mailbox it is, and one with an RSA key; see record.json. */
  static final UserKey USER = user("ed25519");

  static final UserKey RSA_USER = user("rsa2048");
  static final NodeId MAILBOX = USER.publicKey().uid(2).place("chat");

  static final TestDevice PHONE = TestDevice.of(0x11);
  static final TestDevice LAPTOP = TestDevice.of(0x12);
  static final TestDevice CONTACT = TestDevice.of(0x21);
  static final TestDevice TRACKER = TestDevice.of(0x31);

  private VectorFiles() {}

  /** Returns the text of every file by its name, as the generators make it. */
  static Map<String, String> generate() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("devices.json", print(DeviceVectors.file()));
    files.put("statements.json", print(StatementVectors.file()));
    files.put("envelope.json", print(EnvelopeVectors.file()));
    files.put("admission.json", print(EnvelopeVectors.admissions()));
    files.put("receipt.json", print(ReceiptVectors.file()));
    files.put("ack.json", print(AckVectors.file()));
    files.put("delivery.json", print(DeliveryVectors.file()));
    return files;
  }

  /** Returns the folder, found from the module's own or any folder above it. */
  static Path folder() {
    String start = System.getProperty("basedir", System.getProperty("user.dir"));
    for (Path at = Path.of(start).toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("docs")) && Files.isDirectory(at.resolve("dht-core"))) {
        return at.resolve("docs").resolve("vectors");
      }
    }
    throw new AssertionError("no docs folder beside or above " + start);
  }

  /** Returns the content of a committed file. */
  static JsonNode read(String file) {
    try {
      return JSON.readTree(folder().resolve(file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins a file. */
  static ObjectNode begin(String description) {
    ObjectNode file = JSON.createObjectNode();
    file.put("description", description);
    file.put("network", HEX.toHexDigits(NETWORK));
    return file;
  }

  /** Adds the key pairs that sign. */
  static void addKeys(ObjectNode file, Map<String, TestDevice> keys) {
    ArrayNode array = file.putArray("keys");
    keys.forEach(
        (name, key) -> {
          ObjectNode entry = array.addObject().put("name", name).put("seed", hex(key.seed()));
          entry.put("publicKey", hex(key.publicKey())).put("deviceId", key.id().toString());
        });
  }

  /** Adds an entry of bytes with a name. */
  static void addBytes(ArrayNode array, String name, byte[] bytes) {
    array.addObject().put("name", name).put("bytes", hex(bytes));
  }

  static String hex(byte[] bytes) {
    return HEX.formatHex(bytes);
  }

  static byte[] with(byte[] bytes, int offset, int value) {
    byte[] changed = bytes.clone();
    changed[offset] = (byte) value;
    return changed;
  }

  static byte[] cut(byte[] bytes, int length) {
    return Arrays.copyOf(bytes, length);
  }

  /** The last byte of a signature is of S, which stays below the order. */
  static byte[] badSignature(byte[] bytes) {
    return with(bytes, bytes.length - 1, bytes[bytes.length - 1] ^ 1);
  }

  private static UserKey user(String name) {
    for (JsonNode key : read("record.json").get("keys")) {
      if (key.get("name").asText().equals(name)) {
        byte[] pem = key.get("pem").asText().getBytes(StandardCharsets.US_ASCII);
        return UserKey.parsePem(pem, null);
      }
    }
    throw new AssertionError("no key " + name + " in record.json");
  }

  private static String print(JsonNode file) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(indenter);
    printer.indentObjectsWith(indenter);
    try {
      return JSON.writer(printer).writeValueAsString(file) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree can always be written", e);
    }
  }
}
