package org.bytchat.sim.mail;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bytchat.sim.model.Mix;

/** Bytes and times of hashes. */
final class Bits {

  private Bits() {}

  /** Makes bytes of a state. */
  static byte[] bytes(long state, int length) {
    ByteBuffer bytes = ByteBuffer.allocate((length + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putLong(Mix.at(state, i));
    }
    byte[] all = bytes.array();
    return all.length == length ? all : Arrays.copyOf(all, length);
  }

  /** Draws an exponential time of a mean, at least 1. */
  static long exponential(long bits, long mean) {
    return Math.max(1, (long) (-StrictMath.log(Mix.openShare(bits)) * mean));
  }

  /** Flips the last bit: of an envelope what is sealed, of what is signed the signature. */
  static byte[] flipped(byte[] bytes) {
    byte[] other = bytes.clone();
    other[other.length - 1] ^= 1;
    return other;
  }
}
