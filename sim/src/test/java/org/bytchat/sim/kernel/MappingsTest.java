package org.bytchat.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Goal: a router lets in whom its node wrote to lately, and nobody else. */
class MappingsTest {

  private static final long SECOND = 1_000_000;

  @Test
  void isOpenTo_nobodyWrittenTo_isClosed() {
    assertThat(new Mappings(300 * SECOND).isOpenTo(0, 0)).isFalse();
  }

  @Test
  void isOpenTo_afterItsTime_isClosed() {
    Mappings mappings = new Mappings(300 * SECOND);
    mappings.note(7, 10 * SECOND);
    assertThat(mappings.isOpenTo(7, 10 * SECOND)).isTrue();
    assertThat(mappings.isOpenTo(7, 310 * SECOND)).isTrue();
    assertThat(mappings.isOpenTo(7, 312 * SECOND)).isFalse();
    assertThat(mappings.isOpenTo(8, 10 * SECOND)).isFalse();
    mappings.note(7, 311 * SECOND);
    assertThat(mappings.isOpenTo(7, 600 * SECOND)).as("written to again").isTrue();
  }

  @SeededTest
  void isOpenTo_randomHistory_isThatOfAMap(long seed) {
    Random random = Seeds.random(seed);
    long life = (1 + random.nextInt(600)) * SECOND;
    Mappings mappings = new Mappings(life);
    Map<Integer, Long> last = new HashMap<>();
    int nodes = 1 + random.nextInt(3_000);
    long now = 0;
    for (int i = 0; i < 5_000; i++) {
      now += random.nextInt(400_000);
      int node = random.nextInt(nodes);
      if (random.nextBoolean()) {
        mappings.note(node, now);
        last.put(node, now);
      }
      int asked = random.nextInt(nodes);
      long age = now - last.getOrDefault(asked, -2 * life - 2 * SECOND);
      // It counts in whole seconds.
      if (age <= life || age > life + SECOND) {
        assertThat(mappings.isOpenTo(asked, now))
            .as("%d after %d us", asked, age)
            .isEqualTo(age <= life);
      }
    }
  }
}
