package org.bytchat.tracker.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.values.TestDevice;
import org.bytchat.tracker.wire.Parsed;
import org.junit.jupiter.api.Test;

/** Goal: all that hold lists of one mailbox come to the same one, in whatever order they come. */
class DeliveryKeysTest {

  private static final int NETWORK = 7;
  private static final NodeId MAILBOX = NodeId.of(1, 2, 3);
  private static final List<TestDevice> DEVICES = List.of(TestDevice.of(1), TestDevice.of(2));

  /** Where the bytes have what. */
  private static final int COUNT_AT = 20 + 8 + 8 + 16;

  private static final int KEYS_AT = COUNT_AT + 2;

  @SeededTest(runs = 30)
  void supersedes_anyLists_isATotalOrder(long seed) {
    Random random = Seeds.random(seed);
    List<DeliveryKeys> lists = Stream.generate(() -> list(random)).limit(12).toList();
    for (DeliveryKeys one : lists) {
      assertThat(one.supersedes(one)).isFalse();
      for (DeliveryKeys other : lists) {
        boolean isOther = !one.equals(other);
        assertThat(one.supersedes(other) ^ other.supersedes(one)).isEqualTo(isOther);
        for (DeliveryKeys third : lists) {
          if (one.supersedes(other) && other.supersedes(third)) {
            assertThat(one.supersedes(third)).isTrue();
          }
        }
      }
    }
  }

  @SeededTest(runs = 30)
  void supersedes_anyOrderOfArrival_leavesTheSameList(long seed) {
    Random random = Seeds.random(seed);
    List<DeliveryKeys> arriving = new ArrayList<>();
    Stream.generate(() -> list(random)).limit(12).forEach(arriving::add);
    DeliveryKeys first = lastOf(arriving);
    for (int round = 0; round < 5; round++) {
      Collections.shuffle(arriving, random);
      assertThat(lastOf(arriving)).isEqualTo(first);
    }
  }

  @Test
  void supersedes_sameContentOtherSignature_isOneWay() {
    DeliveryKeys list = sign(1, 5, List.of(key(1)));
    byte[] bytes = list.toBytes();
    bytes[bytes.length - 40]++;
    DeliveryKeys other = DeliveryKeys.parse(bytes).toOptional().orElseThrow();
    assertThat(list.supersedes(other) ^ other.supersedes(list)).isTrue();
  }

  @Test
  void supersedes_listOfAnotherMailbox_isFalse() {
    DeliveryKeys list = sign(1, 5, List.of());
    DeliveryKeys.Content content =
        new DeliveryKeys.Content(
            NodeId.of(1, 2, 4), Long.MAX_VALUE, 5, DEVICES.get(0).id(), List.of());
    DeliveryKeys other = DeliveryKeys.sign(content, NETWORK, DEVICES.get(0)::sign);
    assertThat(other.supersedes(list)).isFalse();
    assertThat(list.supersedes(other)).isFalse();
  }

  @Test
  void sign_anyOrderOfKeys_isOneList() {
    List<DeliveryKeys.Key> keys =
        new ArrayList<>(IntStream.range(0, 9).mapToObj(i -> key(i)).toList());
    DeliveryKeys list = sign(1, 5, keys);
    Collections.reverse(keys);
    assertThat(sign(1, 5, keys)).isEqualTo(list);
    keys.add(new DeliveryKeys.Key(keys.get(0).publicKey(), 9, 9));
    assertThatThrownBy(() -> sign(1, 5, keys)).hasMessageContaining("twice");
  }

  @Test
  void verify_anotherDevice_isFalse() {
    DeliveryKeys list = sign(1, 5, List.of(key(1)));
    byte[] key = DEVICES.get(0).publicKey();
    assertThat(list.verify(key, NETWORK, Ed25519Scheme.INSTANCE)).isTrue();
    assertThat(list.verify(key, NETWORK + 1, Ed25519Scheme.INSTANCE)).isFalse();
    assertThat(list.verify(DEVICES.get(1).publicKey(), NETWORK, Ed25519Scheme.INSTANCE)).isFalse();
  }

  @Test
  void parse_keysThatDoNotRise_isRefused() {
    byte[] bytes = sign(1, 5, List.of(key(1), key(2))).toBytes();
    byte[] swapped = bytes.clone();
    System.arraycopy(bytes, KEYS_AT, swapped, KEYS_AT + 36, 36);
    System.arraycopy(bytes, KEYS_AT + 36, swapped, KEYS_AT, 36);
    assertMalformed(swapped, "do not rise");
    System.arraycopy(bytes, KEYS_AT, swapped, KEYS_AT, 36);
    assertMalformed(swapped, "do not rise");
  }

  @Test
  void parse_badNumbers_isRefused() {
    byte[] bytes = sign(1, 5, List.of(key(1))).toBytes();
    assertMalformed(with(bytes, KEYS_AT + 32, 0, 0), "at least 1");
    assertMalformed(with(bytes, KEYS_AT + 34, 0, 0), "at least 1");
    assertMalformed(with(bytes, COUNT_AT, 4, 1), "at most 1,024 keys, not 1025");
    assertMalformed(with(bytes, COUNT_AT, 0xff, 0xff), "not 65535");
    assertMalformed(with(bytes, 26, 0, 0), "version 1 or later");
    assertMalformed(with(bytes, 20, 0x80, 0), "the version is beyond");
    assertMalformed(with(bytes, 28, 0x80, 0), "the time is beyond");
  }

  @Test
  void content_outOfRange_isRefused() {
    byte[] key = new byte[32];
    for (int number : new int[] {0, -1, 0x10000}) {
      assertThatThrownBy(() -> new DeliveryKeys.Key(key, number, 1)).isNotNull();
      assertThatThrownBy(() -> new DeliveryKeys.Key(key, 1, number)).isNotNull();
    }
    assertThatThrownBy(() -> new DeliveryKeys.Key(new byte[33], 1, 1)).isNotNull();
    assertThatThrownBy(() -> sign(0, 5, List.of())).isNotNull();
    List<DeliveryKeys.Key> many = IntStream.range(0, 1025).mapToObj(i -> key(i)).toList();
    assertThatThrownBy(() -> sign(1, 5, many)).hasMessageContaining("not 1025");
    assertThat(sign(1, 5, many.subList(0, 1024)).toBytes()).hasSizeLessThan(37 * 1024);
  }

  @Test
  void key_wronglyLongOrUnknown_isNone() {
    DeliveryKeys list = sign(1, 5, List.of(key(1)));
    assertThat(list.key(key(1).publicKey())).contains(key(1));
    assertThat(list.key(new byte[0])).isEmpty();
    assertThat(list.key(new byte[33])).isEmpty();
    assertThat(list.toString()).isEqualTo("DeliveryKeys[version 1, 1 keys]");
  }

  private static DeliveryKeys lastOf(List<DeliveryKeys> arriving) {
    DeliveryKeys held = arriving.get(0);
    for (DeliveryKeys list : arriving) {
      held = list.supersedes(held) ? list : held;
    }
    return held;
  }

  /** Few different ones, so that versions and contents meet. */
  private static DeliveryKeys list(Random random) {
    List<DeliveryKeys.Key> keys =
        IntStream.range(0, 3).filter(i -> random.nextBoolean()).mapToObj(i -> key(i)).toList();
    long version = random.nextInt(10) == 0 ? Long.MAX_VALUE : 1 + random.nextInt(3);
    DeliveryKeys list = sign(version, random.nextInt(2), keys);
    if (random.nextBoolean()) {
      return list;
    }
    byte[] bytes = list.toBytes();
    bytes[bytes.length - 1 - random.nextInt(64)]++;
    return DeliveryKeys.parse(bytes).toOptional().orElseThrow();
  }

  private static DeliveryKeys sign(long version, long issued, List<DeliveryKeys.Key> keys) {
    TestDevice device = DEVICES.get((int) (issued + version) & 1);
    DeliveryKeys.Content content =
        new DeliveryKeys.Content(MAILBOX, version, issued, device.id(), keys);
    return DeliveryKeys.sign(content, NETWORK, device::sign);
  }

  private static DeliveryKeys.Key key(int number) {
    byte[] publicKey = Digest.sha256(new byte[] {(byte) (number >> 8), (byte) number}).toBytes();
    return new DeliveryKeys.Key(publicKey, 1 + number, 0xffff - number);
  }

  private static byte[] with(byte[] bytes, int offset, int first, int second) {
    byte[] changed = bytes.clone();
    changed[offset] = (byte) first;
    changed[offset + 1] = (byte) second;
    return changed;
  }

  private static void assertMalformed(byte[] bytes, String reason) {
    assertThat(DeliveryKeys.parse(bytes))
        .isInstanceOf(Parsed.Malformed.class)
        .asString()
        .contains(reason);
  }
}
