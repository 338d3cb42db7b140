package org.bytchat.sim.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.quorum.QuorumConfig;

/**
 * Reads scenarios. What is wrong with one is a {@link ScenarioException}.
 *
 * <p>Settings are values of the command line like {@code network.loss=0.1} or {@code
 * faults.0.share=0.2}: keys joined with dots, entries of lists by their number from 0, and after
 * the equals sign the value as YAML. They take the place of the file's, in their order.
 */
public final class Scenarios {

  /** Scenarios are small; a larger file is something else. */
  private static final int FILE_BYTES_MAX = 1 << 20;

  private static final String SUFFIX = ".yaml";

  /** In the order in which a newcomer would try them. */
  private static final List<String> NAMES =
      List.of(
          "quickstart",
          "static-100k",
          "million",
          "churn-kad",
          "churn-ipfs",
          "partition-heal",
          "lossy",
          "flash-crowd",
          "bootstrap-storm",
          "week",
          "mailbox-churn",
          "mailbox-byzantine",
          "mailbox-crash",
          "mailbox-flood",
          "attacks/sybils",
          "attacks/sybils-spread",
          "attacks/sybils-made-up",
          "attacks/droppers",
          "attacks/polluters",
          "attacks/withholders",
          "attacks/rollback",
          "attacks/targeted",
          "attacks/eclipse-joining",
          "attacks/eclipse-settled",
          "attacks/bootstrap-takeover",
          "attacks/exhaustion",
          "attacks/reflection",
          "attacks/spoofed-flood");

  private static final DhtConfig NODE = DhtConfig.defaults().withAssumeReachable(true);

  private Scenarios() {}

  /**
   * Returns the names of the scenarios that come with the program.
   *
   * @return the names, without an ending
   */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Reads a scenario file, or one that comes with the program.
   *
   * @param nameOrFile a file, or one of {@link #names} where no file is called so
   * @param settings values that take the place of the file's
   * @return the scenario
   */
  public static Scenario load(String nameOrFile, List<String> settings) {
    Path file = path(nameOrFile);
    if (isFile(file, nameOrFile)) {
      return read(file, settings);
    }
    if (!NAMES.contains(nameOrFile)) {
      throw new ScenarioException(unknown(nameOrFile));
    }
    return parse(nameOrFile + SUFFIX, text(nameOrFile), settings);
  }

  /** Reads a scenario file, or one that comes with the program, for several scenarios. */
  static Template template(Part nameOrFile, Path folder) {
    String name = nameOrFile.text();
    Path file = folder.resolve(path(name));
    if (isFile(file, name)) {
      Path inner = file.getParent();
      return Template.of(
          Part.file(file), nameOf(file.toString()), inner == null ? Path.of("") : inner);
    }
    if (!NAMES.contains(name)) {
      throw nameOrFile.failure(unknown(name));
    }
    return Template.of(Part.text(name + SUFFIX, text(name)), nameOf(name), Path.of(""));
  }

  private static boolean isFile(Path file, String name) {
    boolean exists = Files.exists(file) && !Files.isDirectory(file);
    return exists || !name.matches("(attacks/)?[A-Za-z0-9-]+");
  }

  private static String unknown(String name) {
    return "'%s' is neither a file nor a scenario of the program; nearest is '%s', known are %s"
        .formatted(name, Nearest.to(name, NAMES), String.join(", ", NAMES));
  }

  /**
   * Reads a scenario file.
   *
   * @param file a YAML file; files that it names are relative to its folder
   * @param settings values that take the place of the file's
   * @return the scenario
   */
  public static Scenario read(Path file, List<String> settings) {
    Path folder = file.getParent();
    Tree.Section root = TreeReader.file(file.toString(), content(file));
    return read(root, file.toString(), folder == null ? Path.of("") : folder, settings);
  }

  /**
   * Reads the text of a scenario; files that it names are relative to the working folder.
   *
   * @param label what messages call the text
   * @param text YAML
   * @param settings values that take the place of the text's
   * @return the scenario
   */
  public static Scenario parse(String label, String text, List<String> settings) {
    return read(TreeReader.file(label, text), label, Path.of(""), settings);
  }

  /**
   * Makes a scenario of what {@link Scenario#toMap} gave, or of a JSON file's equal.
   *
   * @param label what messages call the map
   * @param map keys and values as in a file
   * @param settings values that take the place of the map's
   * @return the scenario
   */
  public static Scenario of(String label, Map<String, ?> map, List<String> settings) {
    return read(TreeReader.map(label, map), label, Path.of(""), settings);
  }

  /**
   * Returns the file of a scenario that comes with the program.
   *
   * @param name one of {@link #names}
   * @return its YAML
   */
  public static String text(String name) {
    String resource = "/org/bytchat/sim/scenarios/" + name + SUFFIX;
    try (InputStream input = Scenarios.class.getResourceAsStream(resource)) {
      if (input == null) {
        throw new IllegalArgumentException("no scenario comes with the program as " + name);
      }
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new ScenarioException(name + SUFFIX + ": cannot be read from the program", e);
    }
  }

  private static Scenario read(
      Tree.Section root, String label, Path folder, List<String> settings) {
    return bind(root, nameOf(label), folder, settings.stream().map(Setting::parse).toList());
  }

  /** Returns what a scenario is called that does not say so itself. */
  static String nameOf(String label) {
    return label.replaceFirst("^.*[/\\\\]", "").replaceFirst("\\.[A-Za-z]+$", "");
  }

  /** Makes a scenario of a tree, which is changed. */
  static Scenario bind(Tree.Section root, String name, Path folder, List<Setting> settings) {
    settings.forEach(setting -> setting.applyTo(root));
    root.entries().putIfAbsent("name", new Tree.Entry(root.at(), new Tree.Leaf(root.at(), name)));
    Map<Class<?>, Record> defaults =
        Map.of(
            DhtConfig.class,
            NODE,
            TrackerConfig.class,
            TrackerConfig.defaults(),
            QuorumConfig.class,
            QuorumConfig.defaults());
    return new Binder(folder, defaults).bind(Scenario.class, root);
  }

  private static Path path(String file) {
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw new ScenarioException("'" + file + "' is not the name of a file", e);
    }
  }

  static String content(Path file) {
    try (InputStream input = Files.newInputStream(file)) {
      byte[] bytes = input.readNBytes(FILE_BYTES_MAX + 1);
      if (bytes.length > FILE_BYTES_MAX) {
        throw new ScenarioException(file + ": is larger than " + FILE_BYTES_MAX + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw new ScenarioException(file + ": does not exist", e);
    } catch (CharacterCodingException e) {
      throw new ScenarioException(file + ": is not UTF-8 text", e);
    } catch (IOException e) {
      throw new ScenarioException(file + ": cannot be read: " + e, e);
    }
  }
}
