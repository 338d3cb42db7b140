package org.bytchat.tracker.session;

import org.apiguardian.api.API;

/** Why a session ended. The peer is not told: it sees the connection end. */
@API(status = API.Status.EXPERIMENTAL)
public enum CloseReason {
  /** The application here closed it. */
  APPLICATION(SessionCounter.CLOSED_BY_APPLICATION),
  /** The peer closed it, or the connection broke. */
  PEER(SessionCounter.CLOSED_BY_PEER),
  /** This side shuts down. */
  SHUTDOWN(SessionCounter.CLOSED_SHUTDOWN),
  /** No complete frame came for too long. */
  IDLE(SessionCounter.CLOSED_IDLE),
  /** A frame was not complete in time. */
  FRAME_TIMEOUT(SessionCounter.CLOSED_FRAME_TIMEOUT),
  /** Frames waited and none could be sent for too long. */
  SLOW_READER(SessionCounter.CLOSED_SLOW_READER),
  /** A frame claimed more than 80 KiB. */
  FRAME_TOO_LARGE(SessionCounter.CLOSED_FRAME_TOO_LARGE),
  /** A frame claimed a length that no frame has. */
  FRAME_MALFORMED(SessionCounter.CLOSED_FRAME_MALFORMED),
  /** A frame did not verify. */
  FRAME_FORGED(SessionCounter.CLOSED_FRAME_FORGED),
  /** All sessions together hold too many bytes of incomplete frames. */
  INBOUND_FULL(SessionCounter.CLOSED_INBOUND_FULL),
  /** The keys were used as often as they may be. */
  KEYS_EXHAUSTED(SessionCounter.CLOSED_KEYS_EXHAUSTED),
  /** The application's listener threw an exception. */
  LISTENER_FAILED(SessionCounter.CLOSED_LISTENER_FAILED),
  /** An error in this program. */
  INTERNAL_ERROR(SessionCounter.CLOSED_INTERNAL_ERROR);

  private final SessionCounter counter;

  CloseReason(SessionCounter counter) {
    this.counter = counter;
  }

  /**
   * Returns what counts this reason.
   *
   * @return the counter
   */
  public SessionCounter counter() {
    return counter;
  }
}
