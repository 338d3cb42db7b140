package org.bytchat.tracker.session;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * A snapshot of what the sessions of a server or client did, and of what they hold.
 *
 * @param counters since the start; every counter is there
 * @param open sessions whose handshake is complete
 * @param halfOpen connections whose handshake is under way
 * @param outboundBytes bytes that wait to be sent
 * @param inboundBytes buffers that hold incomplete frames, in bytes
 * @param sources sources that have a connection
 */
@API(status = API.Status.EXPERIMENTAL)
public record SessionStats(
    Map<SessionCounter, Long> counters,
    int open,
    int halfOpen,
    long outboundBytes,
    long inboundBytes,
    int sources) {

  public SessionStats {
    counters = Collections.unmodifiableMap(new EnumMap<>(counters));
  }

  /**
   * Returns one counter.
   *
   * @param counter which
   * @return its count
   */
  public long count(SessionCounter counter) {
    return counters.getOrDefault(counter, 0L);
  }
}
