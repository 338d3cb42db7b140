package org.bytchat.sim.bench;

import java.util.List;

/** What an answer costs between the two sockets. */
final class EngineBench implements Benchmark {

  @Override
  public String name() {
    return "engine";
  }

  @Override
  public String description() {
    return "a find_node query answered, bytes to bytes, by who asks";
  }

  @Override
  public void run(BenchRun run) throws Exception {
    for (JmhRun.Measured measured : JmhRun.measure(EngineAnswer.class, run)) {
      String asker = measured.params().getParam("asker");
      String dialect = measured.params().getParam("dialect");
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of(
                      "asker",
                      asker,
                      "contacts",
                      EngineAnswer.contacts(dialect),
                      "dialect",
                      dialect),
                  Figure.of("answer_ns", measured.nanos(), "ns"),
                  measured.errorFigure(),
                  measured.bytesFigure()));
    }
  }
}
