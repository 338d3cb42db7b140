package org.bytchat.tracker.store;

import java.util.List;
import org.apiguardian.api.API;

/**
 * What a {@link GroupCommit} did and has to do.
 *
 * @param commits commits that were synced
 * @param lists lists of changes that were committed
 * @param changes the changes of these
 * @param failedLists lists that were not committed, those that nobody was left to commit included
 * @param refusedLists lists that were not taken because too many waited
 * @param listsLast how many lists the last commit was for
 * @param commitNanosLast how long the last commit took
 * @param commitNanosAverage how long commits take: each counts for an eighth, those before it for
 *     the rest
 * @param queuedLists lists that wait
 * @param queuedBytes about how many bytes these take
 * @param waits how many lists waited how long until they were durable: at place n, those of less
 *     than 2^n microseconds that are not at an earlier one; the last has all that waited longer
 */
@API(status = API.Status.EXPERIMENTAL)
public record WriterStats(
    long commits,
    long lists,
    long changes,
    long failedLists,
    long refusedLists,
    int listsLast,
    long commitNanosLast,
    long commitNanosAverage,
    int queuedLists,
    long queuedBytes,
    List<Long> waits) {

  /** How many places {@link #waits} has: up to 2^24 microseconds, about 17 seconds, and longer. */
  public static final int WAIT_PLACES = 26;

  public WriterStats {
    waits = List.copyOf(waits);
  }

  /**
   * Returns how long a share of the lists waited at most, rounded up to a power of 2.
   *
   * @param share above 0 and up to 1: 0.99 for the 99th percentile
   * @return microseconds, 0 if there was no list
   * @throws IllegalArgumentException if it is no share
   */
  public long waitMicros(double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("a share is above 0 and up to 1: " + share);
    }
    long all = waits.stream().mapToLong(Long::longValue).sum();
    long seen = 0;
    for (int place = 0; place < waits.size(); place++) {
      seen += waits.get(place);
      if (seen > 0 && seen >= share * all) {
        return 1L << place;
      }
    }
    return 0;
  }
}
