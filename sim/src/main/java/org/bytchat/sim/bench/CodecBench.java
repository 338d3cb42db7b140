package org.bytchat.sim.bench;

import java.util.List;

/** How fast messages are read and written. */
final class CodecBench implements Benchmark {

  private static final double EXCHANGES_BAR = 2_000_000;
  private static final double NANOS_BAR = 500;
  private static final double NANOS_AIM = 250;
  private static final double NANOS_PER_SECOND = 1e9;

  @Override
  public String name() {
    return "codec";
  }

  @Override
  public String description() {
    return "one find_node exchange through each codec: server side, client side";
  }

  @Override
  public void run(BenchRun run) throws Exception {
    for (JmhRun.Measured measured : JmhRun.measure(CodecExchange.class, run)) {
      boolean server = measured.method().equals("server");
      int contacts = Integer.parseInt(measured.params().getParam("contacts"));
      Figure rate = Figure.of("exchanges_per_second", NANOS_PER_SECOND / measured.nanos(), "1/s");
      Figure nanos = Figure.of("exchange_ns", measured.nanos(), "ns");
      Figure bytes = measured.bytesFigure();
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of(
                      "side",
                      measured.method(),
                      "contacts",
                      contacts,
                      "dialect",
                      measured.params().getParam("dialect")),
                  server ? rate.atLeast(EXCHANGES_BAR) : rate,
                  server ? nanos.atMost(NANOS_BAR).aimingAtMost(NANOS_AIM) : nanos,
                  measured.errorFigure(),
                  server ? bytes.atMost(0) : bytes));
    }
  }
}
