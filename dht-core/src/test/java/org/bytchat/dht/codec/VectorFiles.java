package org.bytchat.dht.codec;

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
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.codec.MalformedVectors.Malformed;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.UidVectors;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.RecordVectors;
import org.bytchat.dht.store.StoreVectors;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

/** The files in {@code docs/vectors}: where they are and what the generator makes them. */
public final class VectorFiles {

  private static final ObjectMapper JSON = new ObjectMapper();

  private VectorFiles() {}

  /** Returns the folder, found from the module's own or any folder above it. */
  public static Path folder() {
    String start = System.getProperty("basedir", System.getProperty("user.dir"));
    for (Path at = Path.of(start).toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("docs")) && Files.isDirectory(at.resolve("dht-core"))) {
        return at.resolve("docs").resolve("vectors");
      }
    }
    throw new AssertionError("no docs folder beside or above " + start);
  }

  /** Returns the content of a committed file. */
  public static JsonNode read(String file) {
    try {
      return JSON.readTree(folder().resolve(file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the text of every file by its name, as the generator makes it. */
  static Map<String, String> generate() {
    Map<String, String> files = new LinkedHashMap<>();
    WireVectors.all().forEach((name, vectors) -> files.put(name + ".json", wire(name, vectors)));
    files.put("malformed.json", malformed());
    files.put("keys.json", keys());
    files.put("uid.json", print(UidVectors.file()));
    files.put("record.json", print(RecordVectors.file()));
    files.put("store.json", print(StoreVectors.file()));
    return files;
  }

  private static String wire(String name, List<WireVector> vectors) {
    ObjectNode file = JSON.createObjectNode();
    file.put(
        "description",
        name.equals("lenient")
            ? "Datagrams that decode to the message, which encodes to other bytes."
            : "Datagrams that decode to the message, which encodes to exactly these bytes.");
    file.put(
        "notation",
        "Keys as on the wire. Binaries are hexadecimal; ip, to, n4 and n6 are taken apart; p is the"
            + " length of the padding. Integers have up to 63 bits.");
    ArrayNode entries = file.putArray("vectors");
    for (WireVector vector : vectors) {
      ObjectNode entry = entries.addObject();
      entry.put("name", vector.name()).put("description", vector.description());
      entry.put("hex", HexFormat.of().formatHex(vector.datagram()));
      entry.set("message", message(vector));
    }
    return print(file);
  }

  /** The packet, and what a packet forgets: the name of an unknown method, and the padding. */
  private static ObjectNode message(WireVector vector) {
    ObjectNode json = PacketJson.write(vector.packet());
    Map<Value, Value> map = MsgpackOracle.unpack(vector.datagram()).asMapValue().map();
    Value method = map.get(ValueFactory.newString("q"));
    if (json.has("q") && method != null) {
      json.put("q", method.asStringValue().asString());
    }
    Value padding = map.get(ValueFactory.newString("p"));
    if (padding != null) {
      json.put("p", padding.asBinaryValue().asByteArray().length);
    }
    return json;
  }

  private static String malformed() {
    ObjectNode file = JSON.createObjectNode();
    file.put(
        "description",
        "Datagrams that are dropped, each wrong in one way, except BAD_ARGUMENTS: a query whose"
            + " envelope is whole, answered with error 203.");
    ArrayNode entries = file.putArray("vectors");
    for (Malformed malformed : MalformedVectors.all()) {
      ObjectNode entry = entries.addObject();
      entry.put("name", malformed.name()).put("description", malformed.description());
      entry.put("hex", HexFormat.of().formatHex(malformed.datagram()));
      entry.put("outcome", malformed.outcome().name());
    }
    return print(file);
  }

  /** Adds one to a number, the last byte first. */
  private static void increment(byte[] number) {
    int at = number.length - 1;
    while (++number[at] == 0) {
      at--;
    }
  }

  private static String keys() {
    ObjectNode file = JSON.createObjectNode();
    file.put(
        "description",
        "Places in the keyspace: SHA-1 of bytes, SHA-1(label, uid bytes), the first four bytes of"
            + " the SHA-1 of a network's name, XOR distances, and the puzzles that public keys"
            + " solve.");
    ArrayNode hashes = file.putArray("sha1");
    for (String text : List.of("", "abc", "bytchat")) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      hashes.addObject().put("text", text).put("id", Keys.sha1(bytes).toString());
    }
    ArrayNode labels = file.putArray("labels");
    for (String label : List.of("meta", "chat", "keys")) {
      for (int length : new int[] {20, 32}) {
        byte[] uid = new byte[length];
        for (int i = 0; i < length; i++) {
          uid[i] = (byte) (0xa0 + i);
        }
        ObjectNode entry = labels.addObject().put("label", label);
        entry.put("uid", HexFormat.of().formatHex(uid));
        entry.put("key", Keys.of(label, uid).toString());
      }
    }
    ArrayNode networks = file.putArray("networks");
    for (String name : List.of("bytchat", "bytchat-test", "Überall")) {
      String id = HexFormat.of().toHexDigits(Keys.networkId(name));
      networks.addObject().put("name", name).put("n", id);
    }
    ArrayNode distances = file.putArray("distances");
    NodeId[] ids = {
      NodeId.ZERO, WireVector.SENDER, WireVector.KEY, NodeId.of(-1, -1, -1), NodeId.of(0, 0, 1)
    };
    for (NodeId a : ids) {
      for (NodeId b : ids) {
        ObjectNode entry = distances.addObject();
        entry.put("a", a.toString()).put("b", b.toString());
        entry.put("distance", a.distanceTo(b).toString());
        entry.put("commonPrefixLength", a.commonPrefixLength(b));
      }
    }
    ArrayNode puzzles = file.putArray("puzzles");
    for (int bits : new int[] {0, 1, 7, 8, 9, 17}) {
      byte[] key = new byte[SignatureScheme.SEED_BYTES];
      while (NodeIdentity.puzzleBits(key) != bits) {
        increment(key);
      }
      puzzles.addObject().put("pk", HexFormat.of().formatHex(key)).put("bits", bits);
    }
    return print(file);
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
