package org.bytchat.sim.report;

import java.util.Arrays;

/** Picks some of many points. */
final class Thinning {

  private Thinning() {}

  /** Returns at most so many of the numbers 0 to length - 1, evenly spread, both ends included. */
  static int[] even(int length, int limit) {
    if (length <= limit) {
      return all(length);
    }
    int[] indexes = new int[limit];
    for (int i = 0; i < limit; i++) {
      indexes[i] = (int) ((long) i * (length - 1) / (limit - 1));
    }
    return indexes;
  }

  /**
   * Returns which points of a line to draw: of each of so many stretches the lowest and the
   * highest, so that no spike is lost. A stretch without any value stays a gap.
   */
  static int[] extremes(double[] y, int stretches) {
    if (y.length <= 2 * stretches) {
      return all(y.length);
    }
    int[] indexes = new int[2 * stretches + 2];
    int count = 0;
    indexes[count++] = 0;
    for (int i = 0; i < stretches; i++) {
      int from = (int) ((long) i * y.length / stretches);
      int to = (int) ((long) (i + 1) * y.length / stretches);
      int low = from;
      int high = from;
      for (int j = from; j < to; j++) {
        low = Double.isNaN(y[low]) || y[j] < y[low] ? j : low;
        high = Double.isNaN(y[high]) || y[j] > y[high] ? j : high;
      }
      indexes[count++] = low;
      indexes[count++] = high;
    }
    indexes[count] = y.length - 1;
    return Arrays.stream(indexes).sorted().distinct().toArray();
  }

  private static int[] all(int length) {
    int[] indexes = new int[length];
    Arrays.setAll(indexes, i -> i);
    return indexes;
  }
}
