package org.bytchat.tracker.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one session sends: the room for it, and its way into the channel.
 *
 * <p>What is not marked otherwise belongs to the event loop thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the futures of writes have listeners
final class Outbound {

  private final SessionRuntime runtime;
  private final Channel channel;
  private final Runnable whenWritten;

  /** Of any thread. */
  private final AtomicInteger pendingBytes = new AtomicInteger();

  private int unsentCount;
  private boolean flushScheduled;
  private long sentNanos;
  private long progressNanos;

  Outbound(SessionRuntime runtime, Channel channel, Runnable whenWritten) {
    this.runtime = runtime;
    this.channel = channel;
    this.whenWritten = whenWritten;
  }

  /** Returns how many bytes on the wire a frame has. */
  static int wireBytes(byte[] frame) {
    return FrameCipher.LENGTH_BYTES + FrameCipher.bodyBytes(frame.length);
  }

  /**
   * Takes room, within the session's limit and that of all; each may have one frame pending. For
   * any thread.
   */
  boolean reserve(int wire) {
    int pending = pendingBytes.addAndGet(wire);
    long sum = runtime.addOutbound(wire);
    SessionConfig config = runtime.config();
    if (pending > config.outboundBytesMax()
        || (sum > config.total().outboundBytes() && pending > wire)) {
      release(wire);
      return false;
    }
    return true;
  }

  /** Gives room back. For any thread. */
  void release(int wire) {
    pendingBytes.addAndGet(-wire);
    runtime.addOutbound(-wire);
  }

  /** Returns what was reserved and is not written. For any thread. */
  int pendingBytes() {
    return pendingBytes.get();
  }

  /** Tells whether it is worth to offer frames again. */
  boolean hasRoom() {
    return pendingBytes.get() <= runtime.config().outboundBytesMax() / 2;
  }

  /** Encrypts a frame and hands it to the channel. */
  void write(FrameCipher cipher, byte[] frame, int wire) {
    byte[] scratch = SessionRuntime.scratch();
    int body = cipher.seal(frame, scratch, FrameCipher.LENGTH_BYTES);
    Handshake.putLength(scratch, body);
    ByteBuf bytes = channel.alloc().directBuffer(wire).writeBytes(scratch, 0, wire);
    sentNanos = System.nanoTime();
    if (unsentCount++ == 0) {
      progressNanos = sentNanos;
    }
    runtime.count(frame.length == 0 ? SessionCounter.KEEP_ALIVES_OUT : SessionCounter.FRAMES_OUT);
    channel.write(bytes).addListener(future -> written(wire, future.isSuccess()));
    if (!flushScheduled) {
      // One flush for all that was sent in this turn of the loop.
      flushScheduled = true;
      channel.eventLoop().execute(this::flush);
    }
  }

  private void flush() {
    flushScheduled = false;
    channel.flush();
  }

  private void written(int wire, boolean success) {
    release(wire);
    unsentCount--;
    if (success) {
      progressNanos = System.nanoTime();
      runtime.count(SessionCounter.BYTES_OUT, wire);
      whenWritten.run();
    }
  }

  /** Notes that something begins whose time is limited. */
  void begin(long nowNanos) {
    sentNanos = nowNanos;
    progressNanos = nowNanos;
  }

  boolean hasUnsent() {
    return unsentCount > 0;
  }

  /** Returns since when no frame left. */
  long progressNanos() {
    return progressNanos;
  }

  /** Returns when a frame was sent last. */
  long sentNanos() {
    return sentNanos;
  }
}
