package org.bytchat.dht.engine;

/**
 * SipHash-2-4 (Aumasson and Bernstein 2012) over whole words: a keyed MAC of 64 bits that allocates
 * nothing and keeps no object for each node.
 */
final class SipHash {

  private long v0;
  private long v1;
  private long v2;
  private long v3;
  private int words;

  /** Begins a hash under a key. */
  SipHash begin(long key0, long key1) {
    v0 = key0 ^ 0x736f6d6570736575L;
    v1 = key1 ^ 0x646f72616e646f6dL;
    v2 = key0 ^ 0x6c7967656e657261L;
    v3 = key1 ^ 0x7465646279746573L;
    words = 0;
    return this;
  }

  /** Takes in the next 8 bytes of the message, little-endian as the paper has them. */
  SipHash update(long word) {
    words++;
    absorb(word);
    return this;
  }

  /** Ends the message, whose length is a whole number of words. */
  long finish() {
    absorb((long) words << 59);
    v2 ^= 0xff;
    round();
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
  }

  private void absorb(long word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }

  private void round() {
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
}
