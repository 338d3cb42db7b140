package org.bytchat.tracker.engine;

import java.util.List;
import org.apiguardian.api.API;

/**
 * A tracker at a moment.
 *
 * @param sessions sessions that are open
 * @param openSessions those in which a device has shown itself
 * @param mailboxes mailboxes in memory
 * @param entries their entries
 * @param pendingEffects effects under way
 * @param waitingFetches fetches that wait for an envelope
 * @param bindings devices that are bound
 * @param neighbours other trackers that mailboxes may be taken from or given to
 * @param stampBits how hard a stranger's stamp must be
 * @param counters by {@link TrackerCounter}, in its order
 */
@API(status = API.Status.EXPERIMENTAL)
public record TrackerStats(
    int sessions,
    int openSessions,
    int mailboxes,
    int entries,
    int pendingEffects,
    int waitingFetches,
    int bindings,
    int neighbours,
    int stampBits,
    List<Long> counters) {

  public TrackerStats {
    counters = List.copyOf(counters);
  }

  /**
   * Returns a counter.
   *
   * @param counter which
   * @return from 0
   */
  public long get(TrackerCounter counter) {
    return counters.get(counter.ordinal());
  }
}
