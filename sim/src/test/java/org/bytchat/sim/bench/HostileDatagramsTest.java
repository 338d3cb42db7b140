package org.bytchat.sim.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;

/** The flood has what it says: each kind is wrong in its own way. */
class HostileDatagramsTest {

  private static final int EACH = 2000;

  private final BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);
  private final Packet packet = new Packet();

  private DecodeOutcome decode(ByteBuffer datagram) {
    byte[] bytes = new byte[datagram.remaining()];
    datagram.get(bytes);
    return codec.decode(bytes, 0, bytes.length, packet);
  }

  @SeededTest(runs = 3)
  void next_ofKindsThatAreNoMessage_isRefusedAsSuch(long seed) {
    Map<HostileDatagrams.Wrong, Set<DecodeOutcome>> expected =
        new EnumMap<>(HostileDatagrams.Wrong.class);
    expected.put(HostileDatagrams.Wrong.TOO_SHORT, EnumSet.of(DecodeOutcome.TOO_SHORT));
    expected.put(
        HostileDatagrams.Wrong.TRUNCATED,
        EnumSet.of(DecodeOutcome.TOO_SHORT, DecodeOutcome.TRUNCATED));
    expected.put(
        HostileDatagrams.Wrong.TRAILING_BYTES,
        EnumSet.of(DecodeOutcome.TRAILING_BYTES, DecodeOutcome.TOO_LONG));
    expected.put(HostileDatagrams.Wrong.OVERSIZED, EnumSet.of(DecodeOutcome.TOO_LONG));
    expected.put(HostileDatagrams.Wrong.DEEP_NESTING, EnumSet.of(DecodeOutcome.TRUNCATED));
    expected.put(HostileDatagrams.Wrong.HUGE_LENGTH, EnumSet.of(DecodeOutcome.TRUNCATED));
    expected.put(HostileDatagrams.Wrong.DUPLICATE_KEY, EnumSet.of(DecodeOutcome.DUPLICATE_KEY));
    expected.put(HostileDatagrams.Wrong.ANOTHER_DIALECT, EnumSet.of(DecodeOutcome.WRONG_TYPE));
    expected.put(HostileDatagrams.Wrong.BAD_ARGUMENTS, EnumSet.of(DecodeOutcome.BAD_ARGUMENTS));
    HostileDatagrams hostile = new HostileDatagrams(Ids.random(Seeds.random(seed)), seed);
    expected.forEach(
        (wrong, outcomes) -> {
          for (int i = 0; i < EACH; i++) {
            assertThat(outcomes).as(wrong.name()).contains(decode(hostile.next(wrong)));
          }
        });
  }

  @SeededTest(runs = 3)
  void next_ofKindsThatLie_isAMessageThatLies(long seed) {
    Random random = Seeds.random(seed);
    NodeId target = Ids.random(random);
    int network = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
    HostileDatagrams hostile = new HostileDatagrams(target, seed);
    for (int i = 0; i < EACH; i++) {
      decodes(hostile.next(HostileDatagrams.Wrong.OTHER_NETWORK));
      assertThat(packet.networkId).isNotEqualTo(network);
      decodes(hostile.next(HostileDatagrams.Wrong.OWN_ID));
      assertThat(packet.sender()).isEqualTo(target);
      decodes(hostile.next(HostileDatagrams.Wrong.NOT_ASKED_FOR));
      assertThat(packet.kind).isNotEqualTo(Kind.QUERY);
      decodes(hostile.next(HostileDatagrams.Wrong.UNKNOWN_METHOD));
      assertThat(packet.method).isEqualTo(Method.UNKNOWN);
      decodes(hostile.next(HostileDatagrams.Wrong.FORGED_TOKEN));
      assertThat(packet.method).isEqualTo(Method.PUT);
      long before = packet.senderHigh;
      decodes(hostile.next(HostileDatagrams.Wrong.MADE_UP_SENDER));
      assertThat(packet.senderHigh).isNotEqualTo(before);
      assertThat(packet.networkId).isEqualTo(network);
    }
  }

  private void decodes(ByteBuffer datagram) {
    assertThat(decode(datagram)).isEqualTo(DecodeOutcome.DECODED);
  }
}
