package org.bytchat.sim.model;

/**
 * Hashing of 64-bit numbers, the only source of chance in the models.
 *
 * <p>The same bits on every JDK. No use against an adversary.
 */
public final class Mix {

  /** The odd number nearest 2^64 over the golden ratio. */
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private static final long SPREAD = 0xD1B54A32D192ED03L;

  private Mix() {}

  /**
   * Returns the output function of SplitMix64 (Steele, Lea and Flood 2014), a bijection.
   *
   * @param bits any number
   * @return bits of which each depends on all of the argument's; 0 for 0
   */
  public static long mix(long bits) {
    long z = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /**
   * Hashes two numbers; their order matters. For either argument fixed, it is a bijection of the
   * other.
   *
   * @param first any number
   * @param second any number
   * @return 64 bits
   */
  public static long combine(long first, long second) {
    return mix(mix(first + GAMMA) ^ second * SPREAD);
  }

  /**
   * Returns a number of the sequence that SplitMix64 makes from a state.
   *
   * @param state the state, which had better be mixed
   * @param index which number of it
   * @return 64 bits
   */
  public static long at(long state, long index) {
    return mix(state + (index + 1) * GAMMA);
  }

  /**
   * Returns the seed of one purpose in a run.
   *
   * @param seed the run's seed
   * @param purpose a number that no other purpose has, see {@link Purpose}
   * @return a seed unrelated to those of other purposes
   */
  public static long seed(long seed, long purpose) {
    return combine(seed, purpose);
  }

  /**
   * Makes a share of bits.
   *
   * @param bits uniform
   * @return uniform in [0, 1), a multiple of 2^-53
   */
  public static double share(long bits) {
    return (bits >>> 11) * 0x1p-53;
  }

  /**
   * Makes a share that has a logarithm, and whose complement has one too.
   *
   * @param bits uniform
   * @return uniform in (0, 1), an odd multiple of 2^-53
   */
  public static double openShare(long bits) {
    return ((bits >>> 12) + 0.5) * 0x1p-52;
  }

  /**
   * Makes a whole number of bits, from the upper 32 of them.
   *
   * @param bits uniform
   * @param bound 1 to 2^31 - 1
   * @return 0 to {@code bound - 1}; the bias is below 2^-32 times the bound
   */
  public static int below(long bits, int bound) {
    return (int) ((bits >>> 32) * bound >>> 32);
  }
}
