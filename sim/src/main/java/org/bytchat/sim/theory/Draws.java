package org.bytchat.sim.theory;

/**
 * A stream of numbers that follows from its key alone: SplitMix64 (Steele, Lea, Flood: Fast
 * splittable pseudorandom number generators, 2014). One stream never gives the same 64 bits twice,
 * because each is a bijection of a counter.
 */
final class Draws {

  /** 2^64 divided by the golden ratio, odd. */
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private long state;

  /** Makes the stream of a key of three numbers; each of them counts in each place. */
  Draws(long seed, long first, long second) {
    state = mix(mix(mix(seed + STEP) + first + STEP) + second + STEP);
  }

  long next() {
    state += STEP;
    return mix(state);
  }

  /** Returns a number from 0 to below the bound, which is positive. */
  int below(int bound) {
    // The upper half of 63 random bits times the bound, as if divided by 2^63.
    return (int) Math.multiplyHigh(next() >>> 1, (long) bound << 1);
  }

  private static long mix(long value) {
    long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return mixed ^ mixed >>> 31;
  }
}
