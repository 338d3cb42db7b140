package org.bytchat.sim.bench;

import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/** Messages of peers that benchmarks make up. Not thread-safe. */
final class Queries {

  /**
   * Where the transaction id starts in what the codec writes: after the map's header and its key.
   */
  static final int TRANSACTION_OFFSET = 5;

  private final BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);
  private final Packet packet = new Packet();
  private final int networkId;
  private long transactionId = 1;

  Queries(String network) {
    networkId = Keys.networkId(network);
  }

  /** A plain ping, as short as it is. */
  byte[] ping(NodeId sender, boolean readOnly) {
    begin(Kind.QUERY, ++transactionId, sender);
    packet.method = Method.PING;
    packet.readOnly = readOnly;
    return encoded();
  }

  /** A query for contacts, padded as the protocol asks for. */
  byte[] findNode(NodeId sender, NodeId key, boolean readOnly) {
    return findNode(sender, key, readOnly, WireLimits.QUERY_PADDED_BYTES_IPV4);
  }

  /** A query for contacts of a given length, if it fits that. */
  byte[] findNode(NodeId sender, NodeId key, boolean readOnly, int length) {
    begin(Kind.QUERY, ++transactionId, sender);
    packet.method = Method.FIND_NODE;
    packet.readOnly = readOnly;
    packet.key(key);
    packet.paddedBytes = length;
    return encoded();
  }

  /** The answer to any query, naming nobody. */
  byte[] answer(Packet query, NodeId sender, @Nullable Endpoint observed) {
    begin(Kind.RESPONSE, query.transactionId, sender);
    packet.observed = observed;
    if (query.method == Method.FIND_NODE) {
      packet.contacts4Count = 0;
    }
    return encoded();
  }

  private void begin(Kind kind, long transaction, NodeId sender) {
    packet.clear();
    packet.kind = kind;
    packet.transactionId = transaction;
    packet.sender(sender);
    packet.networkId = networkId;
  }

  /** A message of the caller's making, in this network. */
  byte[] encoded(Packet message) {
    message.networkId = networkId;
    byte[] bytes = new byte[codec.sizeOf(message)];
    codec.encode(message, bytes, 0);
    return bytes;
  }

  private byte[] encoded() {
    return encoded(packet);
  }

  /** How long a message is. */
  int size(Packet message) {
    return codec.sizeOf(message);
  }

  /** Decodes; returns whether it is a whole message. */
  boolean decode(byte[] datagram, int length, Packet into) {
    return codec.decode(datagram, 0, length, into) == DecodeOutcome.DECODED;
  }
}
