package org.bytchat.sim.kernel;

import java.util.Arrays;

/**
 * When the nodes of one partition are to be called. Side by side in memory, because most deadlines
 * move on before they come: then the node need not be looked at.
 */
final class Calls {

  private final int partitions;

  /** When each node wanted to be called after what happened to it last. */
  private final long[] deadlines;

  /** When the wheel calls each, not later than that. */
  private final long[] planned;

  Calls(int nodes, int partitions) {
    this.partitions = partitions;
    this.deadlines = new long[(nodes + partitions - 1) / partitions];
    this.planned = new long[deadlines.length];
    Arrays.fill(deadlines, TimingWheel.NEVER);
    Arrays.fill(planned, TimingWheel.NEVER);
  }

  long deadlineMicros(int node) {
    return deadlines[node / partitions];
  }

  long plannedMicros(int node) {
    return planned[node / partitions];
  }

  void setDeadline(int node, long micros) {
    deadlines[node / partitions] = micros;
  }

  void setPlanned(int node, long micros) {
    planned[node / partitions] = micros;
  }

  /** Has a node that is down not be called. */
  void clear(int node) {
    setDeadline(node, TimingWheel.NEVER);
    setPlanned(node, TimingWheel.NEVER);
  }
}
