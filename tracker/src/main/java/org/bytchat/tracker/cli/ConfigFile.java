package org.bytchat.tracker.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.session.SessionConfig;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A YAML file with the options of {@code run} under their long names, and sections for the parts of
 * the engine. What is wrong in it ends the command with {@link ExitCode#USAGE} and a message that
 * names file, line and key.
 */
final class ConfigFile {

  /** What the long names of the sections' records are told apart by. */
  private static final Set<String> SECTIONS =
      Set.of("routing", "lookup", "limits", "store", "defences", "mailbox", "sessions");

  /** A file that makes sense has lists in a map, or a map in a map. */
  private static final int DEPTH_MAX = 32;

  private final Path file;
  private final List<String> arguments = new ArrayList<>();
  private NodeOptions options = new NodeOptions();
  private RoutingConfig routing = RoutingConfig.defaults();
  private LookupConfig lookup = LookupConfig.defaults();
  private LimitsConfig limits = LimitsConfig.defaults();
  private StoreConfig store = StoreConfig.defaults();
  private DefenceConfig defences = DefenceConfig.defaults();
  private TrackerConfig mailbox = TrackerConfig.defaults();
  private SessionConfig sessions = Tracker.defaultSessions();
  private boolean burstGiven;
  private boolean bucketSizeGiven;

  private ConfigFile(Path file) {
    this.file = file;
  }

  /** A file that says nothing. */
  static ConfigFile empty() {
    return new ConfigFile(Path.of(""));
  }

  /** Reads a file. */
  static ConfigFile read(Path file) {
    ConfigFile config = new ConfigFile(file);
    config.load(config.text());
    return config;
  }

  /** The options that the file gives. */
  NodeOptions options() {
    return options;
  }

  RoutingConfig routing() {
    return routing;
  }

  /** Tells whether the file says how many contacts a bucket has, whatever the dialect's k. */
  boolean givesBucketSize() {
    return bucketSizeGiven;
  }

  LookupConfig lookup() {
    return lookup;
  }

  StoreConfig store() {
    return store;
  }

  DefenceConfig defences() {
    return defences;
  }

  TrackerConfig mailbox() {
    return mailbox;
  }

  SessionConfig sessions() {
    return sessions;
  }

  /** The limits, with another rate for each source if one is given. */
  LimitsConfig limits(@Nullable Integer rateLimit) {
    if (rateLimit == null) {
      return limits;
    }
    LimitsConfig limited = limits.withRequestsPerSecond(rateLimit);
    return burstGiven
        ? ConfigSection.with(limited, "requestsBurst", limits.requestsBurst())
        : limited;
  }

  private String text() {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(ExitCode.USAGE, "option '--config': " + file + " does not exist", e);
    } catch (CharacterCodingException e) {
      throw new CommandFailure(ExitCode.USAGE, file + ": is not UTF-8 text", e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "option '--config': " + file + " cannot be read: " + e, e);
    }
  }

  private void load(String text) {
    Node root = compose(text).orElse(null);
    if (root == null || (root instanceof ScalarNode scalar && scalar.getValue().isEmpty())) {
      return;
    }
    if (!(root instanceof MappingNode mapping)) {
      throw failure(root, "the file must hold keys and values, like 'port: 42962'");
    }
    Set<String> seen = new HashSet<>();
    for (NodeTuple entry : mapping.getValue()) {
      String key = key(entry, seen);
      if (SECTIONS.contains(key)) {
        readSection(key, entry.getValueNode());
      } else {
        readOption(key, entry);
      }
    }
    CommandLine whole = new CommandLine(options);
    whole.parseArgs(arguments.toArray(new String[0]));
  }

  private Optional<Node> compose(String text) {
    LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
    try {
      checkDepth(new Parse(settings).parseString(text));
      return new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new CommandFailure(
          ExitCode.USAGE, file + ":" + line + ": is not YAML: " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new CommandFailure(ExitCode.USAGE, file + ": is not YAML: " + e.getMessage(), e);
    }
  }

  /** The composer calls itself for each level, and would run out of stack. */
  private void checkDepth(Iterable<Event> events) {
    int depth = 0;
    for (Event event : events) {
      if (event instanceof CollectionStartEvent && ++depth > DEPTH_MAX) {
        int line = event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
        throw new CommandFailure(
            ExitCode.USAGE, file + ":" + line + ": is nested more than " + DEPTH_MAX + " deep");
      }
      if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
  }

  private String key(NodeTuple entry, Set<String> seen) {
    Node node = entry.getKeyNode();
    if (!(node instanceof ScalarNode scalar)) {
      throw failure(node, "a key must be a plain word");
    }
    String key = scalar.getValue();
    if (!seen.add(key)) {
      throw failure(node, key + ": is given twice");
    }
    return key;
  }

  private void readOption(String key, NodeTuple entry) {
    CommandLine one = new CommandLine(new NodeOptions());
    OptionSpec option =
        one.getCommandSpec().options().stream()
            .filter(spec -> spec.longestName().equals("--" + key))
            .findFirst()
            .orElse(null);
    if (option == null) {
      Set<String> known = new TreeSet<>(SECTIONS);
      one.getCommandSpec().options().forEach(spec -> known.add(spec.longestName().substring(2)));
      throw failure(
          entry.getKeyNode(), key + ": unknown key; known are " + String.join(", ", known));
    }
    for (Node value : values(key, option, entry.getValueNode())) {
      String argument = argument(key, option, value);
      if (argument.isEmpty()) {
        continue;
      }
      try {
        one.parseArgs(argument);
      } catch (CommandLine.ParameterException e) {
        // Without picocli's "Invalid value for option '--x' (<X>): ".
        String message = String.valueOf(e.getMessage()).replaceFirst("^Invalid [^:]*: ", "");
        throw failure(value, key + ": " + message);
      }
      arguments.add(argument);
    }
  }

  private List<Node> values(String key, OptionSpec option, Node node) {
    if (!(node instanceof SequenceNode sequence)) {
      return List.of(node);
    }
    if (!option.isMultiValue()) {
      throw failure(node, key + ": takes one value, not a list");
    }
    return sequence.getValue();
  }

  /** The same on a command line, empty for a flag that is not set. */
  private String argument(String key, OptionSpec option, Node node) {
    String value = scalar(key, node);
    if (option.arity().max() > 0) {
      return option.longestName() + "=" + value;
    }
    return switch (value) {
      case "true" -> option.longestName();
      case "false" -> "";
      default -> throw failure(node, key + ": must be true or false, not '" + value + "'");
    };
  }

  private String scalar(String key, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      throw failure(node, key + ": must have one plain value");
    }
    if (scalar.getValue().isEmpty()) {
      throw failure(node, key + ": has no value");
    }
    return scalar.getValue();
  }

  private void readSection(String name, Node node) {
    Set<String> seen = new HashSet<>();
    switch (name) {
      case "routing" -> {
        routing = read(name, node, routing, seen);
        bucketSizeGiven = seen.contains("bucketSize");
      }
      case "lookup" -> lookup = read(name, node, lookup, seen);
      case "store" -> store = read(name, node, store, seen);
      case "defences" -> defences = read(name, node, defences, seen);
      case "mailbox" -> mailbox = read(name, node, mailbox, seen);
      case "sessions" -> sessions = read(name, node, sessions, seen);
      default -> {
        limits = read(name, node, limits, seen);
        burstGiven = seen.contains("requestsBurst");
      }
    }
  }

  /** Makes a record of a section, and of the sections in it those that the record is made of. */
  private <R extends Record> R read(String name, Node node, R defaults, Set<String> seen) {
    if (!(node instanceof MappingNode mapping)) {
      throw failure(node, name + ": must hold keys and values of its own");
    }
    ConfigSection section = new ConfigSection();
    for (NodeTuple entry : mapping.getValue()) {
      String key = key(entry, seen);
      Node value = entry.getValueNode();
      String path = name + "." + key;
      Record part = ConfigSection.part(defaults, key);
      if (part == null) {
        section.put(key, scalar(path, value), line(entry.getKeyNode()));
      } else {
        section.put(key, read(path, value, part, new HashSet<>()), line(entry.getKeyNode()));
      }
    }
    try {
      return section.applyTo(defaults);
    } catch (ConfigSection.Wrong e) {
      int line = e.line() == 0 ? line(node) : e.line();
      throw new CommandFailure(
          ExitCode.USAGE, file + ":" + line + ": " + name + "." + e.getMessage(), e);
    }
  }

  private CommandFailure failure(Node node, String message) {
    return new CommandFailure(ExitCode.USAGE, file + ":" + line(node) + ": " + message);
  }

  private static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }
}
