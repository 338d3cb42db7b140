package org.bytchat.sim.report;

import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws a plot as SVG. XChart draws the curves alone: it lays out text with Java's fonts, which
 * many servers lack, and makes outlines of it. The text around them is left to the page.
 */
final class PlotDrawing {

  private static final int STRETCHES = 300;
  private static final int POINTS = 1500;
  private static final int FEW = 30;
  private static final int X_MARKS = 6;
  private static final int Y_MARKS = 5;
  private static final double BAR_SHARE = 0.8;
  private static final int BAND_ALPHA = 64;
  private static final Color CLEAR = new Color(0, 0, 0, 0);

  /* Around the space for curves, so that lines along its edges are not cut in half. */
  private static final int MARGIN = 5;
  /* Beyond this, in lengths of the axis, nothing is seen anyway. */
  private static final double FAR = 20;

  private final Plot plot;
  private final double barSpace;
  private final Scale x;
  private final Scale y;
  private final PlotAxes axes;
  private final XYChart chart;

  private PlotDrawing(Plot plot) {
    this.plot = plot;
    barSpace = barSpace(plot.curves());
    x = Scale.horizontal(plot.x(), ends(), X_MARKS);
    y = Scale.vertical(plot.y(), heights(), Y_MARKS);
    axes = new PlotAxes(x, y);
    chart = new XYChart(axes.width() + 2 * MARGIN, axes.height() + 2 * MARGIN);
  }

  /** Returns the plot as an SVG element, titled by the element {@code id-title}. */
  static String svg(Plot plot, String id) throws IOException {
    PlotDrawing drawing = new PlotDrawing(plot);
    return drawing.axes.around(SvgMarkup.of(drawing.curves(), id), MARGIN, id + "-title");
  }

  private String curves() throws IOException {
    style(chart.getStyler());
    int bars = 0;
    for (int i = 0; i < plot.curves().size(); i++) {
      Plot.Curve curve = plot.curves().get(i);
      switch (curve.mark()) {
        case LINE -> line(i, curve);
        case STEPS -> steps(i, curve);
        case POINTS -> points(i, curve);
        case BAND -> band(i, curve);
        case BARS -> bars(i, curve, bars++);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsFormat.SVG);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void style(XYStyler style) {
    style.setLegendVisible(false).setChartTitleVisible(false).setPlotBorderVisible(false);
    style.setChartBackgroundColor(CLEAR).setPlotBackgroundColor(CLEAR);
    style.setPlotContentSize(1).setChartPadding(0);
    style.setAxisTitlesVisible(false).setAxisTicksVisible(false);
    style.setPlotGridLinesVisible(false).setPlotMargin(0);
    // Even without labels a linear axis measures them, with a font. So the points are given as
    // powers of ten of where they lie, and the axes are logarithmic.
    style.setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    style.setXAxisMin(1d).setXAxisMax(10d).setYAxisMin(1d).setYAxisMax(10d);
  }

  private void line(int number, Plot.Curve curve) {
    int[] indexes = Thinning.extremes(curve.y(), STRETCHES);
    Points points = new Points(indexes.length);
    for (int i : indexes) {
      if (plot.hasPlace(curve, i)) {
        points.add(curve.x()[i], curve.y()[i]);
      } else {
        points.gap();
      }
    }
    stroke(number, points, points.length <= FEW);
  }

  private void steps(int number, Plot.Curve curve) {
    int[] indexes = Thinning.even(curve.x().length, 2 * STRETCHES);
    Points points = new Points(2 * indexes.length);
    double height = Double.NaN;
    for (int i : indexes) {
      if (plot.hasPlace(curve, i)) {
        if (!Double.isNaN(height)) {
          points.add(curve.x()[i], height);
        }
        height = curve.y()[i];
        points.add(curve.x()[i], height);
      } else {
        height = Double.NaN;
        points.gap();
      }
    }
    stroke(number, points, points.length == 1);
  }

  private void points(int number, Plot.Curve curve) {
    int[] indexes = plot.placed(curve);
    Points points = new Points(indexes.length);
    for (int i : Thinning.even(indexes.length, POINTS)) {
      points.add(curve.x()[indexes[i]], curve.y()[indexes[i]]);
    }
    if (points.length > 0) {
      XYSeries series = add(number, points);
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      series.setMarker(SeriesMarkers.CIRCLE);
      series.setMarkerColor(color(number));
    }
  }

  private void band(int number, Plot.Curve curve) {
    int[] indexes = plot.placed(curve);
    int[] chosen = Thinning.even(indexes.length, 2 * STRETCHES);
    Points points = new Points(2 * chosen.length);
    for (int i : chosen) {
      points.add(curve.x()[indexes[i]], curve.high()[indexes[i]]);
    }
    for (int i = chosen.length - 1; i >= 0; i--) {
      points.add(curve.x()[indexes[chosen[i]]], curve.y()[indexes[chosen[i]]]);
    }
    Color color = color(number);
    area(number, points, new Color(color.getRed(), color.getGreen(), color.getBlue(), BAND_ALPHA));
  }

  private void bars(int number, Plot.Curve curve, int place) {
    long places = plot.curves().stream().filter(c -> c.mark() == Plot.Mark.BARS).count();
    double width = barSpace * BAR_SHARE / places;
    double shift = (place - places / 2.0) * width;
    double ground = y.ground();
    int[] indexes = plot.placed(curve);
    Points points = new Points(4 * indexes.length);
    for (int i : indexes) {
      double left = Math.max(curve.x()[i] + shift, x.min());
      double right = Math.min(curve.x()[i] + shift + width, x.max());
      // All bars are one area, whose edge runs along the ground from one to the next.
      points.add(left, ground);
      points.add(left, curve.y()[i]);
      points.add(right, curve.y()[i]);
      points.add(right, ground);
    }
    area(number, points, color(number));
  }

  private void area(int number, Points points, Color color) {
    if (points.length > 0) {
      XYSeries series = add(number, points);
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.PolygonArea);
      series.setFillColor(color);
      series.setLineStyle(SeriesLines.NONE);
      series.setMarker(SeriesMarkers.NONE);
    }
  }

  private void stroke(int number, Points points, boolean marked) {
    if (Arrays.stream(points.y()).allMatch(Double::isNaN)) {
      return;
    }
    XYSeries series = add(number, points);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
    series.setLineStyle(
        plot.colour(plot.curves().get(number)) < PlotSvg.COLORS
            ? SeriesLines.SOLID
            : SeriesLines.DASH_DASH);
    series.setLineColor(color(number));
    series.setMarkerColor(color(number));
    series.setMarker(marked ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
  }

  private XYSeries add(int number, Points points) {
    return chart.addSeries("curve " + number, points.x(), points.y());
  }

  /** Returns a colour that {@link SvgMarkup} makes the name of one in the style sheet. */
  private Color color(int number) {
    return new Color(2, 0, plot.colour(plot.curves().get(number)) % PlotSvg.COLORS);
  }

  private double[] ends() {
    return all(
        curve -> {
          double side = curve.mark() == Plot.Mark.BARS ? barSpace / 2 : 0;
          return Arrays.stream(plot.placed(curve))
              .mapToDouble(i -> curve.x()[i])
              .flatMap(middle -> Arrays.stream(new double[] {middle - side, middle, middle + side}))
              .toArray();
        });
  }

  private double[] heights() {
    return all(
        curve ->
            Arrays.stream(plot.placed(curve))
                .mapToObj(i -> new double[] {curve.y()[i], curve.high()[i]})
                .flatMapToDouble(Arrays::stream)
                .toArray());
  }

  private double[] all(Function<Plot.Curve, double[]> values) {
    return plot.curves().stream().map(values).flatMapToDouble(Arrays::stream).toArray();
  }

  /** Returns the least distance of two bars of one curve. */
  private static double barSpace(List<Plot.Curve> curves) {
    double least = Double.POSITIVE_INFINITY;
    for (Plot.Curve curve : curves) {
      double[] sorted = curve.mark() == Plot.Mark.BARS ? curve.x().clone() : new double[0];
      Arrays.sort(sorted);
      for (int i = 1; i < sorted.length; i++) {
        double space = sorted[i] - sorted[i - 1];
        least = space > 0 ? Math.min(least, space) : least;
      }
    }
    return Double.isFinite(least) ? least : 1;
  }

  /** Points as the chart wants them; a gap is a point without a height. */
  private final class Points {
    private final double[] across;
    private final double[] up;
    private int length;

    Points(int limit) {
      across = new double[limit];
      up = new double[limit];
    }

    void add(double pointX, double pointY) {
      across[length] = power(x.at(pointX), axes.width());
      up[length++] = power(y.at(pointY), axes.height());
    }

    void gap() {
      across[length] = 1;
      up[length++] = Double.NaN;
    }

    double[] x() {
      return Arrays.copyOf(across, length);
    }

    double[] y() {
      return Arrays.copyOf(up, length);
    }

    private static double power(double at, int size) {
      double near = Math.max(-FAR, Math.min(FAR, at));
      return StrictMath.pow(10, (near * size + MARGIN) / (size + 2 * MARGIN));
    }
  }
}
