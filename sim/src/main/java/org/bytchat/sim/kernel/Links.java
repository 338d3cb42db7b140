package org.bytchat.sim.kernel;

/**
 * What becomes of datagrams between two nodes: pure functions of who sends what to whom and when,
 * so that they may be asked in any order and on any thread.
 */
public interface Links {

  /**
   * Returns the time that no datagram undercuts.
   *
   * @return microseconds, at least 1
   */
  long floorMicros();

  /**
   * Returns how often a datagram arrives.
   *
   * @param from the sender
   * @param to the receiver
   * @param number which of the sender's datagrams it is
   * @param nowMicros when it is sent
   * @return 0 if it is lost, 1, or 2
   */
  int copies(int from, int to, long number, long nowMicros);

  /**
   * Returns how long a datagram takes.
   *
   * @param from the sender
   * @param to the receiver
   * @param number which of the sender's datagrams it is
   * @param copy which copy, 0 or 1
   * @return microseconds, at least {@link #floorMicros}
   */
  long delayMicros(int from, int to, long number, int copy);

  /**
   * Returns who else a datagram also seems to come from: such a one arrives a second time, a little
   * earlier, with that node's endpoint as its source.
   *
   * @param from the sender
   * @param to the receiver
   * @param number which of the sender's datagrams it is
   * @param nowMicros when it is sent
   * @return a node that is neither, -1 for most datagrams
   */
  default int echoSource(int from, int to, long number, long nowMicros) {
    return -1;
  }

  /**
   * Tells whether nothing gets from a node to another at all, so that a stream between them breaks.
   *
   * @param from the sender
   * @param to the receiver
   * @param nowMicros when
   * @return whether the network is cut between them
   */
  default boolean isCut(int from, int to, long nowMicros) {
    return false;
  }

  /**
   * Returns how long a node's line takes to send or receive so much.
   *
   * @param node the node
   * @param bytes the length of a datagram
   * @param up whether it is sent
   * @return microseconds, 0 for a line without limits
   */
  default long lineMicros(int node, int bytes, boolean up) {
    return 0;
  }

  /**
   * Returns how long a datagram may wait for a node's line.
   *
   * @param node the node
   * @param up whether it is sent
   * @return microseconds; what would wait longer is dropped
   */
  default long queueMicros(int node, boolean up) {
    return Long.MAX_VALUE;
  }
}
