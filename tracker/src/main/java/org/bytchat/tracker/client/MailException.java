package org.bytchat.tracker.client;

import org.apiguardian.api.API;

/** A parcel was not sent. */
@API(status = API.Status.EXPERIMENTAL)
public final class MailException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** The outbox is full; again when a parcel has ended. */
    FULL,
    /** A parcel of this envelope is on its way already. */
    DUPLICATE,
    /** The envelope has expired. */
    EXPIRED,
    /** It was taken back. */
    CANCELLED,
    /** It could not be kept here. */
    NOT_KEPT,
    /** The client is closed; what was queued goes on when it is opened again. */
    CLOSED
  }

  private final Reason reason;

  MailException(Reason reason) {
    super("the parcel was not sent: " + reason);
    this.reason = reason;
  }

  /**
   * Returns why.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }
}
