package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** The value of a profile's record: its bytes, and that no bytes do harm. */
class ProfileCodecTest {

  private static final HexFormat HEX = HexFormat.of();

  /** A name of "A" and a time of 1. */
  private static final String SMALL = "82a16ea141a2747301";

  @Test
  void encode_nameAndTime_isTheShortestForm() {
    assertThat(HEX.formatHex(ProfileCodec.encode(new ProfileCodec.Content("A", 1, null))))
        .isEqualTo(SMALL);
  }

  @Test
  void encode_avatar_isItsReferenceAsBytes() {
    BlobReference avatar = new BlobReference(1, new byte[32], NodeId.ZERO);
    String hex =
        HEX.formatHex(
            ProfileCodec.encode(new ProfileCodec.Content("A", 1_800_000_000_000L, avatar)));
    assertThat(hex)
        .isEqualTo(
            "83a16ea141a27473cf000001a3185c5000a26176c438" + "00000001" + "00".repeat(32 + 20));
  }

  @Test
  void encode_longest_fitsBesideTheLongestKey() {
    BlobReference avatar = Blob.cut(new byte[65_536], 0).reference();
    byte[] value =
        ProfileCodec.encode(new ProfileCodec.Content("n".repeat(64), Long.MAX_VALUE, avatar));
    // RSA of 3072 bits: 35 bytes of frame and label, 422 of key, 384 of signature.
    assertThat(value.length).isLessThanOrEqualTo(1_000 - 35 - 422 - 384);
  }

  @ParameterizedTest
  @CsvSource({
    "82a16ea141a2747301, small",
    "82a2747301a16ea141, in another order",
    "82a16ed90141a27473cf0000000000000001, in longer forms",
    "83a16ea141a2747301a178c0, unknown nil",
    "83a16ea141a2747301a1789292c0c293a161810203c403010203, unknown and nested",
    "83a16ea141a2747301a178c7020505ff, unknown extension",
    "83a16ea141a2747301a0a0, empty key",
  })
  void decode_otherForms_areTheSame(String hex, String what) {
    assertThat(ProfileCodec.decode(HEX.parseHex(hex)))
        .as(what)
        .isEqualTo(new ProfileCodec.Content("A", 1, null));
  }

  @ParameterizedTest
  @CsvSource({
    "'', cut off",
    "82a16ea141a27473, cut off",
    "82a16ea141a274730100, follow",
    "90, the value has a wrong type",
    "c0, the value has a wrong type",
    "c1, MessagePack",
    "80, no name",
    "81a2747301, no name",
    "81a16ea141, no time",
    "83a16ea141a16ea141a2747301, twice",
    "83a16ea141a2747301a2747302, twice",
    "84a16ea141a2747301a178c0a178c0, twice",
    "82a16ea0a2747301, the name has 0 bytes",
    "82a16ec40141a2747301, the name has a wrong type",
    "82a16e01a2747301, the name has a wrong type",
    "82a16ea2c328a2747301, UTF-8",
    "82a16ea3eda080a2747301, UTF-8",
    "82a16ea141a27473a131, the time has a wrong type",
    "82a16ea141a27473ca3f800000, the time has a wrong type",
    "82a16ea141a27473ff, negative",
    "82a16ea141a27473cfffffffffffffffff, MessagePack",
    "8201a1416ea2747301, a key has a wrong type",
    "83a16ea141a2747301a26176c0, the avatar has a wrong type",
    "83a16ea141a2747301a26176c40100, reference",
    "83a16ea141a2747301a26176c6ffffffff, MessagePack",
    "83a16ea141a2747301a26176c67fffffff, cut off",
    "82a16edb7fffffff41, cut off",
    "dfffffffff, MessagePack",
    "df7fffffff, cut off",
    "83a16ea141a2747301a178df7fffffff, cut off",
    "83a16ea141a2747301a178dd7fffffff, cut off",
    "83a16ea141a2747301a178c97fffffff05, cut off",
  })
  void decode_wrong_saysWhy(String hex, String reason) {
    ProfileCodec.Outcome outcome = ProfileCodec.decode(HEX.parseHex(hex));
    assertThat(outcome).isInstanceOf(ProfileCodec.Malformed.class);
    assertThat(((ProfileCodec.Malformed) outcome).reason()).contains(reason);
  }

  @Test
  void decode_nameAtAndBeyondTheLimit_isTakenAndRefused() throws IOException {
    assertThat(ProfileCodec.decode(named("n".repeat(64))))
        .isEqualTo(new ProfileCodec.Content("n".repeat(64), 1, null));
    assertThat(ProfileCodec.decode(named("n".repeat(65))))
        .isEqualTo(new ProfileCodec.Malformed("the name has 65 bytes"));
    assertThat(ProfileCodec.decode(named("\u00e9".repeat(33))))
        .isEqualTo(new ProfileCodec.Malformed("the name has 66 bytes"));
  }

  private static byte[] named(String name) throws IOException {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(2).packString("n").packString(name).packString("ts").packLong(1);
      return packer.toByteArray();
    }
  }

  @Test
  void decode_deepNesting_doesNoHarm() {
    byte[] value = new byte[60_000];
    Arrays.fill(value, (byte) 0x91);
    byte[] head = HEX.parseHex("83a16ea141a2747301a178");
    System.arraycopy(head, 0, value, 0, head.length);
    assertThat(ProfileCodec.decode(value)).isInstanceOf(ProfileCodec.Malformed.class);
    value[value.length - 1] = 0;
    assertThat(ProfileCodec.decode(value)).isEqualTo(new ProfileCodec.Content("A", 1, null));
  }

  @SeededTest
  void decode_encoded_isTheSame(long seed) {
    ProfileCodec.Content content = content(Seeds.random(seed));
    assertThat(ProfileCodec.decode(ProfileCodec.encode(content))).isEqualTo(content);
  }

  @SeededTest(runs = 50)
  void decode_randomOrMutatedBytes_neverThrowsAndIsAProfileOrNot(long seed) {
    Random random = Seeds.random(seed);
    int accepted = 0;
    for (int i = 0; i < 400; i++) {
      byte[] value = i % 4 == 0 ? randomBytes(random) : mutated(random);
      if (ProfileCodec.decode(value) instanceof ProfileCodec.Content content) {
        accepted++;
        assertThat(content.changedMillis()).isNotNegative();
        // The constructor checks the name once more.
        byte[] again =
            ProfileCodec.encode(
                new ProfileCodec.Content(
                    new Profile(content.name()).name(), content.changedMillis(), content.avatar()));
        assertThat(ProfileCodec.decode(again)).isEqualTo(content);
      }
    }
    assertThat(accepted).as("mutants that are profiles still").isBetween(1, 399);
  }

  private static ProfileCodec.Content content(Random random) {
    StringBuilder name = new StringBuilder();
    int characters = 1 + random.nextInt(16);
    for (int i = 0; i < characters; i++) {
      // None of these is half of a surrogate pair.
      name.appendCodePoint(random.nextBoolean() ? random.nextInt(0xd800) : 0x1f600);
    }
    byte[] hash = new byte[32];
    random.nextBytes(hash);
    byte[] root = new byte[NodeId.BYTES];
    random.nextBytes(root);
    BlobReference avatar =
        random.nextBoolean()
            ? null
            : new BlobReference(1 + random.nextInt(65_536), hash, NodeId.read(root, 0));
    String text = name.toString();
    assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, 64);
    return new ProfileCodec.Content(text, random.nextLong() >>> 1, avatar);
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    if (bytes.length > 0 && random.nextBoolean()) {
      bytes[0] = (byte) (0x80 + random.nextInt(16));
    }
    return bytes;
  }

  private static byte[] mutated(Random random) {
    byte[] bytes = ProfileCodec.encode(content(random));
    int changes = random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> Arrays.copyOf(bytes, bytes.length + random.nextInt(3));
      default -> bytes;
    };
  }
}
