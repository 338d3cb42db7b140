package org.bytchat.sim.kernel;

/** A node threw: a bug in it, or a check that it did not pass. */
public final class NodeFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int node;
  private final long timeMicros;

  /**
   * Makes a failure.
   *
   * @param node the node's number
   * @param timeMicros the virtual time
   * @param cause what was thrown
   */
  public NodeFailure(int node, long timeMicros, Throwable cause) {
    super("node %d at %.6f s: %s".formatted(node, timeMicros / 1e6, cause), cause);
    this.node = node;
    this.timeMicros = timeMicros;
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
