package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What a profile may hold. */
class ProfileTest {

  @Test
  void constructor_limits_areTaken() {
    assertThat(new Profile("a").name()).isEqualTo("a");
    assertThat(new Profile("\u00e9".repeat(32)).name()).hasSize(32);
    assertThat(new Profile("\ud83d\ude00".repeat(16)).name()).hasSize(32);
    assertThat(new Profile("a", new byte[Profile.AVATAR_BYTES_MAX]).hasAvatar()).isTrue();
    assertThat(new Profile("a", new byte[0]).hasAvatar()).isFalse();
  }

  @Test
  void constructor_beyondTheLimits_throws() {
    for (String name : new String[] {"", "a".repeat(65), "\u00e9".repeat(32) + "a", "\ud83d"}) {
      assertThatThrownBy(() -> new Profile(name)).isInstanceOf(IllegalArgumentException.class);
    }
    byte[] tooLong = new byte[Profile.AVATAR_BYTES_MAX + 1];
    assertThatThrownBy(() -> new Profile("a", tooLong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65537");
  }

  @Test
  void avatar_changedOutside_staysTheSame() {
    byte[] avatar = {1, 2, 3};
    Profile profile = new Profile("a", avatar);
    avatar[0] = 9;
    profile.avatar()[1] = 9;
    assertThat(profile.avatar()).containsExactly(1, 2, 3);
  }

  @Test
  void equals_isByContent() {
    Profile profile = new Profile("a", new byte[] {1});
    assertThat(profile)
        .isEqualTo(new Profile("a", new byte[] {1}))
        .hasSameHashCodeAs(new Profile("a", new byte[] {1}))
        .isNotEqualTo(new Profile("a", new byte[] {2}))
        .isNotEqualTo(new Profile("b", new byte[] {1}))
        .hasToString("Profile[a, avatar of 1 bytes]");
  }
}
