package org.bytchat.tracker.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;

/** MessagePack put together and taken apart by its library alone, without the codec's code. */
final class Packed {

  private Packed() {}

  /** Something that packs. */
  @FunctionalInterface
  interface Step {
    void pack(MessageBufferPacker packer) throws IOException;
  }

  static byte[] of(Step step) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      step.pack(packer);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] string(String text) {
    return of(packer -> packer.packString(text));
  }

  static byte[] number(long value) {
    return of(packer -> packer.packLong(value));
  }

  static byte[] binary(byte[] value) {
    return of(packer -> packer.packBinaryHeader(value.length).writePayload(value));
  }

  /** Takes a map apart: the bytes of each value by its key. */
  static Map<String, byte[]> entries(byte[] map) {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(map)) {
      Map<String, byte[]> entries = new LinkedHashMap<>();
      for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
        String key = unpacker.unpackString();
        Value value = unpacker.unpackValue();
        entries.put(key, of(packer -> packer.packValue(value)));
      }
      if (unpacker.getTotalReadBytes() != map.length) {
        throw new AssertionError("bytes follow the map");
      }
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a map together. */
  static byte[] map(Map<String, byte[]> entries) {
    List<byte[]> parts = new ArrayList<>();
    entries.forEach(
        (key, value) -> {
          parts.add(string(key));
          parts.add(value);
        });
    return map(entries.size(), parts.toArray(new byte[0][]));
  }

  /** A map's header, and any bytes. */
  static byte[] map(int entries, byte[]... parts) {
    return concat(of(packer -> packer.packMapHeader(entries)), concat(parts));
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Characters up to U+00FF as their bytes. */
  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
