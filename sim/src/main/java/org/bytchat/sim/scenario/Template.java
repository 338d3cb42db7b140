package org.bytchat.sim.scenario;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A scenario that is read once, and of which others are made by settings. */
public final class Template {

  private final Part root;
  private final String name;
  private final Path folder;

  private Template(Part root, String name, Path folder) {
    this.root = root;
    this.name = name;
    this.folder = folder;
  }

  /**
   * Takes a scenario that stands inside another file.
   *
   * @param part its keys and values
   * @param name what it is called, if it does not say so itself
   * @param folder what the names of files in it are relative to
   * @return the template
   * @throws ScenarioException if the part has no keys
   */
  public static Template of(Part part, String name, Path folder) {
    part.entries();
    return new Template(part, name, folder);
  }

  /**
   * Reads a scenario file, or one that comes with the program.
   *
   * @param nameOrFile a plain value: a file, or one of {@link Scenarios#names}
   * @param folder what the name of the file is relative to
   * @return the template
   * @throws ScenarioException if it cannot be read
   */
  public static Template load(Part nameOrFile, Path folder) {
    return Scenarios.template(nameOrFile, folder);
  }

  /**
   * Makes a scenario.
   *
   * @param settings values that take the place of the template's, in their order
   * @return the scenario
   * @throws ScenarioException if it is not one
   */
  public Scenario with(List<Value> settings) {
    List<Setting> all = new ArrayList<>();
    settings.forEach(each -> all.add(Setting.of(each.key(), each.value())));
    return Scenarios.bind((Tree.Section) root.copy(), name, folder, all);
  }

  /**
   * A setting that stands in a file.
   *
   * @param key the keys, joined with dots
   * @param value what takes the place of the template's value
   */
  public record Value(String key, Part value) {

    /**
     * Reads a setting that is a plain value, as in {@code network.loss=0.1}.
     *
     * @param part the plain value
     * @return the setting
     * @throws ScenarioException if it is not one
     */
    public static Value of(Part part) {
      return Setting.value(part);
    }
  }
}
