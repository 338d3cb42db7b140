package org.bytchat.dht.codec;

import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * The codec of our own dialect: MessagePack maps with short keys, {@code docs/protocol.md}.
 *
 * <p>Decoding takes the keys of a map in any order and ignores those it does not know; encoding has
 * one order. Not thread-safe: one instance belongs to one driver.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class BytchatCodec implements MessageCodec {

  /** No message has so many entries in one map; what has more is hostile. */
  static final int MAP_ENTRIES_MAX = 32;

  private static final int KEY_TRANSACTION = 't';
  private static final int KEY_KIND = 'y';
  private static final int KEY_SENDER = 'i' << 8 | 'd';
  private static final int KEY_NETWORK = 'n';
  private static final int KEY_VERSION = 'v';
  private static final int KEY_FEATURES = 'f';
  private static final int KEY_READ_ONLY = 'r' << 8 | 'o';
  private static final int KEY_METHOD = 'q';
  private static final int KEY_ARGUMENTS = 'a';
  private static final int KEY_RESULT = 'r';
  private static final int KEY_ERROR = 'e';
  private static final int KEY_OBSERVED = 'i' << 8 | 'p';
  private static final int KEY_PADDING = 'p';

  /** The bit in {@link #seen} of {@code a}; {@code r} and {@code e} follow. */
  private static final int BODY_BIT = 8;

  /** t, y, id and n with their keys: the part that every message begins with. */
  private static final int ENVELOPE_BYTES = 12 + 4 + 25 + 8;

  private final WireReader reader = new WireReader();
  private final WireWriter writer = new WireWriter();
  private final BodyReader body;
  private final BodyWriter bodyWriter = new BodyWriter();

  /** Which top-level keys were seen, a bit each. */
  private int seen;

  /** Where a, r and e start if they were not read at once, else -1. */
  private final int[] bodyStarts = new int[3];

  private @Nullable DecodeOutcome bodyFailure;

  /**
   * Makes a codec.
   *
   * @param interner returns the instance to keep of each contact that is read
   */
  public BytchatCodec(ContactInterner interner) {
    this.body = new BodyReader(interner);
  }

  @Override
  public DecodeOutcome decode(byte[] buffer, int offset, int length, Packet packet) {
    if (length < WireLimits.DATAGRAM_BYTES_MIN) {
      return DecodeOutcome.TOO_SHORT;
    }
    if (length > WireLimits.DATAGRAM_BYTES) {
      return DecodeOutcome.TOO_LONG;
    }
    packet.clear();
    seen = 0;
    bodyFailure = null;
    Arrays.fill(bodyStarts, -1);
    reader.reset(buffer, offset, length);
    int entries = reader.readMapHeader(MAP_ENTRIES_MAX);
    for (int i = 0; i < entries && !reader.failed(); i++) {
      readEntry(packet);
    }
    DecodeOutcome outcome = conclude(packet);
    reader.release();
    return outcome;
  }

  private DecodeOutcome conclude(Packet packet) {
    DecodeOutcome failure = reader.failure();
    if (failure != null) {
      return failure;
    }
    if (!reader.atEnd()) {
      return DecodeOutcome.TRAILING_BYTES;
    }
    int needed = 0xf;
    if ((seen & needed) != needed) {
      return DecodeOutcome.MISSING_KEY;
    }
    int bodyBit = bodyBit(packet.kind);
    if ((seen & 1 << bodyBit) == 0 || (packet.kind == Kind.QUERY && (seen & 1 << 7) == 0)) {
      return DecodeOutcome.MISSING_KEY;
    }
    int bodyStart = bodyStarts[bodyBit - BODY_BIT];
    if (bodyStart >= 0) {
      reader.recover(bodyStart);
      body.read(reader, packet);
      bodyFailure = reader.failure();
    }
    if (packet.kind != Kind.QUERY) {
      packet.method = Method.UNKNOWN;
    }
    DecodeOutcome inBody = bodyFailure;
    if (inBody != null) {
      return packet.kind == Kind.QUERY ? DecodeOutcome.BAD_ARGUMENTS : inBody;
    }
    return argumentsComplete(packet) ? DecodeOutcome.DECODED : DecodeOutcome.BAD_ARGUMENTS;
  }

  /** The bit in {@link #seen} of the key that holds the body of a kind. */
  private static int bodyBit(Kind kind) {
    return switch (kind) {
      case QUERY -> BODY_BIT;
      case RESPONSE -> BODY_BIT + 1;
      case ERROR -> BODY_BIT + 2;
    };
  }

  /** A query's method needs some arguments; responses are judged by who knows what was asked. */
  private static boolean argumentsComplete(Packet packet) {
    if (packet.kind != Kind.QUERY) {
      return true;
    }
    return switch (packet.method) {
      case FIND_NODE, GET, BIND, FIND -> packet.hasKey;
      case PUT -> packet.hasKey && packet.tokenLength > 0 && packet.record != null;
      case PING, UNKNOWN, GET_PEERS, ANNOUNCE_PEER -> true;
    };
  }

  private void readEntry(Packet packet) {
    int key = reader.readKey();
    if (reader.failed()) {
      return;
    }
    switch (key) {
      case KEY_TRANSACTION -> {
        if (first(0) && reader.readBinaryOf(8)) {
          packet.transactionId = reader.longAt(reader.valueOffset());
        }
      }
      case KEY_KIND -> {
        if (first(1)) {
          readKind(packet);
        }
      }
      case KEY_SENDER -> {
        if (first(2) && reader.readBinaryOf(NodeId.BYTES)) {
          copySender(packet);
        }
      }
      case KEY_NETWORK -> {
        if (first(3) && reader.readBinaryOf(4)) {
          packet.networkId = reader.intAt(reader.valueOffset());
        }
      }
      case KEY_VERSION -> {
        if (first(4) && reader.readBinaryOf(4)) {
          packet.version = reader.intAt(reader.valueOffset());
        }
      }
      case KEY_FEATURES -> {
        if (first(5)) {
          packet.features = reader.readUnsigned();
        }
      }
      case KEY_READ_ONLY -> {
        if (first(6)) {
          packet.readOnly = reader.readBoolean();
        }
      }
      case KEY_METHOD -> {
        if (first(7)) {
          readMethod(packet);
        }
      }
      case KEY_ARGUMENTS -> readBody(Kind.QUERY, packet);
      case KEY_RESULT -> readBody(Kind.RESPONSE, packet);
      case KEY_ERROR -> readBody(Kind.ERROR, packet);
      case KEY_OBSERVED -> readObserved(packet);
      case KEY_PADDING -> {
        if (first(12)) {
          reader.readBinary();
        }
      }
      default -> reader.skipValue();
    }
  }

  private void readObserved(Packet packet) {
    if (first(11)) {
      packet.observed = BodyReader.readEndpoint(reader);
    }
  }

  private void copySender(Packet packet) {
    int at = reader.valueOffset();
    packet.senderHigh = reader.longAt(at);
    packet.senderMiddle = reader.longAt(at + 8);
    packet.senderLow = reader.intAt(at + 16);
  }

  private boolean first(int bit) {
    if ((seen & 1 << bit) != 0) {
      reader.fail(DecodeOutcome.DUPLICATE_KEY);
      return false;
    }
    seen |= 1 << bit;
    return true;
  }

  private void readKind(Packet packet) {
    int length = reader.readStringHeader();
    if (reader.failed()) {
      return;
    }
    switch (length == 1 ? reader.buffer()[reader.valueOffset()] : 0) {
      case 'q' -> packet.kind = Kind.QUERY;
      case 'r' -> packet.kind = Kind.RESPONSE;
      case 'e' -> packet.kind = Kind.ERROR;
      default -> reader.fail(DecodeOutcome.UNKNOWN_KIND);
    }
  }

  private void readMethod(Packet packet) {
    int length = reader.readStringHeader();
    if (reader.failed()) {
      return;
    }
    if (nameIs(Method.FIND_NODE, length)) {
      packet.method = Method.FIND_NODE;
    } else if (nameIs(Method.PING, length)) {
      packet.method = Method.PING;
    } else if (nameIs(Method.GET, length)) {
      packet.method = Method.GET;
    } else if (nameIs(Method.PUT, length)) {
      packet.method = Method.PUT;
    } else if (nameIs(Method.FIND, length)) {
      packet.method = Method.FIND;
    } else if (nameIs(Method.BIND, length)) {
      packet.method = Method.BIND;
    }
  }

  private boolean nameIs(Method method, int length) {
    String name = method.wireName();
    if (name.length() != length) {
      return false;
    }
    byte[] buffer = reader.buffer();
    int offset = reader.valueOffset();
    for (int i = 0; i < length; i++) {
      if (buffer[offset + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a body. What is wrong only inside it is kept apart, so that the asker can be told: the
   * body is then skipped from its start, which still fails if it is not MessagePack. The body of
   * another kind is skipped like an unknown key; while the kind is not known yet, the body waits.
   */
  private void readBody(Kind kind, Packet packet) {
    int bit = bodyBit(kind);
    if (!first(bit)) {
      return;
    }
    int start = reader.position();
    boolean kindKnown = (seen & 1 << 1) != 0;
    if (!kindKnown || packet.kind != kind) {
      bodyStarts[bit - BODY_BIT] = start;
      reader.skipValue();
      return;
    }
    body.read(reader, packet);
    if (reader.failed()) {
      bodyFailure = reader.failure();
      reader.recover(start);
      reader.skipValue();
    }
  }

  @Override
  public int sizeOf(Packet packet) {
    int size = 1 + ENVELOPE_BYTES;
    if (packet.version != 0) {
      size += 2 + 6;
    }
    if (packet.features != 0) {
      size += 2 + WireWriter.unsignedSize(packet.features);
    }
    if (packet.readOnly) {
      size += 3 + 1;
    }
    Endpoint observed = packet.observed;
    if (observed != null) {
      size += 3 + 2 + observed.family().endpointBytes();
    }
    size += bodyWriter.sizeOf(packet);
    return size + paddingSize(packet, size);
  }

  /** The bytes that {@code p} takes with its key, so that the whole reaches the wanted length. */
  private static int paddingSize(Packet packet, int size) {
    int missing = packet.paddedBytes - size;
    if (missing <= 0) {
      return 0;
    }
    if (missing <= 4) {
      return 4;
    }
    return missing - 4 <= 0xff ? missing : Math.max(missing, 5 + 0x100);
  }

  @Override
  public int encode(Packet packet, byte[] buffer, int offset) {
    int padding = 0;
    int unpadded = 0;
    if (packet.paddedBytes > 0) {
      int wanted = packet.paddedBytes;
      packet.paddedBytes = 0;
      unpadded = sizeOf(packet);
      packet.paddedBytes = wanted;
      padding = paddingSize(packet, unpadded);
    }
    Endpoint observed = packet.observed;
    int entries = 5;
    entries += packet.version != 0 ? 1 : 0;
    entries += packet.features != 0 ? 1 : 0;
    entries += packet.readOnly ? 1 : 0;
    entries += packet.kind == Kind.QUERY ? 1 : 0;
    entries += observed != null ? 1 : 0;
    entries += padding > 0 ? 1 : 0;
    writer.reset(buffer, offset);
    writer.mapHeader(entries);
    writeEnvelope(packet);
    bodyWriter.write(packet, writer);
    if (observed != null) {
      writer.key('i', 'p');
      BodyWriter.writeEndpoint(observed, writer);
    }
    if (padding > 0) {
      writer.key('p');
      int length = padding - 4 <= 0xff ? padding - 4 : padding - 5;
      writer.binaryHeader(length);
      writer.zeros(length);
    }
    int written = writer.position() - offset;
    writer.release();
    return written;
  }

  private void writeEnvelope(Packet packet) {
    writer.key('t');
    writer.binaryHeader(8);
    writer.rawLong(packet.transactionId);
    writer.key('y');
    writer.rawByte(0xa1);
    writer.rawByte(packet.kind.code());
    writer.key('i', 'd');
    writer.binaryHeader(NodeId.BYTES);
    writer.rawLong(packet.senderHigh);
    writer.rawLong(packet.senderMiddle);
    writer.rawInt(packet.senderLow);
    writer.key('n');
    writer.binaryHeader(4);
    writer.rawInt(packet.networkId);
    if (packet.version != 0) {
      writer.key('v');
      writer.binaryHeader(4);
      writer.rawInt(packet.version);
    }
    if (packet.features != 0) {
      writer.key('f');
      writer.unsigned(packet.features);
    }
    if (packet.readOnly) {
      writer.key('r', 'o');
      writer.trueValue();
    }
  }
}
