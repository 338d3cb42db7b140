package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.dht.store.MainlineItems.ascii;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.junit.jupiter.api.Test;

/** Goal: bytes, places and signatures are those of BEP 44, within its limits. */
class MainlineItemTest {

  private static final byte[] VALUE = ascii("12:Hello World!");
  private static final byte[] SALT = ascii("foobar");
  private static final byte[] NO_SALT = {};
  private static final byte[] PUBLIC_KEY =
      hex("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");
  private static final byte[] SIGNATURE =
      hex(
          "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"
              + "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01");
  private static final byte[] SALTED_SIGNATURE =
      hex(
          "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"
              + "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08");

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static boolean isVerified(MainlineItem item) {
    return Ed25519Scheme.INSTANCE.verify(item.publicKey(), item.statement(), item.signature());
  }

  private static MainlineItem plain(long sequence) {
    return MainlineItem.mutable(PUBLIC_KEY, NO_SALT, sequence, VALUE, SIGNATURE);
  }

  private static MainlineItem salted() {
    return MainlineItem.mutable(PUBLIC_KEY, SALT, 1, VALUE, SALTED_SIGNATURE);
  }

  // The test vectors of BEP 44.

  @Test
  void mutable_firstVector_hasItsTargetStatementAndSignature() {
    MainlineItem item = plain(1);
    assertThat(item.target()).hasToString("4a533d47ec9c7d95b1ad75f576cffc641853b750");
    assertThat(item.statement()).isEqualTo(ascii("3:seqi1e1:v12:Hello World!"));
    assertThat(isVerified(item)).isTrue();
    assertThat(isVerified(plain(2))).isFalse();
  }

  @Test
  void mutable_secondVectorWithSalt_hasItsTargetStatementAndSignature() {
    MainlineItem item = salted();
    assertThat(item.target()).hasToString("411eba73b6f087ca51a3795d9c8c938d365e32c1");
    assertThat(item.statement()).isEqualTo(ascii("4:salt6:foobar3:seqi1e1:v12:Hello World!"));
    assertThat(isVerified(item)).isTrue();
    assertThat(isVerified(MainlineItem.mutable(PUBLIC_KEY, NO_SALT, 1, VALUE, SALTED_SIGNATURE)))
        .isFalse();
  }

  @Test
  void immutable_thirdVector_hasItsTarget() {
    MainlineItem item = MainlineItem.immutable(VALUE);
    assertThat(item.target()).hasToString("e5f96f6f38320f0f33959cb4d3d656452117aadb");
  }

  @Test
  void statement_ofSigner_isThatOfTheItem() {
    byte[] seed = Items.bytes(32, 1);
    byte[] key = Ed25519Scheme.INSTANCE.publicKey(seed);
    byte[] salt = Items.bytes(MainlineItem.SALT_BYTES_MAX, 2);
    byte[] statement = MainlineItem.statement(salt, Long.MAX_VALUE, VALUE);
    byte[] signature = Ed25519Scheme.INSTANCE.sign(seed, key, statement);
    MainlineItem item = MainlineItem.mutable(key, salt, Long.MAX_VALUE, VALUE, signature);
    assertThat(isVerified(item)).isTrue();
    assertThat(MainlineItem.statement(ascii("s"), -1, VALUE))
        .isEqualTo(ascii("4:salt1:s3:seqi-1e1:v12:Hello World!"));
    assertThat(new String(statement, 0, 9, StandardCharsets.US_ASCII)).isEqualTo("4:salt64:");
    assertThat(Arrays.copyOfRange(statement, 9, 73)).isEqualTo(salt);
    assertThat(Arrays.copyOfRange(statement, 73, statement.length))
        .isEqualTo(ascii("3:seqi9223372036854775807e1:v12:Hello World!"));
  }

  @Test
  void statement_ofImmutable_isABug() {
    assertThatThrownBy(MainlineItem.immutable(VALUE)::statement)
        .isInstanceOf(IllegalStateException.class);
  }

  // Places.

  @Test
  void targetOf_partOfTheSalt_takesOnlyThat() {
    byte[] longer = ascii("foobarbaz");
    assertThat(MainlineItem.targetOf(PUBLIC_KEY, longer, 6)).isEqualTo(salted().target());
    assertThat(MainlineItem.targetOf(PUBLIC_KEY, longer, 0)).isEqualTo(plain(1).target());
    assertThat(MainlineItem.targetOf(PUBLIC_KEY, longer, 9))
        .isEqualTo(Keys.sha1(PUBLIC_KEY, longer));
    assertThatThrownBy(() -> MainlineItem.targetOf(PUBLIC_KEY, longer, 10))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void targetOf_partOfABuffer_takesOnlyThat() {
    byte[] buffer = ascii("1:v12:Hello World!1:y1:q");
    NodeId target = MainlineItem.immutable(VALUE).target();
    assertThat(MainlineItem.targetOf(buffer, 3, VALUE.length)).isEqualTo(target);
    assertThat(MainlineItem.targetOf(VALUE, 0, VALUE.length)).isEqualTo(target);
    assertThatThrownBy(() -> MainlineItem.targetOf(buffer, 3, buffer.length - 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> MainlineItem.targetOf(buffer, -1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  // Limits and parts.

  @Test
  void mutable_hasItsParts() {
    MainlineItem item =
        MainlineItem.mutable(PUBLIC_KEY, SALT, Long.MIN_VALUE, VALUE, SALTED_SIGNATURE);
    assertThat(item.isMutable()).isTrue();
    assertThat(item.publicKey()).isEqualTo(PUBLIC_KEY);
    assertThat(item.salt()).isEqualTo(SALT);
    assertThat(item.sequence()).isEqualTo(Long.MIN_VALUE);
    assertThat(item.value()).isEqualTo(VALUE);
    assertThat(item.signature()).isEqualTo(SALTED_SIGNATURE);
    assertThat(item.size()).isEqualTo(32 + 6 + 15 + 64);
    assertThat(plain(7))
        .hasToString(
            "MainlineItem[4a533d47ec9c7d95b1ad75f576cffc641853b750, sequence 7, 111 bytes]");
  }

  @Test
  void immutable_hasAValueAndNothingElse() {
    MainlineItem item = MainlineItem.immutable(VALUE);
    assertThat(item.isMutable()).isFalse();
    assertThat(item.value()).isEqualTo(VALUE);
    assertThat(item.sequence()).isZero();
    assertThat(item.publicKey()).isEmpty();
    assertThat(item.salt()).isEmpty();
    assertThat(item.signature()).isEmpty();
    assertThat(item.size()).isEqualTo(15);
    assertThat(item)
        .hasToString("MainlineItem[e5f96f6f38320f0f33959cb4d3d656452117aadb, immutable, 15 bytes]");
  }

  @Test
  void lengths_atTheirLimits_areTakenAndBeyondRefused() {
    byte[] longest = new byte[1_000];
    byte[] salt = new byte[64];
    assertThat(MainlineItem.immutable(longest).size()).isEqualTo(1_000);
    assertThat(MainlineItem.mutable(PUBLIC_KEY, salt, 1, longest, SIGNATURE).size())
        .isEqualTo(1_160);
    refused("value", PUBLIC_KEY, salt, new byte[1_001], SIGNATURE);
    refused("salt", PUBLIC_KEY, new byte[65], VALUE, SIGNATURE);
    refused("public key", new byte[31], salt, VALUE, SIGNATURE);
    refused("public key", new byte[33], salt, VALUE, SIGNATURE);
    refused("signature", PUBLIC_KEY, salt, VALUE, new byte[63]);
    refused("signature", PUBLIC_KEY, salt, VALUE, new byte[65]);
    assertThatThrownBy(() -> MainlineItem.immutable(new byte[1_001]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("value must have 0..1000 bytes: 1001");
  }

  private static void refused(
      String part, byte[] publicKey, byte[] salt, byte[] value, byte[] signature) {
    assertThatThrownBy(() -> MainlineItem.mutable(publicKey, salt, 1, value, signature))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(part);
  }

  @Test
  void arrays_givenAndReturned_areCopies() {
    byte[][] given = {PUBLIC_KEY.clone(), SALT.clone(), VALUE.clone(), SALTED_SIGNATURE.clone()};
    MainlineItem item = MainlineItem.mutable(given[0], given[1], 1, given[2], given[3]);
    byte[] value = VALUE.clone();
    MainlineItem immutable = MainlineItem.immutable(value);
    spoil(given);
    spoil(value, immutable.value());
    spoil(item.publicKey(), item.salt(), item.value(), item.signature());
    assertThat(item).isEqualTo(salted());
    assertThat(immutable).isEqualTo(MainlineItem.immutable(VALUE));
  }

  private static void spoil(byte[]... arrays) {
    for (byte[] array : arrays) {
      Arrays.fill(array, (byte) 9);
    }
  }

  @Test
  void equals_eachPartCounts() {
    MainlineItem item = salted();
    assertThat(salted()).isEqualTo(item).hasSameHashCodeAs(item);
    assertThat(item)
        .isNotEqualTo(MainlineItem.mutable(new byte[32], SALT, 1, VALUE, SALTED_SIGNATURE))
        .isNotEqualTo(MainlineItem.mutable(PUBLIC_KEY, NO_SALT, 1, VALUE, SALTED_SIGNATURE))
        .isNotEqualTo(MainlineItem.mutable(PUBLIC_KEY, SALT, 2, VALUE, SALTED_SIGNATURE))
        .isNotEqualTo(MainlineItem.mutable(PUBLIC_KEY, SALT, 1, SALT, SALTED_SIGNATURE))
        .isNotEqualTo(MainlineItem.mutable(PUBLIC_KEY, SALT, 1, VALUE, SIGNATURE))
        .isNotEqualTo(MainlineItem.immutable(VALUE))
        .isNotEqualTo(VALUE);
    assertThat(plain(1).hashCode()).isNotEqualTo(plain(2).hashCode());
  }

  @Test
  void hasValueOf_otherParts_doNotCount() {
    assertThat(plain(1).hasValueOf(MainlineItem.immutable(VALUE))).isTrue();
    assertThat(plain(1).hasValueOf(MainlineItem.immutable(SALT))).isFalse();
  }
}
