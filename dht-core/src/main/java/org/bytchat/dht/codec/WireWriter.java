package org.bytchat.dht.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Writes the MessagePack that {@link WireReader} reads, each value in its shortest form. */
final class WireWriter {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private static final byte[] EMPTY = {};

  private byte[] buffer = EMPTY;
  private int position;

  void reset(byte[] target, int offset) {
    buffer = target;
    position = offset;
  }

  void release() {
    buffer = EMPTY;
  }

  int position() {
    return position;
  }

  byte[] buffer() {
    return buffer;
  }

  void advance(int bytes) {
    position += bytes;
  }

  /** Writes the header of a map of at most 15 entries. */
  void mapHeader(int entries) {
    buffer[position++] = (byte) (0x80 | entries);
  }

  /** Writes a key of one character. */
  void key(char only) {
    buffer[position++] = (byte) 0xa1;
    buffer[position++] = (byte) only;
  }

  /** Writes a key of two characters. */
  void key(char first, char second) {
    buffer[position++] = (byte) 0xa2;
    buffer[position++] = (byte) first;
    buffer[position++] = (byte) second;
  }

  /** Writes an ASCII string of at most 31 characters. */
  void shortString(String text) {
    int length = text.length();
    buffer[position++] = (byte) (0xa0 | length);
    for (int i = 0; i < length; i++) {
      buffer[position++] = (byte) text.charAt(i);
    }
  }

  /** Writes a string of bytes that are UTF-8 already, at most 255. */
  void string(byte[] source, int length) {
    if (length > 31) {
      buffer[position++] = (byte) 0xd9;
      buffer[position++] = (byte) length;
    } else {
      buffer[position++] = (byte) (0xa0 | length);
    }
    System.arraycopy(source, 0, buffer, position, length);
    position += length;
  }

  void binaryHeader(int length) {
    if (length > 0xff) {
      buffer[position] = (byte) 0xc5;
      SHORT.set(buffer, position + 1, (short) length);
      position += 3;
    } else {
      buffer[position++] = (byte) 0xc4;
      buffer[position++] = (byte) length;
    }
  }

  void binary(byte[] source, int offset, int length) {
    binaryHeader(length);
    System.arraycopy(source, offset, buffer, position, length);
    position += length;
  }

  void rawLong(long value) {
    LONG.set(buffer, position, value);
    position += 8;
  }

  void rawInt(int value) {
    INT.set(buffer, position, value);
    position += 4;
  }

  void rawByte(int value) {
    buffer[position++] = (byte) value;
  }

  void unsigned(long value) {
    if (value < 0x80) {
      buffer[position++] = (byte) value;
    } else if (value <= 0xff) {
      buffer[position++] = (byte) 0xcc;
      buffer[position++] = (byte) value;
    } else if (value <= 0xffff) {
      buffer[position++] = (byte) 0xcd;
      SHORT.set(buffer, position, (short) value);
      position += 2;
    } else if (value <= 0xffff_ffffL) {
      buffer[position++] = (byte) 0xce;
      rawInt((int) value);
    } else {
      buffer[position++] = (byte) 0xcf;
      rawLong(value);
    }
  }

  void trueValue() {
    buffer[position++] = (byte) 0xc3;
  }

  /** Writes {@code length} zeros. */
  void zeros(int length) {
    java.util.Arrays.fill(buffer, position, position + length, (byte) 0);
    position += length;
  }

  static int unsignedSize(long value) {
    if (value < 0x80) {
      return 1;
    }
    if (value <= 0xff) {
      return 2;
    }
    if (value <= 0xffff) {
      return 3;
    }
    return value <= 0xffff_ffffL ? 5 : 9;
  }

  static int binarySize(int length) {
    return (length > 0xff ? 3 : 2) + length;
  }

  static int stringSize(int length) {
    return (length > 31 ? 2 : 1) + length;
  }
}
