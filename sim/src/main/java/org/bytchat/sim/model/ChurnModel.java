package org.bytchat.sim.model;

import java.util.List;

/**
 * When nodes are up and down. A pure function of seed and node.
 *
 * <p>The network is in equilibrium from the first moment: so many nodes are up as at any time, and
 * those in the middle of a session are biased to long sessions. To have about n nodes up, simulate
 * n / {@link #availability()} of them.
 */
public sealed interface ChurnModel extends Model permits NoChurn, RenewalChurn, TraceChurn {

  /** Until when lives can be asked for: about 3,000 years. */
  long UNTIL_MAX_MICROS = Units.LONGEST;

  /**
   * Returns the share of nodes that are up.
   *
   * @return above 0, at most 1
   */
  double availability();

  /**
   * Returns the sessions of a node that begin before a moment. Asked for a later moment, it gives
   * the same sessions and perhaps more.
   *
   * @param seed the run's seed
   * @param node the node's number, not negative
   * @param untilMicros the end of the run, 0 to {@link #UNTIL_MAX_MICROS}
   * @return the sessions in order, apart from each other; the last may end after the run
   * @throws IllegalArgumentException if the moment is out of range
   */
  List<Life> lives(long seed, int node, long untilMicros);
}
