package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Default;

/**
 * Nodes that only hear from whom they wrote to lately. Bootstrap hosts are never among them.
 *
 * @param share their share of the nodes; 0 to 0.95, default 0
 * @param mappingTimeout how long an answer, or anything else, gets in after the last datagram to
 *     that peer; 1 s to 1 day, default 5 min
 */
public record Nat(@Default("0") double share, @Default("5m") Duration mappingTimeout) {

  public Nat {
    Refused.range("share", share, 0, 0.95);
    Refused.range("mapping_timeout", mappingTimeout, Duration.ofSeconds(1), Duration.ofDays(1));
  }
}
