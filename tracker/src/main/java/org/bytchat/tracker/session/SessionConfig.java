package org.bytchat.tracker.session;

import java.time.Duration;
import org.apiguardian.api.API;
import org.bytchat.dht.config.Scope;

/**
 * What sessions may cost, and how long they may take.
 *
 * <p>The constructors throw {@link IllegalArgumentException} if a value is out of its range; the
 * message has the name, the range and the value.
 *
 * <p>The worst case of a server's memory, from these settings: {@code total.sessions} × (about 5
 * KiB of heap + 80 KiB for the one frame that each may always have pending) + {@code
 * total.outboundBytes} + {@code total.inboundBytes} + {@code perSource.tracked} × about 150 B.
 *
 * @param total limits on all connections together
 * @param perSource limits on those of one source
 * @param times time limits
 * @param outboundBytesMax bytes that may wait to be sent in one session; 128 KiB to 64 MiB, default
 *     1 MiB
 * @param eventLoopThreads threads that carry the sessions; 1 to 64, default 2
 * @param handshakeThreads threads for the cryptography of handshakes; 1 to 64, default 1
 */
@API(status = API.Status.EXPERIMENTAL)
public record SessionConfig(
    Total total,
    PerSource perSource,
    Times times,
    int outboundBytesMax,
    int eventLoopThreads,
    int handshakeThreads) {

  public SessionConfig {
    range("outboundBytesMax", outboundBytesMax, 128 << 10, 64 << 20);
    range("eventLoopThreads", eventLoopThreads, 1, 64);
    range("handshakeThreads", handshakeThreads, 1, 64);
  }

  /**
   * Limits on all connections of a server together.
   *
   * @param sessions connections, half-open ones included; 1 to 1,000,000, default 10,000
   * @param halfOpen connections whose handshake is not complete; beyond it a new one displaces
   *     another; 1 to 65,536, default 1,024
   * @param outboundBytes bytes that may wait to be sent; beyond it a session may have one frame
   *     pending; 1 MiB to 1 GiB, default 256 MiB
   * @param inboundBytes buffers that may hold incomplete frames; a session that needs more is
   *     closed; 1 MiB to 1 GiB, default 128 MiB
   */
  @API(status = API.Status.EXPERIMENTAL)
  public record Total(int sessions, int halfOpen, int outboundBytes, int inboundBytes) {

    public Total {
      range("sessions", sessions, 1, 1_000_000);
      range("halfOpen", halfOpen, 1, 65_536);
      range("outboundBytes", outboundBytes, 1 << 20, 1 << 30);
      range("inboundBytes", inboundBytes, 1 << 20, 1 << 30);
    }

    /**
     * Returns the defaults.
     *
     * @return the defaults
     */
    public static Total defaults() {
      return new Total(10_000, 1_024, 256 << 20, 128 << 20);
    }
  }

  /**
   * Limits on the connections of one source: of an IPv4 address or an IPv6 /64.
   *
   * @param scope in {@link Scope#LOCAL} each endpoint of a local address is a source of its own, so
   *     that these limits do not bind it; default {@code PUBLIC}
   * @param sessions connections, half-open ones included; 1 to 1,000,000, default 64
   * @param halfOpen connections whose handshake is not complete; 1 to 65,536, default 16
   * @param connectsPerSecond new connections a second; 0 for no limit, else up to 1,000,000,
   *     default 20
   * @param connectsBurst new connections at once; 1 to 1,000,000, default 64
   * @param framesPerSecond frames of all its sessions a second, beyond which they are read later; 0
   *     for no limit, else up to 1,000,000, default 1,000
   * @param framesBurst frames at once; 1 to 1,000,000, default 2,000
   * @param tracked sources whose rates are remembered; 64 to 1,048,576, default 16,384
   */
  @API(status = API.Status.EXPERIMENTAL)
  public record PerSource(
      Scope scope,
      int sessions,
      int halfOpen,
      int connectsPerSecond,
      int connectsBurst,
      int framesPerSecond,
      int framesBurst,
      int tracked) {

    public PerSource {
      range("sessions", sessions, 1, 1_000_000);
      range("halfOpen", halfOpen, 1, 65_536);
      range("connectsPerSecond", connectsPerSecond, 0, 1_000_000);
      range("connectsBurst", connectsBurst, 1, 1_000_000);
      range("framesPerSecond", framesPerSecond, 0, 1_000_000);
      range("framesBurst", framesBurst, 1, 1_000_000);
      range("tracked", tracked, 64, 1 << 20);
    }

    /**
     * Returns the defaults.
     *
     * @return the defaults
     */
    public static PerSource defaults() {
      return new PerSource(Scope.PUBLIC, 64, 16, 20, 64, 1_000, 2_000, 16_384);
    }
  }

  /**
   * Time limits, each 10 ms to 1 day. They are checked by a sweep, so that they are overstepped by
   * up to a quarter of the shortest, at most a second.
   *
   * @param handshake from the connection to the end of the handshake; default 10 s
   * @param frame from a frame's first byte to its last; default 30 s
   * @param idle without a complete frame from the peer; default 5 min
   * @param keepAlive after which a client that sent nothing sends an empty frame; shorter than
   *     {@code idle}, default 1 min
   * @param slowReader without any frame leaving while some wait; default 30 s
   */
  @API(status = API.Status.EXPERIMENTAL)
  public record Times(
      Duration handshake, Duration frame, Duration idle, Duration keepAlive, Duration slowReader) {

    public Times {
      range("handshake", handshake);
      range("frame", frame);
      range("idle", idle);
      range("keepAlive", keepAlive);
      range("slowReader", slowReader);
      if (keepAlive.compareTo(idle) >= 0) {
        throw new IllegalArgumentException(
            "keepAlive must be shorter than idle: " + keepAlive + ", " + idle);
      }
    }

    /**
     * Returns the defaults.
     *
     * @return the defaults
     */
    public static Times defaults() {
      return new Times(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          Duration.ofSeconds(30));
    }
  }

  /**
   * Returns the defaults.
   *
   * @return the defaults
   */
  public static SessionConfig defaults() {
    return new SessionConfig(
        Total.defaults(), PerSource.defaults(), Times.defaults(), 1 << 20, 2, 1);
  }

  /**
   * Returns a copy with other limits on all connections.
   *
   * @param other the limits
   * @return the copy
   */
  public SessionConfig withTotal(Total other) {
    return new SessionConfig(
        other, perSource, times, outboundBytesMax, eventLoopThreads, handshakeThreads);
  }

  /**
   * Returns a copy with other limits on one source.
   *
   * @param other the limits
   * @return the copy
   */
  public SessionConfig withPerSource(PerSource other) {
    return new SessionConfig(
        total, other, times, outboundBytesMax, eventLoopThreads, handshakeThreads);
  }

  /**
   * Returns a copy with other time limits.
   *
   * @param other the limits
   * @return the copy
   */
  public SessionConfig withTimes(Times other) {
    return new SessionConfig(
        total, perSource, other, outboundBytesMax, eventLoopThreads, handshakeThreads);
  }

  /**
   * Returns a copy with another limit on what waits to be sent in a session.
   *
   * @param bytes the new outboundBytesMax
   * @return the copy
   */
  public SessionConfig withOutboundBytesMax(int bytes) {
    return new SessionConfig(total, perSource, times, bytes, eventLoopThreads, handshakeThreads);
  }

  private static void range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " must be in " + min + ".." + max + ": " + value);
    }
  }

  private static void range(String name, Duration value) {
    Duration min = Duration.ofMillis(10);
    Duration max = Duration.ofDays(1);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(name + " must be in " + min + ".." + max + ": " + value);
    }
  }
}
