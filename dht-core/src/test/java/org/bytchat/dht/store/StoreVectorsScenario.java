package org.bytchat.dht.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/** Writes one scenario of {@code docs/vectors/store.json} as it is told. */
final class StoreVectorsScenario {

  private static final HexFormat HEX = HexFormat.of();
  private static final StoreConfig DEFAULTS = StoreConfig.defaults();

  private final ArrayNode steps;
  private final Map<NodeId, StoredItem> held = new HashMap<>();

  private StoreVectorsScenario(ArrayNode steps) {
    this.steps = steps;
  }

  static StoreVectorsScenario of(ArrayNode scenarios, String name, StoreConfig config) {
    ObjectNode scenario = scenarios.addObject().put("name", name);
    ObjectNode limits = scenario.putObject("limits");
    limits.put("recordBytesMax", config.recordBytesMax()).put("bytesMax", config.bytesMax());
    limits.put("recordsMax", config.recordsMax()).put("sourceBytesMax", config.sourceBytesMax());
    limits.put("rememberedSequencesMax", config.rememberedSequencesMax());
    return new StoreVectorsScenario(scenario.putArray("steps"));
  }

  static StoreConfig withRecordBytes(int recordBytesMax) {
    return new StoreConfig(
        recordBytesMax,
        DEFAULTS.bytesMax(),
        DEFAULTS.recordsMax(),
        DEFAULTS.sourceBytesMax(),
        DEFAULTS.rememberedSequencesMax(),
        DEFAULTS.ttlMin(),
        DEFAULTS.ttlDefault(),
        DEFAULTS.ttlMax(),
        DEFAULTS.clockTolerance(),
        DEFAULTS.replicas(),
        DEFAULTS.acks(),
        DEFAULTS.repairInterval(),
        DEFAULTS.repairJitter(),
        DEFAULTS.repairBytesPerSecond());
  }

  /** How a put is made and answered; made anew for each. */
  static final class Put {

    private final int code;
    private int source = 1;
    private long cas = StorePut.ANY_SEQUENCE;
    private long sequence = -1;
    private @Nullable NodeId key;
    private @Nullable NodeId place;
    private @Nullable StoredItem holds;
    private @Nullable MutableRecord returned;

    private Put(int code) {
      this.code = code;
    }

    static Put stored() {
      return new Put(0);
    }

    static Put refused(int code) {
      return new Put(code);
    }

    Put source(int number) {
      source = number;
      return this;
    }

    Put cas(long expected) {
      cas = expected;
      return this;
    }

    Put key(NodeId other) {
      key = other;
      return this;
    }

    Put place(NodeId other) {
      place = other;
      return this;
    }

    /** What is held afterwards, if not the item itself. */
    Put holds(StoredItem other) {
      holds = other;
      return this;
    }

    /** The sequence in the error. */
    Put says(long known) {
      sequence = known;
      return this;
    }

    /** The record in the error. */
    Put returns(MutableRecord record) {
      returned = record;
      return this;
    }
  }

  StoreVectorsScenario put(String note, long nowMillis, StoredItem item, Put put) {
    NodeId key = put.key == null ? item.key() : put.key;
    if (put.code == 0) {
      held.put(key, put.holds == null ? item : put.holds);
      put.sequence = item instanceof MutableRecord found ? found.sequence() : 0;
    }
    ObjectNode step = step(note, nowMillis, key);
    step.put("source", put.source);
    if (put.place != null) {
      step.put("pl", put.place.toString());
    }
    if (put.cas != StorePut.ANY_SEQUENCE) {
      step.put("cas", put.cas);
    }
    step.put("rec", HEX.formatHex(item.bytes())).put("code", put.code);
    if (put.sequence >= 0) {
      step.put("seq", put.sequence);
    }
    if (put.returned != null) {
      step.put("answerRec", HEX.formatHex(put.returned.bytes()));
    }
    addHeld(step, key);
    return this;
  }

  StoreVectorsScenario putBytes(String note, NodeId key, byte[] bytes, int code) {
    ObjectNode step = step(note, Items.NOW, key);
    step.put("source", 1).put("rec", HEX.formatHex(bytes)).put("code", code);
    return this;
  }

  /** What is held for a key. */
  StoreVectorsScenario look(String note, long nowMillis, NodeId key) {
    addHeld(step(note, nowMillis, key), key);
    return this;
  }

  /** From now on nothing is held for a key. */
  StoreVectorsScenario gone(NodeId key) {
    held.remove(key);
    return this;
  }

  private ObjectNode step(String note, long nowMillis, NodeId key) {
    ObjectNode step = steps.addObject().put("note", note).put("now", nowMillis);
    return step.put("k", key.toString());
  }

  private void addHeld(ObjectNode step, NodeId key) {
    StoredItem item = held.get(key);
    if (item != null) {
      ObjectNode json = step.putObject("held");
      json.put("seq", item instanceof MutableRecord found ? found.sequence() : 0);
      json.put("expires", item.expiresMillis());
    }
  }
}
