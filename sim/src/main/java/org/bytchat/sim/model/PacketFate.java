package org.bytchat.sim.model;

/**
 * What becomes of each datagram: a pure function of (seed, sender, receiver, number of the datagram
 * among the sender's). Nothing is allocated.
 *
 * <p>First {@link #of} gives the fate, a number that only the other methods understand. If it is
 * not {@link #isLost lost}, copy 0 arrives after {@link #delayMicros}, and copy 1 as well if it is
 * {@link #isDuplicated duplicated}.
 */
public final class PacketFate {

  private static final long LOW = 0xffff_ffffL;
  private static final int JITTER_BITS = 16;

  private final long seed;
  private final LatencyModel latency;
  private final long floorMicros;
  private final boolean isPlain;
  private final boolean isDelayPlain;
  private final long lossBelow;
  private final long duplicationBelow;
  private final long jitter;
  private final long reorderingBelow;
  private final long reorderingDelayMicros;

  /**
   * Makes the fates of a run.
   *
   * @param seed the run's seed
   * @param link what happens to datagrams
   * @param latency what they take at least, jitter aside
   * @param floorMicros what no datagram undercuts, in microseconds
   * @throws IllegalArgumentException if the floor is out of range
   */
  public PacketFate(long seed, LinkModel link, LatencyModel latency, long floorMicros) {
    this.seed = Mix.seed(seed, Purpose.PACKET);
    this.latency = latency;
    this.floorMicros = LatencyModel.checkFloor(floorMicros);
    lossBelow = threshold(link.loss());
    duplicationBelow = threshold(link.duplication());
    jitter = Math.round(link.jitter() * (1 << JITTER_BITS));
    reorderingBelow = threshold(link.reordering());
    reorderingDelayMicros = link.reorderingDelayMicros();
    isDelayPlain = jitter == 0 && reorderingBelow == 0;
    isPlain = isDelayPlain && lossBelow == 0 && duplicationBelow == 0;
  }

  /** How many of 2^32 numbers are within a share; all of them for 1. */
  private static long threshold(double share) {
    return Math.round(share * 0x1p32);
  }

  /**
   * Returns the fate of a datagram.
   *
   * @param from the sender's number, not negative
   * @param to the receiver's number, not negative
   * @param sequence how many datagrams the sender sent before, to whomever
   * @return a number for the other methods
   */
  public long of(int from, int to, long sequence) {
    return isPlain ? 0 : bits(from, to, sequence);
  }

  /**
   * Returns 64 bits of chance for a datagram, also where nothing can happen to it. For faults that
   * come on top; they mix in a number of their own.
   *
   * @param from the sender's number, not negative
   * @param to the receiver's number, not negative
   * @param sequence how many datagrams the sender sent before, to whomever
   * @return the bits
   */
  public long bits(int from, int to, long sequence) {
    return Mix.combine(seed + ((long) from << 32 | to), sequence);
  }

  /**
   * Tells whether a datagram never arrives.
   *
   * @param fate what {@link #of} gave
   * @return whether it is lost
   */
  public boolean isLost(long fate) {
    return fate >>> 32 < lossBelow;
  }

  /**
   * Tells whether a datagram arrives twice, unless it is lost.
   *
   * @param fate what {@link #of} gave
   * @return whether it is duplicated
   */
  public boolean isDuplicated(long fate) {
    return (fate & LOW) < duplicationBelow;
  }

  /**
   * Returns how long a copy of a datagram travels.
   *
   * @param from the sender's number, not negative
   * @param to the receiver's number, not negative
   * @param fate what {@link #of} gave
   * @param copy 0, or 1 for the duplicate
   * @return microseconds, at least {@link #minMicros()}
   */
  public long delayMicros(int from, int to, long fate, int copy) {
    long base = latency.oneWayMicros(from, to);
    if (isDelayPlain) {
      return Math.max(floorMicros, base);
    }
    long bits = Mix.at(fate, copy);
    long delay = base;
    long reach = base * jitter >>> JITTER_BITS;
    delay += ((bits >>> 32) * (2 * reach + 1) >>> 32) - reach;
    if ((bits & LOW) < reorderingBelow) {
      delay += 1 + ((Mix.mix(bits) >>> 32) * reorderingDelayMicros >>> 32);
    }
    return Math.max(floorMicros, delay);
  }

  /**
   * Returns what no delay undercuts: how far a part of the network can run ahead of the others.
   *
   * @return microseconds, at least the floor
   */
  public long minMicros() {
    long base = latency.minMicros();
    return Math.max(floorMicros, base - (base * jitter >>> JITTER_BITS));
  }
}
