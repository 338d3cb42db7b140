package org.bytchat.tracker.session;

import io.netty.channel.Channel;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.keyspace.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection is read: not while the listener wants nothing, the handshake computes, or
 * its source has sent more than it may. Used by the connection's loop, but for {@link #setPaused}.
 */
final class Reading {

  private final SessionRuntime runtime;
  private final Channel channel;
  private final Runnable afterRest;
  private volatile boolean paused;
  private boolean computing;
  private boolean throttled;
  private @Nullable SourceLimits limits;

  /** Where a server's connection comes from, null for a client's. */
  private SourceLimits.@Nullable Place place;

  /**
   * Makes that of a connection that is read.
   *
   * @param runtime counts
   * @param channel the connection's
   * @param afterRest called by the loop when the source may send again
   */
  Reading(SessionRuntime runtime, Channel channel, Runnable afterRest) {
    this.runtime = runtime;
    this.channel = channel;
    this.afterRest = afterRest;
  }

  /** Sets how fast the source may send. */
  void limit(SourceLimits by, SourceLimits.Place source) {
    limits = by;
    place = source;
  }

  @Nullable Endpoint source() {
    return place == null ? null : place.limitedAddress();
  }

  void setPaused(boolean value) {
    paused = value;
  }

  void setComputing(boolean value) {
    computing = value;
  }

  boolean isComputing() {
    return computing;
  }

  boolean mayRead() {
    return !computing && !paused && !throttled;
  }

  void update() {
    channel.config().setAutoRead(mayRead());
  }

  /** Notes a frame, and stops reading while the source has sent more than it may. */
  void countFrame(long nowNanos) {
    if (limits == null || place == null) {
      return;
    }
    long waitNanos = limits.countFrame(place, nowNanos);
    if (waitNanos > 0 && !throttled) {
      throttled = true;
      runtime.count(SessionCounter.THROTTLED);
      update();
      Future<?> unused =
          channel.eventLoop().schedule(this::endRest, waitNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void endRest() {
    throttled = false;
    afterRest.run();
  }
}
