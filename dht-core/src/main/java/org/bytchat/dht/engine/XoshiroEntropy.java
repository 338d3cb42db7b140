package org.bytchat.dht.engine;

import org.apiguardian.api.API;

/**
 * xoshiro256** (Blackman and Vigna 2018), seeded by SplitMix64 from a seed and a stream number.
 *
 * <p>Reproducible on every Java version, and predictable: for simulations and tests only.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class XoshiroEntropy implements Entropy {

  private long s0;
  private long s1;
  private long s2;
  private long s3;

  /**
   * Makes a stream.
   *
   * @param seed the run's seed
   * @param stream which of its streams
   */
  public XoshiroEntropy(long seed, long stream) {
    long state = mix(seed) + stream * 0xD1B54A32D192ED03L;
    s0 = mix(state += 0x9E3779B97F4A7C15L);
    s1 = mix(state += 0x9E3779B97F4A7C15L);
    s2 = mix(state += 0x9E3779B97F4A7C15L);
    s3 = mix(state + 0x9E3779B97F4A7C15L);
  }

  private XoshiroEntropy(long s0, long s1, long s2, long s3) {
    this.s0 = s0;
    this.s1 = s1;
    this.s2 = s2;
    this.s3 = s3;
  }

  /** Makes a stream of a whole state, as the published test vectors give it. */
  static XoshiroEntropy ofState(long s0, long s1, long s2, long s3) {
    return new XoshiroEntropy(s0, s1, s2, s3);
  }

  @Override
  public long nextLong() {
    long result = Long.rotateLeft(s1 * 5, 7) * 9;
    long shifted = s1 << 17;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = Long.rotateLeft(s3, 45);
    return result;
  }

  /** The output function of SplitMix64. */
  private static long mix(long value) {
    long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
