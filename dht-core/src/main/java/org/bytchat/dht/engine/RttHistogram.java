package org.bytchat.dht.engine;

/**
 * Round-trip times in 64 bins, four to each doubling from 1 ms on, from which the time follows
 * after which a request counts as slow: later than 90 % of the answers, and not hastily so (the
 * rule of mldht, with finer bins).
 */
final class RttHistogram {

  private static final int BINS = 64;
  private static final int SAMPLES_MIN = 8;
  private static final int SAMPLES_MAX = 512;
  private static final long MARGIN_NANOS = 100_000_000;

  private final short[] bins = new short[BINS];
  private final long initialNanos;
  private int samples;

  RttHistogram(long initialNanos) {
    this.initialNanos = initialNanos;
  }

  void record(long rttNanos) {
    if (samples == SAMPLES_MAX) {
      samples = 0;
      for (int i = 0; i < BINS; i++) {
        bins[i] = (short) (bins[i] / 2);
        samples += bins[i];
      }
    }
    bins[binOf(rttNanos)]++;
    samples++;
  }

  /** Returns the time after which a request is slow; never above the initial one. */
  long softTimeoutNanos() {
    if (samples < SAMPLES_MIN) {
      return initialNanos;
    }
    long timeout = Math.max(percentileNanos(10) + MARGIN_NANOS, percentileNanos(90));
    return Math.min(initialNanos, timeout);
  }

  /** Returns the upper edge of the bin that holds a percentile, 0 if nothing was recorded. */
  long percentileNanos(int percent) {
    int rank = (samples * percent + 99) / 100;
    for (int i = 0; i < BINS && rank > 0; i++) {
      rank -= bins[i];
      if (rank <= 0) {
        return edgeNanos(i);
      }
    }
    return 0;
  }

  private static int binOf(long rttNanos) {
    // In quarter milliseconds, so that two bits below the leading one always exist.
    long quarters = Math.max(4, rttNanos / 250_000);
    int doubling = 63 - Long.numberOfLeadingZeros(quarters);
    int part = (int) (quarters >>> (doubling - 2)) & 3;
    return Math.min(BINS - 1, (doubling - 2) * 4 + part);
  }

  private static long edgeNanos(int bin) {
    return (long) (5 + bin % 4) * 250_000L << (bin / 4);
  }

  /** See {@link NodeEngine#touchFar}. */
  int touch() {
    return bins[0] ^ bins[BINS / 2];
  }
}
