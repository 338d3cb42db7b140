package org.bytchat.sim.report;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Where values lie along an axis, and which of them get a mark. {@code StrictMath} throughout, so
 * that a plot is the same on every machine.
 */
final class Scale {

  private static final int[] STEPS = {1, 2, 5, 10};
  private static final double SLACK = 1e-9;

  private final boolean logarithmic;
  private final double min;
  private final double max;
  private final double[] ticks;

  private Scale(boolean logarithmic, double min, double max, double[] ticks) {
    this.logarithmic = logarithmic;
    this.min = min;
    this.max = max;
    this.ticks = ticks;
  }

  /**
   * Makes a horizontal scale, from the least value to the greatest.
   *
   * @param axis what is asked of it
   * @param values all that shall lie on it; at least one has a place on the axis
   * @param marks about how many
   */
  static Scale horizontal(Plot.Axis axis, double[] values, int marks) {
    return of(axis, places(axis, values), marks, false);
  }

  /** Makes a vertical scale: from zero, where nothing is negative, to a mark above all values. */
  static Scale vertical(Plot.Axis axis, double[] values, int marks) {
    return of(axis, places(axis, values), marks, true);
  }

  private static Scale of(Plot.Axis axis, double[] values, int marks, boolean vertical) {
    double least = Arrays.stream(values).min().orElseThrow();
    double most = Arrays.stream(values).max().orElseThrow();
    boolean fixed = axis.has(axis.min()) && axis.has(axis.max());
    double min = fixed ? axis.min() : least;
    double max = fixed ? axis.max() : most;
    if (axis.isLogarithmic()) {
      min = fixed ? min : roundDown(min);
      max = fixed ? max : roundUp(max);
      max = max > min ? max : min * 10;
      return new Scale(true, min, max, logarithmicTicks(min, max, marks));
    }
    if (!fixed && vertical) {
      min = Math.min(0, min);
    }
    if (!(max > min)) {
      max = min + Math.max(1, Math.abs(min));
    }
    double step = step((max - min) / marks);
    if (!fixed && vertical) {
      min = StrictMath.floor(min / step + SLACK) * step;
      max = StrictMath.ceil(max / step - SLACK) * step;
    }
    return new Scale(false, min, max, linearTicks(min, max, step));
  }

  /** Returns how far along the axis a value lies: 0 at its beginning, 1 at its end. */
  double at(double value) {
    return logarithmic
        ? (StrictMath.log10(value) - StrictMath.log10(min))
            / (StrictMath.log10(max) - StrictMath.log10(min))
        : (value - min) / (max - min);
  }

  double min() {
    return min;
  }

  double max() {
    return max;
  }

  /** Returns where bars stand. */
  double ground() {
    return logarithmic ? min : Math.max(min, Math.min(max, 0));
  }

  /** Returns the values with a mark, ascending. */
  double[] ticks() {
    return ticks.clone();
  }

  private static double[] places(Plot.Axis axis, double[] values) {
    return Arrays.stream(values).filter(axis::has).toArray();
  }

  private static double[] linearTicks(double min, double max, double step) {
    long first = (long) StrictMath.ceil(min / step - SLACK);
    long last = (long) StrictMath.floor(max / step + SLACK);
    int count = (int) Math.max(0, last - first + 1);
    return IntStream.range(0, count).mapToDouble(i -> (first + i) * step).toArray();
  }

  /* Whole decades, or 1, 2 and 5 of each if there are few of them. */
  private static double[] logarithmicTicks(double min, double max, int marks) {
    int first = (int) StrictMath.floor(StrictMath.log10(min) + SLACK);
    int last = (int) StrictMath.ceil(StrictMath.log10(max) - SLACK);
    int decades = last - first;
    int[] factors = decades * 3 <= marks + 2 ? new int[] {1, 2, 5} : new int[] {1};
    int every = Math.max(1, (decades + marks - 1) / marks);
    return IntStream.rangeClosed(first, last)
        .filter(decade -> Math.floorMod(decade, every) == 0)
        .boxed()
        .flatMapToDouble(
            decade -> Arrays.stream(factors).mapToDouble(factor -> factor * power(decade)))
        .filter(tick -> tick >= min * (1 - SLACK) && tick <= max * (1 + SLACK))
        .toArray();
  }

  /** Returns the least of 1, 2, 5, 10, 20... that is not less. */
  private static double step(double atLeast) {
    double decade = power((int) StrictMath.floor(StrictMath.log10(atLeast)));
    for (int factor : STEPS) {
      if (factor * decade >= atLeast * (1 - SLACK)) {
        return factor * decade;
      }
    }
    return 10 * decade;
  }

  private static double roundUp(double value) {
    return step(value);
  }

  private static double roundDown(double value) {
    double decade = power((int) StrictMath.floor(StrictMath.log10(value) + SLACK));
    double result = decade;
    for (int factor : STEPS) {
      if (factor * decade <= value * (1 + SLACK)) {
        result = factor * decade;
      }
    }
    return result;
  }

  private static double power(int decade) {
    return StrictMath.pow(10, decade);
  }
}
