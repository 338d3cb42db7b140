package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;

/** Lines and counters, which are compact for the sake of a million engines in one heap. */
class FifoTest {

  @SeededTest(runs = 10)
  void operations_random_sameAsAQueue(long seed) {
    Random random = Seeds.random(seed);
    Fifo<Integer> line = new Fifo<>();
    ArrayDeque<Integer> queue = new ArrayDeque<>();
    for (int i = 0; i < 5000; i++) {
      if (random.nextInt(10) < (i / 200 % 2 == 0 ? 7 : 3)) {
        line.add(i);
        queue.add(i);
      } else {
        assertThat(line.poll()).isEqualTo(queue.poll());
      }
      assertThat(line.size()).isEqualTo(queue.size());
      assertThat(line.isEmpty()).isEqualTo(queue.isEmpty());
    }
  }

  @SeededTest(runs = 10)
  void counters_amountsBeyond32Bits_areNotLost(long seed) {
    Random random = Seeds.random(seed);
    Counters counters = new Counters();
    long[] sums = new long[Counter.values().length];
    for (int i = 0; i < 1000; i++) {
      Counter counter = Counter.values()[random.nextInt(sums.length)];
      long amount = random.nextInt(4) == 0 ? random.nextLong(1L << 40) : random.nextInt(2000);
      counters.add(counter, amount);
      sums[counter.ordinal()] += amount;
    }
    assertThat(counters.values().stream().mapToLong(Long::longValue).toArray()).isEqualTo(sums);
  }
}
