package org.bytchat.dht.testkit;

import java.time.Duration;
import java.util.Arrays;
import org.bytchat.dht.keyspace.Endpoint;

/**
 * What becomes of datagrams on their way. Each link has a latency of its own, never below a floor;
 * what happens to a datagram is a hash of (seed, sender, receiver, number), so that a run does not
 * depend on who is simulated beside it.
 */
public final class LinkModel {

  private final long seed;
  private long floorNanos = Duration.ofMillis(5).toNanos();
  private long spreadNanos = Duration.ofMillis(75).toNanos();
  private long jitterNanos;
  private double loss;
  private double duplication;

  LinkModel(long seed) {
    this.seed = seed;
  }

  /**
   * Sets the latency of links.
   *
   * @param floor what no datagram undercuts
   * @param spread how much more the slowest link takes
   * @param jitter how much more the slowest datagram of a link takes; above zero, datagrams
   *     overtake each other
   * @return this model
   */
  public LinkModel latency(Duration floor, Duration spread, Duration jitter) {
    floorNanos = floor.toNanos();
    spreadNanos = spread.toNanos();
    jitterNanos = jitter.toNanos();
    return this;
  }

  /**
   * Sets how many datagrams get lost.
   *
   * @param share 0 to 1
   * @return this model
   */
  public LinkModel loss(double share) {
    loss = share;
    return this;
  }

  /**
   * Sets how many datagrams arrive twice.
   *
   * @param share 0 to 1
   * @return this model
   */
  public LinkModel duplication(double share) {
    duplication = share;
    return this;
  }

  /** Returns the delays after which a datagram arrives: none, one or two. */
  long[] delaysNanos(Endpoint from, Endpoint to, long number) {
    long fate = mix(seed ^ mix(hash(from) + 3 * hash(to)) ^ mix(number));
    if (share(fate) < loss) {
      return new long[0];
    }
    long[] delays = new long[share(mix(fate + 1)) < duplication ? 2 : 1];
    Arrays.setAll(delays, copy -> delayNanos(from, to, mix(fate + 2 + copy)));
    return delays;
  }

  private long delayNanos(Endpoint from, Endpoint to, long fate) {
    // The sum, so that both directions of a link take the same time.
    long link = mix(seed + hash(from) + hash(to));
    return floorNanos + part(link, spreadNanos) + part(fate, jitterNanos);
  }

  private static long part(long bits, long nanos) {
    return nanos <= 0 ? 0 : (bits >>> 1) % nanos;
  }

  private static double share(long bits) {
    return (bits >>> 11) * 0x1.0p-53;
  }

  private static long hash(Endpoint endpoint) {
    return mix(endpoint.addressHigh() + mix(endpoint.addressLow() + endpoint.port() * 31L));
  }

  private static long mix(long bits) {
    return Seeds.derive(bits, 0);
  }
}
