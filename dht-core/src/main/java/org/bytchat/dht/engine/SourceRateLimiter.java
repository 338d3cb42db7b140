package org.bytchat.dht.engine;

import java.util.Arrays;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;

/**
 * A rate limit for each source in a table of bounded size.
 *
 * <p>The generic cell rate algorithm (ITU-T I.371): for each source one number, the time at which
 * it would have used up what it is allowed. An entry in the past says nothing, so it can be
 * overwritten; a source that finds only busy places takes the one that is nearest to being free.
 */
final class SourceRateLimiter {

  private static final int PROBES = 8;
  private static final int INITIAL_CAPACITY = PROBES;
  private static final int CAPACITY_MAX_MIN = 64;
  private static final long[] NOTHING = {};

  private final long intervalNanos;
  private final long burstNanos;
  private final boolean byEndpoint;
  private final int capacityMax;

  private long[] sources = NOTHING;
  private long[] busyUntilNanos = NOTHING;

  /**
   * Makes a limiter.
   *
   * @param intervalNanos the time that one request uses up, 0 for no limit
   * @param burst requests that may come at once
   * @param capacityMax sources remembered at the most
   * @param byEndpoint whether ports of one address are sources of their own
   */
  SourceRateLimiter(long intervalNanos, int burst, int capacityMax, boolean byEndpoint) {
    this.intervalNanos = intervalNanos;
    this.burstNanos = intervalNanos * burst;
    this.byEndpoint = byEndpoint;
    this.capacityMax = Math.max(CAPACITY_MAX_MIN, Integer.highestOneBit(capacityMax));
  }

  /** Counts a request; returns whether it is within the limit. */
  boolean tryAcquire(Endpoint source, long nowNanos) {
    if (intervalNanos == 0) {
      return true;
    }
    long key = keyOf(source, byEndpoint);
    int place = find(key, nowNanos);
    while (place < 0 && sources.length < capacityMax) {
      grow(nowNanos);
      place = find(key, nowNanos);
    }
    if (place < 0) {
      place = leastBusy(key);
      busyUntilNanos[place] = Long.MIN_VALUE;
    }
    if (sources[place] != key) {
      sources[place] = key;
      busyUntilNanos[place] = Long.MIN_VALUE;
    }
    long until = Math.max(busyUntilNanos[place], nowNanos) + intervalNanos;
    if (until - nowNanos > burstNanos) {
      return false;
    }
    busyUntilNanos[place] = until;
    return true;
  }

  /** Returns how many sources there is room for at present. */
  int capacity() {
    return sources.length;
  }

  /** Returns the number of a source: of its IPv4 address or IPv6 /64, or of its endpoint. */
  static long keyOf(Endpoint source, boolean byEndpoint) {
    long address =
        source.family() == AddressFamily.IPV4 ? source.addressLow() : source.addressHigh();
    if (byEndpoint) {
      address = address * 31 + source.addressLow() * 0x10001L + ((long) source.port() << 40);
    }
    // 0 marks a free place; the constant keeps the families apart.
    long key = address + (source.family() == AddressFamily.IPV4 ? 1L << 62 : 0);
    return key == 0 ? 1 : key;
  }

  /** Finds the place of a source, or one that is free, or -1. */
  private int find(long key, long nowNanos) {
    int mask = sources.length - 1;
    int start = hash(key);
    int free = -1;
    for (int i = 0; i < PROBES && mask >= 0; i++) {
      int place = start + i & mask;
      if (sources[place] == key) {
        return place;
      }
      if (free < 0 && (sources[place] == 0 || busyUntilNanos[place] <= nowNanos)) {
        free = place;
      }
    }
    return free;
  }

  private int leastBusy(long key) {
    int mask = sources.length - 1;
    int start = hash(key);
    int best = start & mask;
    for (int i = 1; i < PROBES; i++) {
      int place = start + i & mask;
      if (busyUntilNanos[place] < busyUntilNanos[best]) {
        best = place;
      }
    }
    return best;
  }

  private void grow(long nowNanos) {
    long[] oldSources = sources;
    long[] oldBusy = busyUntilNanos;
    sources = new long[Math.max(INITIAL_CAPACITY, oldSources.length * 2)];
    busyUntilNanos = new long[sources.length];
    Arrays.fill(busyUntilNanos, Long.MIN_VALUE);
    for (int i = 0; i < oldSources.length; i++) {
      if (oldSources[i] != 0 && oldBusy[i] > nowNanos) {
        int place = find(oldSources[i], nowNanos);
        if (place >= 0) {
          sources[place] = oldSources[i];
          busyUntilNanos[place] = oldBusy[i];
        }
      }
    }
  }

  private static int hash(long key) {
    return (int) ((key * 0x9E3779B97F4A7C15L) >>> 40);
  }
}
