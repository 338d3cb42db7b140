package org.bytchat.dht.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeIdTest {

  private static final String HEX = "000102030405060708090a0b0c0d0e0f80ff7f01";
  private static final NodeId ID = NodeId.of(0x0001020304050607L, 0x08090a0b0c0d0e0fL, 0x80ff7f01);
  private static final NodeId ONES = NodeId.of(-1, -1, -1);

  @Test
  void parse_hexDigits_givesTheWordsInOrder() {
    assertThat(NodeId.parse(HEX)).isEqualTo(ID);
    assertThat(NodeId.parse(HEX.toUpperCase(Locale.ROOT))).isEqualTo(ID);
    assertThat(ID).hasToString(HEX);
    assertThat(ID.high()).isEqualTo(0x0001020304050607L);
    assertThat(ID.middle()).isEqualTo(0x08090a0b0c0d0e0fL);
    assertThat(ID.low()).isEqualTo(0x80ff7f01);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "000102030405060708090a0b0c0d0e0f80ff7f",
        "000102030405060708090a0b0c0d0e0f80ff7f0102",
        "000102030405060708090a0b0c0d0e0f80ff7f0g",
        "0x0102030405060708090a0b0c0d0e0f80ff7f01",
        " 00102030405060708090a0b0c0d0e0f80ff7f01",
        "\uff10\uff10102030405060708090a0b0c0d0e0f80ff7f01"
      })
  void parse_anythingElse_isRefused(String text) {
    assertThatThrownBy(() -> NodeId.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 19, 21})
  void of_wrongLength_isRefused(int length) {
    assertThatThrownBy(() -> NodeId.of(new byte[length]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Integer.toString(length));
  }

  @Test
  void read_arrayTooShort_isRefused() {
    assertThatThrownBy(() -> NodeId.read(new byte[24], 5))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ID.write(new byte[24], 5))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void of_bytesChangedLater_keepsItsOwn() {
    byte[] bytes = ID.toBytes();
    NodeId id = NodeId.of(bytes);
    bytes[0] = 99;
    id.toBytes()[1] = 99;
    assertThat(id).isEqualTo(ID);
  }

  @Test
  void equals_anyWordDiffers_isFalse() {
    assertThat(ID).isEqualTo(NodeId.parse(HEX)).hasSameHashCodeAs(NodeId.parse(HEX));
    assertThat(ID).isNotEqualTo(NodeId.of(ID.high() ^ 1, ID.middle(), ID.low()));
    assertThat(ID).isNotEqualTo(NodeId.of(ID.high(), ID.middle() ^ 1, ID.low()));
    assertThat(ID).isNotEqualTo(NodeId.of(ID.high(), ID.middle(), ID.low() ^ 1));
    assertThat(ID).isNotEqualTo(HEX);
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000000000000000000000000000000, 160",
    "8000000000000000000000000000000000000000, 0",
    "0000000000000001000000000000000000000000, 63",
    "0000000000000000800000000000000000000000, 64",
    "0000000000000000000000000000000100000000, 127",
    "0000000000000000000000000000000080000000, 128",
    "0000000000000000000000000000000000000001, 159",
  })
  void commonPrefixLength_atTheEdgesOfWords_countsBits(String hex, int length) {
    NodeId id = NodeId.parse(hex);
    assertThat(NodeId.ZERO.commonPrefixLength(id)).isEqualTo(length);
    assertThat(id.commonPrefixLength(NodeId.ZERO)).isEqualTo(length);
    assertThat(NodeId.ZERO.distanceTo(id).leadingZeros()).isEqualTo(length);
    assertThat(IntStream.range(0, 160).filter(id::bit).findFirst().orElse(160)).isEqualTo(length);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 160, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void bit_outOfRange_isRefused(int index) {
    assertThatThrownBy(() -> ID.bit(index)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void compareTo_highestBitsSet_isUnsigned() {
    List<NodeId> ascending =
        List.of(
            NodeId.ZERO,
            NodeId.of(0, 0, 1),
            NodeId.of(0, 0, Integer.MIN_VALUE),
            NodeId.of(0, 1, 0),
            NodeId.of(0, Long.MIN_VALUE, 0),
            NodeId.of(1, 0, 0),
            NodeId.of(Long.MIN_VALUE, 0, 0),
            ONES);
    assertThat(ascending).isSorted();
    for (int i = 1; i < ascending.size(); i++) {
      assertThat(ascending.get(i)).isGreaterThan(ascending.get(i - 1));
      Distance nearer = ascending.get(i - 1).distanceTo(NodeId.ZERO);
      Distance farther = ascending.get(i).distanceTo(NodeId.ZERO);
      assertThat(nearer).isLessThan(farther);
      assertThat(NodeId.ZERO.compareDistance(ascending.get(i - 1), ascending.get(i))).isNegative();
    }
  }

  @Test
  void distanceTo_itself_isZero() {
    assertThat(ID.distanceTo(ID)).isEqualTo(Distance.ZERO);
    assertThat(Distance.ZERO).hasToString("0".repeat(40));
    assertThat(NodeId.ZERO.distanceTo(ID)).hasToString(HEX);
    assertThat(ONES.distanceTo(ID)).isEqualTo(ID.distanceTo(ONES));
  }
}
