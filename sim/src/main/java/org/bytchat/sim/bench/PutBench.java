package org.bytchat.sim.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.store.MutableRecord;

/** Whether a node that is flooded with valid records goes on to answer find_node in time. */
final class PutBench implements Benchmark {

  private static final double P99_MILLIS_BAR = 5;
  private static final int PUTS_PER_SECOND = 20_000;
  private static final int FIND_NODES_PER_SECOND = 1000;

  /** More than a core verifies in a second. */
  private static final int STORED_PER_SECOND_MAX = 10_000;

  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration MEASURED = Duration.ofSeconds(15);
  private static final Duration QUICK = Duration.ofMillis(300);
  private static final int CONTACTS = 210;
  private static final int CONTACTS_QUICK = 40;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MICROS_PER_MILLI = 1000;

  @Override
  public String name() {
    return "put";
  }

  @Override
  public String description() {
    return "valid puts, more than a node can verify, beside a steady load of find_node";
  }

  @Override
  public boolean takesCount() {
    return true;
  }

  /**
   * Who runs where, on what.
   *
   * @param name how results call it
   * @param node the node's cores
   * @param load the cores of what asks it, empty where cores cannot be chosen
   * @param keeps whether the node writes what it holds to disk
   */
  private record Placement(String name, List<Integer> node, List<Integer> load, boolean keeps) {}

  @Override
  public void run(BenchRun run) throws Exception {
    List<Integer> own = Cores.own();
    List<Placement> placements = new ArrayList<>();
    if (own.size() < 2) {
      placements.add(new Placement("anywhere", List.of(), List.of(), false));
    } else {
      List<Integer> both = own.subList(0, 2);
      placements.add(new Placement("one each", both.subList(0, 1), both.subList(1, 2), false));
      placements.add(new Placement("both for both", both, both, false));
    }
    Placement last = placements.get(placements.size() - 1);
    placements.add(new Placement(last.name, last.node, last.load, true));
    for (Placement placement : placements) {
      run.progress().accept("put: signing records");
      Duration flood = run.quick() ? QUICK.multipliedBy(2) : WARM_UP.plus(MEASURED);
      List<MutableRecord> records =
          PutRecords.make(
              (int) (flood.toMillis() * STORED_PER_SECOND_MAX / 1000), DhtConfig.DEFAULT_NETWORK);
      Outcome outcome;
      try {
        if (!placement.load.isEmpty()) {
          Cores.keepSelfTo(placement.load);
        }
        outcome = measure(placement, records, run);
      } finally {
        if (!placement.load.isEmpty()) {
          Cores.keepSelfTo(own);
        }
      }
      // Only now, as it tells the cores of this process.
      run.results().accept(result(placement, outcome, putsPerSecond(run)));
    }
  }

  private Outcome measure(Placement placement, List<MutableRecord> records, BenchRun run)
      throws IOException, InterruptedException {
    int rate = putsPerSecond(run);
    Duration warmUp = run.quick() ? QUICK : WARM_UP;
    Duration measured = run.quick() ? QUICK : MEASURED;
    String title = "put: " + placement.name;
    run.progress().accept(title + ", filling the node's table");
    // Watching without a pause takes a whole core.
    boolean spins = placement.load.size() == 1;
    try (PutVictim victim =
            new PutVictim(
                run.quick() ? CONTACTS_QUICK : CONTACTS, placement.node, placement.keeps);
        PutLoad load = new PutLoad(victim.address(), victim.id(), records, spins)) {
      run.progress().accept(title + ", getting tokens");
      load.getTokens();
      PutVictim.State empty = victim.stateAfterCollection();
      run.progress().accept(title + ", without the flood");
      load.run(warmUp, FIND_NODES_PER_SECOND, 0);
      PutLoad.Period quiet = load.run(measured, FIND_NODES_PER_SECOND, 0);
      load.await(quiet);
      run.progress().accept(title + ", flooded");
      load.run(warmUp, FIND_NODES_PER_SECOND, rate);
      PutVictim.State before = victim.state();
      PutLoad.Period flooded = load.run(measured, FIND_NODES_PER_SECOND, rate);
      PutVictim.State after = victim.state();
      load.await(flooded);
      PutVictim.State full = victim.stateAfterCollection();
      return new Outcome(quiet, flooded, empty, before, after, full);
    }
  }

  private static int putsPerSecond(BenchRun run) {
    Long asked = run.count();
    return asked == null ? PUTS_PER_SECOND : Math.toIntExact(asked);
  }

  private record Outcome(
      PutLoad.Period quiet,
      PutLoad.Period flooded,
      PutVictim.State empty,
      PutVictim.State before,
      PutVictim.State after,
      PutVictim.State full) {

    double perSecond(long count) {
      return count * NANOS_PER_SECOND / flooded.nanos;
    }
  }

  private BenchResult result(Placement placement, Outcome got, int rate) {
    PutLoad.Period quiet = got.quiet;
    PutLoad.Period flooded = got.flooded;
    long stored = got.after.stored() - got.before.stored();
    long busy = got.after.busy() - got.before.busy();
    // Of the whole run: what was refused at another time counts as well.
    long others = got.full.refused() - got.full.busy() - got.empty.refused() + got.empty.busy();
    return BenchResult.of(
        name(),
        List.of(
            "cores",
            placement.name,
            "records",
            placement.keeps ? "on disk" : "in memory",
            "puts_per_second",
            rate,
            "find_nodes_per_second",
            FIND_NODES_PER_SECOND),
        millis("quiet_p50_ms", quiet.findNodeMicros, 50),
        millis("quiet_p99_ms", quiet.findNodeMicros, 99),
        millis("quiet_p99_9_ms", quiet.findNodeMicros, 99.9),
        millis("quiet_max_ms", quiet.findNodeMicros, 100),
        Figure.count("quiet_lost", quiet.asked - quiet.answered, ""),
        millis("p50_ms", flooded.findNodeMicros, 50),
        millis("p99_ms", flooded.findNodeMicros, 99).atMost(P99_MILLIS_BAR),
        millis("p99_9_ms", flooded.findNodeMicros, 99.9),
        millis("max_ms", flooded.findNodeMicros, 100),
        Figure.count("asked", flooded.asked, ""),
        Figure.count("lost", flooded.asked - flooded.answered, ""),
        millis("sent_late_p99_ms", flooded.lateMicros, 99),
        Figure.of("puts_offered_per_second", got.perSecond(flooded.offered), "1/s"),
        Figure.of("puts_stored_per_second", got.perSecond(stored), "1/s"),
        Figure.of("puts_busy_per_second", got.perSecond(busy), "1/s"),
        Figure.count("puts_refused_otherwise", others, "").atMost(0),
        Figure.count("puts_unanswered", flooded.unanswered, ""),
        millis("put_stored_p50_ms", flooded.storedMicros, 50),
        millis("put_stored_p99_ms", flooded.storedMicros, 99),
        Figure.of(
            "loop_core_percent",
            100.0 * (got.after.loopNanos() - got.before.loopNanos()) / flooded.nanos,
            "%"),
        Figure.count("records_held", got.full.records(), ""),
        Figure.count("writes_failed", got.full.keepsFailed(), "").atMost(0),
        Figure.count("heap_before_bytes", got.empty.heapBytes(), "B"),
        Figure.count("heap_after_bytes", got.full.heapBytes(), "B"));
  }

  private static Figure millis(String name, Histogram micros, double percentile) {
    return Figure.of(name, micros.getValueAtPercentile(percentile) / MICROS_PER_MILLI, "ms");
  }
}
