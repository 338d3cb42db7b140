package org.bytchat.sim.model;

/**
 * The access link of a node: a rate for each direction, and a queue of so many bytes before each.
 *
 * @param upBitsPerSecond rate at which the node sends, 1,000 to 10^12
 * @param downBitsPerSecond rate at which it receives, 1,000 to 10^12
 * @param queueBytes how much waits at most before what comes next is dropped; 1,500 to 2^30
 */
public record Bandwidth(long upBitsPerSecond, long downBitsPerSecond, int queueBytes) {

  /** What IPv4 and UDP add to a datagram, for rates on the wire. */
  public static final int HEADER_BYTES = 28;

  private static final long RATE_MAX = 1_000_000_000_000L;

  public Bandwidth {
    Checked.range("up in bits a second", upBitsPerSecond, 1_000, RATE_MAX);
    Checked.range("down in bits a second", downBitsPerSecond, 1_000, RATE_MAX);
    Checked.range("queue in bytes", queueBytes, 1_500, 1 << 30);
  }

  /**
   * Returns how long a node takes to send bytes.
   *
   * @param bytes not negative
   * @return microseconds, rounded up
   */
  public long sendMicros(int bytes) {
    return transmitMicros(bytes, upBitsPerSecond);
  }

  /**
   * Returns how long a node takes to receive bytes.
   *
   * @param bytes not negative
   * @return microseconds, rounded up
   */
  public long receiveMicros(int bytes) {
    return transmitMicros(bytes, downBitsPerSecond);
  }

  /**
   * Returns how long a full queue takes to be sent: what finds the link busy for longer is dropped.
   *
   * @return microseconds
   */
  public long sendQueueMicros() {
    return sendMicros(queueBytes);
  }

  /**
   * Returns how long a full queue takes to be received.
   *
   * @return microseconds
   */
  public long receiveQueueMicros() {
    return receiveMicros(queueBytes);
  }

  /**
   * Returns how long bytes take at a rate.
   *
   * @param bytes not negative
   * @param bitsPerSecond positive
   * @return microseconds, rounded up
   */
  public static long transmitMicros(int bytes, long bitsPerSecond) {
    return (bytes * 8L * Units.SECOND + bitsPerSecond - 1) / bitsPerSecond;
  }
}
