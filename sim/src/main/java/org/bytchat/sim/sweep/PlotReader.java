package org.bytchat.sim.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.scenario.Part;
import org.jspecify.annotations.Nullable;

/** Reads what is to be drawn. */
final class PlotReader {

  private static final List<String> KEYS =
      List.of("title", "x", "y", "cost", "benefit", "by", "where", "log");

  private static final List<String> LINE_KEYS = List.of("title", "x", "y", "by", "where", "log");

  private static final List<String> TRADEOFF_KEYS =
      List.of("title", "cost", "benefit", "by", "where", "log");

  private final List<String> keys;
  private final List<Axis> axes;
  private final List<String> measures;

  PlotReader(List<String> keys, List<Axis> axes, List<Measure> measures) {
    this.keys = keys;
    this.axes = axes;
    this.measures = measures.stream().map(Measure::name).toList();
  }

  List<PlotPlan> read(@Nullable Part list) {
    List<PlotPlan> plots = new ArrayList<>();
    if (list != null) {
      list.items().forEach(item -> plots.add(plot(item)));
    }
    return plots;
  }

  private PlotPlan plot(Part item) {
    Map<String, Part> parts = item.entries(KEYS);
    boolean isTradeoff = parts.containsKey("cost") || parts.containsKey("benefit");
    parts = item.entries(isTradeoff ? TRADEOFF_KEYS : LINE_KEYS);
    Part title = parts.get("title");
    PlotPlan.Kind kind = isTradeoff ? PlotPlan.Kind.TRADEOFF : PlotPlan.Kind.LINES;
    return new PlotPlan(
        kind,
        title == null ? "" : title.text(),
        isTradeoff ? measure(item, parts, "cost") : key(item, parts),
        measure(item, parts, isTradeoff ? "benefit" : "y"),
        by(parts.get("by")),
        where(parts.get("where")),
        scales(parts.get("log")));
  }

  private String key(Part item, Map<String, Part> parts) {
    Part part = parts.get("x");
    if (part == null) {
      throw item.failure("x: is missing, " + known(keys));
    }
    return key(part);
  }

  private String key(Part part) {
    if (!keys.contains(part.text())) {
      throw part.failure("'" + part.text() + "' does not vary, " + known(keys));
    }
    return part.text();
  }

  private String measure(Part item, Map<String, Part> parts, String name) {
    Part part = parts.get(name);
    if (part == null) {
      throw item.failure(name + ": is missing, " + known(measures));
    }
    if (!measures.contains(part.text())) {
      throw part.failure("'" + part.text() + "' is not measured, " + known(measures));
    }
    return part.text();
  }

  private static String known(List<String> names) {
    return names.isEmpty() ? "nothing is" : "known are " + String.join(", ", names);
  }

  private List<String> by(@Nullable Part part) {
    List<String> by = new ArrayList<>();
    if (part != null) {
      (part.isList() ? part.items() : List.of(part)).forEach(each -> by.add(key(each)));
    }
    return by;
  }

  private Map<String, String> where(@Nullable Part part) {
    Map<String, String> where = new LinkedHashMap<>();
    if (part != null) {
      part.entries()
          .forEach(
              (key, value) -> {
                if (!keys.contains(key)) {
                  throw value.failure("'" + key + "' does not vary, " + known(keys));
                }
                where.put(key, value(key, value));
              });
    }
    return where;
  }

  private String value(String key, Part value) {
    List<String> values = new ArrayList<>();
    for (Axis axis : axes) {
      int column = axis.keys().indexOf(key);
      if (column >= 0) {
        axis.steps().forEach(step -> values.add(step.get(column).line()));
      }
    }
    if (!values.contains(value.line())) {
      throw value.failure("'%s' is none of its values, %s".formatted(value.line(), values));
    }
    return value.line();
  }

  private static PlotPlan.Scales scales(@Nullable Part part) {
    String log = part == null ? "none" : part.word(List.of("none", "x", "y", "both"));
    boolean isBoth = log.equals("both");
    return new PlotPlan.Scales(isBoth || log.equals("x"), isBoth || log.equals("y"));
  }
}
