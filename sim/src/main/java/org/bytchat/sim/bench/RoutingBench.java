package org.bytchat.sim.bench;

import java.util.List;

/** How fast the contacts closest to a key are found. */
final class RoutingBench implements Benchmark {

  private static final double NANOS_BAR = 600;
  private static final double NANOS_AIM = 300;

  @Override
  public String name() {
    return "routing";
  }

  @Override
  public String description() {
    return "the 20 closest contacts of a table of 330";
  }

  @Override
  public void run(BenchRun run) throws Exception {
    for (JmhRun.Measured measured : JmhRun.measure(RoutingSearch.class, run)) {
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of("contacts", RoutingSearch.CONTACTS, "wanted", RoutingSearch.WANTED),
                  Figure.of("search_ns", measured.nanos(), "ns")
                      .atMost(NANOS_BAR)
                      .aimingAtMost(NANOS_AIM),
                  measured.errorFigure(),
                  measured.bytesFigure().atMost(0)));
    }
  }
}
