package org.bytchat.sim.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** All benchmarks. */
public final class Benchmarks {

  private static final List<Benchmark> ALL =
      List.of(
          new CodecBench(),
          new RoutingBench(),
          new EngineBench(),
          new UdpBench(),
          new KrpcBench(),
          new MemoryBench(),
          new FloodBench(),
          new PutBench(),
          new GrowthBench(),
          new PuzzleBench(),
          new SimBench(),
          new TrackerBench(),
          new TrackerLargeBench());

  private Benchmarks() {}

  /**
   * Returns all benchmarks.
   *
   * @return in the order in which they are listed
   */
  public static List<Benchmark> all() {
    return ALL;
  }

  /**
   * Finds a benchmark.
   *
   * @param name its name
   * @return the benchmark, or null if there is none of that name
   */
  public static @Nullable Benchmark find(String name) {
    return ALL.stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
  }
}
