package org.bytchat.dht.engine;

import org.apiguardian.api.API;

/**
 * A stream of random numbers. Production reads the platform's secure random in blocks; a simulator
 * has one {@link XoshiroEntropy} for each seed, node and purpose. Not thread-safe.
 */
@API(status = API.Status.EXPERIMENTAL)
@FunctionalInterface
public interface Entropy {

  /**
   * Returns the next number.
   *
   * @return 64 random bits
   */
  long nextLong();

  /**
   * Returns a number below a bound.
   *
   * @param bound positive
   * @return 0 to {@code bound - 1}; the bias is below 2^-31
   */
  default int nextBelow(int bound) {
    return (int) ((nextLong() >>> 33) % bound);
  }

  /**
   * Returns a duration with jitter, so that nodes started together do not act together.
   *
   * @param nanos the duration
   * @return uniformly from three quarters to five quarters of it
   */
  default long jitter(long nanos) {
    long half = nanos / 2;
    return half <= 0 ? nanos : nanos - half / 2 + Math.floorMod(nextLong(), half + 1);
  }

  /**
   * The streams of one node, apart, so that a number seen on the wire says nothing of a secret.
   *
   * @param transactions for transaction ids, which others see
   * @param secrets for token secrets and challenges
   * @param choices for jitter, random targets and choices among contacts
   */
  record Streams(Entropy transactions, Entropy secrets, Entropy choices) {

    /**
     * Makes the streams of one simulated node.
     *
     * @param seed the run's seed
     * @param node the node's number in the run
     * @return reproducible streams, of no use for production
     */
    public static Streams simulated(long seed, long node) {
      return new Streams(
          new XoshiroEntropy(seed, 3 * node),
          new XoshiroEntropy(seed, 3 * node + 1),
          new XoshiroEntropy(seed, 3 * node + 2));
    }
  }
}
