package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Default;

/**
 * How wrong the nodes' clocks are.
 *
 * @param skew how far a clock is off at the start, either way, at the most; 0 s to 30 days, default
 *     0 s
 * @param driftPpm how much too fast or slow a clock runs at the most, in millionths; 0 to 1,000,
 *     default 0
 */
public record Clocks(@Default("0s") Duration skew, @Default("0") double driftPpm) {

  public Clocks {
    Refused.range("skew", skew, Duration.ZERO, Duration.ofDays(30));
    Refused.range("drift_ppm", driftPpm, 0, 1_000);
  }
}
