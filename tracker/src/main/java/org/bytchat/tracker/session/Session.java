package org.bytchat.tracker.session;

import java.net.InetSocketAddress;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * An encrypted connection that carries frames both ways, in order, each whole or not at all.
 *
 * <p>What was sent and not answered before the end may or may not have arrived: the end itself is
 * not authenticated. All methods may be called from any thread.
 */
@API(status = API.Status.EXPERIMENTAL)
public interface Session {

  /** The most that a frame carries, in bytes. */
  int FRAME_BYTES_MAX = 80 << 10;

  /** The most that a client says in its introduction, in bytes. */
  int INTRODUCTION_BYTES_MAX = 2 << 10;

  /**
   * Returns a number that no other session of this server or client has or had.
   *
   * @return the number, from 1
   */
  long id();

  /**
   * Returns where the peer is.
   *
   * @return its address
   */
  InetSocketAddress remoteAddress();

  /**
   * Returns what stands for all sessions of the peer's network: its IPv4 address or its IPv6 /64.
   *
   * @return it, with port 0; null for a client's session, and where {@link SessionConfig.PerSource}
   *     does not limit the source as a whole
   */
  @Nullable Endpoint source();

  /**
   * Returns the hash of the handshake, the same on both sides and of no other session: who signs it
   * binds the signature to this session (Noise, section 11.2).
   *
   * @return a copy, 32 bytes
   */
  byte[] handshakeHash();

  /**
   * Returns the X25519 key by which the peer was known in the handshake. A client's is new in each
   * session.
   *
   * @return a copy, 32 bytes
   */
  byte[] remoteStaticKey();

  /**
   * Returns what the client said of itself in the handshake, on both sides.
   *
   * @return a copy, up to {@link #INTRODUCTION_BYTES_MAX} bytes, empty for none
   */
  byte[] introduction();

  /**
   * Sends a frame. Frames of one thread keep their order. An empty one is a keep-alive, which the
   * peer's listener is not told.
   *
   * @param frame up to {@link #FRAME_BYTES_MAX} bytes, not to be changed afterwards
   * @return whether it was taken; not if the session is closed, or if too much waits to be sent, of
   *     which {@link SessionListener#onWritable} tells the end
   * @throws IllegalArgumentException if the frame is longer
   */
  boolean send(byte[] frame);

  /**
   * Returns how much waits to be sent.
   *
   * @return bytes on the wire
   */
  int pendingBytes();

  /**
   * Stops reading, so that the peer must wait. A call from the listener stops before the next
   * frame; one from another thread, soon. While it is paused the session is never idle, and its end
   * is not noticed.
   */
  void pause();

  /** Reads on. */
  void resume();

  /**
   * Sends what waits, then ends the session. No frame is told or taken afterwards. Does nothing if
   * it has ended.
   */
  void close();

  /**
   * Tells whether frames can be sent.
   *
   * @return whether it is open
   */
  boolean isOpen();

  /**
   * Keeps something of the application's with the session.
   *
   * @param attachment it, or null
   */
  void attach(@Nullable Object attachment);

  /**
   * Returns what was attached last.
   *
   * @return it, or null
   */
  @Nullable Object attachment();
}
