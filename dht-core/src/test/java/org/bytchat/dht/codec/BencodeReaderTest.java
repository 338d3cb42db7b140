package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: the cursor takes what BEP 3 calls bencode, in its one form, and nothing else. */
class BencodeReaderTest {

  private static final int OFFSET = 5;

  private final BencodeReader reader = new BencodeReader();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void open(byte[] value) {
    byte[] framed = new byte[value.length + 2 * OFFSET];
    // What is around it would lengthen numbers, strings and dictionaries.
    Arrays.fill(framed, (byte) '1');
    System.arraycopy(value, 0, framed, OFFSET, value.length);
    reader.reset(framed, OFFSET, value.length);
  }

  /** Returns where the skipped value ends, -1 if it is none. */
  private int skip(byte[] value) {
    open(value);
    reader.skipValue();
    assertThat(reader.position()).isBetween(OFFSET, OFFSET + value.length);
    return reader.failed() ? -1 : reader.position() - OFFSET;
  }

  @SeededTest
  void skipValue_anyTree_endsWhereItDoes(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < 500; i++) {
      byte[] value = Bencode.encode(Bencode.random(random, 5));
      assertThat(skip(value)).isEqualTo(value.length);
      assertThat(reader.depth()).isZero();
      assertThat(skip(RawMap.concat(value, value))).isEqualTo(value.length);
      for (int length = 0; length < value.length; length++) {
        assertThat(skip(Arrays.copyOf(value, length))).isEqualTo(-1);
      }
    }
  }

  @SeededTest
  void skipValue_anyBytes_agreesWithTheGrammar(long seed) {
    Random random = Seeds.random(seed);
    byte[] likely = bytes("dlie0123:-e");
    for (int i = 0; i < 20_000; i++) {
      byte[] value = new byte[1 + random.nextInt(20)];
      for (int j = 0; j < value.length; j++) {
        value[j] = likely[random.nextInt(likely.length)];
      }
      assertThat(skip(value))
          .as(() -> new String(value, StandardCharsets.ISO_8859_1))
          .isEqualTo(Bencode.end(value));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "i-0e, NOT_MINIMAL",
    "i00e, NOT_MINIMAL",
    "i-01e, NOT_MINIMAL",
    "ie, WRONG_TYPE",
    "i-e, WRONG_TYPE",
    "i+1e, WRONG_TYPE",
    "i 1e, WRONG_TYPE",
    "i1, TRUNCATED",
    "00:, NOT_MINIMAL",
    "01:a, NOT_MINIMAL",
    "-1:a, WRONG_TYPE",
    "2:a, TRUNCATED",
    "1a, WRONG_TYPE",
    "99999999999999999999999:a, TRUNCATED",
    "d1:bi1e1:ai1ee, UNSORTED_KEYS",
    "d2:aai1e1:ai1ee, UNSORTED_KEYS",
    "d1:ai1e1:ai2ee, DUPLICATE_KEY",
    "d0:i1e0:i1ee, DUPLICATE_KEY",
    "di1e1:ae, WRONG_TYPE",
    "d1:ae, WRONG_TYPE",
    "d1:a, TRUNCATED",
    "l, TRUNCATED",
    "x, WRONG_TYPE",
  })
  void skipValue_notTheOneForm_fails(String text, DecodeOutcome why) {
    assertThat(skip(bytes(text))).isEqualTo(-1);
    assertThat(reader.failure()).isEqualTo(why);
    assertThat(skip(bytes("l" + text + "e"))).as("in a list").isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"l", "d0:"})
  void skipValue_nestedDeeply_failsWithoutAStack(String opening) {
    int most = BencodeReader.DEPTH_MAX;
    String leaf = opening.equals("l") ? "e" : "de";
    int levels = opening.equals("l") ? most : most - 1;
    String deep = opening.repeat(levels) + leaf + "e".repeat(levels - (leaf.equals("e") ? 1 : 0));
    assertThat(skip(bytes(deep))).isEqualTo(deep.length());
    assertThat(skip(bytes(opening.repeat(600)))).isEqualTo(-1);
    assertThat(reader.failure()).isEqualTo(DecodeOutcome.TOO_DEEP);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, -1, 9, 10, 6881, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 62})
  void readInteger_ofSixtyFourBits_isRead(long value) {
    open(Bencode.encode(value));
    assertThat(reader.readInteger()).isEqualTo(value);
    assertThat(reader.failed()).isFalse();
    assertThat(reader.atEnd()).isTrue();
  }

  @SeededTest
  void readInteger_any_isRead(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < 2_000; i++) {
      long value = random.nextLong() >> random.nextInt(64);
      open(Bencode.encode(value));
      assertThat(reader.readInteger()).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "i9223372036854775808e",
        "i-9223372036854775809e",
        "i92233720368547758070e",
        "i100000000000000000000000000000000000000000e",
        "1:a",
        "le"
      })
  void readInteger_another_fails(String text) {
    open(bytes(text));
    assertThat(reader.readInteger()).isZero();
    assertThat(reader.failure()).isEqualTo(DecodeOutcome.WRONG_TYPE);
  }

  @Test
  void dictionary_keysAndValues_areReadInTurn() {
    open(bytes("d1:ad2:id3:abce5:nodesli1ei2ee12:much_too_long0:9:ninebytesi3ee"));
    reader.beginDictionary();
    assertThat(reader.nextKey()).isTrue();
    assertThat(reader.key()).isEqualTo('a');
    reader.beginDictionary();
    assertThat(reader.nextKey()).isTrue();
    assertThat(reader.key()).isEqualTo(BencodeReader.key("id"));
    assertThat(reader.isString()).isTrue();
    assertThat(reader.readStringOf(3)).isTrue();
    assertThat(reader.buffer()[reader.valueOffset()]).isEqualTo((byte) 'a');
    assertThat(reader.nextKey()).isFalse();
    assertThat(reader.depth()).isEqualTo(1);
    assertThat(reader.nextKey()).as("sorted by bytes, not by length").isTrue();
    assertThat(reader.key()).isEqualTo(BencodeReader.key("nodes"));
    assertThat(reader.isNext('l')).isTrue();
    reader.beginList();
    assertThat(reader.nextItem()).isTrue();
    assertThat(reader.readInteger()).isEqualTo(1);
    assertThat(reader.nextItem()).isTrue();
    assertThat(reader.readInteger()).isEqualTo(2);
    assertThat(reader.nextItem()).isFalse();
    assertThat(reader.nextKey()).as("m is before n").isFalse();
    assertThat(reader.failure()).isEqualTo(DecodeOutcome.UNSORTED_KEYS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ninebytes", "\0", "\0a"})
  void key_notOfTheProtocol_isZero(String text) {
    assertThat(keyOf(text)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "id", "ro", "nodes6", "info_has", "\u00ff\u00fe"})
  void key_ofUpToEightBytes_isPacked(String text) {
    assertThat(keyOf(text)).isNotZero().isEqualTo(BencodeReader.key(text));
  }

  private long keyOf(String text) {
    open(bytes("d" + text.length() + ":" + text + "0:e"));
    reader.beginDictionary();
    assertThat(reader.nextKey()).isTrue();
    return reader.key();
  }

  @Test
  void skipValue_endOfNothing_fails() {
    assertThat(skip(bytes("e"))).isEqualTo(-1);
    assertThat(reader.failure()).isEqualTo(DecodeOutcome.WRONG_TYPE);
  }

  @Test
  void recover_insideADictionary_goesOnFromThere() {
    open(bytes("d1:a3:abc1:bi1ee"));
    reader.beginDictionary();
    assertThat(reader.nextKey()).isTrue();
    int start = reader.position();
    int depth = reader.depth();
    assertThat(reader.readInteger()).isZero();
    assertThat(reader.failed()).isTrue();
    reader.recover(start, depth);
    reader.skipValue();
    assertThat(reader.nextKey()).isTrue();
    assertThat(reader.readInteger()).isEqualTo(1);
    assertThat(reader.nextKey()).isFalse();
    assertThat(reader.atEnd()).isTrue();
  }
}
