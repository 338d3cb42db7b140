package org.bytchat.sim.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A plot of a report: what is drawn, not how. A point whose x or y is not finite, or not positive
 * on a logarithmic axis, is left out and makes a gap in its line. Curves of one name have one
 * colour and one place in the legend, such as a line and the band around it.
 */
public final class Plot implements Block {

  private final String title;
  private final Axis x = new Axis();
  private final Axis y = new Axis();
  private final List<Curve> curves = new ArrayList<>();
  private String caption = "";

  /**
   * Makes a plot without curves.
   *
   * @param title above the plot
   */
  public Plot(String title) {
    this.title = title;
  }

  /**
   * Says what the reader should see.
   *
   * @param text below the plot
   * @return this
   */
  public Plot caption(String text) {
    caption = text;
    return this;
  }

  /**
   * Names the axes.
   *
   * @param xLabel with the unit
   * @param yLabel with the unit
   * @return this
   */
  public Plot axes(String xLabel, String yLabel) {
    x.label = xLabel;
    y.label = yLabel;
    return this;
  }

  /**
   * Makes the horizontal axis logarithmic.
   *
   * @return this
   */
  public Plot logX() {
    x.logarithmic = true;
    return this;
  }

  /**
   * Makes the vertical axis logarithmic.
   *
   * @return this
   */
  public Plot logY() {
    y.logarithmic = true;
    return this;
  }

  /**
   * Fixes the ends of the horizontal axis; otherwise it fits the curves.
   *
   * @param min left end
   * @param max right end, greater
   * @return this
   */
  public Plot rangeX(double min, double max) {
    x.range(min, max);
    return this;
  }

  /**
   * Fixes the ends of the vertical axis; otherwise it fits the curves, and begins at 0 if it is
   * linear and nothing is negative.
   *
   * @param min lower end
   * @param max upper end, greater
   * @return this
   */
  public Plot rangeY(double min, double max) {
    y.range(min, max);
    return this;
  }

  /**
   * Adds a line through points.
   *
   * @param name for the legend
   * @param xs where
   * @param ys how high, as many
   * @return this
   */
  public Plot line(String name, double[] xs, double[] ys) {
    return add(new Curve(name, Mark.LINE, xs, ys, ys));
  }

  /**
   * Adds a line that keeps its height until the next point, such as a cumulative distribution.
   *
   * @param name for the legend
   * @param xs where
   * @param ys how high, as many
   * @return this
   */
  public Plot steps(String name, double[] xs, double[] ys) {
    return add(new Curve(name, Mark.STEPS, xs, ys, ys));
  }

  /**
   * Adds single points.
   *
   * @param name for the legend
   * @param xs where
   * @param ys how high, as many
   * @return this
   */
  public Plot points(String name, double[] xs, double[] ys) {
    return add(new Curve(name, Mark.POINTS, xs, ys, ys));
  }

  /**
   * Adds bars; those of several curves stand side by side.
   *
   * @param name for the legend
   * @param xs their middles
   * @param ys how high, as many
   * @return this
   */
  public Plot bars(String name, double[] xs, double[] ys) {
    return add(new Curve(name, Mark.BARS, xs, ys, ys));
  }

  /**
   * Adds an area, such as a confidence interval.
   *
   * @param name for the legend
   * @param xs where, ascending
   * @param lows its lower edge, as many
   * @param highs its upper edge, as many
   * @return this
   */
  public Plot band(String name, double[] xs, double[] lows, double[] highs) {
    return add(new Curve(name, Mark.BAND, xs, lows, highs));
  }

  /**
   * Draws the plot with its title, legend and the names of its axes, for a file of its own.
   *
   * @param id begins the names of its elements
   * @return SVG; empty if there is nothing to draw, or this machine cannot draw
   */
  public String svg(String id) {
    try {
      return PlotFile.of(this, id);
    } catch (PlotSvg.UndrawableException e) {
      return "";
    }
  }

  String title() {
    return title;
  }

  String caption() {
    return caption;
  }

  Axis x() {
    return x;
  }

  Axis y() {
    return y;
  }

  List<Curve> curves() {
    return Collections.unmodifiableList(curves);
  }

  /** Returns the number of a curve's colour, which all curves of its name have. */
  int colour(Curve curve) {
    return curves.stream().map(Curve::name).distinct().toList().indexOf(curve.name());
  }

  /** Returns which points of a curve have a place on the axes. */
  int[] placed(Curve curve) {
    return IntStream.range(0, curve.x.length).filter(i -> hasPlace(curve, i)).toArray();
  }

  boolean hasPlace(Curve curve, int i) {
    return x.has(curve.x[i]) && y.has(curve.y[i]) && y.has(curve.high[i]);
  }

  private Plot add(Curve curve) {
    if (curve.x.length != curve.y.length || curve.x.length != curve.high.length) {
      throw new IllegalArgumentException("coordinates of different number in " + curve.name);
    }
    curves.add(curve);
    return this;
  }

  enum Mark {
    LINE,
    STEPS,
    POINTS,
    BARS,
    BAND;

    /** Whether it covers an area, so that its place in the legend is a patch. */
    boolean isArea() {
      return this == BARS || this == BAND;
    }
  }

  /** What is drawn in one colour; {@code high} is {@code y} but for a band. */
  record Curve(String name, Mark mark, double[] x, double[] y, double[] high) {}

  /** One of the two axes; NaN is an end that fits the curves. */
  static final class Axis {
    private String label = "";
    private boolean logarithmic;
    private double min = Double.NaN;
    private double max = Double.NaN;

    private void range(double newMin, double newMax) {
      if (!(newMin < newMax)) {
        throw new IllegalArgumentException("not ascending: " + newMin + " to " + newMax);
      }
      min = newMin;
      max = newMax;
    }

    String label() {
      return label;
    }

    boolean isLogarithmic() {
      return logarithmic;
    }

    double min() {
      return min;
    }

    double max() {
      return max;
    }

    /** Whether a coordinate has a place on this axis. */
    boolean has(double value) {
      return Double.isFinite(value) && (!logarithmic || value > 0);
    }
  }
}
