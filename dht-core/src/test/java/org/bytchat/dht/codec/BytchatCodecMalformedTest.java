package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.codec.MalformedVectors.Malformed;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: each way of being wrong has its own answer, and none of them does harm. */
class BytchatCodecMalformedTest {

  private final CodecHarness harness = new CodecHarness();

  static List<Malformed> malformed() {
    return MalformedVectors.all();
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void decode_malformed_saysWhatIsWrong(Malformed malformed) {
    assertThat(harness.decode(malformed.datagram())).isEqualTo(malformed.outcome());
  }

  /** A decoder that kept something of the last datagram would pass the others. */
  @ParameterizedTest
  @MethodSource("malformed")
  void decode_goodDatagramAfterMalformed_isNotDisturbed(Malformed malformed) {
    harness.decode(malformed.datagram());
    byte[] ping = RawMap.query("ping", new RawMap()).bytes();
    assertThat(PacketView.of(harness.decoded(ping)))
        .isEqualTo(PacketView.of(new CodecHarness().decoded(ping)));
  }

  @Test
  void malformed_eachOutcomeAndName_isThere() {
    Set<DecodeOutcome> outcomes = EnumSet.noneOf(DecodeOutcome.class);
    Set<String> names = new HashSet<>();
    for (Malformed malformed : malformed()) {
      outcomes.add(malformed.outcome());
      assertThat(names.add(malformed.name())).as(malformed.name()).isTrue();
    }
    Set<DecodeOutcome> others =
        EnumSet.of(DecodeOutcome.DECODED, DecodeOutcome.UNSORTED_KEYS, DecodeOutcome.TOO_DEEP);
    assertThat(outcomes)
        .as("all but success, and what only bencode knows")
        .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.copyOf(others)));
  }

  @Test
  void decode_badArguments_keepsTheEnvelope() {
    RawMap arguments = new RawMap().with("k", RawMap.hex("c0"));
    byte[] query =
        RawMap.query("find_node", arguments)
            .with("f", RawMap.hex("05"))
            .with("ro", RawMap.hex("c3"))
            .bytes();
    assertThat(harness.decode(query)).isEqualTo(DecodeOutcome.BAD_ARGUMENTS);
    assertThat(DecodeOutcome.BAD_ARGUMENTS.hasEnvelope()).isTrue();
    assertThat(harness.packet.kind).isEqualTo(Kind.QUERY);
    assertThat(harness.packet.method).isEqualTo(Method.FIND_NODE);
    assertThat(harness.packet.transactionId).isEqualTo(0x0102030405060708L);
    assertThat(harness.packet.sender()).isEqualTo(WireVector.SENDER);
    assertThat(harness.packet.networkId).isEqualTo(0xdeadbeef);
    assertThat(harness.packet.features).isEqualTo(5);
    assertThat(harness.packet.readOnly).isTrue();
    assertThat(harness.packet.hasKey).isFalse();
  }

  @Test
  void decode_badArgumentsThenBadEnvelope_isMalformed() {
    byte[] query =
        RawMap.query("ping", new RawMap().with("k", RawMap.hex("c0")))
            .with("ro", RawMap.hex("c0"))
            .bytes();
    assertThat(harness.decode(query)).isEqualTo(DecodeOutcome.WRONG_TYPE);
  }

  @Test
  void hasEnvelope_allOtherOutcomes_isFalse() {
    for (DecodeOutcome outcome :
        EnumSet.complementOf(EnumSet.of(DecodeOutcome.DECODED, DecodeOutcome.BAD_ARGUMENTS))) {
      assertThat(outcome.hasEnvelope()).as(outcome.name()).isFalse();
    }
    assertThat(DecodeOutcome.DECODED.hasEnvelope()).isTrue();
  }
}
