package org.bytchat.dht.codec;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Bencode for tests, as trees: integers are {@link BigInteger}, strings {@code byte[]}, and there
 * are {@link List} and sorted {@link Map}. Written without the codec, to be compared with it.
 */
final class Bencode {

  private final byte[] bytes;
  private int position;

  private Bencode(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Makes an empty dictionary. */
  static Map<byte[], Object> dictionary() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  /** Returns the encoding of a tree; text and whole numbers are taken as well. */
  static byte[] encode(Object value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, value);
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, Object value) {
    if (value instanceof byte[] string) {
      out.writeBytes((string.length + ":").getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(string);
    } else if (value instanceof String text) {
      write(out, text.getBytes(StandardCharsets.UTF_8));
    } else if (value instanceof Number number) {
      out.writeBytes(("i" + number + "e").getBytes(StandardCharsets.US_ASCII));
    } else if (value instanceof List<?> list) {
      out.write('l');
      list.forEach(item -> write(out, item));
      out.write('e');
    } else if (value instanceof Map<?, ?> map) {
      out.write('d');
      map.forEach(
          (key, item) -> {
            write(out, key);
            write(out, item);
          });
      out.write('e');
    } else {
      throw new IllegalArgumentException("no bencode: " + value);
    }
  }

  /** Returns where the first value ends, -1 if there is none that is well-formed. */
  static int end(byte[] bytes) {
    Bencode reader = new Bencode(bytes);
    try {
      reader.skip(0);
      return reader.position;
    } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
      return -1;
    }
  }

  private void skip(int depth) {
    switch (bytes[position]) {
      case 'i' -> {
        String digits = until('e', 1);
        check(digits.matches("0|-?[1-9][0-9]*"));
      }
      case 'l' -> {
        check(depth < BencodeReader.DEPTH_MAX);
        position++;
        while (bytes[position] != 'e') {
          skip(depth + 1);
        }
        position++;
      }
      case 'd' -> skipDictionary(depth);
      default -> string();
    }
  }

  private void skipDictionary(int depth) {
    check(depth < BencodeReader.DEPTH_MAX);
    position++;
    byte[] last = null;
    while (bytes[position] != 'e') {
      byte[] key = string();
      check(last == null || Arrays.compareUnsigned(last, key) < 0);
      last = key;
      skip(depth + 1);
    }
    position++;
  }

  private byte[] string() {
    String length = until(':', 0);
    check(length.matches("0|[1-9][0-9]{0,8}"));
    int start = position;
    position += Integer.parseInt(length);
    check(position <= bytes.length);
    return Arrays.copyOfRange(bytes, start, position);
  }

  private String until(char end, int skipped) {
    int start = position + skipped;
    int at = start;
    while (bytes[at] != end) {
      at++;
    }
    position = at + 1;
    return new String(bytes, start, at - start, StandardCharsets.ISO_8859_1);
  }

  private static void check(boolean sound) {
    if (!sound) {
      throw new IllegalArgumentException("malformed");
    }
  }

  /** Returns a random tree that nests at most this deep. */
  static Object random(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 6 : 3)) {
      case 0 -> BigInteger.valueOf(random.nextLong() >> random.nextInt(64));
      case 1 -> new BigInteger(random.nextInt(200), random).negate();
      case 2, 3 -> string(random);
      case 4 -> {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(random(random, depth - 1));
        }
        yield list;
      }
      default -> {
        Map<byte[], Object> map = dictionary();
        for (int i = random.nextInt(4); i > 0; i--) {
          map.put(string(random), random(random, depth - 1));
        }
        yield map;
      }
    };
  }

  private static byte[] string(Random random) {
    byte[] string = new byte[random.nextInt(random.nextInt(10) == 0 ? 200 : 4)];
    random.nextBytes(string);
    return string;
  }
}
