package org.bytchat.tracker.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;

/** The generator of {@code docs/vectors/session-messages.json}. */
final class MessageVectors {

  private static final long REQUEST_ID = 300;
  private static final HexFormat HEX = HexFormat.of();
  private static final Set<String> TEXTS = Set.of("q", "r", "x");

  private MessageVectors() {}

  /** Returns the text of the file. */
  static String file() {
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.put(
        "description",
        "Frames of a session that decode to the message, which encodes to exactly these bytes. The"
            + " private keys are known to all, and the stamp is an easy one.");
    file.put(
        "notation",
        "Keys as on the wire. Binaries are hexadecimal; q, r and x are text. Integers have up to 63"
            + " bits.");
    add(file.putArray("requests"), requests());
    add(file.putArray("responses"), responses());
    return print(file);
  }

  static Map<String, byte[]> requests() {
    MessageCodec codec = new MessageCodec(Ed25519Scheme.INSTANCE);
    Map<String, byte[]> frames = new LinkedHashMap<>();
    SampleMessages.requests()
        .forEach((name, request) -> frames.put(name, codec.encode(REQUEST_ID, request)));
    return frames;
  }

  static Map<String, byte[]> responses() {
    MessageCodec codec = new MessageCodec(Ed25519Scheme.INSTANCE);
    Map<String, byte[]> frames = new LinkedHashMap<>();
    SampleMessages.responses()
        .forEach((name, response) -> frames.put(name, codec.encode(REQUEST_ID, response)));
    return frames;
  }

  private static void add(ArrayNode array, Map<String, byte[]> frames) {
    frames.forEach(
        (name, frame) -> {
          ObjectNode entry = array.addObject().put("name", name);
          entry.put("hex", HEX.formatHex(frame));
          ObjectNode message = entry.putObject("message");
          Packed.entries(frame).forEach((key, value) -> message.set(key, json(value)));
        });
  }

  private static JsonNode json(byte[] packed) {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(packed)) {
      return json(unpacker.unpackValue());
    } catch (IOException e) {
      throw new AssertionError("nothing is read but memory", e);
    }
  }

  private static JsonNode json(Value value) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (value.getValueType()) {
      case BOOLEAN -> json.booleanNode(value.asBooleanValue().getBoolean());
      case INTEGER -> json.numberNode(value.asIntegerValue().asLong());
      case STRING -> json.textNode(value.asStringValue().asString());
      case BINARY -> json.textNode(HEX.formatHex(value.asBinaryValue().asByteArray()));
      case ARRAY -> {
        ArrayNode array = json.arrayNode();
        value.asArrayValue().forEach(item -> array.add(json(item)));
        yield array;
      }
      default -> throw new AssertionError("no message has a " + value.getValueType());
    };
  }

  /** Packs a message of the file with the library alone. */
  static byte[] pack(JsonNode message) {
    return Packed.of(
        packer -> {
          packer.packMapHeader(message.size());
          for (Map.Entry<String, JsonNode> entry : message.properties()) {
            packer.packString(entry.getKey());
            pack(packer, entry.getValue(), TEXTS.contains(entry.getKey()));
          }
        });
  }

  private static void pack(MessageBufferPacker packer, JsonNode value, boolean text)
      throws IOException {
    if (value.isArray()) {
      packer.packArrayHeader(value.size());
      for (JsonNode item : value) {
        pack(packer, item, text);
      }
    } else if (value.isBoolean()) {
      packer.packBoolean(value.asBoolean());
    } else if (value.isIntegralNumber()) {
      packer.packLong(value.asLong());
    } else if (text) {
      packer.packString(value.asText());
    } else {
      byte[] bytes = HEX.parseHex(value.asText());
      packer.packBinaryHeader(bytes.length).writePayload(bytes);
    }
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
