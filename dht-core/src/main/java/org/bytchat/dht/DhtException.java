package org.bytchat.dht;

import org.apiguardian.api.API;

/** Why a node could not do what it was asked to; each case says whose move it is. */
@API(status = API.Status.EXPERIMENTAL)
public abstract sealed class DhtException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private DhtException(String message, Throwable cause) {
    super(message, cause);
  }

  private DhtException(String message) {
    super(message);
  }

  /** Nobody answered in time. Trying again may help, after a pause. */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class Timeout extends DhtException {
    private static final long serialVersionUID = 1;

    Timeout(String message) {
      super(message);
    }
  }

  /** The service of another node refused what it was asked. The code says whether to try again. */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class Refused extends DhtException {
    private static final long serialVersionUID = 1;

    private final int code;

    Refused(int code, String text) {
      super("refused with error " + code + (text.isEmpty() ? "" : ": " + text));
      this.code = code;
    }

    /**
     * Returns why.
     *
     * @return the other node's error code, see {@link org.bytchat.dht.wire.ErrorCode}
     */
    public int code() {
      return code;
    }
  }

  /** The node knows nobody, or nobody whom it knows answers. Wait until it has joined. */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class NoPeers extends DhtException {
    private static final long serialVersionUID = 1;

    NoPeers(String message) {
      super(message);
    }
  }

  /** The node has as much to do as its limits allow. Wait for results before asking for more. */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class Overloaded extends DhtException {
    private static final long serialVersionUID = 1;

    Overloaded(String message) {
      super(message);
    }
  }

  /** The node is closed, or was not started. Trying again is of no use. */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class Closed extends DhtException {
    private static final long serialVersionUID = 1;

    Closed(String message) {
      super(message);
    }
  }

  /**
   * The node cannot be started: its port is in use, or its data folder locked, damaged or not
   * writable. The message says which, and what to do.
   */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class CannotStart extends DhtException {
    private static final long serialVersionUID = 1;

    CannotStart(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Nobody who was asked has it, or all of it. Its owner has to publish it again, or nodes have to
   * come back.
   */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class NotFound extends DhtException {
    private static final long serialVersionUID = 1;

    NotFound(String message) {
      super(message);
    }
  }

  /**
   * What was found is not what it should be, although it is what its owner made: whoever gives it,
   * it is wrong. The message says how. It is for the owner to publish something better.
   */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class Invalid extends DhtException {
    private static final long serialVersionUID = 1;

    Invalid(String message) {
      super(message);
    }
  }

  /** The user's key did not sign; the cause says why. It is for who has the key to act. */
  @API(status = API.Status.EXPERIMENTAL)
  public static final class CannotSign extends DhtException {
    private static final long serialVersionUID = 1;

    CannotSign(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
