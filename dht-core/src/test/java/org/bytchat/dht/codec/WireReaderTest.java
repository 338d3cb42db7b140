package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Goal: the cursor agrees with msgpack-core, and is stricter only where it says so. */
class WireReaderTest {

  private static final int OFFSET = 5;

  private final WireReader reader = new WireReader();

  @SeededTest
  void skipValue_wellFormedValue_endsWhereMsgpackCoreDoes(long seed) {
    RandomValues values = new RandomValues(Seeds.random(seed));
    for (int i = 0; i < 500; i++) {
      byte[] value = values.next(5);
      assertThat(MsgpackOracle.skip(value, 0, value.length)).isEqualTo(value.length);
      assertThat(skip(value)).isEqualTo(value.length);
      byte[] followed = RawMap.concat(value, value);
      assertThat(skip(followed)).isEqualTo(value.length);
    }
  }

  @SeededTest
  void skipValue_truncatedValue_fails(long seed) {
    RandomValues values = new RandomValues(Seeds.random(seed));
    for (int i = 0; i < 50; i++) {
      byte[] value = values.next(3);
      for (int length = 0; length < value.length; length++) {
        assertThat(skip(Arrays.copyOf(value, length))).isEqualTo(-1);
      }
    }
  }

  @SeededTest
  void skipValue_anyBytes_agreesWithMsgpackCore(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < 3_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] = random.nextInt(4) == 0 ? 0 : RandomValues.header(random);
      }
      assertThat(skip(bytes))
          .as(() -> Arrays.toString(bytes))
          .isEqualTo(MsgpackOracle.skip(bytes, 0, bytes.length));
    }
  }

  @Test
  void skipValue_nestedDeeply_takesNoStack() {
    int levels = 2_000_000;
    byte[] bytes = new byte[2 * levels + 1];
    Arrays.fill(bytes, (byte) 0xc0);
    Arrays.fill(bytes, 0, levels, (byte) 0x91);
    assertThat(skip(bytes)).as("arrays of one").isEqualTo(levels + 1);
    // A map as the key of a map, and so on; the values of all of them follow.
    Arrays.fill(bytes, 0, levels, (byte) 0x81);
    assertThat(skip(bytes)).as("maps of one").isEqualTo(2 * levels + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ddffffffff", "dfffffffff", "df80000000", "df40000000", "dcffff", "deffff"})
  void skipValue_moreItemsThanBytes_failsAtOnce(String header) {
    assertThat(skip(RawMap.concat(RawMap.hex(header), new byte[100]))).isEqualTo(-1);
    assertThat(reader.failure()).isEqualTo(DecodeOutcome.TRUNCATED);
    assertThat(reader.position()).isEqualTo(OFFSET + header.length() / 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"c6ffffffff", "dbffffffff", "c9ffffffff", "c67fffffff", "c97fffffff", "c5ffff"})
  void skipValue_moreContentThanBytes_failsAtOnce(String header) {
    assertThat(skip(RawMap.concat(RawMap.hex(header), new byte[100]))).isEqualTo(-1);
    assertThat(reader.failure()).isEqualTo(DecodeOutcome.TRUNCATED);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295L, 4294967296L, Long.MAX_VALUE})
  void readUnsigned_shortestForm_isReadAndWrittenAsMsgpackCoreDoes(long value) throws IOException {
    byte[] packed;
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packLong(value);
      packed = packer.toByteArray();
    }
    reset(packed);
    assertThat(reader.readUnsigned()).isEqualTo(value);
    assertThat(reader.failed()).isFalse();
    assertThat(reader.atEnd()).isTrue();
    WireWriter writer = new WireWriter();
    byte[] written = new byte[WireWriter.unsignedSize(value)];
    writer.reset(written, 0);
    writer.unsigned(value);
    assertThat(written).isEqualTo(packed);
  }

  @ParameterizedTest
  @CsvSource({
    "cc7f, NOT_MINIMAL",
    "cd00ff, NOT_MINIMAL",
    "ce0000ffff, NOT_MINIMAL",
    "cf00000000ffffffff, NOT_MINIMAL",
    "cf8000000000000000, WRONG_TYPE",
    "cfffffffffffffffff, WRONG_TYPE",
    "ff, WRONG_TYPE",
    "d001, WRONG_TYPE",
    "d3ffffffffffffffff, WRONG_TYPE",
    "ca3f800000, WRONG_TYPE",
    "c0, WRONG_TYPE",
    "cc, TRUNCATED",
    "cf00000001000000, TRUNCATED",
  })
  void readUnsigned_anythingElse_isRefused(String hex, DecodeOutcome reason) {
    reset(RawMap.hex(hex));
    assertThat(reader.readUnsigned()).isEqualTo(-1);
    assertThat(reader.failure()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "a174, 116",
    "a26964, 26980",
    "a477616e74, 2002873972",
    "a0, 0",
    "a20074, 0",
    "a40000006b, 0",
    "a577616e7473, 0",
  })
  void readKey_packsUpToFourCharacters_zeroForForeignOnes(String hex, int key) {
    reset(RawMap.hex(hex));
    assertThat(reader.readKey()).isEqualTo(key);
    assertThat(reader.failed()).isFalse();
    assertThat(reader.atEnd()).isTrue();
  }

  @Test
  void fail_twice_keepsTheFirstReasonAndReadsNoFurther() {
    reset(RawMap.hex("c0 01 02"));
    reader.readBoolean();
    reader.readBinary();
    assertThat(reader.failure()).isEqualTo(DecodeOutcome.WRONG_TYPE);
    int position = reader.position();
    assertThat(reader.readUnsigned()).isEqualTo(-1);
    assertThat(reader.readStringHeader()).isZero();
    assertThat(reader.readMapHeader(3)).isZero();
    reader.skipValue();
    assertThat(reader.position()).isEqualTo(position);
  }

  private void reset(byte[] bytes) {
    byte[] buffer = new byte[OFFSET + bytes.length + 50];
    System.arraycopy(bytes, 0, buffer, OFFSET, bytes.length);
    reader.reset(buffer, OFFSET, bytes.length);
  }

  /** Returns the bytes that were skipped, -1 if that failed. */
  private int skip(byte[] bytes) {
    reset(bytes);
    reader.skipValue();
    return reader.failed() ? -1 : reader.position() - OFFSET;
  }
}
