package org.bytchat.tracker.store;

import org.apiguardian.api.API;

/** A store could not read or write. */
@API(status = API.Status.EXPERIMENTAL)
public final class StoreException extends Exception {

  private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Reason {
    /** There is no room on the disk. It may come back. */
    FULL,
    /** What was read is not what was written. */
    DAMAGED,
    /** Another process has it. */
    IN_USE,
    /** It was written by a later version. */
    NEWER,
    /** It is closed. */
    CLOSED,
    /** Anything else. */
    IO
  }

  private final Reason reason;

  /**
   * Makes an exception.
   *
   * @param reason what is wrong
   * @param message names the file and the failure
   */
  public StoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /**
   * Makes an exception.
   *
   * @param reason what is wrong
   * @param message names the file and the failure
   * @param cause what it came of
   */
  public StoreException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /**
   * Returns what is wrong.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }
}
