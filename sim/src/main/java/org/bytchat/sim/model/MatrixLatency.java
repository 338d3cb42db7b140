package org.bytchat.sim.model;

/**
 * Measured latencies: each node is at one of the hosts of a {@link LatencyMatrix}, by a hash of its
 * number. Nodes at one host have the floor between them, unless the file knows better.
 */
public final class MatrixLatency implements LatencyModel {

  private final LatencyMatrix matrix;
  private final long seed;
  private final long floorMicros;
  private final int hosts;
  private final int[] oneWay;
  private final long minMicros;

  /**
   * Makes the latencies of a run.
   *
   * @param matrix the measurements
   * @param seed the run's seed
   * @param floorMicros what no pair undercuts one way, in microseconds
   * @throws IllegalArgumentException if the floor is out of range
   */
  public MatrixLatency(LatencyMatrix matrix, long seed, long floorMicros) {
    this.matrix = matrix;
    this.seed = Mix.seed(seed, Purpose.LATENCY);
    this.floorMicros = LatencyModel.checkFloor(floorMicros);
    hosts = matrix.hosts();
    oneWay = matrix.oneWayMicros().clone();
    int min = (int) LATENCY_MAX_MICROS;
    for (int i = 0; i < oneWay.length; i++) {
      oneWay[i] = (int) Math.max(floorMicros, oneWay[i]);
      min = Math.min(min, oneWay[i]);
    }
    minMicros = min;
  }

  @Override
  public long oneWayMicros(int from, int to) {
    return oneWay[hostOf(from) * hosts + hostOf(to)];
  }

  /**
   * Returns where a node is.
   *
   * @param node the node's number
   * @return the row of the matrix, from 0
   */
  public int hostOf(int node) {
    return Mix.below(Mix.at(seed, node), hosts);
  }

  @Override
  public long minMicros() {
    return minMicros;
  }

  @Override
  public String describe() {
    return "matrix of "
        + matrix.describe()
        + ", mean RTT "
        + Units.text(2 * matrix.meanMicros())
        + ", at least "
        + Units.text(floorMicros)
        + " one way";
  }

  @Override
  public String citation() {
    return matrix.isKing()
        ? "the given file, in the format of the King data set (Gummadi, Saroiu and Gribble, IMW"
            + " 2002; pdos.csail.mit.edu/p2psim/kingdata)"
        : "the given file";
  }
}
