package org.bytchat.sim.bench;

import java.util.List;
import java.util.Locale;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.node.TransmitQueue;

/** Whether anything grows in a node that is used for long in every way. */
final class GrowthBench implements Benchmark {

  private static final long MINUTES = 10;

  /** What a full collection leaves differs a little from one to the next. */
  private static final double VIRTUAL_HEAP_BAR = 64 << 10;

  private static final double REAL_HEAP_BAR = 1 << 20;
  private static final int HOURS = 24;
  private static final int HOURS_QUICK = 4;

  /** What Mainline's nodes put lasts for two hours. */
  private static final int WARM_UP_HOURS = 3;

  private static final int SECONDS_PER_HOUR = 3600;
  private static final int DATAGRAMS_PER_SECOND = 10;
  private static final long SECOND_NANOS = 1_000_000_000;

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public String description() {
    return "heap, threads and descriptors of nodes under mixed load: a virtual day, real minutes";
  }

  @Override
  public boolean takesCount() {
    return true;
  }

  @Override
  public void run(BenchRun run) throws Exception {
    for (Dialect dialect : Dialect.values()) {
      virtualDay(dialect, run);
    }
    Long asked = run.count();
    long minutes = asked == null ? MINUTES : asked;
    try (LongRun real = new LongRun()) {
      real.run(run, minutes);
      LongRun.State before = real.before();
      LongRun.State after = real.after();
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of("case", "real time", "minutes", run.quick() ? 0 : minutes),
                  Figure.count("answers", real.answers(), ""),
                  Figure.count("puts", real.puts(), ""),
                  Figure.count("lookups", real.lookups(), ""),
                  Figure.count("heap_before_bytes", before.heap(), "B"),
                  Figure.count("heap_after_bytes", after.heap(), "B"),
                  Figure.count("heap_growth_bytes", after.heap() - before.heap(), "B")
                      .atMost(REAL_HEAP_BAR),
                  Figure.count("threads_before", before.threads(), ""),
                  Figure.count("threads_after", after.threads(), "").atMost(before.threads()),
                  Figure.count("descriptors_before", before.descriptors(), ""),
                  Figure.count("descriptors_after", after.descriptors(), "")
                      .atMost((double) before.descriptors())));
    }
  }

  /** One engine on virtual time, with the load of a day. */
  private void virtualDay(Dialect dialect, BenchRun run) {
    FedEngine node = new FedEngine(DhtConfig.defaults().withDialect(dialect), 0);
    MixedLoad load = new MixedLoad(dialect, 1);
    int hours = run.quick() ? HOURS_QUICK : HOURS;
    long before = 0;
    for (int hour = 0; hour < hours; hour++) {
      run.progress().accept("growth: " + dialect + ", hour " + hour + " of " + hours);
      if (hour == WARM_UP_HOURS) {
        before = HeapUse.bytesAfterCollection();
      }
      for (int second = 0; second < SECONDS_PER_HOUR; second++) {
        second(node, load, hour * SECONDS_PER_HOUR + second);
      }
    }
    long after = HeapUse.bytesAfterCollection();
    run.results()
        .accept(
            BenchResult.of(
                name(),
                List.of(
                    "case",
                    "virtual time",
                    "dialect",
                    dialect.name().toLowerCase(Locale.ROOT),
                    "hours",
                    hours),
                Figure.count("received", node.stats().count(Counter.RECEIVED), ""),
                Figure.count("answers", load.answers(), ""),
                Figure.count("puts", load.puts(), ""),
                Figure.count("contacts", node.stats().contacts(), ""),
                Figure.count("heap_before_bytes", before, "B"),
                Figure.count("heap_after_bytes", after, "B"),
                Figure.count("heap_growth_bytes", after - before, "B").atMost(VIRTUAL_HEAP_BAR)));
  }

  private static void second(FedEngine node, MixedLoad load, int number) {
    for (int i = 0; i < DATAGRAMS_PER_SECOND; i++) {
      int source = (number * DATAGRAMS_PER_SECOND + i) % MixedLoad.SOURCES;
      node.give(load.next(source), node.endpoint(source));
      deliver(node, load);
    }
    node.advance(SECOND_NANOS);
    deliver(node, load);
  }

  /** Takes what the node sent to those for whom it is, and gives it what they say. */
  private static void deliver(FedEngine node, MixedLoad load) {
    TransmitQueue transmits = node.transmits();
    while (!transmits.isEmpty()) {
      int source = sourceOf(node, transmits.target());
      byte[] said =
          source < 0 ? null : load.onDatagram(source, transmits.buffer(), transmits.length());
      transmits.remove();
      if (said != null) {
        node.give(said, node.endpoint(source));
      }
    }
  }

  private static int sourceOf(FedEngine node, Endpoint endpoint) {
    for (int i = 0; i < MixedLoad.SOURCES; i++) {
      if (node.endpoint(i).equals(endpoint)) {
        return i;
      }
    }
    return -1;
  }
}
