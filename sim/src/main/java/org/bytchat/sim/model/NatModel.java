package org.bytchat.sim.model;

/**
 * Which nodes are behind a NAT, and for how long it lets answers in.
 *
 * <p>A datagram from outside reaches such a node only if the node sent one to that very endpoint
 * not longer ago than the mapping timeout: endpoint-independent mapping, address and port-dependent
 * filtering.
 */
public final class NatModel implements Model {

  /** What RFC 4787 recommends: 5 min. */
  public static final long TIMEOUT_DEFAULT_MICROS = 5 * Units.MINUTE;

  private final long seed;
  private final double share;
  private final long timeoutMicros;

  /**
   * Makes the NATs of a run.
   *
   * @param seed the run's seed
   * @param share how many nodes are behind one, 0 to 1
   * @param timeoutMicros after how long without a datagram from inside a mapping ends; 1 s to 1
   *     day, in microseconds
   * @throws IllegalArgumentException if a value is out of range
   */
  public NatModel(long seed, double share, long timeoutMicros) {
    this.seed = Mix.seed(seed, Purpose.NAT);
    this.share = Checked.share("share of nodes behind NAT", share);
    this.timeoutMicros =
        Checked.range(
            "mapping_timeout in microseconds", timeoutMicros, Units.SECOND, 24 * Units.HOUR);
  }

  /**
   * Tells whether a node is behind a NAT.
   *
   * @param node the node's number
   * @return whether it is, in all its lives
   */
  public boolean isBehind(int node) {
    return Mix.share(Mix.at(seed, node)) < share;
  }

  /**
   * Returns for how long a mapping lasts.
   *
   * @return microseconds since the last datagram from inside
   */
  public long timeoutMicros() {
    return timeoutMicros;
  }

  /**
   * Tells whether a mapping lets a datagram in.
   *
   * @param lastSentMicros when the node last sent to that endpoint
   * @param nowMicros the present moment
   * @return whether the mapping is still there
   */
  public boolean isOpen(long lastSentMicros, long nowMicros) {
    return nowMicros - lastSentMicros <= timeoutMicros;
  }

  @Override
  public String describe() {
    return share == 0
        ? "none"
        : Units.number(100 * share)
            + " % of nodes behind NATs, mappings of "
            + Units.text(timeoutMicros);
  }

  @Override
  public String citation() {
    return "RFC 4787, REQ-5: mappings of at least 2 min, 5 min recommended; filtering as its"
        + " section 5 calls address and port-dependent. Measured shares: 51.7 % (BitMON, Mainline"
        + " DHT), 52.2 % (Henningsen et al., IFIP Networking 2020, IPFS), 45.5 % of addresses never"
        + " reachable (Trautwein et al., SIGCOMM 2022, IPFS)";
  }
}
