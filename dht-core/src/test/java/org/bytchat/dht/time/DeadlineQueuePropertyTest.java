package org.bytchat.dht.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Shrinker;
import org.junit.jupiter.api.Test;

/** Against a list that is searched from end to end. */
class DeadlineQueuePropertyTest {

  private static final int ITEMS = 40;

  private static final class Item extends Timed {}

  private enum Kind {
    SCHEDULE,
    CANCEL,
    POLL
  }

  private record Operation(Kind kind, int item, long time) {}

  private record Entry(int item, long deadline, long order) {}

  @SeededTest(runs = 100)
  void operations_any_likeTheNaiveQueue(long seed) {
    Random random = Seeds.random(seed);
    int range = 1 + random.nextInt(200);
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Kind kind = Kind.values()[Math.max(0, random.nextInt(5) - 2)];
      operations.add(new Operation(kind, random.nextInt(ITEMS), random.nextInt(range) - 50));
    }
    Shrinker.check(operations, DeadlineQueuePropertyTest::run);
  }

  private static void run(List<Operation> operations) {
    DeadlineQueue<Item> queue = new DeadlineQueue<>();
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < ITEMS; i++) {
      items.add(new Item());
    }
    Map<Integer, Entry> naive = new LinkedHashMap<>();
    long order = 0;
    for (Operation operation : operations) {
      Item item = items.get(operation.item);
      switch (operation.kind) {
        case SCHEDULE -> {
          queue.schedule(item, operation.time);
          naive.put(operation.item, new Entry(operation.item, operation.time, order++));
          assertThat(item.deadlineNanos()).isEqualTo(operation.time);
        }
        case CANCEL -> {
          queue.cancel(item);
          naive.remove(operation.item);
        }
        case POLL -> {
          Optional<Entry> due = first(naive).filter(entry -> entry.deadline <= operation.time);
          Item polled = queue.pollDue(operation.time);
          assertThat(polled).isSameAs(due.map(entry -> items.get(entry.item)).orElse(null));
          due.ifPresent(entry -> naive.remove(entry.item));
        }
      }
      assertThat(queue.size()).isEqualTo(naive.size());
      assertThat(queue.nextNanos())
          .isEqualTo(first(naive).map(Entry::deadline).orElse(DeadlineQueue.NEVER));
    }
  }

  private static Optional<Entry> first(Map<Integer, Entry> entries) {
    return entries.values().stream()
        .min(Comparator.comparingLong(Entry::deadline).thenComparingLong(Entry::order));
  }

  @Test
  void cancel_twiceOrNeverScheduled_doesNothing() {
    DeadlineQueue<Item> queue = new DeadlineQueue<>();
    Item item = new Item();
    queue.cancel(item);
    queue.schedule(item, 5);
    queue.cancel(item);
    queue.cancel(item);
    assertThat(queue.size()).isZero();
    assertThat(queue.pollDue(DeadlineQueue.NEVER)).isNull();
  }
}
