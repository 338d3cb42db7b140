package org.bytchat.tracker.client;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** A tracker did not do what it was asked. */
@API(status = API.Status.EXPERIMENTAL)
public final class TrackerException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** What happened. */
  public enum Kind {
    /** It refused, and said why. */
    REFUSED,
    /** The session ended before an answer came; what was asked may have been done. */
    LOST,
    /** It answered something else than was asked. */
    UNEXPECTED
  }

  private final Kind kind;
  private final transient Response.@Nullable Refused refused;

  TrackerException(Kind kind, NodeId tracker, String text) {
    super("tracker " + tracker + ": " + text);
    this.kind = kind;
    this.refused = null;
  }

  private TrackerException(NodeId tracker, Response.Refused refused) {
    super("tracker %s refused, %s: %s".formatted(tracker, refused.refusal(), refused.text()));
    this.kind = Kind.REFUSED;
    this.refused = refused;
  }

  /**
   * Makes an exception of an answer that is not the one that was asked for.
   *
   * @param tracker who answered
   * @param response the answer
   * @return the exception
   */
  public static TrackerException unexpected(NodeId tracker, Response response) {
    return response instanceof Response.Refused refused
        ? new TrackerException(tracker, refused)
        : new TrackerException(
            Kind.UNEXPECTED, tracker, "answered " + response.getClass().getSimpleName());
  }

  /**
   * Returns what happened.
   *
   * @return the kind
   */
  public Kind kind() {
    return kind;
  }

  /** Returns what it answered if it refused. */
  Response.@Nullable Refused answer() {
    return refused;
  }

  /**
   * Returns why it refused.
   *
   * @return the refusal, null for other kinds
   */
  public @Nullable Refusal refusal() {
    Response.Refused why = refused;
    return why == null ? null : why.refusal();
  }
}
