package org.bytchat.sim.sweep;

import java.util.List;
import java.util.Map;

/**
 * A plot to draw of all points.
 *
 * @param kind what is on the axes
 * @param title above it; may be empty
 * @param x a key that varies; for a plot of cost and benefit the measure of the cost
 * @param y a measure; for a plot of cost and benefit that of the benefit
 * @param by keys that vary, each combination of whose values has a line
 * @param where keys that vary and the value that points must have to be in the plot
 * @param scales which axes are logarithmic
 */
record PlotPlan(
    Kind kind,
    String title,
    String x,
    String y,
    List<String> by,
    Map<String, String> where,
    Scales scales) {

  /** What is on the axes. */
  enum Kind {
    /** A measure against a key. */
    LINES,
    /** A measure against another that it costs. */
    TRADEOFF
  }

  /**
   * Which axes are logarithmic.
   *
   * @param logX the horizontal one
   * @param logY the vertical one
   */
  record Scales(boolean logX, boolean logY) {}
}
