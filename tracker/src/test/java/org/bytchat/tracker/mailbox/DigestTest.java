package org.bytchat.tracker.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Goal: order and leading zeros are those of the number that the bytes are. */
class DigestTest {

  @Test
  void leadingZeros_everyHighestBit_isTheBit() {
    assertThat(Digest.of(new byte[32]).leadingZeros()).isEqualTo(256);
    for (int bit = 0; bit < 256; bit++) {
      byte[] bytes = new byte[32];
      bytes[bit / 8] = (byte) (0xff >> bit % 8);
      bytes[31] |= 1;
      assertThat(Digest.of(bytes).leadingZeros()).isEqualTo(bit);
    }
  }

  @SeededTest
  void compareTo_anyTwo_isTheOrderOfNumbers(long seed) {
    byte[] one = new byte[32];
    byte[] other = new byte[32];
    Seeds.random(seed).nextBytes(one);
    Seeds.random(seed + 1).nextBytes(other);
    assertThat(Integer.signum(Digest.of(one).compareTo(Digest.of(other))))
        .isEqualTo(new BigInteger(1, one).compareTo(new BigInteger(1, other)));
    assertThat(Digest.of(one)).isEqualByComparingTo(Digest.of(one.clone()));
  }

  @Test
  void of_arrayChangedLater_keepsItsBytes() {
    byte[] bytes = new byte[32];
    Digest digest = Digest.of(bytes);
    bytes[0] = 1;
    digest.toBytes()[1] = 1;
    assertThat(digest.toBytes()).containsOnly(0);
  }

  @Test
  void of_anotherLength_isRefused() {
    assertThatThrownBy(() -> Digest.of(new byte[31])).hasMessageContaining("32 bytes, not 31");
  }
}
