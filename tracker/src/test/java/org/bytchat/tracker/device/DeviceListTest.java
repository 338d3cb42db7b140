package org.bytchat.tracker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.tracker.device.DeviceList.Standing;
import org.bytchat.tracker.values.TestDevice;
import org.bytchat.tracker.wire.Parsed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: a list is its user's, and stands to the held one as the chain says. */
class DeviceListTest {

  private static final int NETWORK = 7;
  private static final UserKey USER =
      UserKey.ofSeed(Ed25519Scheme.INSTANCE, TestDevice.of(100).seed());
  private static final byte[] NONE = new byte[32];

  /** Where the bytes have the number of devices. */
  private static final int COUNT_AT = 8 + 32 + 8;

  @Test
  void standing_inEveryCombination_isAsTheChainSays() {
    DeviceList first = list(1, NONE, 1);
    DeviceList otherFirst = list(1, NONE, 2);
    DeviceList second = list(2, first.hash(), 1);
    DeviceList otherSecond = list(2, first.hash(), 3);
    DeviceList secondOfOther = list(2, otherFirst.hash(), 1);
    DeviceList third = list(3, second.hash(), 1);
    DeviceList last = list(Long.MAX_VALUE, NONE, 1);
    DeviceList beforeLast = list(Long.MAX_VALUE - 1, NONE, 1);
    DeviceList[] lists = {
      first, otherFirst, second, otherSecond, secondOfOther, third, beforeLast, last
    };
    Standing same = Standing.SAME;
    Standing newer = Standing.NEWER;
    Standing older = Standing.OLDER;
    Standing fork = Standing.FORK;
    Standing broken = Standing.BROKEN_CHAIN;
    // A row for each list that comes, a column for each that is held.
    Standing[][] expected = {
      {same, fork, older, older, older, older, older, older},
      {fork, same, older, older, older, older, older, older},
      {newer, broken, same, fork, fork, older, older, older},
      {newer, broken, fork, same, fork, older, older, older},
      {broken, newer, fork, fork, same, older, older, older},
      {newer, newer, newer, broken, broken, same, older, older},
      {newer, newer, newer, newer, newer, newer, same, older},
      {newer, newer, newer, newer, newer, newer, broken, same},
    };
    for (int i = 0; i < lists.length; i++) {
      for (int j = 0; j < lists.length; j++) {
        assertThat(lists[i].standing(lists[j])).as("%d to %d", i, j).isEqualTo(expected[i][j]);
      }
    }
  }

  @Test
  void standing_otherSignatureOfTheSame_isSame() {
    DeviceList list = list(2, NONE, 1);
    byte[] bytes = list.toBytes();
    bytes[bytes.length - 1]++;
    DeviceList other = DeviceList.parse(bytes).toOptional().orElseThrow();
    assertThat(other).isNotEqualTo(list);
    assertThat(other.standing(list)).isEqualTo(Standing.SAME);
    assertThat(other.hash()).isEqualTo(list.hash());
    assertThat(other.verify(owner(), NETWORK)).isFalse();
  }

  /** Order is part of what a list says, so that nobody makes two lists of one version. */
  @Test
  void standing_otherOrderOfDevices_isAFork() {
    List<Device> devices = List.of(TestDevice.of(1).since(1), TestDevice.of(2).since(1));
    List<Device> reversed = List.of(devices.get(1), devices.get(0));
    DeviceList list = sign(new DeviceList.Content(2, NONE, 5, devices, List.of()));
    DeviceList other = sign(new DeviceList.Content(2, NONE, 5, reversed, List.of()));
    assertThat(other.standing(list)).isEqualTo(Standing.FORK);
  }

  /** Points of mixed order, and a point that is no canonical form (see uid.json). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0169d3c02f3edd121cafbe1dfd45c4cf4aac216a79e36e6326419f2a654d2d46",
        "e16c0bbb8a9aed2119dd3057675579fca6a881f5b5ab6f09fad362f705ac11b3",
        "b0bfe83c17bc76a56d48f558b2e481436367d330d13b69733f32aa0ed50b99f3",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      })
  void hasSoundKeys_keyThatIsNone_isFalse(String key) {
    Device device = new Device(HexFormat.of().parseHex(key), new byte[32], 1);
    List<Device> devices = List.of(TestDevice.of(1).since(1), device);
    DeviceList list = sign(new DeviceList.Content(2, NONE, 5, devices, List.of()));
    assertThat(list.verify(owner(), NETWORK)).isTrue();
    assertThat(list.hasSoundKeys(Ed25519Scheme.INSTANCE)).isFalse();
    assertThat(list(2, NONE, 1).hasSoundKeys(Ed25519Scheme.INSTANCE)).isTrue();
  }

  @Test
  void content_thatCannotBe_isRefusedAlsoWhenRead() {
    Device one = TestDevice.of(1).since(2);
    Device two = TestDevice.of(2).since(2);
    List<DeviceId> nobody = List.of();
    assertNoContent(0, NONE, List.of(one), nobody, "version 1 or later");
    assertNoContent(-1, NONE, List.of(one), nobody, "version 1 or later");
    assertNoContent(1, TestDevice.of(1).publicKey(), List.of(), nobody, "none before it");
    assertNoContent(2, new byte[31], List.of(one), nobody, "32 bytes");
    assertNoContent(1, NONE, List.of(one), nobody, "since a later version");
    assertNoContent(2, NONE, List.of(one, two, one), nobody, "is there twice, or revoked");
    assertNoContent(2, NONE, List.of(one, two), List.of(two.id()), "is there twice, or revoked");
    assertNoContent(2, NONE, List.of(), List.of(two.id(), two.id()), "revoked device is there");
    List<Device> nine = IntStream.range(0, 9).mapToObj(i -> TestDevice.of(i).since(1)).toList();
    assertNoContent(2, NONE, nine, nobody, "at most 8 devices");
    List<DeviceId> many = IntStream.range(0, 65).mapToObj(i -> TestDevice.of(i).id()).toList();
    assertNoContent(2, NONE, List.of(), many, "64 revoked");
    DeviceList.Content most =
        new DeviceList.Content(2, NONE, 5, nine.subList(0, 8), many.subList(0, 0));
    assertThat(sign(most).content().devices()).hasSize(8);
  }

  @Test
  void parse_contentThatCannotBe_isRefused() {
    byte[] bytes = list(2, NONE, 1).toBytes();
    assertMalformed(with(bytes, 7, 0), "version 1 or later");
    assertMalformed(with(bytes, 0, 0x80), "the version is beyond");
    assertMalformed(with(bytes, 40, 0x80), "the time is beyond");
    assertMalformed(with(with(bytes, 7, 1), 8, 1), "none before it");
    assertMalformed(with(bytes, COUNT_AT, 9), "at most 8 devices, not 9");
    assertMalformed(with(bytes, COUNT_AT, 255), "not 255");
    int since = COUNT_AT + 1 + 64;
    assertMalformed(with(bytes, since, 0x80), "a version is beyond");
    assertMalformed(with(bytes, since + 7, 0), "since version 1 or later");
    assertMalformed(with(bytes, since + 7, 3), "since a later version");
    assertMalformed(with(bytes, since + 8, 65), "at most 64, not 65");
    assertMalformed(Arrays.copyOf(bytes, bytes.length - 1), "no 63 bytes");
    assertMalformed(Arrays.copyOf(bytes, bytes.length - 64 + 385), "no 385 bytes");
  }

  @Test
  void sign_theLargestOfRsa3072_staysBelowTwoKibibytes() {
    List<Device> devices =
        IntStream.range(0, 8).mapToObj(number -> TestDevice.of(number).since(1)).toList();
    List<DeviceId> revoked = new ArrayList<>();
    IntStream.range(8, 72).forEach(number -> revoked.add(TestDevice.of(number).id()));
    DeviceList list = sign(new DeviceList.Content(2, NONE, 5, devices, revoked));
    assertThat(list.toBytes().length - 64 + 384).isLessThanOrEqualTo(2048);
  }

  @Test
  void verify_anotherUidOrNetwork_isFalse() {
    DeviceList list = list(2, NONE, 1);
    assertThat(list.verify(owner(), NETWORK)).isTrue();
    assertThat(list.verify(owner(), NETWORK + 1)).isFalse();
    assertThat(list.verify(new Owner(1, USER.publicKey()), NETWORK)).isFalse();
  }

  @Test
  void device_byId_isFound() {
    DeviceList list = list(2, NONE, 1);
    assertThat(list.device(TestDevice.of(1).id())).contains(TestDevice.of(1).since(1));
    assertThat(list.device(TestDevice.of(2).id())).isEmpty();
  }

  @Test
  void values_arraysChangedLater_keepTheirBytes() {
    byte[] previous = new byte[32];
    DeviceList list = list(2, previous, 1);
    byte[] before = list.toBytes();
    previous[0]++;
    list.content().previous()[0]++;
    list.signature()[0]++;
    list.toBytes()[0]++;
    list.content().devices().get(0).signingKey()[0]++;
    list.content().devices().get(0).exchangeKey()[0]++;
    list.content().devices().get(0).id().toBytes()[0]++;
    assertThat(list.toBytes()).isEqualTo(before);
    assertThat(list.verify(owner(), NETWORK)).isTrue();
  }

  private static void assertNoContent(
      long version, byte[] previous, List<Device> devices, List<DeviceId> revoked, String reason) {
    assertThatThrownBy(() -> new DeviceList.Content(version, previous, 5, devices, revoked))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  private static void assertMalformed(byte[] bytes, String reason) {
    assertThat(DeviceList.parse(bytes))
        .isInstanceOf(Parsed.Malformed.class)
        .asString()
        .contains(reason);
  }

  private static Owner owner() {
    return new Owner(2, USER.publicKey());
  }

  private static DeviceList list(long version, byte[] previous, int device) {
    List<Device> devices = List.of(TestDevice.of(device).since(1));
    return sign(new DeviceList.Content(version, previous, 5, devices, List.of()));
  }

  private static DeviceList sign(DeviceList.Content content) {
    return DeviceList.sign(content, USER, 2, NETWORK);
  }

  private static byte[] with(byte[] bytes, int offset, int value) {
    byte[] changed = bytes.clone();
    changed[offset] = (byte) value;
    return changed;
  }
}
