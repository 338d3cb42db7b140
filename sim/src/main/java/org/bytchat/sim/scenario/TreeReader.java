package org.bytchat.sim.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Makes trees of YAML and of plain maps, bounded in depth and size whatever aliases say. */
final class TreeReader {

  private static final int DEPTH_MAX = 32;
  private static final int PARTS_MAX = 1_000_000;

  private final String source;
  private final boolean hasLines;
  private int parts;

  private TreeReader(String source, boolean hasLines) {
    this.source = source;
    this.hasLines = hasLines;
  }

  /**
   * Reads a file's text.
   *
   * @param file the name for messages
   */
  static Tree.Section file(String file, String text) {
    TreeReader reader = new TreeReader(file, true);
    Tree root = reader.read(text);
    if (root instanceof Tree.Section section) {
      return section;
    }
    throw failure(root.at(), "the file must hold keys and values, like 'nodes: 1000'");
  }

  /** Reads what an option says; a text without a value is an empty leaf. */
  static Tree option(String option, String text) {
    return new TreeReader(option, false).read(text);
  }

  /**
   * Reads a map of maps, lists and plain values.
   *
   * @param source the name for messages
   */
  static Tree.Section map(String source, Map<?, ?> map) {
    return new TreeReader(source, false).section(map, 0);
  }

  private Tree read(String text) {
    LoadSettings settings = LoadSettings.builder().setLabel(source).build();
    try {
      checkDepth(new Parse(settings).parseString(text));
      Optional<Node> root = new Compose(settings).composeString(text);
      return root.isEmpty() ? new Tree.Leaf(at(1), "") : tree(root.get(), 0);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new ScenarioException(at(line) + ": is not YAML: " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new ScenarioException(source + ": is not YAML: " + e.getMessage(), e);
    }
  }

  /** The composer calls itself for each level, and would run out of stack. */
  private void checkDepth(Iterable<Event> events) {
    int depth = 0;
    for (Event event : events) {
      if (event instanceof CollectionStartEvent && ++depth > DEPTH_MAX) {
        throw tooDeep(at(event.getStartMark()));
      }
      if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
  }

  private Tree tree(Node node, int depth) {
    String at = at(node.getStartMark());
    count(at, depth);
    if (node instanceof ScalarNode scalar) {
      return new Tree.Leaf(at, scalar.getValue());
    }
    if (node instanceof SequenceNode sequence) {
      List<Tree> values = new ArrayList<>();
      sequence.getValue().forEach(value -> values.add(tree(value, depth + 1)));
      return new Tree.Items(at, values);
    }
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        String keyAt = at(entry.getKeyNode().getStartMark());
        if (!(entry.getKeyNode() instanceof ScalarNode key)) {
          throw failure(keyAt, "a key must be a plain word");
        }
        Tree value = tree(entry.getValueNode(), depth + 1);
        if (entries.put(key.getValue(), new Tree.Entry(keyAt, value)) != null) {
          throw failure(keyAt, key.getValue() + ": is given twice");
        }
      }
    }
    return new Tree.Section(at, entries);
  }

  private Tree.Section section(Map<?, ?> map, int depth) {
    count(source, depth);
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    map.forEach(
        (key, value) ->
            entries.put(String.valueOf(key), new Tree.Entry(source, plain(value, depth + 1))));
    return new Tree.Section(source, entries);
  }

  private Tree plain(@Nullable Object value, int depth) {
    if (value instanceof Map<?, ?> map) {
      return section(map, depth);
    }
    count(source, depth);
    if (value instanceof Iterable<?> list) {
      List<Tree> values = new ArrayList<>();
      list.forEach(each -> values.add(plain(each, depth + 1)));
      return new Tree.Items(source, values);
    }
    return new Tree.Leaf(source, value == null ? "" : value.toString());
  }

  private void count(String at, int depth) {
    if (depth > DEPTH_MAX) {
      throw tooDeep(at);
    }
    if (++parts > PARTS_MAX) {
      throw new ScenarioException(at + ": holds more than " + PARTS_MAX + " values");
    }
  }

  private String at(Optional<Mark> mark) {
    return at(mark.map(found -> found.getLine() + 1).orElse(1));
  }

  private String at(int line) {
    return hasLines ? source + ":" + line : source;
  }

  private static ScenarioException tooDeep(String at) {
    return new ScenarioException(at + ": is nested more than " + DEPTH_MAX + " deep");
  }

  private static ScenarioException failure(String at, String what) {
    return new ScenarioException(at + ": " + what);
  }
}
