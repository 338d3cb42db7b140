package org.bytchat.sim.sweep;

import java.nio.file.Path;
import java.util.List;
import org.bytchat.sim.scenario.Part;
import org.bytchat.sim.scenario.ScenarioException;

/**
 * All that a sweep is told. Every point's scenario has been read and checked.
 *
 * @param name what it is called
 * @param description what it shows
 * @param citation where it is from
 * @param axes what varies
 * @param points every combination of what varies
 * @param seeds what each point is run with
 * @param measures what is told of each point
 * @param plots what is drawn
 */
public record SweepPlan(
    String name,
    String description,
    String citation,
    List<Axis> axes,
    List<Point> points,
    List<Long> seeds,
    List<Measure> measures,
    List<PlotPlan> plots) {

  /** The most runs of a sweep. */
  public static final int RUNS_MAX = 100_000;

  /** Makes a plan of lists that nobody changes. */
  public SweepPlan {
    axes = List.copyOf(axes);
    points = List.copyOf(points);
    seeds = List.copyOf(seeds);
    measures = List.copyOf(measures);
    plots = List.copyOf(plots);
  }

  /** Returns how many runs the whole sweep is. */
  int runs() {
    return points.size() * seeds.size();
  }

  /**
   * Reads a sweep file.
   *
   * @param file YAML; the files that it names are relative to its folder
   * @return the plan
   * @throws ScenarioException if it is not a sweep; the message names the file, the line and the
   *     key
   */
  public static SweepPlan read(Path file) {
    Path folder = file.getParent();
    return new SweepReader(Part.file(file), file.toString(), folder == null ? Path.of("") : folder)
        .read();
  }

  /**
   * Reads the text of a sweep; files that it names are relative to the working folder.
   *
   * @param label what messages call the text
   * @param text YAML
   * @return the plan
   * @throws ScenarioException if it is not a sweep
   */
  public static SweepPlan parse(String label, String text) {
    return new SweepReader(Part.text(label, text), label, Path.of("")).read();
  }

  /** Returns the keys that vary, in the order of the file. */
  List<String> keys() {
    return axes.stream().flatMap(axis -> axis.keys().stream()).toList();
  }

  /** Returns the keys that vary as people read them: without their sections, if that is enough. */
  List<String> shortKeys() {
    return keys().stream().map(this::shortKey).toList();
  }

  /** Returns a key that varies without its sections, if no other key is called so then. */
  String shortKey(String key) {
    String last = last(key);
    boolean isUnique = keys().stream().filter(each -> last(each).equals(last)).count() == 1;
    return isUnique ? last : key;
  }

  /** Returns the seeds as people read them: a range if they are one. */
  String seedsText() {
    List<Long> sorted = seeds.stream().sorted().toList();
    long first = sorted.get(0);
    long last = sorted.get(sorted.size() - 1);
    return last - first == sorted.size() - 1 && sorted.size() > 1
        ? first + ".." + last
        : sorted.toString();
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  /** Returns the measure of that name, which the plan has. */
  Measure measure(String wanted) {
    return measures.stream().filter(each -> each.name().equals(wanted)).findFirst().orElseThrow();
  }
}
