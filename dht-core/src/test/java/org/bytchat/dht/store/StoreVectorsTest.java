package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytchat.dht.codec.VectorFiles;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.StoreOutcome.Refusal;
import org.bytchat.dht.wire.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: a holder that does what the document says, with this store, answers as {@code
 * docs/vectors/store.json} says. {@code BytchatCodecVectorsTest} compares it with its generator and
 * writes it.
 */
class StoreVectorsTest {

  private static final HexFormat HEX = HexFormat.of();

  /**
   * What a holder answers.
   *
   * @param code 0 or the error's
   * @param sequence in the answer, -1 for none
   * @param record in the error
   * @param refusal why, if the store refuses
   */
  private record Answer(
      int code, long sequence, @Nullable MutableRecord record, @Nullable Refusal refusal) {

    static Answer error(int code) {
      return new Answer(code, -1, null, null);
    }
  }

  static Stream<Arguments> scenarios() {
    return VectorFiles.read("store.json")
        .get("scenarios")
        .valueStream()
        .map(scenario -> Arguments.of(scenario.get("name").asText(), scenario));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void scenario_committed_isWhatAHolderDoes(String name, JsonNode scenario) {
    RecordStore store = store(scenario);
    for (JsonNode step : scenario.get("steps")) {
      replay(store, step);
      long now = step.get("now").asLong();
      StoredItem held = store.get(NodeId.parse(step.get("k").asText()), now);
      assertThat(held != null).as("held: " + step).isEqualTo(step.has("held"));
      if (held != null) {
        assertThat(sequenceOf(held)).isEqualTo(step.get("held").get("seq").asLong());
        assertThat(held.expiresMillis()).isEqualTo(step.get("held").get("expires").asLong());
      }
    }
  }

  /** An item is never longer than what one source may have, so SOURCE_FULL cannot be. */
  @Test
  void scenarios_coverEveryRefusalAndCode() {
    Set<Refusal> refusals = EnumSet.noneOf(Refusal.class);
    Set<Integer> codes = new TreeSet<>();
    scenarios()
        .map(arguments -> (JsonNode) arguments.get()[1])
        .forEach(
            scenario -> {
              RecordStore store = store(scenario);
              for (JsonNode step : scenario.get("steps")) {
                Answer answer = replay(store, step);
                if (answer != null) {
                  codes.add(answer.code);
                  if (answer.refusal != null) {
                    refusals.add(answer.refusal);
                  }
                }
              }
            });
    assertThat(refusals).isEqualTo(EnumSet.complementOf(EnumSet.of(Refusal.SOURCE_FULL)));
    assertThat(codes).containsExactly(0, 203, 205, 206, 209, 210, 211, 301, 302, 303);
  }

  private static RecordStore store(JsonNode scenario) {
    JsonNode limits = scenario.get("limits");
    return new RecordStore(
        StoreVectorsScenario.withRecordBytes(limits.get("recordBytesMax").asInt())
            .withSpace(
                limits.get("bytesMax").asInt(),
                limits.get("recordsMax").asInt(),
                limits.get("sourceBytesMax").asInt(),
                limits.get("rememberedSequencesMax").asInt()));
  }

  /** Does a step and compares the answer, null if it is only a look. */
  private static @Nullable Answer replay(RecordStore store, JsonNode step) {
    store.pollExpired(step.get("now").asLong(), Integer.MAX_VALUE);
    if (!step.has("rec")) {
      return null;
    }
    Answer answer = answer(store, step);
    assertThat(answer.code).as("code: " + step).isEqualTo(step.get("code").asInt());
    assertThat(answer.sequence)
        .as("sequence: " + step)
        .isEqualTo(step.has("seq") ? step.get("seq").asLong() : -1);
    assertThat(answer.record == null ? null : HEX.formatHex(answer.record.bytes()))
        .as("record: " + step)
        .isEqualTo(step.has("answerRec") ? step.get("answerRec").asText() : null);
    return answer;
  }

  private static Answer answer(RecordStore store, JsonNode step) {
    ParseOutcome parsed = StoredItem.parse(HEX.parseHex(step.get("rec").asText()));
    if (parsed instanceof ParseOutcome.Malformed malformed) {
      boolean tooBig = malformed.fault() == ParseOutcome.Fault.TOO_BIG;
      return Answer.error(tooBig ? ErrorCode.TOO_BIG : ErrorCode.PROTOCOL);
    }
    StoredItem item = ((ParseOutcome.Parsed) parsed).item();
    NodeId key = NodeId.parse(step.get("k").asText());
    NodeId place = step.has("pl") ? NodeId.parse(step.get("pl").asText()) : key;
    long expected = step.has("cas") ? step.get("cas").asLong() : StorePut.ANY_SEQUENCE;
    StorePut put = new StorePut(item, key, place, expected, step.get("source").asLong());
    long now = step.get("now").asLong();
    StoreOutcome outcome = store.check(put, now);
    if (outcome instanceof StoreOutcome.Admissible admissible) {
      if (admissible.needsVerification() && !RecordVectorsKeys.isSigned((MutableRecord) item)) {
        return Answer.error(ErrorCode.BAD_SIGNATURE);
      }
      outcome = store.commit(put, now);
    }
    return outcome instanceof StoreOutcome.Refused refused
        ? answer(refused)
        : new Answer(0, sequenceOf(item), null, null);
  }

  private static Answer answer(StoreOutcome.Refused refused) {
    int code = code(refused.reason());
    boolean conflict = code == ErrorCode.SEQUENCE_CONFLICT;
    return new Answer(
        code,
        code >= ErrorCode.CAS_MISMATCH ? refused.sequence() : -1,
        conflict ? refused.held() : null,
        refused.reason());
  }

  private static int code(Refusal reason) {
    return switch (reason) {
      case TOO_BIG -> ErrorCode.TOO_BIG;
      case WRONG_KEY -> ErrorCode.WRONG_KEY;
      case LIFETIME, ISSUED_AHEAD, EXPIRED, EXPIRY_FALLS -> ErrorCode.BAD_TIME;
      case CAS_MISMATCH -> ErrorCode.CAS_MISMATCH;
      case SEQUENCE_TOO_OLD -> ErrorCode.SEQUENCE_TOO_OLD;
      case SEQUENCE_CONFLICT -> ErrorCode.SEQUENCE_CONFLICT;
      case SOURCE_FULL, STORE_FULL -> ErrorCode.QUOTA;
    };
  }

  private static long sequenceOf(StoredItem item) {
    return item instanceof MutableRecord found ? found.sequence() : 0;
  }
}
