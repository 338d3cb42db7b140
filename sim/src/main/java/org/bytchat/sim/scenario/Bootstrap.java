package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Default;

/**
 * How the network comes to be.
 *
 * @param kind how the first nodes get their routing tables, default oracle
 * @param nodes how many nodes are bootstrap hosts, which never leave nor crash by churn; 1 to 1,000
 *     and not more than there are nodes, default 1
 * @param joinOver the time from the run's start over which the first nodes start, evenly; 0 s to 1
 *     day, default 0 s, when all start at once
 */
public record Bootstrap(
    @Default("oracle") Kind kind, @Default("1") int nodes, @Default("0s") Duration joinOver) {

  /** How the first nodes get their routing tables. */
  public enum Kind {
    /** They are filled from the sorted ids of all nodes. */
    ORACLE,
    /** Each node joins by the protocol, through a bootstrap host. */
    JOIN
  }

  public Bootstrap {
    Refused.range("nodes", nodes, 1, 1_000);
    Refused.range("join_over", joinOver, Duration.ZERO, Duration.ofDays(1));
  }
}
