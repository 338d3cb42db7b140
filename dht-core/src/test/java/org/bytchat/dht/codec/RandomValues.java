package org.bytchat.dht.codec;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Random MessagePack of every format, also in forms longer than need be. */
final class RandomValues {

  private static final int NEVER_USED = 0xc1;

  private final Random random;

  RandomValues(Random random) {
    this.random = random;
  }

  /** Returns a byte that is a header more often than content would be. */
  static byte header(Random random) {
    return (byte) (random.nextBoolean() ? 0xc0 + random.nextInt(0x20) : random.nextInt(0x100));
  }

  /** Returns one well-formed value that nests at most this deep. */
  byte[] next(int depth) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, depth);
    return out.toByteArray();
  }

  private void write(ByteArrayOutputStream out, int depth) {
    int type = header(random) & 0xff;
    if (type == NEVER_USED) {
      type = 0xc0;
    }
    if (type < 0x80 || type >= 0xe0) {
      out.write(type);
    } else if (type < 0xa0) {
      // fixmap and fixarray, of few items.
      int items = random.nextInt(4);
      out.write((type & 0xf0) | items);
      nest(out, type < 0x90 ? 2 * items : items, depth);
    } else if (type < 0xc0) {
      out.write(type);
      content(out, type & 0x1f);
    } else {
      writeTyped(out, type, depth);
    }
  }

  private void writeTyped(ByteArrayOutputStream out, int type, int depth) {
    out.write(type);
    switch (type) {
      case 0xc0, 0xc2, 0xc3 -> {}
      case 0xc4, 0xd9 -> counted(out, 1, 0);
      case 0xc5, 0xda -> counted(out, 2, 0);
      case 0xc6, 0xdb -> counted(out, 4, 0);
      case 0xc7 -> counted(out, 1, 1);
      case 0xc8 -> counted(out, 2, 1);
      case 0xc9 -> counted(out, 4, 1);
      case 0xcc, 0xd0 -> content(out, 1);
      case 0xcd, 0xd1 -> content(out, 2);
      case 0xca, 0xce, 0xd2 -> content(out, 4);
      case 0xcb, 0xcf, 0xd3 -> content(out, 8);
      case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> content(out, (1 << (type - 0xd4)) + 1);
      case 0xdc, 0xde -> container(out, 2, type == 0xde, depth);
      case 0xdd, 0xdf -> container(out, 4, type == 0xdf, depth);
      default -> throw new AssertionError("no such type: " + type);
    }
  }

  private void counted(ByteArrayOutputStream out, int lengthBytes, int extra) {
    int length = random.nextInt(12);
    number(out, lengthBytes, length);
    content(out, length + extra);
  }

  private void container(ByteArrayOutputStream out, int lengthBytes, boolean map, int depth) {
    int items = random.nextInt(4);
    number(out, lengthBytes, items);
    nest(out, map ? 2 * items : items, depth);
  }

  private void nest(ByteArrayOutputStream out, int items, int depth) {
    for (int i = 0; i < items; i++) {
      if (depth > 0) {
        write(out, depth - 1);
      } else {
        out.write(0xc0);
      }
    }
  }

  private static void number(ByteArrayOutputStream out, int bytes, int value) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.write(value >>> shift);
    }
  }

  private void content(ByteArrayOutputStream out, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    out.writeBytes(bytes);
  }
}
