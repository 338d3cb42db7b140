package org.bytchat.sim.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Renders a report to a page. */
final class ReportPage {

  private static final int NUMBERS = 40;
  private static final int LONG = 11;
  private static final int FEWEST_FOR_CONTENTS = 3;
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  private final Report report;
  private final Html html = new Html();
  private int plots;

  ReportPage(Report report) {
    this.report = report;
  }

  /** Returns the page; once only. */
  String render() {
    html.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en");
    head();
    html.open("body").open("main");
    summary();
    contents();
    for (int i = 0; i < report.sections().size(); i++) {
      section(i);
    }
    parameters();
    origin();
    html.close().close().close();
    return html.page();
  }

  private void head() {
    html.open("head").empty("meta", "charset", "UTF-8");
    html.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "color-scheme", "content", "light dark");
    html.element("title", report.title());
    html.open("style").markup(style()).close().close();
  }

  private void summary() {
    html.open("header").element("h1", report.title());
    paragraph(report.description());
    html.open("p", "class", "verdict");
    String kind = report.verdict().name().toLowerCase(Locale.ROOT);
    html.element("strong", report.verdict().text(), "class", "chip " + kind);
    html.linked(report.reason()).close();
    if (!report.partial().isEmpty()) {
      html.open("p", "class", "partial").element("strong", "Partial.");
      html.text(" The run did not come to its end: ").linked(report.partial()).close();
    }
    html.close();
    if (!report.figures().isEmpty()) {
      html.open("dl", "class", "figures");
      for (Report.Figure figure : report.figures()) {
        html.open("div").element("dt", figure.name());
        String value = Decimal.shown(figure.value());
        html.element("dd", value, "class", value.length() > LONG ? "long" : "value");
        if (!figure.note().isEmpty()) {
          html.element("dd", figure.note(), "class", "soft");
        }
        html.close();
      }
      html.close();
    }
  }

  private void contents() {
    if (report.sections().size() < FEWEST_FOR_CONTENTS) {
      return;
    }
    html.open("nav", "aria-label", "Sections").open("ul");
    for (int i = 0; i < report.sections().size(); i++) {
      html.open("li");
      html.element("a", report.sections().get(i).heading(), "href", "#section-" + i);
      html.close();
    }
    html.close().close();
  }

  private void section(int number) {
    Report.Section section = report.sections().get(number);
    html.open("section", "id", "section-" + number).element("h2", section.heading());
    boolean among = false;
    for (Block block : section.blocks()) {
      boolean plot = block instanceof Plot;
      // Plots that follow one another share the width of the page.
      if (plot && !among) {
        html.open("div", "class", "plots");
      } else if (!plot && among) {
        html.close();
      }
      among = plot;
      block(block);
    }
    if (among) {
      html.close();
    }
    html.close();
  }

  private void block(Block block) {
    if (block instanceof Note note) {
      paragraph(note.text());
    } else if (block instanceof Table table) {
      table(table);
    } else if (block instanceof Plot plot) {
      plot(plot, "plot-" + plots++);
    }
  }

  private void plot(Plot plot, String id) {
    html.open("figure", "id", id).element("h3", plot.title(), "id", id + "-title");
    legend(plot);
    String problem = "";
    try {
      String svg = PlotSvg.of(plot, id);
      if (svg.isEmpty()) {
        problem = "Nothing to draw: no value has a place on these axes.";
      } else {
        html.element("p", plot.y().label(), "class", "axis").markup(svg);
        html.element("p", plot.x().label(), "class", "axis x");
      }
    } catch (PlotSvg.UndrawableException e) {
      problem = String.valueOf(e.getMessage());
    }
    if (!problem.isEmpty()) {
      html.element("p", problem, "class", "problem");
    }
    if (!plot.caption().isEmpty()) {
      html.open("figcaption").linked(plot.caption()).close();
    }
    numbers(plot, !problem.isEmpty());
    html.close();
  }

  private void legend(Plot plot) {
    if (plot.curves().size() < 2) {
      return;
    }
    html.open("ul", "class", "legend");
    int entries = 0;
    for (Plot.Curve curve : plot.curves()) {
      int number = plot.colour(curve);
      if (number < entries) {
        continue;
      }
      entries++;
      String kind = curve.mark().name().toLowerCase(Locale.ROOT);
      String broken = number < PlotSvg.COLORS || curve.mark().isArea() ? "" : " broken";
      String color = "--c:var(--c" + number % PlotSvg.COLORS + ")";
      html.open("li").element("span", "", "class", "key " + kind + broken, "style", color);
      html.text(curve.name()).close();
    }
    html.close();
  }

  /** The numbers behind a plot: for those who cannot see it, or want to compute with them. */
  private void numbers(Plot plot, boolean shown) {
    if (plot.curves().isEmpty()) {
      return;
    }
    if (shown) {
      html.open("details", "open", "open");
    } else {
      html.open("details");
    }
    html.element("summary", "Numbers");
    for (Plot.Curve curve : plot.curves()) {
      boolean band = curve.mark() == Plot.Mark.BAND;
      String x = plot.x().label().isEmpty() ? "x" : plot.x().label();
      Table table =
          new Table(
              curve.name(),
              band
                  ? List.of(x, "from", "to")
                  : List.of(x, plot.y().label().isEmpty() ? "y" : plot.y().label()));
      for (int i : Thinning.even(curve.x().length, NUMBERS)) {
        if (band) {
          table.row(curve.x()[i], curve.y()[i], curve.high()[i]);
        } else {
          table.row(curve.x()[i], curve.y()[i]);
        }
      }
      if (curve.x().length > NUMBERS) {
        table.caption(NUMBERS + " of " + curve.x().length + " points.");
      }
      table(table);
    }
    html.close();
  }

  private void table(Table table) {
    html.open(
        "div", "class", "table", "tabindex", "0", "role", "region", "aria-label", table.title());
    html.open("table");
    if (!table.title().isEmpty()) {
      html.element("caption", table.title());
    }
    html.open("thead").open("tr");
    for (int i = 0; i < table.headers().size(); i++) {
      html.element("th", table.headers().get(i), "scope", "col", "class", side(table, i));
    }
    html.close().close().open("tbody");
    for (List<@Nullable Object> row : table.rows()) {
      html.open("tr");
      for (int i = 0; i < row.size(); i++) {
        html.open("td", "class", side(table, i)).linked(Decimal.shown(row.get(i))).close();
      }
      html.close();
    }
    html.close().close().close();
    if (!table.caption().isEmpty()) {
      html.open("p", "class", "soft").linked(table.caption()).close();
    }
  }

  /** Returns where the cells of a column stand. */
  private static String side(Table table, int column) {
    boolean numbers =
        !table.rows().isEmpty()
            && table.rows().stream()
                .map(row -> row.get(column))
                .allMatch(cell -> cell == null || cell instanceof Number);
    return numbers ? "number" : "words";
  }

  private void parameters() {
    if (report.parameters().isEmpty()) {
      return;
    }
    html.open("section", "id", "parameters").element("h2", "Parameters");
    Table table = new Table("", List.of("parameter", "value", "source"));
    report
        .parameters()
        .forEach(
            parameter ->
                table.row(
                    parameter.name(), Decimal.shown(parameter.value()), parameter.citation()));
    table(table);
    html.close();
  }

  private void origin() {
    html.open("footer").element("h2", "Where this comes from");
    html.open("dl", "class", "origin");
    Long seed = report.seed();
    if (seed != null) {
      html.open("div").element("dt", "seed").element("dd", seed.toString()).close();
    }
    for (Report.Version version : report.versions()) {
      html.open("div").element("dt", version.name()).element("dd", version.version()).close();
    }
    html.close();
    if (!report.command().isEmpty()) {
      html.element("pre", report.command());
    }
    html.close();
  }

  private void paragraph(String text) {
    if (!text.isEmpty()) {
      html.open("p").linked(text).close();
    }
  }

  static String style() {
    try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("report.css is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
