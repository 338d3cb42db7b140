package org.bytchat.sim.sweep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.sim.report.Block;
import org.bytchat.sim.report.Note;
import org.bytchat.sim.report.Report;
import org.bytchat.sim.report.Table;
import org.bytchat.sim.report.Verdict;
import org.bytchat.sim.run.Runner;
import org.jspecify.annotations.Nullable;

/** The page about a sweep. */
final class SweepReport {

  private static final int FINDINGS_SHOWN = 50;

  private final SweepPlan plan;
  private final List<PointResult> results;

  SweepReport(SweepPlan plan, List<PointResult> results) {
    this.plan = plan;
    this.results = results;
  }

  /**
   * Makes the page.
   *
   * @param command what was typed
   * @param program what ran
   * @throws IOException if a file that a scenario names cannot be read any more
   */
  Report make(String command, String program) throws IOException {
    Report report = new Report("Sweep: " + plan.name());
    report.description(plan.description()).command(command);
    int runs = results.stream().mapToInt(PointResult::runs).sum();
    int wanted = plan.runs();
    List<RunOutput> findings =
        results.stream().flatMap(result -> result.findings().stream()).toList();
    if (runs < wanted) {
      report.partial(runs + " of " + wanted + " runs are done; the same command goes on.");
    }
    report.verdict(
        !findings.isEmpty() ? Verdict.FAILED : runs < wanted ? Verdict.UNKNOWN : Verdict.PASSED,
        findings.isEmpty() ? "" : "Something is wrong in " + findings.size() + " runs.");
    report.figure("Points", plan.points().size(), "");
    report.figure("Seeds", plan.seeds().size(), "for each point");
    report.figure("Runs", runs, "of " + wanted);
    if (!findings.isEmpty()) {
      report.section("What is wrong", findings(findings));
    }
    SweepPlots plots = new SweepPlots(plan, results);
    plan.plots().forEach(each -> report.section(plots.heading(each), plots.blocks(each)));
    report.section("All points", points());
    parameters(report);
    report.version("Java", String.valueOf(System.getProperty("java.vm.version")));
    report.version("bytchat-sim", program);
    return report;
  }

  private static Block findings(List<RunOutput> findings) {
    Table table = new Table("", List.of("run", "exit code", "what"));
    findings.stream()
        .limit(FINDINGS_SHOWN)
        .forEach(each -> table.row(each.label(), each.exitCode(), each.why()));
    return table.caption(
        "The first %d of %d. The numbers of those that came to their end count all the same."
            .formatted(Math.min(FINDINGS_SHOWN, findings.size()), findings.size()));
  }

  private List<Block> points() {
    List<String> headers = new ArrayList<>(List.of("point"));
    headers.addAll(plan.shortKeys());
    headers.add("runs");
    plan.measures().forEach(measure -> headers.add(measure.name()));
    Table table = new Table("", headers);
    for (PointResult result : results) {
      List<@Nullable Object> cells = new ArrayList<>();
      cells.add(result.point().number());
      cells.addAll(result.point().settings().values());
      cells.add(result.runs());
      result.statistics().values().forEach(statistic -> cells.add(statistic.text()));
      table.row(cells.toArray());
    }
    return List.of(
        table,
        new Note(
            "Means over the seeds, with half of the 95 % confidence interval by Student's t."
                + " aggregate.csv has all digits and the standard deviations."));
  }

  private void parameters(Report report) throws IOException {
    report.parameter("seeds", plan.seedsText(), "");
    for (Axis axis : plan.axes()) {
      for (int i = 0; i < axis.keys().size(); i++) {
        int column = i;
        List<String> values = axis.steps().stream().map(step -> step.get(column).line()).toList();
        String note = axis.keys().size() > 1 ? " (together)" : "";
        report.parameter(axis.keys().get(i) + note, String.join(", ", values), "");
      }
    }
    for (Measure measure : plan.measures()) {
      String under = measure.under() == null ? "" : " / " + measure.under();
      report.parameter("measure " + measure.name(), measure.over() + under, "");
    }
    Set<Runner.Described> models = new LinkedHashSet<>();
    for (Point point : plan.points()) {
      models.addAll(Runner.describe(point.scenario()));
    }
    models.forEach(model -> report.parameter(model.name(), model.text(), model.citation()));
    common().forEach((name, value) -> report.parameter(name, value, ""));
    if (!plan.citation().isEmpty()) {
      report.parameter("Sweep", plan.name(), plan.citation());
    }
  }

  /** Returns what is the same at all points. */
  private Map<String, String> common() {
    Map<String, String> common = new LinkedHashMap<>();
    boolean isFirst = true;
    for (Point point : plan.points()) {
      Map<String, String> flat = new LinkedHashMap<>();
      flatten("", point.scenario().toMap(), flat);
      if (isFirst) {
        common.putAll(flat);
        isFirst = false;
      } else {
        common.entrySet().removeIf(entry -> !entry.getValue().equals(flat.get(entry.getKey())));
      }
    }
    common.keySet().removeAll(List.of("name", "description", "citation", "seed"));
    return common;
  }

  private static void flatten(String prefix, Map<?, ?> map, Map<String, String> into) {
    map.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> inner) {
            flatten(prefix + key + ".", inner, into);
          } else {
            into.put(prefix + key, String.valueOf(value));
          }
        });
  }
}
