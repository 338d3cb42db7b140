package org.bytchat.tracker.client;

import org.apiguardian.api.API;

/** What a {@link MailClient} was asked was not done. */
@API(status = API.Status.EXPERIMENTAL)
public final class MailException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** The outbox is full; again when a parcel has ended. */
    FULL,
    /** Too many calls wait for the client's thread; nothing was done. Again soon. */
    BUSY,
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
    super("the mail client has not done it: " + reason);
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
