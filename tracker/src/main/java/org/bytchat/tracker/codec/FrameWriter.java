package org.bytchat.tracker.codec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Writes one frame. Refuses what no reader would take. Not thread-safe. */
final class FrameWriter {

  /** What a map's header in one byte begins with; the number of entries follows. */
  private static final int SHORT_MAP = 0x80;

  private static final int SHORT_MAP_ENTRIES_MAX = 15;

  private final MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
  private int entries;

  /** Something that writes. */
  @FunctionalInterface
  interface Body {
    void write(FrameWriter writer) throws IOException;
  }

  private FrameWriter() {}

  /**
   * Writes a frame.
   *
   * @throws IllegalArgumentException if it would be too long, or a value is out of its range
   */
  static byte[] write(long requestId, Body body) {
    FrameWriter writer = new FrameWriter();
    try {
      // How many entries there are is known at the end.
      writer.packer.packMapHeader(0);
      writer.number(FrameKey.REQUEST_ID, requestId);
      body.write(writer);
    } catch (IOException e) {
      throw new AssertionError("nothing is written but memory", e);
    }
    if (writer.entries > SHORT_MAP_ENTRIES_MAX) {
      throw new AssertionError("the header has no room for " + writer.entries + " entries");
    }
    if (writer.packer.getTotalWrittenBytes() > MessageCodec.FRAME_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a frame has at most %d bytes, not %d"
              .formatted(MessageCodec.FRAME_BYTES_MAX, writer.packer.getTotalWrittenBytes()));
    }
    byte[] frame = writer.packer.toByteArray();
    frame[0] = (byte) (SHORT_MAP | writer.entries);
    return frame;
  }

  FrameWriter number(FrameKey key, long value) throws IOException {
    key(key, value);
    packer.packLong(value);
    return this;
  }

  FrameWriter text(FrameKey key, String value) throws IOException {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    key(key, bytes.length);
    packer.packRawStringHeader(bytes.length).addPayload(bytes);
    return this;
  }

  FrameWriter binary(FrameKey key, byte[] value) throws IOException {
    key(key, value.length);
    pack(value);
    return this;
  }

  /** Writes nothing if there is nothing. */
  FrameWriter optional(FrameKey key, byte @Nullable [] value) throws IOException {
    return value == null ? this : binary(key, value);
  }

  FrameWriter flag(FrameKey key, boolean value) throws IOException {
    key(key, 0);
    packer.packBoolean(value);
    return this;
  }

  FrameWriter binaries(FrameKey key, List<byte[]> values) throws IOException {
    key(key, values.size());
    packer.packArrayHeader(values.size());
    for (byte[] value : values) {
      pack(value);
    }
    return this;
  }

  FrameWriter flags(FrameKey key, List<Boolean> values) throws IOException {
    key(key, values.size());
    packer.packArrayHeader(values.size());
    for (boolean value : values) {
      packer.packBoolean(value);
    }
    return this;
  }

  private void pack(byte[] value) throws IOException {
    packer.packBinaryHeader(value.length).addPayload(value);
  }

  private void key(FrameKey key, long size) throws IOException {
    if (!key.allows(size)) {
      throw new IllegalArgumentException(
          "%s is %d to %d, not %d".formatted(key, key.least(), key.most(), size));
    }
    entries++;
    packer.packString(key.wireName());
  }
}
