package org.bytchat.dht.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the bencode that {@link BencodeReader} reads. */
final class BencodeWriter {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

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

  /** Returns bencode that is the same in every message, for {@link #raw}. */
  static byte[] constant(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }

  void raw(byte[] constant) {
    System.arraycopy(constant, 0, buffer, position, constant.length);
    position += constant.length;
  }

  void rawByte(int value) {
    buffer[position++] = (byte) value;
  }

  void rawLong(long value) {
    LONG.set(buffer, position, value);
    position += Long.BYTES;
  }

  void rawInt(int value) {
    INT.set(buffer, position, value);
    position += Integer.BYTES;
  }

  /** Writes the lowest bytes of a number. */
  void rawBytes(long value, int count) {
    for (int shift = Byte.SIZE * (count - 1); shift >= 0; shift -= Byte.SIZE) {
      buffer[position++] = (byte) (value >>> shift);
    }
  }

  /** Writes what stands before the bytes of a string. */
  void stringHeader(int length) {
    decimal(length);
    buffer[position++] = ':';
  }

  void string(byte[] source, int offset, int length) {
    stringHeader(length);
    bytes(source, offset, length);
  }

  void bytes(byte[] source, int offset, int length) {
    System.arraycopy(source, offset, buffer, position, length);
    position += length;
  }

  /** Writes an integer that is not negative. */
  void integer(long value) {
    buffer[position++] = 'i';
    decimal(value);
    buffer[position++] = 'e';
  }

  private void decimal(long value) {
    if (value < 10) {
      buffer[position++] = (byte) ('0' + value);
      return;
    }
    int digits = digits(value);
    long rest = value;
    for (int at = position + digits - 1; at >= position; at--) {
      buffer[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    position += digits;
  }

  static int stringSize(int length) {
    return digits(length) + 1 + length;
  }

  static int integerSize(long value) {
    return 2 + digits(value);
  }

  private static int digits(long value) {
    // Nearly all are lengths of strings; a division takes longer than the comparisons.
    if (value < 1_000) {
      return value < 10 ? 1 : value < 100 ? 2 : 3;
    }
    int digits = 3;
    for (long rest = value / 1_000; rest > 0; rest /= 10) {
      digits++;
    }
    return digits;
  }
}
