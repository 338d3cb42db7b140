package org.bytchat.tracker.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.wire.Parsed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: an envelope has one of eight lengths and lives 3 to 7 days, whatever its times are. */
class EnvelopeTest {

  private static final long DAY = 86_400_000L;
  private static final NodeId MAILBOX = NodeId.of(1, 2, 3);

  @Test
  void lengthFor_everySize_isTheLeastThatHasRoom() {
    for (int sealed = 0; sealed <= Envelope.BYTES_MAX - Envelope.HEADER_BYTES; sealed++) {
      int length = Envelope.lengthFor(sealed);
      assertThat(length - Envelope.HEADER_BYTES).isGreaterThanOrEqualTo(sealed);
      assertThat(length == 512 || length / 2 - Envelope.HEADER_BYTES < sealed).isTrue();
      assertThat(length).isIn(512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536);
    }
    assertThatThrownBy(() -> Envelope.lengthFor(Envelope.BYTES_MAX - Envelope.HEADER_BYTES + 1))
        .hasMessageContaining("at most 65499");
    assertThatThrownBy(() -> Envelope.lengthFor(-1)).hasMessageContaining("not -1");
    assertThatThrownBy(() -> Envelope.lengthFor(Integer.MAX_VALUE)).isNotNull();
  }

  @Test
  void parse_anyLength_takesEight() {
    byte[] good = bytes(0, 5 * DAY);
    long taken =
        IntStream.rangeClosed(0, 2 * Envelope.BYTES_MAX)
            .filter(
                length -> {
                  byte[] bytes = Arrays.copyOf(good, length);
                  return Envelope.parse(bytes) instanceof Parsed.Good<Envelope>;
                })
            .count();
    assertThat(taken).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 259200000, true",
    "0, 259199999, false",
    "0, 604800000, true",
    "0, 604800001, false",
    "0, 0, false",
    "604800000, 0, false",
    "9223372036854775807, 9223372036854775807, false",
    "9223372036595575807, 9223372036854775807, true",
    "0, 9223372036854775807, false",
    "9223372036854775807, 0, false",
    "-1, 604799999, false",
    "-9223372036854775808, -9223372036250000000, false",
    "-9223372036854775808, 9223372036854775807, false",
    "9223372036854775807, -9223372036250000000, false",
  })
  void parse_anyTimes_takesLivesOfThreeToSevenDays(long created, long expires, boolean taken) {
    assertThat(Envelope.parse(bytes(created, expires)) instanceof Parsed.Good<Envelope>)
        .isEqualTo(taken);
  }

  @Test
  void parse_anotherFormat_isRefused() {
    byte[] bytes = bytes(0, 5 * DAY);
    for (int format = 0; format < 256; format++) {
      bytes[0] = (byte) format;
      assertThat(Envelope.parse(bytes.clone()) instanceof Parsed.Good<Envelope>)
          .isEqualTo(format == 1);
    }
  }

  @Test
  void of_badTimesOrLength_isRefused() {
    byte[] sealed = new byte[512 - Envelope.HEADER_BYTES];
    assertThatThrownBy(() -> Envelope.of(MAILBOX, 0, DAY, sealed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 to 7 days");
    assertThatThrownBy(() -> Envelope.of(MAILBOX, 0, 5 * DAY, new byte[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 40");
  }

  private static byte[] bytes(long created, long expires) {
    return ByteBuffer.allocate(512)
        .put((byte) 1)
        .put(MAILBOX.toBytes())
        .putLong(created)
        .putLong(expires)
        .array();
  }
}
