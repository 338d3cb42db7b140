package org.bytchat.tracker.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.bytchat.tracker.session.SessionException.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a client, in clear: magic, network id, lowest and highest version offered.
 *
 * @param bytes as carried, {@link #BYTES} long
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record Preamble(byte[] bytes) {

  static final int BYTES = 10;
  static final int MAGIC = 0x42595453;
  static final int VERSION_MIN = 1;
  static final int VERSION_MAX = 1;

  private static final int LOWEST_AT = 8;
  private static final int HIGHEST_AT = 9;

  static Preamble of(int networkId) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).putInt(MAGIC).putInt(networkId);
    return new Preamble(bytes.put((byte) VERSION_MIN).put((byte) VERSION_MAX).array());
  }

  /** Returns what is wrong with it for a server of a network, or null. */
  @Nullable Failure fault(int networkId) {
    ByteBuffer read = ByteBuffer.wrap(bytes);
    if (read.getInt() != MAGIC || lowest() < 1 || lowest() > highest()) {
      return Failure.BAD_PREAMBLE;
    }
    if (read.getInt() != networkId) {
      return Failure.OTHER_NETWORK;
    }
    return lowest() > VERSION_MAX || highest() < VERSION_MIN ? Failure.NO_COMMON_VERSION : null;
  }

  /** Returns the highest version that a client without fault and this program speak. */
  int choose() {
    return Math.min(highest(), VERSION_MAX);
  }

  boolean offers(int version) {
    return version >= lowest() && version <= highest();
  }

  /**
   * Returns the prologue of the handshake: what was said in clear, so that both sides notice if
   * they were not told the same.
   */
  byte[] prologue(int version) {
    byte[] pattern = NoiseHandshake.PATTERN.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(pattern.length + BYTES + 1)
        .put(pattern)
        .put(bytes)
        .put((byte) version)
        .array();
  }

  private int lowest() {
    return bytes[LOWEST_AT] & 0xff;
  }

  private int highest() {
    return bytes[HIGHEST_AT] & 0xff;
  }
}
