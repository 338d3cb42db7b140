package org.bytchat.dht.codec;

import static org.msgpack.value.ValueFactory.newBinary;
import static org.msgpack.value.ValueFactory.newBoolean;
import static org.msgpack.value.ValueFactory.newInteger;
import static org.msgpack.value.ValueFactory.newMap;
import static org.msgpack.value.ValueFactory.newString;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;

/** What msgpack-core makes of bytes, and what a packet's map must be in its terms. */
final class MsgpackOracle {

  private MsgpackOracle() {}

  /** Returns the one value that the bytes are. */
  static Value unpack(byte[] bytes) {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes)) {
      Value value = unpacker.unpackValue();
      if (unpacker.hasNext()) {
        throw new AssertionError("bytes after the value, at " + unpacker.getTotalReadBytes());
      }
      return value;
    } catch (IOException e) {
      throw new AssertionError("an array does not fail to be read", e);
    }
  }

  /**
   * Walks over one value.
   *
   * <p>Not {@code skipValue} over containers: its count of owed values is an int that overflows.
   *
   * @return how many bytes the value takes, -1 if there is no whole value
   */
  static int skip(byte[] bytes, int offset, int length) {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes, offset, length)) {
      long owed = 1;
      while (owed > 0) {
        owed--;
        switch (unpacker.getNextFormat().getValueType()) {
          case ARRAY -> owed += unpacker.unpackArrayHeader();
          case MAP -> owed += 2L * unpacker.unpackMapHeader();
          default -> unpacker.skipValue();
        }
      }
      return (int) unpacker.getTotalReadBytes();
    } catch (MessagePackException e) {
      return -1;
    } catch (IOException e) {
      throw new AssertionError("an array does not fail to be read", e);
    }
  }

  /** Returns the map that the encoding of a packet must be, padding left out. */
  static Value contentOf(Packet packet) {
    Map<Value, Value> map = new LinkedHashMap<>();
    put(map, "t", newBinary(longs(packet.transactionId)));
    put(
        map,
        "y",
        newString(packet.kind == Kind.QUERY ? "q" : packet.kind == Kind.ERROR ? "e" : "r"));
    put(map, "id", newBinary(packet.sender().toBytes()));
    put(map, "n", newBinary(ints(packet.networkId)));
    put(map, "v", packet.version == 0 ? null : newBinary(ints(packet.version)));
    put(map, "f", packet.features == 0 ? null : newInteger(packet.features));
    put(map, "ro", packet.readOnly ? newBoolean(true) : null);
    put(map, "ip", endpoint(packet.observed));
    switch (packet.kind) {
      case QUERY -> {
        put(map, "q", newString(packet.method.wireName()));
        put(map, "a", arguments(packet));
      }
      case RESPONSE -> put(map, "r", result(packet));
      case ERROR -> put(map, "e", error(packet));
    }
    return newMap(map);
  }

  /** Returns a map without one key. */
  static Value without(Value map, String key) {
    Map<Value, Value> rest = new LinkedHashMap<>(map.asMapValue().map());
    rest.remove(newString(key));
    return newMap(rest);
  }

  private static Value arguments(Packet packet) {
    Map<Value, Value> map = new LinkedHashMap<>();
    put(map, "k", id(packet.key()));
    AddressFamily want = packet.want;
    put(map, "want", want == null ? null : newInteger(want == AddressFamily.IPV4 ? 4 : 6));
    put(map, "s", packet.serviceMask == 0 ? null : newInteger(packet.serviceMask));
    put(map, "c", packet.hasChallenge ? newBinary(packet.challenge.clone()) : null);
    put(map, "fwd", packet.forward ? newBoolean(true) : null);
    put(map, "to", endpoint(packet.forwardTo));
    putTokenAndRecord(map, packet);
    put(map, "cas", packet.expectedSequence < 0 ? null : newInteger(packet.expectedSequence));
    put(map, "pl", id(packet.place));
    return newMap(map);
  }

  private static Value result(Packet packet) {
    Map<Value, Value> map = new LinkedHashMap<>();
    put(map, "n4", packet.contacts4Count < 0 ? null : contacts(packet, AddressFamily.IPV4));
    put(map, "n6", packet.contacts6Count < 0 ? null : contacts(packet, AddressFamily.IPV6));
    putTokenAndRecord(map, packet);
    put(map, "seq", packet.sequence < 0 ? null : newInteger(packet.sequence));
    put(map, "pk", packet.hasProof ? newBinary(packet.publicKey.clone()) : null);
    put(map, "sig", packet.hasProof ? newBinary(packet.signature.clone()) : null);
    return newMap(map);
  }

  private static Value error(Packet packet) {
    Map<Value, Value> map = new LinkedHashMap<>();
    put(map, "c", newInteger(packet.errorCode));
    put(map, "m", packet.errorTextLength == 0 ? null : newString(packet.errorText()));
    putTokenAndRecord(map, packet);
    put(map, "seq", packet.sequence < 0 ? null : newInteger(packet.sequence));
    return newMap(map);
  }

  private static void putTokenAndRecord(Map<Value, Value> map, Packet packet) {
    put(map, "tk", packet.tokenLength == 0 ? null : newBinary(packet.token()));
    byte[] record = packet.record();
    put(map, "rec", record == null ? null : newBinary(record));
  }

  private static Value contacts(Packet packet, AddressFamily family) {
    int count = packet.contactCount(family);
    ByteBuffer bytes = ByteBuffer.allocate(count * (family == AddressFamily.IPV4 ? 27 : 39));
    for (int i = 0; i < count; i++) {
      Contact contact = packet.contacts(family)[i];
      if (contact == null) {
        throw new AssertionError("contact " + i + " is missing");
      }
      bytes.put(contact.id().toBytes()).put(contact.endpoint().addressBytes());
      bytes.putShort((short) contact.endpoint().port()).put((byte) contact.services());
    }
    return newBinary(bytes.array());
  }

  private static @Nullable Value endpoint(@Nullable Endpoint endpoint) {
    if (endpoint == null) {
      return null;
    }
    byte[] address = endpoint.addressBytes();
    ByteBuffer bytes = ByteBuffer.allocate(address.length + 2);
    return newBinary(bytes.put(address).putShort((short) endpoint.port()).array());
  }

  private static @Nullable Value id(@Nullable NodeId id) {
    return id == null ? null : newBinary(id.toBytes());
  }

  private static void put(Map<Value, Value> map, String key, @Nullable Value value) {
    if (value != null) {
      map.put(newString(key), value);
    }
  }

  private static byte[] longs(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private static byte[] ints(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }
}
