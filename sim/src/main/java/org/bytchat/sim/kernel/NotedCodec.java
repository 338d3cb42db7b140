package org.bytchat.sim.kernel;

import java.util.Arrays;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.codec.MessageCodec;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.wire.Packet;

/**
 * The codec of production, which notes what it encodes, so that the trace can name each datagram
 * without decoding it again. The notes are taken in the order of encoding.
 */
final class NotedCodec implements MessageCodec {

  private final BytchatCodec codec;
  private int[] types = new int[16];
  private int[] traffics = new int[16];
  private long[] transactions = new long[16];
  private int first;
  private int end;

  NotedCodec(ContactInterner interner) {
    this.codec = new BytchatCodec(interner);
  }

  @Override
  public DecodeOutcome decode(byte[] buffer, int offset, int length, Packet packet) {
    return codec.decode(buffer, offset, length, packet);
  }

  @Override
  public int sizeOf(Packet packet) {
    return codec.sizeOf(packet);
  }

  @Override
  public int encode(Packet packet, byte[] buffer, int offset) {
    if (end == types.length) {
      types = Arrays.copyOf(types, 2 * end);
      traffics = Arrays.copyOf(traffics, 2 * end);
      transactions = Arrays.copyOf(transactions, 2 * end);
    }
    types[end] = Messages.typeOf(packet);
    traffics[end] = Traffic.of(packet).ordinal();
    transactions[end] = packet.transactionId;
    end++;
    return codec.encode(packet, buffer, offset);
  }

  /** Takes the first note. */
  void take(Note into) {
    into.type = types[first];
    into.traffic = traffics[first];
    into.transactionId = transactions[first];
    first++;
    if (first == end) {
      first = 0;
      end = 0;
    }
  }

  /** What the trace and the counters need of a message. */
  static final class Note {
    int from;
    int to;
    int type;
    int bytes;
    int traffic;
    long transactionId;

    void of(PacketEvent packet) {
      from = packet.source();
      to = packet.node;
      type = packet.type;
      bytes = packet.bytes;
      transactionId = packet.transactionId;
    }

    void of(Packet packet) {
      type = Messages.typeOf(packet);
      traffic = Traffic.of(packet).ordinal();
      transactionId = packet.transactionId;
    }
  }
}
