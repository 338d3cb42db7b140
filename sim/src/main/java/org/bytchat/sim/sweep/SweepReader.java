package org.bytchat.sim.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.sim.scenario.Part;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Template;
import org.jspecify.annotations.Nullable;

/** Makes a plan of a file. */
final class SweepReader {

  private static final List<String> KEYS =
      List.of(
          "name",
          "description",
          "citation",
          "scenario",
          "set",
          "grid",
          "zip",
          "seeds",
          "measure",
          "plots");

  private static final int NAME_MAX = 100;
  private static final Pattern RANGE = Pattern.compile("(-?\\d{1,18})\\.\\.(-?\\d{1,18})");
  private static final Pattern WHOLE = Pattern.compile("-?\\d{1,18}");

  private final Part root;
  private final Map<String, Part> parts;
  private final String label;
  private final Path folder;

  SweepReader(Part root, String label, Path folder) {
    this.root = root;
    this.parts = root.entries(KEYS);
    this.label = label;
    this.folder = folder;
  }

  SweepPlan read() {
    String name = name();
    List<Axis> axes = axes();
    List<Long> seeds = seeds();
    long runs = seeds.size();
    for (Axis axis : axes) {
      runs *= axis.steps().size();
      if (runs > SweepPlan.RUNS_MAX) {
        throw root.failure("more than %,d runs".formatted(SweepPlan.RUNS_MAX));
      }
    }
    List<Measure> measures = measures();
    List<String> keys = axes.stream().flatMap(axis -> axis.keys().stream()).toList();
    List<PlotPlan> plots = new PlotReader(keys, axes, measures).read(parts.get("plots"));
    List<Point> points = points(name, axes);
    String citation = text("citation", points.get(0).scenario().citation());
    return new SweepPlan(
        name, text("description", ""), citation, axes, points, seeds, measures, plots);
  }

  private String name() {
    Part part = parts.get("name");
    String name =
        part == null
            ? label.replaceFirst("^.*[/\\\\]", "").replaceFirst("\\.[A-Za-z]+$", "")
            : part.text();
    if (part != null && (name.isBlank() || name.length() > NAME_MAX)) {
      throw part.failure("must have 1..100 characters, not only blanks");
    }
    return name;
  }

  private String text(String key, String byDefault) {
    Part part = parts.get(key);
    return part == null ? byDefault : part.text();
  }

  // What varies.

  private List<Axis> axes() {
    List<Axis> axes = new ArrayList<>();
    Set<String> taken = new LinkedHashSet<>();
    Part grid = parts.get("grid");
    if (grid != null) {
      grid.entries()
          .forEach(
              (key, values) -> {
                take(key, values, taken);
                List<List<Part>> steps = new ArrayList<>();
                values(values).forEach(value -> steps.add(List.of(value)));
                checkDifferent(steps);
                axes.add(new Axis(List.of(key), steps));
              });
    }
    Part zip = parts.get("zip");
    if (zip != null) {
      zip.items().forEach(group -> axes.add(group(group, taken)));
    }
    return axes;
  }

  private static Axis group(Part group, Set<String> taken) {
    List<String> keys = new ArrayList<>();
    List<List<Part>> steps = new ArrayList<>();
    group
        .entries()
        .forEach(
            (key, values) -> {
              take(key, values, taken);
              List<Part> column = values(values);
              if (keys.isEmpty()) {
                column.forEach(value -> steps.add(new ArrayList<>()));
              } else if (column.size() != steps.size()) {
                throw values.failure(
                    "has %d values, but %s has %d; what varies together has as many"
                        .formatted(column.size(), keys.get(0), steps.size()));
              }
              keys.add(key);
              for (int i = 0; i < column.size(); i++) {
                steps.get(i).add(column.get(i));
              }
            });
    if (keys.isEmpty()) {
      throw group.failure("has no keys");
    }
    checkDifferent(steps);
    return new Axis(keys, steps);
  }

  private static void checkDifferent(List<List<Part>> steps) {
    Set<List<String>> lines = new LinkedHashSet<>();
    for (List<Part> step : steps) {
      List<String> line = step.stream().map(Part::line).toList();
      if (!lines.add(line)) {
        throw step.get(0).failure(String.join(" and ", line) + " is given twice");
      }
    }
  }

  private static void take(String key, Part values, Set<String> taken) {
    if (key.equals("seed")) {
      throw values.failure("is varied by seeds");
    }
    if (!taken.add(key)) {
      throw values.failure("varies twice");
    }
  }

  private static List<Part> values(Part values) {
    List<Part> items = values.items();
    if (items.isEmpty()) {
      throw values.failure("has no values");
    }
    return items;
  }

  private List<Long> seeds() {
    Part part = parts.get("seeds");
    if (part == null) {
      return List.of(1L);
    }
    Set<Long> seeds = new LinkedHashSet<>();
    if (part.isList()) {
      for (Part item : part.items()) {
        if (!seeds.add(seed(item))) {
          throw item.failure(item.text() + " is given twice");
        }
      }
    } else {
      seeds.addAll(range(part));
    }
    if (seeds.isEmpty()) {
      throw part.failure("has no values");
    }
    return List.copyOf(seeds);
  }

  private static long seed(Part part) {
    if (!WHOLE.matcher(part.text()).matches()) {
      throw part.failure("'" + part.text() + "' is not a whole number");
    }
    return Long.parseLong(part.text());
  }

  private static List<Long> range(Part part) {
    Matcher matcher = RANGE.matcher(part.text());
    if (!matcher.matches()) {
      if (WHOLE.matcher(part.text()).matches()) {
        return List.of(seed(part));
      }
      throw part.failure("'" + part.text() + "' is not a range like 1..10, nor a list");
    }
    long first = Long.parseLong(matcher.group(1));
    long last = Long.parseLong(matcher.group(2));
    if (last < first || last - first >= SweepPlan.RUNS_MAX) {
      throw part.failure("must be 1 to %,d seeds, the lesser first".formatted(SweepPlan.RUNS_MAX));
    }
    List<Long> seeds = new ArrayList<>();
    for (long seed = first; seed <= last; seed++) {
      seeds.add(seed);
    }
    return seeds;
  }

  // The points.

  private List<Point> points(String name, List<Axis> axes) {
    Template template = template(name);
    List<Template.Value> common = new ArrayList<>();
    Part set = parts.get("set");
    if (set != null) {
      set.items().forEach(item -> common.add(Template.Value.of(item)));
    }
    List<Point> points = new ArrayList<>();
    int[] steps = new int[axes.size()];
    do {
      points.add(point(points.size() + 1, axes, steps, template, common));
    } while (advance(axes, steps));
    return points;
  }

  private Template template(String name) {
    Part scenario = parts.get("scenario");
    if (scenario == null) {
      throw root.failure("scenario: is missing: a file, a name, or a scenario's keys and values");
    }
    return scenario.isSection()
        ? Template.of(scenario, name, folder)
        : Template.load(scenario, folder);
  }

  private static Point point(
      int number, List<Axis> axes, int[] steps, Template template, List<Template.Value> common) {
    List<Template.Value> values = new ArrayList<>(common);
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = 0; i < steps.length; i++) {
      Axis axis = axes.get(i);
      List<Part> step = axis.steps().get(steps[i]);
      for (int j = 0; j < step.size(); j++) {
        values.add(new Template.Value(axis.keys().get(j), step.get(j)));
        settings.put(axis.keys().get(j), step.get(j).line());
      }
    }
    Scenario scenario = template.with(values);
    return new Point(number, settings, scenario);
  }

  /** Goes to the next combination; what comes last in the file varies fastest. */
  private static boolean advance(List<Axis> axes, int[] steps) {
    for (int i = steps.length - 1; i >= 0; i--) {
      if (++steps[i] < axes.get(i).steps().size()) {
        return true;
      }
      steps[i] = 0;
    }
    return false;
  }

  // What is measured.

  private List<Measure> measures() {
    Part part = parts.get("measure");
    if (part == null || part.items().isEmpty()) {
      throw (part == null ? root : part)
          .failure((part == null ? "measure: is missing" : "has no values") + ": what to measure");
    }
    List<Measure> measures = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (Part item : part.items()) {
      Measure measure = measure(item);
      if (!names.add(measure.name())) {
        throw item.failure(measure.name() + " is given twice");
      }
      measures.add(measure);
    }
    return measures;
  }

  private static Measure measure(Part item) {
    if (!item.isSection()) {
      return measure(item.text(), item, null);
    }
    Map<String, Part> entries = item.entries(List.of("name", "value", "better"));
    Part value = entries.get("value");
    if (value == null) {
      throw item.failure("value: is missing: the name of a field, or two with ' / ' between");
    }
    Part name = entries.get("name");
    return measure(name == null ? value.text() : name.text(), value, entries.get("better"));
  }

  private static Measure measure(String name, Part value, @Nullable Part better) {
    String[] fields = value.text().split(" / ", -1);
    if (fields.length > 2) {
      throw value.failure("must be the name of a field, or two with ' / ' between");
    }
    List<String> known = RunValues.names();
    for (String field : fields) {
      if (!known.contains(field)) {
        throw value.unknown(field, known);
      }
    }
    Measure.Better direction =
        better != null && better.word(List.of("lower", "higher")).equals("higher")
            ? Measure.Better.HIGHER
            : Measure.Better.LOWER;
    return new Measure(name, fields[0], fields.length == 2 ? fields[1] : null, direction);
  }
}
