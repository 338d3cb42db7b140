package org.bytchat.sim.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A plot as a file of its own, with the text that a page has around it. Many programs that show SVG
 * know no variables, so the colours are those of the light page.
 */
final class PlotFile {

  private static final Pattern COLOR = Pattern.compile("--(\\w+): (#[0-9a-f]{6});");
  private static final Pattern USE = Pattern.compile("var\\(--(\\w+)\\)");

  private static final int SIDE = 22;
  private static final int LINE = 20;
  private static final int GAP = 8;
  private static final int KEY = 20;
  private static final int HALF_LETTER = 5;
  /* Letters differ in width from font to font: this leaves some space. */
  private static final int COLUMNS = 50;

  private final Plot plot;
  private final String id;
  private final Html body = Html.xml();
  private int at = GAP;

  private PlotFile(Plot plot, String id) {
    this.plot = plot;
    this.id = id;
  }

  /**
   * Draws a plot.
   *
   * @return SVG; empty if no point of the plot has a place on its axes
   * @throws PlotSvg.UndrawableException if this machine cannot draw
   */
  static String of(Plot plot, String id) throws PlotSvg.UndrawableException {
    String drawing = PlotSvg.of(plot, id);
    return drawing.isEmpty() ? "" : new PlotFile(plot, id).around(drawing);
  }

  private String around(String drawing) {
    Markdown.lines(plot.title(), COLUMNS).forEach(line -> text(line, SIDE, "title"));
    legend();
    text(plot.y().label(), SIDE, "label");
    at += GAP;
    body.open("g", "transform", "translate(0 " + at + ")");
    body.markup(drawing.substring(drawing.indexOf('>') + 2, drawing.lastIndexOf("</svg>")));
    body.close();
    at += PlotAxes.HEIGHT;
    text(plot.x().label(), PlotAxes.WIDTH - SIDE, "label end");
    at += GAP;
    String width = String.valueOf(PlotAxes.WIDTH);
    String height = String.valueOf(at);
    Html file = Html.xml();
    file.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 " + width + " " + height,
        "width",
        width,
        "height",
        height,
        "role",
        "img",
        "aria-labelledby",
        id + "-title");
    file.element("title", plot.title(), "id", id + "-title");
    file.element("style", style());
    file.empty("rect", "width", "100%", "height", "100%", "fill", "var(--page)");
    return coloured(file.markup(body.page()).close().page());
  }

  private static String style() {
    return "text{fill:var(--soft);font-family:sans-serif;font-size:14px}"
        + ".title{fill:var(--ink);font-weight:bold}"
        + ".end{text-anchor:end}"
        + ".grid,.edge{fill:none;stroke:var(--grid)}"
        + ".edge{stroke:var(--soft)}";
  }

  private static String coloured(String svg) {
    Map<String, String> colors = new LinkedHashMap<>();
    Matcher matcher = COLOR.matcher(ReportPage.style());
    while (matcher.find()) {
      // Those of the dark page come after.
      colors.putIfAbsent(matcher.group(1), matcher.group(2));
    }
    return USE.matcher(svg).replaceAll(use -> colors.getOrDefault(use.group(1), "black"));
  }

  private void text(String line, int x, String style) {
    at += LINE;
    body.element("text", line, "x", "" + x, "y", "" + at, "class", style);
  }

  private void legend() {
    if (plot.curves().size() < 2) {
      return;
    }
    int entries = 0;
    for (Plot.Curve curve : plot.curves()) {
      int number = plot.colour(curve);
      if (number < entries) {
        continue;
      }
      entries++;
      key(curve.mark(), number);
      List<String> lines = Markdown.lines(curve.name(), COLUMNS);
      lines.forEach(line -> text(line, SIDE + KEY + GAP, "name"));
    }
  }

  private void key(Plot.Mark mark, int number) {
    String color = "var(--c" + number % PlotSvg.COLORS + ")";
    int middle = at + LINE - HALF_LETTER;
    switch (mark) {
      case LINE, STEPS -> {
        String line = "M" + SIDE + "," + middle + " h" + KEY;
        String dashes = number < PlotSvg.COLORS ? "none" : "6 4";
        body.empty(
            "path", "d", line, "stroke", color, "stroke-width", "3", "stroke-dasharray", dashes);
      }
      case POINTS ->
          body.empty(
              "circle", "cx", "" + (SIDE + KEY / 2), "cy", "" + middle, "r", "4", "fill", color);
      case BARS, BAND -> {
        String area = "M%d,%d h%d v10 h-%d z".formatted(SIDE, middle - HALF_LETTER, KEY, KEY);
        String opacity = mark == Plot.Mark.BAND ? "0.35" : "1";
        body.empty("path", "d", area, "fill", color, "fill-opacity", opacity);
      }
    }
  }
}
