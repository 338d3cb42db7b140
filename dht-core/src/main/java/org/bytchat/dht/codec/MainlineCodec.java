package org.bytchat.dht.codec;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * The codec of the Mainline dialect, which the nodes of BitTorrent speak: bencoded KRPC (BEP 5)
 * with IPv6 (BEP 32), the asker's endpoint in answers (BEP 42), read-only nodes (BEP 43) and items
 * (BEP 44).
 *
 * <p>Strict as {@link BencodeReader} is; unknown keys are ignored. Mainline has no network id and
 * no padding: {@link Packet#networkId} is left 0, {@link Packet#paddedBytes} has no effect. Its
 * errors do not name their sender. A query that does not either is taken for one of a read-only
 * node, which nobody pings. Not thread-safe: one instance belongs to one driver.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class MainlineCodec implements MessageCodec {

  private static final long KEY_ARGUMENTS = 'a';
  private static final long KEY_ERROR = 'e';
  private static final long KEY_OBSERVED = BencodeReader.key("ip");
  private static final long KEY_METHOD = 'q';
  private static final long KEY_RESULT = 'r';
  private static final long KEY_READ_ONLY = BencodeReader.key("ro");
  private static final long KEY_TRANSACTION = 't';
  private static final long KEY_VERSION = 'v';
  private static final long KEY_KIND = 'y';

  private static final Method[] METHODS = Method.values();

  private final BencodeReader reader = new BencodeReader();
  private final BencodeWriter writer = new BencodeWriter();
  private final MainlineReader body;
  private final MainlineWriter messages = new MainlineWriter();

  /** The kind whose body was read, null before; a message has one, whatever comes later. */
  private @Nullable Kind bodyKind;

  private @Nullable DecodeOutcome bodyFailure;
  private boolean hasTransaction;
  private boolean hasKind;
  private boolean hasMethod;

  /**
   * Makes a codec.
   *
   * @param interner returns the instance to keep of each contact that is read
   */
  public MainlineCodec(ContactInterner interner) {
    this.body = new MainlineReader(interner);
  }

  @Override
  public DecodeOutcome decode(byte[] buffer, int offset, int length, Packet packet) {
    if (length < WireLimits.MAINLINE_DATAGRAM_BYTES_MIN) {
      return DecodeOutcome.TOO_SHORT;
    }
    if (length > WireLimits.MAINLINE_DATAGRAM_BYTES) {
      return DecodeOutcome.TOO_LONG;
    }
    packet.clear();
    bodyKind = null;
    bodyFailure = null;
    hasTransaction = false;
    hasKind = false;
    hasMethod = false;
    reader.reset(buffer, offset, length);
    reader.beginDictionary();
    while (reader.nextKey()) {
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
    if (!hasTransaction
        || !hasKind
        || bodyKind != packet.kind
        || (packet.kind == Kind.QUERY && !hasMethod)) {
      return DecodeOutcome.MISSING_KEY;
    }
    DecodeOutcome inBody = bodyFailure;
    if (packet.kind != Kind.QUERY) {
      packet.method = Method.UNKNOWN;
      packet.readOnly = false;
      return inBody == null ? DecodeOutcome.DECODED : inBody;
    }
    if (inBody == null && body.areComplete(packet)) {
      return DecodeOutcome.DECODED;
    }
    packet.readOnly |= !body.hasSender();
    return DecodeOutcome.BAD_ARGUMENTS;
  }

  private void readEntry(Packet packet) {
    long key = reader.key();
    if (key == KEY_ARGUMENTS) {
      readBody(Kind.QUERY, packet);
    } else if (key == KEY_ERROR) {
      readBody(Kind.ERROR, packet);
    } else if (key == KEY_RESULT) {
      readBody(Kind.RESPONSE, packet);
    } else if (key == KEY_METHOD) {
      readMethod(packet);
    } else if (key == KEY_TRANSACTION) {
      readTransaction(packet);
    } else if (key == KEY_KIND) {
      readKind(packet);
    } else if (key == KEY_VERSION) {
      readVersion(packet);
    } else if (key == KEY_OBSERVED) {
      packet.observed = MainlineReader.readEndpoint(reader);
    } else if (key == KEY_READ_ONLY) {
      packet.readOnly = reader.readInteger() == 1;
    } else {
      reader.skipValue();
    }
  }

  /**
   * Reads a body. What is wrong only inside it is kept apart, so that the asker can be told: the
   * body is then skipped from its start, which still fails if it is not bencode.
   */
  private void readBody(Kind kind, Packet packet) {
    if (bodyKind != null) {
      reader.skipValue();
      return;
    }
    bodyKind = kind;
    int start = reader.position();
    int depth = reader.depth();
    body.read(kind, reader, packet);
    if (reader.failed()) {
      bodyFailure = reader.failure();
      reader.recover(start, depth);
      reader.skipValue();
    }
  }

  private void readTransaction(Packet packet) {
    int length = reader.readString();
    if (reader.failed()) {
      return;
    }
    if (length < 1 || length > Long.BYTES) {
      reader.fail(DecodeOutcome.WRONG_TYPE);
      return;
    }
    hasTransaction = true;
    long id = 0;
    for (int i = 0; i < length; i++) {
      id = id << Byte.SIZE | reader.buffer()[reader.valueOffset() + i] & 0xff;
    }
    packet.transactionId = id;
    packet.transactionLength = length;
  }

  private void readKind(Packet packet) {
    int length = reader.readString();
    if (reader.failed()) {
      return;
    }
    hasKind = true;
    switch (length == 1 ? reader.buffer()[reader.valueOffset()] : 0) {
      case 'q' -> packet.kind = Kind.QUERY;
      case 'r' -> packet.kind = Kind.RESPONSE;
      case 'e' -> packet.kind = Kind.ERROR;
      default -> reader.fail(DecodeOutcome.UNKNOWN_KIND);
    }
  }

  private void readMethod(Packet packet) {
    int length = reader.readString();
    if (reader.failed()) {
      return;
    }
    hasMethod = true;
    for (Method method : METHODS) {
      if (!method.isForService() && reader.isString(method.wireName(), length)) {
        packet.method = method;
        return;
      }
    }
  }

  /** Reads the client's name, which some write in other than four bytes. */
  private void readVersion(Packet packet) {
    if (!reader.isString()) {
      reader.skipValue();
    } else if (reader.readString() == Integer.BYTES && !reader.failed()) {
      packet.version = reader.intAt(reader.valueOffset());
    }
  }

  @Override
  public int sizeOf(Packet packet) {
    return messages.sizeOf(packet);
  }

  @Override
  public int encode(Packet packet, byte[] buffer, int offset) {
    writer.reset(buffer, offset);
    messages.write(packet, writer);
    int written = writer.position() - offset;
    writer.release();
    return written;
  }
}
