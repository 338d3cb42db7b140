package org.bytchat.dht.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * A packet as plain JSON with the keys of the wire: binaries in hexadecimal, endpoints and contacts
 * taken apart, padding ({@code p}) as its length.
 */
final class PacketJson {

  private static final HexFormat HEX = HexFormat.of();

  private PacketJson() {}

  /** Writes what a packet says; a packet does not know its padding. */
  static ObjectNode write(Packet packet) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("t", HEX.toHexDigits(packet.transactionId));
    json.put("y", String.valueOf(packet.kind.code()));
    json.put("id", packet.sender().toString());
    json.put("n", HEX.toHexDigits(packet.networkId));
    if (packet.version != 0) {
      json.put("v", HEX.toHexDigits(packet.version));
    }
    if (packet.features != 0) {
      json.put("f", packet.features);
    }
    if (packet.readOnly) {
      json.put("ro", true);
    }
    switch (packet.kind) {
      case QUERY -> {
        json.put("q", packet.method.wireName());
        writeArguments(packet, json.putObject("a"));
      }
      case RESPONSE -> writeResult(packet, json.putObject("r"));
      case ERROR -> writeError(packet, json.putObject("e"));
    }
    writeEndpoint("ip", packet.observed, json);
    return json;
  }

  private static void writeArguments(Packet packet, ObjectNode json) {
    writeId("k", packet.key(), json);
    AddressFamily want = packet.want;
    if (want != null) {
      json.put("want", want == AddressFamily.IPV4 ? 4 : 6);
    }
    if (packet.serviceMask != 0) {
      json.put("s", packet.serviceMask);
    }
    if (packet.hasChallenge) {
      json.put("c", HEX.formatHex(packet.challenge));
    }
    if (packet.forward) {
      json.put("fwd", true);
    }
    writeEndpoint("to", packet.forwardTo, json);
    writeToken(packet, json);
    writeRecord(packet, json);
    if (packet.expectedSequence >= 0) {
      json.put("cas", packet.expectedSequence);
    }
    writeId("pl", packet.place, json);
  }

  private static void writeResult(Packet packet, ObjectNode json) {
    if (packet.contacts4Count >= 0) {
      writeContacts(packet, AddressFamily.IPV4, json.putArray("n4"));
    }
    if (packet.contacts6Count >= 0) {
      writeContacts(packet, AddressFamily.IPV6, json.putArray("n6"));
    }
    writeToken(packet, json);
    writeSequence(packet, json);
    if (packet.hasProof) {
      json.put("pk", HEX.formatHex(packet.publicKey));
      json.put("sig", HEX.formatHex(packet.signature));
    }
    writeRecord(packet, json);
  }

  private static void writeError(Packet packet, ObjectNode json) {
    json.put("c", packet.errorCode);
    if (packet.errorTextLength > 0) {
      json.put("m", packet.errorText());
    }
    writeToken(packet, json);
    writeSequence(packet, json);
    writeRecord(packet, json);
  }

  private static void writeContacts(Packet packet, AddressFamily family, ArrayNode json) {
    for (int i = 0; i < packet.contactCount(family); i++) {
      Contact contact = packet.contacts(family)[i];
      if (contact == null) {
        throw new AssertionError("contact " + i + " is missing");
      }
      ObjectNode node = json.addObject().put("id", contact.id().toString());
      writeAddress(contact.endpoint(), node);
      node.put("services", contact.services());
    }
  }

  private static void writeToken(Packet packet, ObjectNode json) {
    if (packet.tokenLength > 0) {
      json.put("tk", HEX.formatHex(packet.token()));
    }
  }

  private static void writeSequence(Packet packet, ObjectNode json) {
    if (packet.sequence >= 0) {
      json.put("seq", packet.sequence);
    }
  }

  private static void writeRecord(Packet packet, ObjectNode json) {
    byte[] record = packet.record();
    if (record != null) {
      json.put("rec", HEX.formatHex(record));
    }
  }

  private static void writeId(String key, @Nullable NodeId id, ObjectNode json) {
    if (id != null) {
      json.put(key, id.toString());
    }
  }

  private static void writeEndpoint(String key, @Nullable Endpoint endpoint, ObjectNode json) {
    if (endpoint != null) {
      writeAddress(endpoint, json.putObject(key));
    }
  }

  private static void writeAddress(Endpoint endpoint, ObjectNode json) {
    try {
      InetAddress address = InetAddress.getByAddress(endpoint.addressBytes());
      json.put("address", address.getHostAddress()).put("port", endpoint.port());
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }

  /** Reads what {@link #write} writes, and padding; refuses a key that it does not know. */
  static Packet read(JsonNode json, BytchatCodec codec) {
    Packet packet = new Packet();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      JsonNode value = field.getValue();
      switch (field.getKey()) {
        case "t" -> packet.transactionId = HexFormat.fromHexDigitsToLong(value.asText());
        case "y" -> packet.kind = kind(value.asText());
        case "id" -> packet.sender(id(value));
        case "n" -> packet.networkId = HexFormat.fromHexDigits(value.asText());
        case "v" -> packet.version = HexFormat.fromHexDigits(value.asText());
        case "f" -> packet.features = value.asLong();
        case "ro" -> packet.readOnly = value.asBoolean();
        case "ip" -> packet.observed = endpoint(value);
        case "q" -> packet.method = method(value.asText());
        case "a", "r", "e" -> readBody(value, packet);
        case "p" -> {}
        default -> throw new AssertionError("unknown key " + field);
      }
    }
    if (json.has("p")) {
      int length = json.get("p").asInt();
      packet.paddedBytes = codec.sizeOf(packet) + (length > 0xff ? 5 : 4) + length;
    }
    return packet;
  }

  private static void readBody(JsonNode json, Packet packet) {
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      JsonNode value = field.getValue();
      switch (field.getKey()) {
        case "k" -> packet.key(id(value));
        case "want" -> packet.want = value.asInt() == 4 ? AddressFamily.IPV4 : AddressFamily.IPV6;
        case "s" -> packet.serviceMask = value.asInt();
        case "fwd" -> packet.forward = value.asBoolean();
        case "to" -> packet.forwardTo = endpoint(value);
        case "cas" -> packet.expectedSequence = value.asLong();
        case "pl" -> packet.place = id(value);
        case "n4" -> readContacts(value, AddressFamily.IPV4, packet);
        case "n6" -> readContacts(value, AddressFamily.IPV6, packet);
        case "seq" -> packet.sequence = value.asLong();
        case "pk" -> {
          packet.hasProof = true;
          copy(value, packet.publicKey);
        }
        case "sig" -> copy(value, packet.signature);
        case "tk" -> {
          byte[] token = bytes(value);
          packet.token(token, 0, token.length);
        }
        case "rec" -> {
          packet.record = bytes(value);
          packet.recordLength = bytes(value).length;
        }
        case "c" -> {
          if (packet.kind == Kind.ERROR) {
            packet.errorCode = value.asInt();
          } else {
            packet.hasChallenge = true;
            copy(value, packet.challenge);
          }
        }
        case "m" -> {
          byte[] text = value.asText().getBytes(StandardCharsets.UTF_8);
          packet.errorTextLength = text.length;
          System.arraycopy(text, 0, packet.errorText, 0, text.length);
        }
        default -> throw new AssertionError("unknown key " + field);
      }
    }
  }

  private static void readContacts(JsonNode json, AddressFamily family, Packet packet) {
    for (int i = 0; i < json.size(); i++) {
      JsonNode contact = json.get(i);
      packet.contacts(family)[i] =
          Contact.of(id(contact.get("id")), endpoint(contact), contact.get("services").asInt());
    }
    packet.contactCount(family, json.size());
  }

  private static Endpoint endpoint(JsonNode json) {
    try {
      // An address in digits: nothing is looked up.
      byte[] address = InetAddress.getByName(json.get("address").asText()).getAddress();
      return Endpoint.of(address, json.get("port").asInt());
    } catch (UnknownHostException e) {
      throw new AssertionError("not an address: " + json, e);
    }
  }

  private static Kind kind(String code) {
    for (Kind kind : Kind.values()) {
      if (code.equals(String.valueOf(kind.code()))) {
        return kind;
      }
    }
    throw new AssertionError("no such kind: " + code);
  }

  private static Method method(String name) {
    for (Method method : Method.values()) {
      if (method.wireName().equals(name)) {
        return method;
      }
    }
    return Method.UNKNOWN;
  }

  private static NodeId id(JsonNode json) {
    return NodeId.parse(json.asText());
  }

  private static byte[] bytes(JsonNode json) {
    return HEX.parseHex(json.asText());
  }

  private static void copy(JsonNode json, byte[] target) {
    byte[] bytes = bytes(json);
    if (bytes.length != target.length) {
      throw new AssertionError(target.length + " bytes expected: " + json);
    }
    System.arraycopy(bytes, 0, target, 0, target.length);
  }
}
