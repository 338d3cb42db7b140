package org.bytchat.sim.fuzz;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.run.Op;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.PlannedFault;
import org.bytchat.sim.run.PlannedRecord;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.ScenarioException;
import org.bytchat.sim.scenario.Scenarios;

/** The JSON of capsules. Times are virtual microseconds, {@link Long#MAX_VALUE} for never. */
final class CapsuleFile {

  /** Capsules have some hundred KiB; a larger file is something else. */
  private static final long BYTES_MAX = 64 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addMixIn(PlannedFault.class, FaultKinds.class)
          .addMixIn(NodeId.class, Hex.class)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .build();

  private CapsuleFile() {}

  /** Names the kinds of faults. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = PlannedFault.Cut.class, name = "cut"),
    @JsonSubTypes.Type(value = PlannedFault.Isolation.class, name = "isolation"),
    @JsonSubTypes.Type(value = PlannedFault.Losses.class, name = "losses"),
    @JsonSubTypes.Type(value = PlannedFault.Echo.class, name = "echo"),
    @JsonSubTypes.Type(value = PlannedFault.Probe.class, name = "probe"),
    @JsonSubTypes.Type(value = PlannedFault.Crash.class, name = "crash"),
    @JsonSubTypes.Type(value = PlannedFault.ClockStep.class, name = "clock_step")
  })
  private interface FaultKinds {}

  /** Writes ids as text. */
  private abstract static class Hex {

    @JsonCreator
    static NodeId parse(String hex) {
      return NodeId.parse(hex);
    }

    @Override
    @JsonValue
    public abstract String toString();
  }

  /** What the file has, in its order. */
  private record Content(
      int format,
      String program,
      Trial found,
      Map<String, Object> scenario,
      List<long[]> lives,
      List<Boolean> reachable,
      List<PlannedRecord> records,
      List<PlannedFault> faults,
      List<Op> ops) {}

  static String text(Capsule capsule) {
    Plan plan = capsule.plan();
    Content content =
        new Content(
            Capsule.FORMAT,
            capsule.program(),
            capsule.trial(),
            plan.scenario().toMap(),
            plan.lives(),
            plan.reachable(),
            plan.records(),
            plan.faults(),
            plan.ops());
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a plan is always JSON", e);
    }
  }

  static Capsule read(Path file) throws CapsuleException, IOException {
    JsonNode tree = tree(file);
    JsonNode format = tree.path("format");
    JsonNode program = tree.path("program");
    if (!format.isInt() || !program.isTextual()) {
      throw new CapsuleException(file + " is not a capsule: it does not say its format", null);
    }
    if (format.intValue() != Capsule.FORMAT) {
      throw new CapsuleException(
          "%s is a capsule of format %d, written by %s; this program reads format %d only"
              .formatted(file, format.intValue(), program.textValue(), Capsule.FORMAT),
          null);
    }
    try {
      Content content = JSON.treeToValue(tree, Content.class);
      Scenario scenario = Scenarios.of(file.toString(), content.scenario, List.of());
      Plan plan =
          new Plan(
              scenario,
              content.lives,
              content.reachable,
              content.records,
              content.faults,
              content.ops);
      Plans.check(plan);
      return new Capsule(content.program, plan, content.found);
    } catch (JsonProcessingException e) {
      throw damaged(file, e.getOriginalMessage(), e);
    } catch (ScenarioException | IllegalArgumentException | NullPointerException e) {
      throw damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static JsonNode tree(Path file) throws CapsuleException, IOException {
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new CapsuleException(file + " is larger than any capsule", null);
      }
      return JSON.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new CapsuleException(file + " does not exist", e);
    } catch (JsonProcessingException e) {
      throw damaged(file, e.getOriginalMessage(), e);
    }
  }

  private static CapsuleException damaged(Path file, String why, Exception cause) {
    return new CapsuleException(file + " is damaged: " + why, cause);
  }
}
