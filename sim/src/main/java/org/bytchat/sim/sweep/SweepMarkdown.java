package org.bytchat.sim.sweep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.bytchat.sim.report.Block;
import org.bytchat.sim.report.Markdown;
import org.bytchat.sim.report.Plot;
import org.bytchat.sim.report.RunFolder;
import org.bytchat.sim.report.Table;
import org.jspecify.annotations.Nullable;

/**
 * The page about a sweep for documents. Nothing in it tells when or where the sweep ran, so that
 * the same results give the same text.
 */
final class SweepMarkdown {

  private static final String FILE = "report.md";

  private static final Pattern ABSOLUTE =
      Pattern.compile("(?<!\\S)(?:[A-Za-z]:)?[/\\\\](?:\\S*[/\\\\])?([^\\s/\\\\]+)[/\\\\]?(?!\\S)");

  private final SweepPlan plan;
  private final List<PointResult> results;

  SweepMarkdown(SweepPlan plan, List<PointResult> results) {
    this.plan = plan;
    this.results = results;
  }

  /**
   * Writes the page and a file for each plot.
   *
   * @param command what was typed
   * @throws IOException if a file cannot be written
   */
  void write(RunFolder folder, String command) throws IOException {
    Markdown page = new Markdown("Sweep: " + plan.name());
    page.paragraph(plan.description());
    if (!plan.citation().isEmpty()) {
      page.paragraph("Source: " + plan.citation());
    }
    page.command(ABSOLUTE.matcher(command).replaceAll("$1"));
    page.paragraph("Seeds: " + plan.seedsText().replaceAll("[\\[\\]]", "") + ".");
    page.paragraph(state());
    page.section("All points").table(points());
    plots(page, folder);
    folder.write(FILE, page.text());
  }

  /** Returns what keeps the numbers from being the whole; empty if nothing does. */
  private String state() {
    int runs = results.stream().mapToInt(PointResult::runs).sum();
    int wanted = plan.runs();
    int findings = results.stream().mapToInt(result -> result.findings().size()).sum();
    String partial = runs < wanted ? "Partial: " + runs + " of " + wanted + " runs are done. " : "";
    return findings > 0 ? partial + "Something is wrong in " + findings + " runs." : partial;
  }

  private Table points() {
    List<String> headers = new ArrayList<>(plan.shortKeys());
    headers.add("runs");
    plan.measures().forEach(measure -> headers.add(measure.name()));
    Table table = new Table("", headers);
    for (PointResult result : results) {
      List<@Nullable Object> cells = new ArrayList<>(result.point().settings().values());
      cells.add(result.runs());
      result.statistics().values().forEach(statistic -> cells.add(statistic.text()));
      table.row(cells.toArray());
    }
    return table.caption(
        "Means over the seeds, with half of the 95 % confidence interval by Student's t.");
  }

  private void plots(Markdown page, RunFolder folder) throws IOException {
    SweepPlots plots = new SweepPlots(plan, results);
    int number = 0;
    for (PlotPlan each : plan.plots()) {
      for (Block block : plots.blocks(each)) {
        String id = "plot-" + (number + 1);
        String svg = block instanceof Plot plot ? plot.svg(id) : "";
        if (block instanceof Plot plot && !svg.isEmpty()) {
          number++;
          if (number == 1) {
            page.section("Plots");
          }
          folder.write(id + ".svg", svg);
          page.plot(plot, id + ".svg");
        }
      }
    }
  }
}
