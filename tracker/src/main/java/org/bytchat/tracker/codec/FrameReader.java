package org.bytchat.tracker.codec;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/**
 * A cursor over one frame's MessagePack. Strict: integers and lengths are in their shortest form,
 * but for what is passed over. A length that a stranger names is held against the bytes that are
 * left before anything is made of it. Not thread-safe.
 */
final class FrameReader {

  /** No message has so many entries; what has more is hostile. */
  static final int ENTRIES_MAX = 32;

  private final MessageUnpacker input;
  private final int length;

  FrameReader(byte[] frame) {
    this.input = MessagePack.newDefaultUnpacker(frame);
    this.length = frame.length;
  }

  /** Something that reads. */
  @FunctionalInterface
  interface Step<T> {
    T read(FrameReader reader) throws IOException, BadFrame;
  }

  /** Reads a frame, whose bytes may be any. */
  static <T> T read(byte[] frame, Step<T> step) throws BadFrame {
    try {
      return step.read(new FrameReader(frame));
    } catch (MessagePackException | IOException e) {
      throw new BadFrame("it is no MessagePack, or cut off");
    }
  }

  int mapHeader() throws IOException, BadFrame {
    MessageFormat format = next(ValueType.MAP, "the frame");
    int entries = input.unpackMapHeader();
    requireShortest(format, entries);
    if (entries > ENTRIES_MAX) {
      throw new BadFrame("a frame has at most %d keys".formatted(ENTRIES_MAX));
    }
    return entries;
  }

  /** Reads a key: one character for each byte, so that two keys are equal if their bytes are. */
  String key() throws IOException, BadFrame {
    MessageFormat format = next(ValueType.STRING, "a key");
    byte[] bytes = payload(format, input.unpackRawStringHeader());
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  long number(FrameKey key) throws IOException, BadFrame {
    MessageFormat format = next(ValueType.INTEGER, key.wireName());
    BigInteger whole = input.unpackBigInteger();
    if (whole.signum() < 0 || whole.bitLength() >= Long.SIZE) {
      throw outOfRange(key);
    }
    long value = whole.longValueExact();
    requireShortest(format, value);
    return inRange(key, value);
  }

  String text(FrameKey key) throws IOException, BadFrame {
    MessageFormat format = next(ValueType.STRING, key.wireName());
    int size = (int) inRange(key, input.unpackRawStringHeader());
    byte[] bytes = payload(format, size);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new BadFrame("the value of " + key.wireName() + " is not UTF-8");
    }
  }

  byte[] binary(FrameKey key) throws IOException, BadFrame {
    MessageFormat format = next(ValueType.BINARY, key.wireName());
    return payload(format, (int) inRange(key, input.unpackBinaryHeader()));
  }

  boolean flag(FrameKey key) throws IOException, BadFrame {
    next(ValueType.BOOLEAN, key.wireName());
    return input.unpackBoolean();
  }

  List<byte[]> binaries(FrameKey key) throws IOException, BadFrame {
    int items = arrayHeader(key);
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < items; i++) {
      MessageFormat format = next(ValueType.BINARY, key.wireName());
      values.add(payload(format, input.unpackBinaryHeader()));
    }
    return values;
  }

  List<Boolean> flags(FrameKey key) throws IOException, BadFrame {
    int items = arrayHeader(key);
    List<Boolean> values = new ArrayList<>();
    for (int i = 0; i < items; i++) {
      values.add(flag(key));
    }
    return values;
  }

  private int arrayHeader(FrameKey key) throws IOException, BadFrame {
    MessageFormat format = next(ValueType.ARRAY, key.wireName());
    int items = (int) inRange(key, input.unpackArrayHeader());
    requireShortest(format, items);
    return items;
  }

  /**
   * Passes over one value, however deep: nesting costs no stack, and a value that is owed takes at
   * least one byte, so that a false count ends the walk.
   */
  void skip() throws IOException, BadFrame {
    long owed = 1;
    while (owed > 0) {
      owed--;
      switch (input.getNextFormat().getValueType()) {
        case ARRAY -> owed += input.unpackArrayHeader();
        case MAP -> owed += 2L * input.unpackMapHeader();
        case BINARY -> pass(input.unpackBinaryHeader());
        case STRING -> pass(input.unpackRawStringHeader());
        case EXTENSION -> pass(input.unpackExtensionTypeHeader().getLength());
        case NIL, BOOLEAN, INTEGER, FLOAT -> input.skipValue();
      }
      requireLeft(owed);
    }
  }

  void requireEnd() throws BadFrame {
    if (left() != 0) {
      throw new BadFrame("%d bytes follow the map".formatted(left()));
    }
  }

  private long left() {
    return length - input.getTotalReadBytes();
  }

  private void requireLeft(long bytes) throws BadFrame {
    if (bytes > left()) {
      throw new BadFrame("it is cut off");
    }
  }

  private MessageFormat next(ValueType type, String what) throws IOException, BadFrame {
    MessageFormat format = input.getNextFormat();
    if (format.getValueType() != type) {
      throw new BadFrame("the type of " + what + " is wrong");
    }
    return format;
  }

  private byte[] payload(MessageFormat format, int size) throws IOException, BadFrame {
    requireLeft(size);
    requireShortest(format, size);
    return input.readPayload(size);
  }

  /** Makes no copy: all of the bytes are in one buffer. */
  private void pass(int size) throws IOException, BadFrame {
    requireLeft(size);
    input.readPayloadAsReference(size);
  }

  private static long inRange(FrameKey key, long size) throws BadFrame {
    if (!key.allows(size)) {
      throw outOfRange(key);
    }
    return size;
  }

  private static BadFrame outOfRange(FrameKey key) {
    return new BadFrame("the value of " + key.wireName() + " is out of its range");
  }

  /** Refuses a form for numbers or lengths that a shorter one has room for. */
  private static void requireShortest(MessageFormat format, long value) throws BadFrame {
    boolean shortest =
        switch (format) {
          case UINT8 -> value > 0x7f;
          case STR8 -> value > 0x1f;
          case UINT16, STR16, BIN16 -> value > 0xff;
          case ARRAY16, MAP16 -> value > 0xf;
          case UINT32, STR32, BIN32, ARRAY32, MAP32 -> value > 0xffff;
          case UINT64 -> value > 0xffff_ffffL;
          case INT8, INT16, INT32, INT64 -> false;
          default -> true;
        };
    if (!shortest) {
      throw new BadFrame("a number or a length is not in its shortest form");
    }
  }
}
