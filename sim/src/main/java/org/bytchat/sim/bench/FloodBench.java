package org.bytchat.sim.bench;

import java.util.List;
import org.bytchat.dht.engine.Counter;

/** Whether a flood of hostile datagrams stops a node or fills its memory. */
final class FloodBench implements Benchmark {

  private static final long COUNT = 10_000_000;
  private static final long COUNT_QUICK = 20_000;

  /** What the limits of the default configuration allow a node's tables to grow to, and more. */
  private static final double GROWTH_BYTES_BAR = 4 << 20;

  private static final double SERVICE_BAR = 100;
  private static final double NANOS_PER_SECOND = 1e9;

  @Override
  public String name() {
    return "flood";
  }

  @Override
  public String description() {
    return "hostile datagrams of all kinds at a node that another goes on to use";
  }

  @Override
  public boolean takesCount() {
    return true;
  }

  @Override
  public void run(BenchRun run) throws Exception {
    Long asked = run.count();
    long count = asked != null ? asked : run.quick() ? COUNT_QUICK : COUNT;
    run.progress().accept("flood: the nodes join");
    try (Flood flood = new Flood(1)) {
      Flood.Report report =
          flood.run(count, read -> run.progress().accept("flood: " + read + " of " + count));
      run.results().accept(result(report));
    }
  }

  private BenchResult result(Flood.Report report) {
    GoodNode.Service service = report.service();
    return BenchResult.of(
        name(),
        List.of("nodes", Flood.NODES, "sent", report.sent()),
        Figure.count("read", report.read(), ""),
        Figure.of("datagrams_per_second", report.read() * NANOS_PER_SECOND / report.nanos(), "1/s"),
        Figure.count("pings", service.pings(), ""),
        Figure.of("pings_answered_percent", percent(service.answered(), service.pings()), "%")
            .atLeast(SERVICE_BAR),
        Figure.count("lookups", service.lookups(), ""),
        Figure.of("lookups_whole_percent", percent(service.whole(), service.lookups()), "%")
            .atLeast(SERVICE_BAR),
        Figure.count("ping_median_us", service.rttMedianMicros(), "us"),
        Figure.count("ping_99_percent_us", service.rttMostMicros(), "us"),
        Figure.count("heap_before_bytes", report.heapBefore(), "B"),
        Figure.count("heap_after_bytes", report.heapAfter(), "B"),
        Figure.count("heap_growth_bytes", report.heapAfter() - report.heapBefore(), "B")
            .atMost(GROWTH_BYTES_BAR),
        counted(report, "malformed", Counter.DROPPED_MALFORMED),
        counted(report, "not_asked_for", Counter.DROPPED_UNSOLICITED),
        counted(report, "other_network", Counter.DROPPED_OTHER_NETWORK),
        counted(report, "own_id", Counter.DROPPED_OWN_ID),
        counted(report, "rate_limited", Counter.DROPPED_RATE_LIMITED),
        counted(report, "bad_tokens", Counter.BAD_TOKENS),
        counted(report, "refused", Counter.REFUSED),
        counted(report, "answered", Counter.ANSWERED),
        Figure.count("contacts", report.after().contacts(), "").atLeast(Flood.NODES - 1));
  }

  private static Figure counted(Flood.Report report, String name, Counter counter) {
    return Figure.count(name, report.counted(counter), "");
  }

  private static double percent(long part, long whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  }
}
