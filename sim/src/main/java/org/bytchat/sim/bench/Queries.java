package org.bytchat.sim.bench;

import java.util.Locale;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.codec.MainlineCodec;
import org.bytchat.dht.codec.MessageCodec;
import org.bytchat.dht.config.Dialect;
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
   * Where the transaction id starts in what our own codec writes: after the map's header and its
   * key.
   */
  static final int TRANSACTION_OFFSET = 5;

  /** What follows a transaction id of Mainline's dialect in a query, and with a version. */
  private static final int QUERY_TAIL_BYTES = "1:y1:qe".length();

  private static final int ANSWER_TAIL_BYTES = "1:v4:BC001:y1:re".length();

  private final Dialect dialect;
  private final MessageCodec codec;
  private final Packet packet = new Packet();
  private final int networkId;
  private long transactionId = 1;

  Queries(String network) {
    this(Dialect.BYTCHAT, network);
  }

  Queries(Dialect dialect, String network) {
    this.dialect = dialect;
    this.codec = codec(dialect);
    this.networkId = Keys.networkId(network);
  }

  /** Returns the dialect of a name, as parameters of benchmarks have it. */
  static Dialect dialect(String name) {
    return Dialect.valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** Makes the codec of a dialect. */
  static MessageCodec codec(Dialect dialect) {
    return dialect == Dialect.MAINLINE
        ? new MainlineCodec(ContactInterner.NONE)
        : new BytchatCodec(ContactInterner.NONE);
  }

  /** Returns where the transaction id starts in a query of this class that is so long. */
  int transactionInQuery(int length) {
    return dialect == Dialect.MAINLINE
        ? length - QUERY_TAIL_BYTES - Long.BYTES
        : TRANSACTION_OFFSET;
  }

  /** The same in an answer of a node of ours. */
  int transactionInAnswer(int length) {
    return dialect == Dialect.MAINLINE
        ? length - ANSWER_TAIL_BYTES - Long.BYTES
        : TRANSACTION_OFFSET;
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
    packet.transactionLength = query.transactionLength;
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
