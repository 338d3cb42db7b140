package org.bytchat.sim.kernel;

import java.util.Locale;

/** A node threw: a bug in it, or a check that it did not pass. */
public final class NodeFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int node;
  private final long timeMicros;
  private final long order;

  /**
   * Makes a failure.
   *
   * @param event what the node was handling
   * @param cause what was thrown
   */
  NodeFailure(Event event, Throwable cause) {
    super(
        String.format(
            Locale.ROOT, "node %d at %.6f s: %s", event.node, event.timeMicros / 1e6, cause),
        cause);
    this.node = event.node;
    this.timeMicros = event.timeMicros;
    this.order = event.order;
  }

  /** Tells whether one thread alone would have come to this failure rather than to another. */
  boolean isBefore(NodeFailure other) {
    return timeMicros < other.timeMicros || timeMicros == other.timeMicros && order < other.order;
  }

  /**
   * Returns which node it was.
   *
   * @return its number
   */
  public int node() {
    return node;
  }

  /**
   * Returns when it was.
   *
   * @return virtual microseconds
   */
  public long timeMicros() {
    return timeMicros;
  }
}
