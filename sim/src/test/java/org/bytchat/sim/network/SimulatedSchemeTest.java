package org.bytchat.sim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Goal: simulated signatures do to honest nodes what Ed25519 does. */
class SimulatedSchemeTest {

  private static final SimulatedScheme SCHEME = SimulatedScheme.INSTANCE;

  @SeededTest
  void verify_anyChange_fails(long seed) {
    Random random = Seeds.random(seed);
    byte[] secret = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(secret);
    byte[] key = SCHEME.publicKey(secret);
    byte[] message = new byte[random.nextInt(300)];
    random.nextBytes(message);
    byte[] signature = SCHEME.sign(secret, key, message);
    assertThat(key).hasSize(32);
    assertThat(signature).hasSize(64);
    assertThat(SCHEME.verify(key, message, signature)).isTrue();
    for (byte[] changed : new byte[][] {key, message, signature}) {
      if (changed.length > 0) {
        int at = random.nextInt(changed.length);
        int bit = 1 << random.nextInt(8);
        changed[at] ^= (byte) bit;
        assertThat(SCHEME.verify(key, message, signature)).isFalse();
        changed[at] ^= (byte) bit;
      }
    }
    byte[] longer = java.util.Arrays.copyOf(message, message.length + 1);
    assertThat(SCHEME.verify(key, longer, signature)).as("a zero more").isFalse();
    assertThat(SCHEME.verify(key, message, new byte[63])).isFalse();
    assertThat(SCHEME.verify(key, message, new byte[0])).isFalse();
  }

  @Test
  void publicKey_manySeeds_areAllDifferent() {
    Set<String> keys = new HashSet<>();
    byte[] seed = new byte[SignatureScheme.SEED_BYTES];
    for (int i = 0; i < 20_000; i++) {
      seed[i % 3] = (byte) i;
      seed[4] = (byte) (i >>> 8);
      seed[31] = (byte) (i >>> 4);
      keys.add(HexFormat.of().formatHex(seed) + HexFormat.of().formatHex(SCHEME.publicKey(seed)));
    }
    Set<String> seeds = new HashSet<>();
    Set<String> publics = new HashSet<>();
    keys.forEach(
        both -> {
          seeds.add(both.substring(0, 64));
          publics.add(both.substring(64));
        });
    assertThat(seeds).hasSizeGreaterThan(10_000);
    assertThat(publics).hasSameSizeAs(seeds);
  }

  @Test
  void sign_fixedInput_isTheSameOnEveryMachine() {
    byte[] secret = new byte[SignatureScheme.SEED_BYTES];
    secret[0] = 1;
    byte[] key = SCHEME.publicKey(secret);
    assertThat(HexFormat.of().formatHex(key, 0, 8)).isEqualTo("23f3929e21f0e1c4");
    assertThat(HexFormat.of().formatHex(SCHEME.sign(secret, key, new byte[] {1, 2, 3}), 56, 64))
        .isEqualTo("c5d1f50a1af1de0b");
  }
}
