package org.bytchat.dht.engine;

import java.util.Arrays;

/**
 * SipHash-2-4 (Aumasson and Bernstein 2012) over whole words: a keyed MAC of 64 bits that allocates
 * nothing and keeps no object for each node.
 */
final class SipHash {

  private long[] words = new long[16];
  private int count;
  private long key0;
  private long key1;

  /** Begins a hash under a key. */
  SipHash begin(long first, long second) {
    key0 = first;
    key1 = second;
    count = 0;
    return this;
  }

  /** Takes in the next 8 bytes of the message, little-endian as the paper has them. */
  SipHash update(long word) {
    if (count == words.length) {
      words = Arrays.copyOf(words, 2 * count);
    }
    words[count++] = word;
    return this;
  }

  /** Ends the message, whose length is a whole number of words. */
  long finish() {
    // In local variables, which stay in registers: in fields it takes several times as long.
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    int end = count + 1;
    for (int i = 0; i <= end; i++) {
      long word = i < count ? words[i] : i < end ? (long) count << 59 : 0;
      v3 ^= word;
      v2 ^= i < end ? 0 : 0xff;
      for (int rounds = i < end ? 2 : 4; rounds > 0; rounds--) {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
      }
      v0 ^= word;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
