package org.bytchat.tracker.session;

import com.southernstorm.noise.protocol.CipherState;
import javax.crypto.BadPaddingException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of frames: their plaintext cut into Noise transport messages, all but the last full.
 *
 * <p>Used by the event loop thread of its session.
 */
final class FrameCipher {

  /** The most that one Noise message has. */
  static final int MESSAGE_BYTES = 65_535;

  static final int PLAIN_BYTES = MESSAGE_BYTES - NoiseHandshake.TAG_BYTES;
  static final int LENGTH_BYTES = 4;

  /** The most that the body of a frame has. */
  static final int BODY_BYTES_MAX = bodyBytes(Session.FRAME_BYTES_MAX);

  /**
   * Messages in one direction under one key. Noise would allow 2^64 − 2; nothing here changes keys
   * within a session, so it ends long before, though after years at a million a second.
   */
  static final long MESSAGES_MAX = 1L << 48;

  private final CipherState sender;
  private final CipherState receiver;
  private long sentCount;
  private long receivedCount;

  FrameCipher(CipherState sender, CipherState receiver) {
    this.sender = sender;
    this.receiver = receiver;
  }

  /** Returns the length of the body that carries so many bytes. */
  static int bodyBytes(int plainBytes) {
    int messages = Math.max(1, (plainBytes + PLAIN_BYTES - 1) / PLAIN_BYTES);
    return plainBytes + messages * NoiseHandshake.TAG_BYTES;
  }

  /** Returns how many bytes a body of a length carries, or -1 if no body has that length. */
  static int plainBytes(int bodyBytes) {
    int messages = (bodyBytes + MESSAGE_BYTES - 1) / MESSAGE_BYTES;
    int plain = bodyBytes - messages * NoiseHandshake.TAG_BYTES;
    return plain >= 0 && bodyBytes(plain) == bodyBytes ? plain : -1;
  }

  /** Says whether the keys may be used for one frame more in both directions. */
  boolean isExhausted() {
    return sentCount >= MESSAGES_MAX || receivedCount >= MESSAGES_MAX;
  }

  /** Writes the body of a frame; returns its length. */
  int seal(byte[] frame, byte[] target, int offset) {
    int from = 0;
    int to = offset;
    do {
      int length = Math.min(PLAIN_BYTES, frame.length - from);
      try {
        to += sender.encryptWithAd(null, frame, from, target, to, length);
      } catch (ShortBufferException e) {
        throw new AssertionError("the scratch holds the longest body", e);
      }
      sentCount++;
      from += length;
    } while (from < frame.length);
    return to - offset;
  }

  /** Reads a body of a length that is sound; returns the frame, or null if it does not verify. */
  byte @Nullable [] open(byte[] source, int bodyBytes) {
    byte[] frame = new byte[plainBytes(bodyBytes)];
    int from = 0;
    int to = 0;
    while (from < bodyBytes) {
      int length = Math.min(MESSAGE_BYTES, bodyBytes - from);
      try {
        to += receiver.decryptWithAd(null, source, from, frame, to, length);
      } catch (BadPaddingException | ShortBufferException e) {
        return null;
      }
      receivedCount++;
      from += length;
    }
    return frame;
  }

  void destroy() {
    sender.destroy();
    receiver.destroy();
  }
}
