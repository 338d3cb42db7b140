package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Absent;
import org.bytchat.sim.scenario.Schema.Default;
import org.bytchat.sim.scenario.Schema.Size;
import org.jspecify.annotations.Nullable;

/**
 * What happens to datagrams, and how long effects take.
 *
 * @param floor no datagram takes less; a run on several threads advances by it; 1 ms to 1 s,
 *     default 5 ms
 * @param latency the time between two nodes, one way, default log-normal
 * @param jitter how far delays are from the latency, up or down, a share of it; 0 to 1, default 0
 * @param loss the share of datagrams lost; 0 to 1, default 0
 * @param duplication the share of datagrams that arrive twice; 0 to 1, default 0
 * @param reordering datagrams that others overtake
 * @param bandwidth what a node's link carries, null for all that is sent, which is the default
 * @param effectLatency how long a signature, a verification or another effect takes; 0 s to 10 s,
 *     default 1 ms
 */
public record Network(
    @Default("5ms") Duration floor,
    @Default("log_normal") Latency latency,
    @Default("0") double jitter,
    @Default("0") double loss,
    @Default("0") double duplication,
    Reordering reordering,
    @Absent("none") @Nullable Bandwidth bandwidth,
    @Default("1ms") Duration effectLatency) {

  static final Duration MILLISECOND = Duration.ofMillis(1);

  public Network {
    Refused.range("floor", floor, MILLISECOND, Duration.ofSeconds(1));
    Refused.range("jitter", jitter, 0, 1);
    Refused.share("loss", loss);
    Refused.share("duplication", duplication);
    Refused.range("effect_latency", effectLatency, Duration.ZERO, Duration.ofSeconds(10));
    if (latency instanceof Latency.Constant constant && constant.oneWay().compareTo(floor) < 0) {
      throw new Refused(
          "latency.one_way",
          "must not be below network.floor, " + Values.text(floor),
          Values.text(constant.oneWay()));
    }
    if (latency instanceof Latency.LogNormal drawn
        && drawn.medianRtt().compareTo(floor.multipliedBy(2)) < 0) {
      throw new Refused(
          "latency.median_rtt",
          "must not be below twice network.floor, " + Values.text(floor.multipliedBy(2)),
          Values.text(drawn.medianRtt()));
    }
  }

  /**
   * Datagrams that others overtake.
   *
   * @param share the share of datagrams; 0 to 1, default 0
   * @param delay the longest time by which such a one is late; 1 ms to 1 min, default 50 ms
   */
  public record Reordering(@Default("0") double share, @Default("50ms") Duration delay) {

    public Reordering {
      Refused.share("share", share);
      Refused.range("delay", delay, MILLISECOND, Duration.ofMinutes(1));
    }
  }

  /**
   * What each node's link carries.
   *
   * @param up bits a second from the node; 1,000 to 100,000,000,000
   * @param down bits a second to the node; the same range
   * @param queue bytes that may wait on either way, what is beyond is lost; 1,500 to 1,000,000,000,
   *     default 65,536
   */
  public record Bandwidth(@Size long up, @Size long down, @Default("64Ki") @Size long queue) {

    private static final long BITS_MAX = 100_000_000_000L;

    public Bandwidth {
      Refused.range("up", up, 1_000, BITS_MAX);
      Refused.range("down", down, 1_000, BITS_MAX);
      Refused.range("queue", queue, 1_500, 1_000_000_000);
    }
  }
}
