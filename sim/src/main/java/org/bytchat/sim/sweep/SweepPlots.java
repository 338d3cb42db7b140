package org.bytchat.sim.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.sim.report.Block;
import org.bytchat.sim.report.Note;
import org.bytchat.sim.report.Plot;
import org.bytchat.sim.report.Table;

/** What is drawn of the points of a sweep. */
final class SweepPlots {

  private final SweepPlan plan;
  private final List<PointResult> results;

  SweepPlots(SweepPlan plan, List<PointResult> results) {
    this.plan = plan;
    this.results = results;
  }

  String heading(PlotPlan each) {
    if (!each.title().isEmpty()) {
      return each.title();
    }
    return each.kind() == PlotPlan.Kind.LINES
        ? each.y() + " against " + each.x()
        : each.y() + " and what it costs";
  }

  List<Block> blocks(PlotPlan each) {
    List<PointResult> chosen =
        results.stream()
            .filter(result -> result.runs() > 0)
            .filter(
                result -> result.point().settings().entrySet().containsAll(each.where().entrySet()))
            .toList();
    if (chosen.isEmpty()) {
      return List.of(new Note("No run of these points is done."));
    }
    return each.kind() == PlotPlan.Kind.LINES ? lines(each, chosen) : tradeoff(each, chosen);
  }

  /** Returns results by their values of some keys, in their order. */
  private Map<String, List<PointResult>> groups(List<PointResult> results, List<String> keys) {
    Map<String, List<PointResult>> groups = new LinkedHashMap<>();
    for (PointResult result : results) {
      Map<String, String> settings = new LinkedHashMap<>(result.point().settings());
      settings.keySet().retainAll(keys);
      List<String> words = new ArrayList<>();
      settings.forEach((key, value) -> words.add(plan.shortKey(key) + " " + value));
      groups.computeIfAbsent(String.join(", ", words), name -> new ArrayList<>()).add(result);
    }
    return groups;
  }

  // A measure against a key.

  /** A plot for each combination of what neither the axis nor the lines show. */
  private List<Block> lines(PlotPlan each, List<PointResult> chosen) {
    Set<String> shown = new LinkedHashSet<>(each.where().keySet());
    for (Axis axis : plan.axes()) {
      if (axis.keys().contains(each.x()) || axis.keys().stream().anyMatch(each.by()::contains)) {
        shown.addAll(axis.keys());
      }
    }
    List<String> others = plan.keys().stream().filter(key -> !shown.contains(key)).toList();
    List<Block> plots = new ArrayList<>();
    groups(chosen, others).forEach((name, group) -> plots.add(panel(each, name, group)));
    return plots;
  }

  private Plot panel(PlotPlan each, String name, List<PointResult> group) {
    Ticks ticks =
        new Ticks(group.stream().map(result -> setting(result, each.x())).distinct().toList());
    Plot plot = new Plot(name.isEmpty() ? heading(each) : heading(each) + ": " + name);
    plot.axes(ticks.label(each.x()), each.y());
    scale(plot, each);
    boolean hasBands =
        group.stream().anyMatch(result -> Double.isFinite(result.of(each.y()).interval()));
    String bands =
        hasBands ? "Means over the seeds; the bands are 95 % confidence intervals. " : "";
    plot.caption((bands + ticks.caption()).strip());
    groups(group, each.by())
        .forEach(
            (line, of) ->
                line(plot, line.isEmpty() ? each.y() : line, each, sorted(of, each, ticks), ticks));
    return plot;
  }

  private static List<PointResult> sorted(List<PointResult> group, PlotPlan each, Ticks ticks) {
    return group.stream()
        .sorted(Comparator.comparingDouble(result -> ticks.at(setting(result, each.x()))))
        .toList();
  }

  private static void line(
      Plot plot, String name, PlotPlan each, List<PointResult> group, Ticks ticks) {
    double[] xs =
        group.stream().mapToDouble(result -> ticks.at(setting(result, each.x()))).toArray();
    List<Statistic> all = group.stream().map(result -> result.of(each.y())).toList();
    plot.line(name, xs, all.stream().mapToDouble(Statistic::mean).toArray());
    List<Integer> banded = new ArrayList<>();
    for (int i = 0; i < xs.length; i++) {
      if (Double.isFinite(all.get(i).interval())) {
        banded.add(i);
      }
    }
    if (!banded.isEmpty()) {
      plot.band(
          name,
          banded.stream().mapToDouble(i -> xs[i]).toArray(),
          banded.stream().mapToDouble(i -> all.get(i).mean() - all.get(i).interval()).toArray(),
          banded.stream().mapToDouble(i -> all.get(i).mean() + all.get(i).interval()).toArray());
    }
  }

  private static String setting(PointResult result, String key) {
    return String.valueOf(result.point().settings().get(key));
  }

  // What a measure costs.

  private List<Block> tradeoff(PlotPlan each, List<PointResult> chosen) {
    Measure benefit = plan.measure(each.y());
    Plot plot = new Plot(heading(each)).axes(each.x(), each.y());
    scale(plot, each);
    plot.caption(
        "Each point is a setting. The lines join those that are worth their cost: the convex hull,"
            + " from the cheapest to the best.");
    List<String> headers = new ArrayList<>(plan.shortKeys());
    headers.addAll(List.of(each.x(), each.y()));
    Table table = new Table("Worth their cost", headers);
    groups(chosen, each.by())
        .forEach(
            (name, group) -> {
              String curve = name.isEmpty() ? "settings" : name;
              plot.points(curve, means(group, each.x()), means(group, each.y()));
              List<PointResult> corners = corners(group, each, benefit);
              plot.line(curve, means(corners, each.x()), means(corners, each.y()));
              for (PointResult corner : corners) {
                List<Object> cells = new ArrayList<>(corner.point().settings().values());
                cells.add(corner.of(each.x()).mean());
                cells.add(corner.of(each.y()).mean());
                table.row(cells.toArray());
              }
            });
    return List.of(plot, table);
  }

  private static List<PointResult> corners(
      List<PointResult> group, PlotPlan each, Measure benefit) {
    double sign = benefit.better() == Measure.Better.LOWER ? 1 : -1;
    List<Hull.Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      candidates.add(
          new Hull.Candidate(
              i, group.get(i).of(each.x()).mean(), sign * group.get(i).of(each.y()).mean()));
    }
    return Hull.of(candidates).stream().map(corner -> group.get(corner.index())).toList();
  }

  private static double[] means(List<PointResult> group, String measure) {
    return group.stream().mapToDouble(result -> result.of(measure).mean()).toArray();
  }

  private static void scale(Plot plot, PlotPlan each) {
    if (each.scales().logX()) {
      plot.logX();
    }
    if (each.scales().logY()) {
      plot.logY();
    }
  }
}
