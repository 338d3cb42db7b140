package org.bytchat.tracker.session;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** A session that could not be opened. */
@API(status = API.Status.EXPERIMENTAL)
public final class SessionException extends Exception {

  private static final long serialVersionUID = 1;

  private final Failure failure;

  /** Why a handshake failed. */
  @API(status = API.Status.EXPERIMENTAL)
  public enum Failure {
    /** No connection could be made. */
    UNREACHABLE(SessionCounter.UNREACHABLE),
    /** The first bytes were not a preamble. */
    BAD_PREAMBLE(SessionCounter.HANDSHAKE_BAD_PREAMBLE),
    /** The peer asked for another network. */
    OTHER_NETWORK(SessionCounter.HANDSHAKE_OTHER_NETWORK),
    /** There is no version that both sides speak, or the server chose one that was not offered. */
    NO_COMMON_VERSION(SessionCounter.HANDSHAKE_NO_COMMON_VERSION),
    /** A message has a wrong size or does not verify. */
    BAD_MESSAGE(SessionCounter.HANDSHAKE_BAD_MESSAGE),
    /** A public key contributes nothing to the secret. */
    WEAK_KEY(SessionCounter.HANDSHAKE_WEAK_KEY),
    /** Another node answered than was looked up. */
    WRONG_NODE(SessionCounter.HANDSHAKE_WRONG_NODE),
    /** The certificate is not the node's, or not for the key it used. */
    BAD_CERTIFICATE(SessionCounter.HANDSHAKE_BAD_CERTIFICATE),
    /** The certificate is not valid now. */
    CERTIFICATE_TIMES(SessionCounter.HANDSHAKE_CERTIFICATE_TIMES),
    /** The handshake took too long. */
    TIMEOUT(SessionCounter.HANDSHAKE_TIMEOUT),
    /** The peer closed the connection: as servers do that refuse, without a reason. */
    CLOSED_BY_PEER(SessionCounter.HANDSHAKE_ABANDONED),
    /** Too many handshakes wait on this side. */
    BUSY(SessionCounter.HANDSHAKE_BUSY),
    /** This side dropped it for a newcomer, as too many handshakes are under way. */
    DISPLACED(SessionCounter.HANDSHAKE_DISPLACED),
    /** This side shuts down. */
    SHUTDOWN(SessionCounter.CLOSED_SHUTDOWN),
    /** An error in this program. */
    INTERNAL_ERROR(SessionCounter.CLOSED_INTERNAL_ERROR);

    private final SessionCounter counter;

    Failure(SessionCounter counter) {
      this.counter = counter;
    }

    /**
     * Returns what counts this failure.
     *
     * @return the counter
     */
    public SessionCounter counter() {
      return counter;
    }
  }

  SessionException(Failure failure, @Nullable Throwable cause) {
    super("no session: " + failure, cause);
    this.failure = failure;
  }

  /**
   * Returns why.
   *
   * @return the reason
   */
  public Failure failure() {
    return failure;
  }
}
