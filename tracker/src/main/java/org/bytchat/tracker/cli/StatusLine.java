package org.bytchat.tracker.cli;

import java.util.Locale;
import org.bytchat.dht.DhtStats;
import org.bytchat.dht.engine.Counter;
import org.jspecify.annotations.Nullable;

/** The line that tells an operator once a minute how the node is. */
final class StatusLine {

  private @Nullable DhtStats last;

  /** Returns the line for a moment; rates are since the moment before, or since the start. */
  String next(DhtStats now, long heapBytes) {
    DhtStats before = last;
    last = now;
    double seconds =
        (now.uptime().toNanos() - (before == null ? 0 : before.uptime().toNanos())) / 1e9;
    long answered = handled(now) - (before == null ? 0 : handled(before));
    long asked = asked(now) - (before == null ? 0 : asked(before));
    return String.format(
        Locale.ROOT,
        "status: %d contacts, %d records, %.1f requests/s in, %.1f requests/s out, heap %d MB%s",
        now.engine().contacts(),
        now.engine().store().items(),
        rate(answered, seconds),
        rate(asked, seconds),
        heapBytes >> 20,
        state(now));
  }

  private static long handled(DhtStats stats) {
    return stats.engine().count(Counter.ANSWERED) + stats.engine().count(Counter.REFUSED);
  }

  private static long asked(DhtStats stats) {
    return stats.engine().count(Counter.REQUESTS);
  }

  private static double rate(long count, double seconds) {
    return seconds <= 0 ? 0 : count / seconds;
  }

  private static String state(DhtStats stats) {
    String reach = stats.engine().full() ? "" : ", read-only";
    if (!stats.engine().joined()) {
      return reach + ", not joined";
    }
    return stats.engine().outage() ? reach + ", nobody answers" : reach;
  }
}
