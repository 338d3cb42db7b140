package org.bytchat.sim.report;

import java.util.Arrays;
import java.util.Locale;

/**
 * The axes of a plot, as SVG around the curves: lines across at the marks of the vertical axis, and
 * labels as text, which the reader's machine draws in its own font.
 */
final class PlotAxes {

  static final int WIDTH = 480;
  static final int HEIGHT = 280;

  private static final int TOP = 10;
  private static final int RIGHT = 22;
  private static final int BOTTOM = 26;
  private static final int CHARACTER = 10;
  private static final int GAP = 7;
  private static final int TICK = 5;
  private static final int BASELINE = 19;
  private static final int HALF_LETTER = 5;

  private final Scale x;
  private final Scale y;
  private final int left;

  PlotAxes(Scale x, Scale y) {
    this.x = x;
    this.y = y;
    int longest =
        Arrays.stream(y.ticks()).mapToInt(tick -> Decimal.tick(tick).length()).max().orElse(1);
    left = Math.max(RIGHT, longest * CHARACTER + GAP);
  }

  /** Returns how wide the space for curves is. */
  int width() {
    return WIDTH - left - RIGHT;
  }

  /** Returns how high the space for curves is. */
  int height() {
    return HEIGHT - TOP - BOTTOM;
  }

  /** Returns the drawing: axes, and curves that fill their space but for a margin around it. */
  String around(String curves, int margin, String titleId) {
    StringBuilder out = new StringBuilder();
    append(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " aria-labelledby=\"%s\">\n",
        WIDTH,
        HEIGHT,
        titleId);
    int bottom = TOP + height();
    int right = left + width();
    for (double tick : y.ticks()) {
      double at = bottom - y.at(tick) * height();
      append(out, "<path class=\"grid\" d=\"M%d,%.2f H%d\"/>\n", left, at, right);
      label(out, "end", left - GAP, at + HALF_LETTER, tick);
    }
    append(out, "<path class=\"edge\" d=\"M%d,%d H%d\"/>\n", left, bottom, right);
    for (double tick : x.ticks()) {
      double at = left + x.at(tick) * width();
      append(out, "<path class=\"edge\" d=\"M%.2f,%d v%d\"/>\n", at, bottom, TICK);
      label(out, "middle", at, bottom + BASELINE, tick);
    }
    append(out, "<g transform=\"translate(%d %d)\">\n", left - margin, TOP - margin);
    out.append(curves).append("</g>\n</svg>\n");
    return out.toString();
  }

  private static void label(StringBuilder out, String anchor, double x, double y, double tick) {
    String text = Decimal.tick(tick);
    append(out, "<text text-anchor=\"%s\" x=\"%.2f\" y=\"%.2f\">%s</text>\n", anchor, x, y, text);
  }

  private static void append(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values));
  }
}
