package org.bytchat.dht.store;

import org.apiguardian.api.API;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.store.StoreOutcome.Refusal;
import org.jspecify.annotations.Nullable;

/** When an item may live: the same for who stores it and for who reads it. Immutable. */
@API(status = API.Status.EXPERIMENTAL)
public final class TimeRules {

  private final long ttlMillisMin;
  private final long ttlMillisMax;
  private final long toleranceMillis;

  /**
   * Makes rules.
   *
   * @param config the lifetimes and how far clocks may differ
   */
  public TimeRules(StoreConfig config) {
    this.ttlMillisMin = config.ttlMin().toMillis();
    this.ttlMillisMax = config.ttlMax().toMillis();
    this.toleranceMillis = config.clockTolerance().toMillis();
  }

  /**
   * Checks the times of an item.
   *
   * @param item the item
   * @param nowMillis the time, milliseconds since 1970
   * @return what is wrong, or null
   */
  public @Nullable Refusal check(StoredItem item, long nowMillis) {
    if (item instanceof MutableRecord mutable) {
      // Neither time is negative, so this cannot overflow.
      long lifetimeMillis = mutable.expiresMillis() - mutable.issuedMillis();
      if (lifetimeMillis < ttlMillisMin || lifetimeMillis > ttlMillisMax) {
        return Refusal.LIFETIME;
      }
      if (mutable.issuedMillis() - toleranceMillis > nowMillis) {
        return Refusal.ISSUED_AHEAD;
      }
    }
    return item.expiresMillis() <= nowMillis ? Refusal.EXPIRED : null;
  }

  /** Returns a chunk as it may be held: its end is cut to the longest time to live. */
  Chunk cut(Chunk chunk, long nowMillis) {
    long endMillis = Math.max(0, plus(nowMillis, ttlMillisMax));
    return chunk.expiresMillis() > endMillis ? chunk.withExpiresMillis(endMillis) : chunk;
  }

  /**
   * Returns until when a sequence counts: past its record's end, so that a clock that is set back
   * brings nothing old up again.
   */
  long rememberedUntilMillis(long expiresMillis) {
    return plus(expiresMillis, toleranceMillis);
  }

  private static long plus(long timeMillis, long durationMillis) {
    long sum = timeMillis + durationMillis;
    return sum < timeMillis ? Long.MAX_VALUE : sum;
  }
}
