package org.bytchat.sim.sweep;

import org.jspecify.annotations.Nullable;

/**
 * A number that each run has.
 *
 * @param name for columns and plots
 * @param over where the number is in a run's values
 * @param under what it is divided by, null if by nothing
 * @param better which way it should go
 */
record Measure(String name, String over, @Nullable String under, Better better) {

  /** Which way a number should go. */
  enum Better {
    /** Less is better. */
    LOWER,
    /** More is better. */
    HIGHER
  }

  /** Returns the number of a run, NaN if it has none. */
  double of(RunValues values) {
    double value = values.number(over);
    if (under == null) {
      return value;
    }
    double divisor = values.number(under);
    return divisor == 0 ? Double.NaN : value / divisor;
  }
}
