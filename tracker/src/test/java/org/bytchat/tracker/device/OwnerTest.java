package org.bytchat.tracker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.tracker.values.TestDevice;
import org.bytchat.tracker.wire.Parsed;
import org.junit.jupiter.api.Test;

/** Goal: an owner has one form, and one mailbox for each version of the UID. */
class OwnerTest {

  private static final Ed25519Scheme ED25519 = Ed25519Scheme.INSTANCE;
  private static final UserKey USER = UserKey.ofSeed(ED25519, TestDevice.of(100).seed());

  @Test
  void mailbox_ofEachVersion_isThePlaceOfTheLabel() {
    for (int version = 1; version <= 2; version++) {
      Owner owner = new Owner(version, USER.publicKey());
      assertThat(owner.mailbox()).isEqualTo(Keys.of("chat", owner.uid().bytes()));
      assertThat(owner.uid().version()).isEqualTo(version);
    }
    assertThat(new Owner(1, USER.publicKey()).mailbox())
        .isNotEqualTo(new Owner(2, USER.publicKey()).mailbox());
  }

  @Test
  void parse_anyVersion_takesTwo() {
    byte[] bytes = new Owner(1, USER.publicKey()).toBytes();
    for (int version = 0; version < 256; version++) {
      bytes[0] = (byte) version;
      assertThat(Owner.parse(bytes, ED25519) instanceof Parsed.Good<Owner>)
          .isEqualTo(version == 1 || version == 2);
    }
    assertThatThrownBy(() -> new Owner(3, USER.publicKey()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parse_keyThatAnyoneCanSignWith_isRefused() {
    byte[] bytes = new Owner(2, USER.publicKey()).toBytes();
    byte[] neutral = HexFormat.of().parseHex("01" + "00".repeat(31));
    System.arraycopy(neutral, 0, bytes, bytes.length - 32, 32);
    assertThat(Owner.parse(bytes, ED25519))
        .isInstanceOf(Parsed.Malformed.class)
        .asString()
        .contains("prime-order");
    assertThat(Owner.parse(Arrays.copyOf(bytes, 1), ED25519)).isInstanceOf(Parsed.Malformed.class);
    assertThat(Owner.parse(new byte[0], ED25519)).isInstanceOf(Parsed.Malformed.class);
    assertThat(Owner.parse(Arrays.copyOf(bytes, 5000), ED25519))
        .isInstanceOf(Parsed.Malformed.class);
  }
}
