package org.bytchat.sim.scenario;

import java.nio.file.Path;
import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Default;
import org.bytchat.sim.scenario.Schema.Tagged;

/** How long datagrams take between two nodes. */
@Tagged("model")
public sealed interface Latency
    permits Latency.Constant, Latency.LogNormal, Latency.Regions, Latency.Matrix {

  /**
   * The same between all nodes.
   *
   * @param oneWay one way; 1 ms to 1 min, and not below the floor
   */
  record Constant(Duration oneWay) implements Latency {

    public Constant {
      Refused.range("one_way", oneWay, Network.MILLISECOND, Duration.ofMinutes(1));
    }
  }

  /**
   * A round-trip time for each pair of nodes, drawn from a log-normal distribution.
   *
   * @param medianRtt of the distribution; 1 ms to 10 s, and not below twice the floor, default 154
   *     ms
   * @param sigma of the logarithm; 0 to 2, default 0.48
   */
  record LogNormal(@Default("154ms") Duration medianRtt, @Default("0.48") double sigma)
      implements Latency {

    public LogNormal {
      Refused.range("median_rtt", medianRtt, Network.MILLISECOND, Duration.ofSeconds(10));
      Refused.range("sigma", sigma, 0, 2);
    }
  }

  /** Round-trip times between six regions of the world, with each region's share of the nodes. */
  record Regions() implements Latency {}

  /**
   * Measured times.
   *
   * @param file the measurements, named relative to the scenario's folder
   */
  record Matrix(Path file) implements Latency {}
}
