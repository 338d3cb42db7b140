package org.bytchat.dht.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over one datagram's bencode (BEP 3).
 *
 * <p>Never throws: the first failure is kept, and from then on every read returns at once. Strict:
 * integers and lengths have no leading zeros, the keys of a dictionary are sorted and each stands
 * once, and nothing is nested deeper than {@value #DEPTH_MAX}, so that one value has one encoding.
 */
final class BencodeReader {

  /** A message has four levels at the most; a value that is stored may have some of its own. */
  static final int DEPTH_MAX = 16;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private static final int NO_KEY_YET = -1;
  private static final int LIST = -2;

  private static final byte[] EMPTY = {};

  private byte[] buffer = EMPTY;
  private int position;
  private int limit;
  private @Nullable DecodeOutcome failure;

  /** Index of the first byte of the last string that was read. */
  private int valueOffset;

  private int depth;

  /** By depth, the last key of the dictionary that was read. */
  private final int[] keyOffsets = new int[DEPTH_MAX];

  /** The same, its length; or one of the two constants. */
  private final int[] keyLengths = new int[DEPTH_MAX];

  void reset(byte[] source, int offset, int length) {
    buffer = source;
    position = offset;
    limit = offset + length;
    failure = null;
    depth = 0;
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

  /** Forgets a failure, so that the rest can be skipped from a value known to begin there. */
  void recover(int atPosition, int atDepth) {
    failure = null;
    position = atPosition;
    depth = atDepth;
  }

  int position() {
    return position;
  }

  int depth() {
    return depth;
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

  /** Tells whether the next value is a string. */
  boolean isString() {
    int next = peek();
    return next >= '0' && next <= '9';
  }

  /** Tells whether the next value begins with a letter: i, l or d. */
  boolean isNext(char letter) {
    return peek() == letter;
  }

  /** Begins a dictionary; then {@link #nextKey} until that returns false. */
  void beginDictionary() {
    begin('d', NO_KEY_YET);
  }

  /** Begins a list; then a value each time that {@link #nextItem} returns true. */
  void beginList() {
    begin('l', LIST);
  }

  private void begin(char letter, int state) {
    if (readByte() != letter) {
      fail(DecodeOutcome.WRONG_TYPE);
    } else if (depth == DEPTH_MAX) {
      fail(DecodeOutcome.TOO_DEEP);
    } else {
      keyLengths[depth++] = state;
    }
  }

  /** Tells whether the list has another item; if not, it has ended. */
  boolean nextItem() {
    return !failed() && !isEnd();
  }

  private boolean isEnd() {
    if (peek() != 'e') {
      return false;
    }
    position++;
    depth--;
    return true;
  }

  /** Reads the next key of the dictionary, which must be above the last; false at its end. */
  boolean nextKey() {
    if (failed() || isEnd()) {
      return false;
    }
    int length = readString();
    if (failed()) {
      return false;
    }
    int top = depth - 1;
    int last = keyLengths[top];
    if (last != NO_KEY_YET) {
      int order =
          Arrays.compareUnsigned(
              buffer,
              keyOffsets[top],
              keyOffsets[top] + last,
              buffer,
              valueOffset,
              valueOffset + length);
      if (order >= 0) {
        fail(order == 0 ? DecodeOutcome.DUPLICATE_KEY : DecodeOutcome.UNSORTED_KEYS);
        return false;
      }
    }
    keyOffsets[top] = valueOffset;
    keyLengths[top] = length;
    return true;
  }

  /**
   * Returns the key that was read: up to eight characters packed big-endian, or 0 for one that is
   * no key of the protocol: longer, empty, or begun with NUL, which would pack like a shorter one.
   */
  long key() {
    int offset = keyOffsets[depth - 1];
    int length = keyLengths[depth - 1];
    if (length < 1 || length > 8 || buffer[offset] == 0) {
      return 0;
    }
    long key = 0;
    for (int i = 0; i < length; i++) {
      key = key << 8 | buffer[offset + i] & 0xff;
    }
    return key;
  }

  /** Packs a key as {@link #key} returns it. */
  static long key(String text) {
    long key = 0;
    for (int i = 0; i < text.length(); i++) {
      key = key << 8 | text.charAt(i);
    }
    return key;
  }

  /** Tells whether the key that was read is one that {@link #key} does not pack. */
  boolean isKey(String name) {
    return isText(name, keyOffsets[depth - 1], keyLengths[depth - 1]);
  }

  /** Tells whether the string that was read, of the given length, is some ASCII text. */
  boolean isString(String text, int length) {
    return !failed() && isText(text, valueOffset, length);
  }

  private boolean isText(String text, int offset, int length) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (buffer[offset + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  long longAt(int index) {
    return (long) LONG.get(buffer, index);
  }

  int intAt(int index) {
    return (int) INT.get(buffer, index);
  }

  /** Reads a string; returns its length, its bytes start at {@link #valueOffset}. */
  int readString() {
    int at = position;
    if (failure == null && limit - at >= 2 && buffer[at + 1] == ':') {
      int length = buffer[at] - '0';
      if (length >= 0 && length <= 9 && length <= limit - at - 2) {
        valueOffset = at + 2;
        position = at + 2 + length;
        return length;
      }
    }
    return readLongString();
  }

  /** Reads a string of ten bytes or more, or finds out what is wrong with a shorter one. */
  private int readLongString() {
    int first = readByte();
    if (first < '0' || first > '9') {
      fail(DecodeOutcome.WRONG_TYPE);
      return 0;
    }
    int length = first - '0';
    int next = readByte();
    if (length == 0 && next != ':') {
      fail(next >= '0' && next <= '9' ? DecodeOutcome.NOT_MINIMAL : DecodeOutcome.WRONG_TYPE);
      return 0;
    }
    while (next >= '0' && next <= '9') {
      length = length * 10 + (next - '0');
      if (length > limit - position) {
        fail(DecodeOutcome.TRUNCATED);
        return 0;
      }
      next = readByte();
    }
    if (next != ':') {
      fail(DecodeOutcome.WRONG_TYPE);
    }
    if (failed() || length > limit - position) {
      fail(DecodeOutcome.TRUNCATED);
      return 0;
    }
    valueOffset = position;
    position += length;
    return length;
  }

  /** Reads a string that must have one length; returns whether it has. */
  boolean readStringOf(int length) {
    int actual = readString();
    if (!failed() && actual != length) {
      fail(DecodeOutcome.WRONG_TYPE);
    }
    return !failed();
  }

  /** Reads an integer of 64 bits; returns 0 on failure. */
  long readInteger() {
    int start = position;
    int digits = takeInteger();
    if (failed()) {
      return 0;
    }
    boolean negative = buffer[start + 1] == '-';
    int first = start + (negative ? 2 : 1);
    long value = 0;
    for (int i = 0; i < digits; i++) {
      // Negative, because there is one more of those.
      long more = value * 10 - (buffer[first + i] - '0');
      if (value < Long.MIN_VALUE / 10 || more > 0 || (!negative && more == Long.MIN_VALUE)) {
        fail(DecodeOutcome.WRONG_TYPE);
        return 0;
      }
      value = more;
    }
    return negative ? value : -value;
  }

  /** Passes over an integer of any size; returns how many digits it has. */
  private int takeInteger() {
    if (readByte() != 'i') {
      fail(DecodeOutcome.WRONG_TYPE);
      return 0;
    }
    int next = readByte();
    boolean negative = next == '-';
    if (negative) {
      next = readByte();
    }
    boolean zero = next == '0';
    int digits = 0;
    while (next >= '0' && next <= '9') {
      digits++;
      next = readByte();
    }
    if (digits == 0 || next != 'e') {
      fail(DecodeOutcome.WRONG_TYPE);
    } else if (zero && (negative || digits > 1)) {
      fail(DecodeOutcome.NOT_MINIMAL);
    }
    return digits;
  }

  /** Passes over one value of any type, as deep as is allowed. */
  void skipValue() {
    int outer = depth;
    do {
      if (depth > outer) {
        boolean more = keyLengths[depth - 1] == LIST ? nextItem() : nextKey();
        if (!more) {
          continue;
        }
      }
      switch (peek()) {
        case 'd' -> beginDictionary();
        case 'l' -> beginList();
        case 'i' -> takeInteger();
        default -> readString();
      }
    } while (depth > outer && !failed());
  }

  private int peek() {
    return position < limit && !failed() ? buffer[position] & 0xff : -1;
  }

  private int readByte() {
    if (failed() || position >= limit) {
      fail(DecodeOutcome.TRUNCATED);
      return -1;
    }
    return buffer[position++] & 0xff;
  }
}
