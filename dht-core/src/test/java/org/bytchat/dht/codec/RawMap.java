package org.bytchat.dht.codec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * A MessagePack map put together by hand: any order, any header, keys that stand twice.
 *
 * <p>Shares nothing with the codec, so that a mistake there is not made again here.
 */
final class RawMap {

  static final byte[] TRANSACTION = HexFormat.of().parseHex("0102030405060708");
  static final byte[] SENDER = HexFormat.of().parseHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");
  static final byte[] NETWORK = HexFormat.of().parseHex("deadbeef");

  private record Entry(byte[] key, byte[] value) {}

  private final List<Entry> entries = new ArrayList<>();

  /** A query with t, y, id, n, q and these arguments. */
  static RawMap query(String method, RawMap arguments) {
    return envelope("q").with("q", string(method)).with("a", arguments.bytes());
  }

  /** A response with t, y, id, n and this result. */
  static RawMap response(RawMap result) {
    return envelope("r").with("r", result.bytes());
  }

  /** An error with t, y, id, n and this body. */
  static RawMap error(RawMap body) {
    return envelope("e").with("e", body.bytes());
  }

  static RawMap envelope(String kind) {
    return new RawMap()
        .with("t", binary(TRANSACTION))
        .with("y", string(kind))
        .with("id", binary(SENDER))
        .with("n", binary(NETWORK));
  }

  RawMap with(String key, byte[] value) {
    return withRawKey(string(key), value);
  }

  RawMap withRawKey(byte[] key, byte[] value) {
    entries.add(new Entry(key, value));
    return this;
  }

  RawMap without(String key) {
    byte[] packed = string(key);
    entries.removeIf(entry -> Arrays.equals(entry.key, packed));
    return this;
  }

  /** Takes the place of the entry that has the key. */
  RawMap replace(String key, byte[] value) {
    byte[] packed = string(key);
    entries.replaceAll(
        entry -> Arrays.equals(entry.key, packed) ? new Entry(packed, value) : entry);
    return this;
  }

  RawMap reversed() {
    Collections.reverse(entries);
    return this;
  }

  RawMap shuffled(Random random) {
    Collections.shuffle(entries, random);
    return this;
  }

  int size() {
    return entries.size();
  }

  /** The map with its header in the shortest form. */
  byte[] bytes() {
    int size = entries.size();
    return size < 16
        ? bytesAfter((byte) (0x80 | size))
        : bytesAfter((byte) 0xde, (byte) (size >>> 8), (byte) size);
  }

  /** The entries after any header. */
  byte[] bytesAfter(byte... header) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(header);
    for (Entry entry : entries) {
      out.writeBytes(entry.key);
      out.writeBytes(entry.value);
    }
    return out.toByteArray();
  }

  static byte[] string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length < 32) {
      return concat(new byte[] {(byte) (0xa0 | utf8.length)}, utf8);
    }
    if (utf8.length > 0xff) {
      throw new IllegalArgumentException("longer than the tests need: " + utf8.length);
    }
    return concat(new byte[] {(byte) 0xd9, (byte) utf8.length}, utf8);
  }

  static byte[] binary(byte[] content) {
    return content.length <= 0xff
        ? concat(new byte[] {(byte) 0xc4, (byte) content.length}, content)
        : concat(
            new byte[] {(byte) 0xc5, (byte) (content.length >>> 8), (byte) content.length},
            content);
  }

  /** A binary of this many equal bytes. */
  static byte[] binary(int length, int fill) {
    byte[] content = new byte[length];
    Arrays.fill(content, (byte) fill);
    return binary(content);
  }

  static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
