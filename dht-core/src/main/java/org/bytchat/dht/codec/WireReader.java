package org.bytchat.dht.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over one datagram's MessagePack.
 *
 * <p>Never throws: the first failure is kept, and from then on every read returns at once. Strict:
 * integers and lengths must be in their shortest form (the MessagePack specification leaves that to
 * the application), so that one message has one encoding.
 */
final class WireReader {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private static final int NIL = 0xc0;
  private static final int FALSE = 0xc2;
  private static final int TRUE = 0xc3;
  private static final int BIN8 = 0xc4;
  private static final int BIN16 = 0xc5;
  private static final int UINT8 = 0xcc;
  private static final int UINT16 = 0xcd;
  private static final int UINT32 = 0xce;
  private static final int UINT64 = 0xcf;
  private static final int STR8 = 0xd9;
  private static final int MAP16 = 0xde;

  private static final byte[] EMPTY = {};

  private byte[] buffer = EMPTY;
  private int position;
  private int limit;
  private @Nullable DecodeOutcome failure;

  /** Index of the first byte of the last string or binary that was read. */
  private int valueOffset;

  void reset(byte[] source, int offset, int length) {
    buffer = source;
    position = offset;
    limit = offset + length;
    failure = null;
  }

  /** Lets go of the datagram, which is the caller's again. */
  void release() {
    buffer = EMPTY;
  }

  @Nullable DecodeOutcome failure() {
    return failure;
  }

  boolean failed() {
    return failure != null;
  }

  void fail(DecodeOutcome reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  /** Forgets a failure, so that the rest can be skipped from a position known to be sound. */
  void recover(int atPosition) {
    failure = null;
    position = atPosition;
  }

  int position() {
    return position;
  }

  boolean atEnd() {
    return position == limit;
  }

  byte[] buffer() {
    return buffer;
  }

  int valueOffset() {
    return valueOffset;
  }

  /** Reads a map's header; returns its number of entries, or 0 on failure. */
  int readMapHeader(int entriesMax) {
    int type = readByte();
    int entries;
    if ((type & 0xf0) == 0x80) {
      entries = type & 0x0f;
    } else if (type == MAP16) {
      entries = readShort();
      if (entries < 16) {
        fail(DecodeOutcome.NOT_MINIMAL);
      }
    } else {
      fail(DecodeOutcome.WRONG_TYPE);
      return 0;
    }
    if (entries > entriesMax) {
      fail(DecodeOutcome.TOO_MANY_ENTRIES);
    }
    return failed() ? 0 : entries;
  }

  /**
   * Reads a map's key: up to four characters packed big-endian, or 0 for one that is no key of the
   * protocol: longer, empty, or begun with NUL, which would pack like a shorter one.
   */
  int readKey() {
    int length = readStringHeader();
    if (failed() || length == 0 || length > 4 || buffer[valueOffset] == 0) {
      return 0;
    }
    int key = 0;
    for (int i = 0; i < length; i++) {
      key = key << 8 | buffer[valueOffset + i] & 0xff;
    }
    return key;
  }

  /** Reads a string; returns its length, its bytes start at {@link #valueOffset}. */
  int readStringHeader() {
    int type = readByte();
    int length;
    if ((type & 0xe0) == 0xa0) {
      length = type & 0x1f;
    } else if (type == STR8) {
      length = readByte();
      requireMinimal(length > 31);
    } else if (type == STR8 + 1) {
      length = readShort();
      requireMinimal(length > 0xff);
    } else {
      fail(DecodeOutcome.WRONG_TYPE);
      return 0;
    }
    return takeValue(length);
  }

  /** Reads a binary; returns its length, its bytes start at {@link #valueOffset}. */
  int readBinary() {
    int type = readByte();
    int length;
    if (type == BIN8) {
      length = readByte();
    } else if (type == BIN16) {
      length = readShort();
      requireMinimal(length > 0xff);
    } else {
      fail(DecodeOutcome.WRONG_TYPE);
      return 0;
    }
    return takeValue(length);
  }

  /** Reads a binary that must have one length; returns whether it has. */
  boolean readBinaryOf(int length) {
    int actual = readBinary();
    if (!failed() && actual != length) {
      fail(DecodeOutcome.WRONG_TYPE);
    }
    return !failed();
  }

  /** Reads an unsigned integer of at most 63 bits; returns -1 on failure. */
  long readUnsigned() {
    int type = readByte();
    long value;
    if (type < 0x80) {
      value = type;
    } else if (type == UINT8) {
      value = readByte();
      requireMinimal(value > 0x7f);
    } else if (type == UINT16) {
      value = readShort();
      requireMinimal(value > 0xff);
    } else if (type == UINT32) {
      value = readInt();
      requireMinimal(value > 0xffff);
    } else if (type == UINT64) {
      value = readLong();
      requireMinimal(value < 0 || value > 0xffff_ffffL);
      if (value < 0) {
        fail(DecodeOutcome.WRONG_TYPE);
      }
    } else {
      fail(DecodeOutcome.WRONG_TYPE);
      return -1;
    }
    return failed() ? -1 : value;
  }

  boolean readBoolean() {
    int type = readByte();
    if (type != TRUE && type != FALSE) {
      fail(DecodeOutcome.WRONG_TYPE);
    }
    return type == TRUE;
  }

  /**
   * Skips one value of any type, however deep.
   *
   * <p>Iterative: every value still owed takes at least one byte, so a count above the bytes that
   * remain ends the walk, and nesting costs no stack.
   */
  void skipValue() {
    long owed = 1;
    while (owed > 0 && !failed()) {
      owed += skipHeader() - 1;
      if (owed > limit - position) {
        fail(DecodeOutcome.TRUNCATED);
      }
    }
  }

  /** Skips a header and, unless it is a container, the content; returns the items contained. */
  private long skipHeader() {
    int type = readByte();
    if (type < 0x80 || type >= 0xe0) {
      return 0;
    }
    if (type < 0x90) {
      return 2L * (type & 0x0f);
    }
    if (type < 0xa0) {
      return type & 0x0f;
    }
    if (type < NIL) {
      takeValue(type & 0x1f);
      return 0;
    }
    switch (type) {
      case NIL, FALSE, TRUE -> {}
      case BIN8, STR8 -> takeValue(readByte());
      case BIN16, STR8 + 1 -> takeValue(readShort());
      case 0xc6, 0xdb -> takeValue(readInt());
      case 0xc7 -> takeValue(readByte() + 1L);
      case 0xc8 -> takeValue(readShort() + 1L);
      case 0xc9 -> takeValue(readInt() + 1L);
      case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> takeValue((1L << (type - 0xd4)) + 1);
      case 0xca, UINT32, 0xd2 -> takeValue(4);
      case 0xcb, UINT64, 0xd3 -> takeValue(8);
      case UINT8, 0xd0 -> takeValue(1);
      case UINT16, 0xd1 -> takeValue(2);
      case 0xdc -> {
        return readShort();
      }
      case 0xdd -> {
        return readInt();
      }
      case MAP16 -> {
        return 2L * readShort();
      }
      case 0xdf -> {
        return 2L * readInt();
      }
      default -> fail(DecodeOutcome.WRONG_TYPE);
    }
    return 0;
  }

  private void requireMinimal(boolean minimal) {
    if (!minimal) {
      fail(DecodeOutcome.NOT_MINIMAL);
    }
  }

  private int takeValue(long length) {
    if (failed() || length > limit - position) {
      fail(DecodeOutcome.TRUNCATED);
      return 0;
    }
    valueOffset = position;
    position += (int) length;
    return (int) length;
  }

  private int readByte() {
    if (failed() || position >= limit) {
      fail(DecodeOutcome.TRUNCATED);
      return 0;
    }
    return buffer[position++] & 0xff;
  }

  private int readShort() {
    return takeValue(2) == 2 ? (short) SHORT.get(buffer, valueOffset) & 0xffff : 0;
  }

  private long readInt() {
    return takeValue(4) == 4 ? (int) INT.get(buffer, valueOffset) & 0xffff_ffffL : 0;
  }

  private long readLong() {
    return takeValue(8) == 8 ? (long) LONG.get(buffer, valueOffset) : 0;
  }

  long longAt(int index) {
    return (long) LONG.get(buffer, index);
  }

  int intAt(int index) {
    return (int) INT.get(buffer, index);
  }
}
