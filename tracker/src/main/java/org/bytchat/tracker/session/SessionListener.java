package org.bytchat.tracker.session;

import org.apiguardian.api.API;

/**
 * What an application is told of its sessions.
 *
 * <p>All calls for one session come from its one event loop thread, in the order given here; they
 * must not block. An exception closes the session with {@link CloseReason#LISTENER_FAILED}.
 */
@API(status = API.Status.EXPERIMENTAL)
public interface SessionListener {

  /**
   * The handshake is complete. The first call for a session.
   *
   * @param session the session
   */
  default void onOpen(Session session) {}

  /**
   * A frame arrived. Keep-alives are not told.
   *
   * @param session the session
   * @param frame 1 to {@link Session#FRAME_BYTES_MAX} bytes, the application's own
   */
  void onFrame(Session session, byte[] frame);

  /**
   * {@link Session#send} refused a frame for want of room, and now there is room again.
   *
   * @param session the session
   */
  default void onWritable(Session session) {}

  /**
   * The session ended. The last call for a session that was opened, exactly one.
   *
   * @param session the session
   * @param reason why
   */
  default void onClose(Session session, CloseReason reason) {}
}
