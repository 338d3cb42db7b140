package org.bytchat.tracker.session;

import io.netty.buffer.ByteBuf;
import org.bytchat.tracker.session.SessionException.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one side before its session is open. All calls come from the event loop thread; the
 * cryptography runs elsewhere ({@link Connection#compute}).
 */
abstract class Handshake {

  /** The connection is made. */
  abstract void begin();

  /** Bytes came, or the last step is done; consumes a whole step or nothing. */
  abstract void read(ByteBuf in);

  /** The connection ends, and no session was opened. */
  abstract void ended(Failure failure);

  /** The session is open. */
  abstract void opened();

  /**
   * Takes one message if it is there whole; returns null if it is not, or if it was refused for a
   * length out of its range.
   */
  static byte @Nullable [] takeMessage(ByteBuf in, Connection connection, int min, int max) {
    if (in.readableBytes() < FrameCipher.LENGTH_BYTES) {
      return null;
    }
    long length = in.getUnsignedInt(in.readerIndex());
    if (length < min || length > max) {
      connection.fail(Failure.BAD_MESSAGE);
      return null;
    }
    if (in.readableBytes() < FrameCipher.LENGTH_BYTES + length) {
      return null;
    }
    byte[] message = new byte[(int) length];
    in.skipBytes(FrameCipher.LENGTH_BYTES).readBytes(message);
    return message;
  }

  /** Puts a message's length before it. */
  static byte[] framed(byte[] message) {
    byte[] framed = new byte[FrameCipher.LENGTH_BYTES + message.length];
    putLength(framed, message.length);
    System.arraycopy(message, 0, framed, FrameCipher.LENGTH_BYTES, message.length);
    return framed;
  }

  static void putLength(byte[] target, int length) {
    target[0] = (byte) (length >>> 24);
    target[1] = (byte) (length >>> 16);
    target[2] = (byte) (length >>> 8);
    target[3] = (byte) length;
  }
}
