package org.bytchat.dht.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many signatures of others are being verified, in all and for each source. */
final class PendingShares {

  /** The part of all effects that they may take, and the part that those of one source may. */
  private static final int SHARE = 2;

  private static final int SOURCE_SHARE = 16;

  private final int most;
  private final int mostOfSource;
  private final Map<Long, Integer> bySource = new LinkedHashMap<>();
  private int count;

  PendingShares(int pendingEffectsMax) {
    most = Math.max(1, pendingEffectsMax / SHARE);
    mostOfSource = Math.max(1, pendingEffectsMax / SOURCE_SHARE);
  }

  boolean isFull() {
    return count >= most;
  }

  /** Tells whether one more of a source may be verified. */
  boolean hasRoomFor(long source) {
    return !isFull() && bySource.getOrDefault(source, 0) < mostOfSource;
  }

  void add(long source) {
    count++;
    bySource.merge(source, 1, Integer::sum);
  }

  void remove(long source) {
    count--;
    bySource.merge(source, -1, PendingShares::sumOrNothing);
  }

  private static @Nullable Integer sumOrNothing(Integer count, Integer change) {
    int sum = count + change;
    return sum == 0 ? null : sum;
  }
}
