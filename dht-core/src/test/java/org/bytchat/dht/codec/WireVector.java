package org.bytchat.dht.codec;

import java.util.function.Consumer;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;

/**
 * One valid datagram of {@code docs/vectors} and what it says.
 *
 * @param name unique in its file; also the name of a fuzzing seed
 * @param description one sentence for the reader who writes another implementation
 * @param datagram the bytes
 * @param packet what they decode to
 * @param canonical whether the packet encodes to exactly these bytes
 */
record WireVector(
    String name, String description, byte[] datagram, Packet packet, boolean canonical) {

  /** The asker, or whoever sends. */
  static final NodeId SENDER = NodeId.parse("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");

  /** The key that is asked for. */
  static final NodeId KEY = NodeId.parse("c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3");

  static WireVector query(
      String name, String description, Method method, Consumer<Packet> content) {
    return encoded(
        name,
        description,
        Kind.QUERY,
        content.andThen(
            packet -> {
              packet.method = method;
            }));
  }

  static WireVector response(String name, String description, Consumer<Packet> content) {
    return encoded(name, description, Kind.RESPONSE, content);
  }

  static WireVector error(String name, String description, Consumer<Packet> content) {
    return encoded(name, description, Kind.ERROR, content);
  }

  /** A datagram that decodes to a packet, but is not how that packet is encoded. */
  static WireVector lenient(
      String name, String description, RawMap datagram, Consumer<Packet> content) {
    Packet packet = envelope();
    content.accept(packet);
    return new WireVector(name, description, datagram.bytes(), packet, false);
  }

  private static WireVector encoded(
      String name, String description, Kind kind, Consumer<Packet> content) {
    Packet packet = envelope();
    packet.kind = kind;
    content.accept(packet);
    BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);
    byte[] datagram = new byte[codec.sizeOf(packet)];
    codec.encode(packet, datagram, 0);
    return new WireVector(name, description, datagram, packet, true);
  }

  private static Packet envelope() {
    Packet packet = new Packet();
    packet.transactionId = 0x0102030405060708L;
    packet.sender(SENDER);
    packet.networkId = 0xdeadbeef;
    return packet;
  }

  @Override
  public String toString() {
    return name;
  }
}
