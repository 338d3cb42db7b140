package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.store.MainlineItems.immutable;
import static org.bytchat.dht.store.MainlineItems.mutable;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.bytchat.dht.store.ItemStore.Limits;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Shrinker;
import org.bytchat.dht.time.DeadlineQueue;

/** Goal: whatever happens, the store is a plain list, oldest put first, with the rules applied. */
class ItemStoreModelTest {

  private static final int OPERATIONS = 2_000;
  private static final int ITEMS = 30;
  private static final long LIFETIME = 500;

  private record Operation(
      MainlineItem item, long expectedSequence, long source, int pause, boolean expires) {}

  private record Held(MainlineItem item, long source, long end) {}

  @SeededTest(runs = 30)
  void operations_random_sameAsTheNaiveStore(long seed) {
    Random random = Seeds.random(seed);
    // Either the count or the bytes are what is short.
    Limits limits =
        random.nextBoolean()
            ? new Limits(4 + random.nextInt(20), 100_000, 400 + random.nextInt(3_000), LIFETIME)
            : new Limits(1_000, 600 + random.nextInt(1_500), 300 + random.nextInt(600), LIFETIME);
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < OPERATIONS; i++) {
      operations.add(operation(random));
    }
    Shrinker.check(operations, list -> new Run(limits).all(list));
  }

  private static Operation operation(Random random) {
    int number = random.nextInt(ITEMS);
    MainlineItem item =
        number % 3 == 0
            ? immutable(number, 1 + number * 12)
            : mutable(number, random.nextInt(4), random.nextInt(2), 1 + number * 8);
    return new Operation(
        item,
        random.nextInt(3) == 0 ? random.nextInt(4) : StorePut.ANY_SEQUENCE,
        random.nextInt(1 + random.nextInt(NaiveSources.COUNT)),
        random.nextInt(4) == 0 ? random.nextInt(60) : 0,
        random.nextInt(3) == 0);
  }

  private static final class Run {

    private final Limits limits;
    private final ItemStore store;
    private List<Held> naive = new ArrayList<>();
    private long now;
    private long evicted;

    Run(Limits limits) {
      this.limits = limits;
      this.store = new ItemStore(limits);
    }

    void all(List<Operation> operations) {
      for (Operation operation : operations) {
        now += operation.pause;
        if (operation.expires) {
          int before = naive.size();
          naive.removeIf(held -> held.end <= now);
          assertThat(store.expire(now)).isEqualTo(before - naive.size());
        }
        MainlineItem item = operation.item;
        long expected = operation.expectedSequence;
        ItemStore.Refusal checked = store.check(item, expected, operation.source, now);
        ItemStore.Refusal committed = store.commit(item, expected, operation.source, now);
        String outcome = put(item, expected, operation.source);
        assertThat(checked == null ? "" : checked.name()).isEqualTo(outcome);
        assertThat(committed).isEqualTo(checked);
        checkState();
      }
    }

    private void checkState() {
      assertThat(store.count()).isEqualTo(naive.size());
      assertThat(store.bytes()).isEqualTo(sum(naive, held -> true, held -> held.item.size()));
      assertThat(store.evicted()).isEqualTo(evicted);
      assertThat(store.nextExpiryNanos())
          .isEqualTo(naive.stream().mapToLong(Held::end).min().orElse(DeadlineQueue.NEVER));
      for (Held held : naive) {
        assertThat(store.get(held.item.target(), now)).isSameAs(held.end > now ? held.item : null);
      }
    }

    private String put(MainlineItem item, long expected, long source) {
      Held held =
          naive.stream()
              .filter(found -> found.end > now && found.item.target().equals(item.target()))
              .findFirst()
              .orElse(null);
      if (held != null) {
        if (item.isMutable() && expected >= 0 && expected != held.item.sequence()) {
          return "CAS_MISMATCH";
        }
        boolean isSame = item.equals(held.item);
        if (!isSame && item.sequence() <= held.item.sequence()) {
          return "SEQUENCE_TOO_OLD";
        }
        if (isSame) {
          naive.remove(held);
          naive.add(new Held(held.item, held.source, now + LIFETIME));
          return "";
        }
      }
      return putNew(item, source);
    }

    private String putNew(MainlineItem item, long source) {
      List<Held> left = new ArrayList<>(naive);
      left.removeIf(held -> held.item.target().equals(item.target()));
      int before = left.size();
      while (sum(left, held -> held.source == source, held -> held.item.size()) + item.size()
          > limits.sourceBytesMax()) {
        if (!removeOldest(left, source)) {
          return "QUOTA";
        }
      }
      while (sum(left, held -> true, held -> held.item.size()) + item.size() > limits.bytesMax()) {
        if (!removeOldest(left, largest(left, source, item.size(), held -> held.item.size()))) {
          return "QUOTA";
        }
      }
      while (left.size() + 1 > limits.itemsMax()) {
        if (!removeOldest(left, largest(left, source, 1, held -> 1))) {
          return "QUOTA";
        }
      }
      evicted += before - left.size();
      left.add(new Held(item, source, now + LIFETIME));
      naive = left;
      return "";
    }

    private static boolean removeOldest(List<Held> left, long source) {
      for (Held held : left) {
        if (held.source == source) {
          return left.remove(held);
        }
      }
      return false;
    }

    private static long largest(
        List<Held> left, long newcomer, long added, ToLongFunction<Held> weight) {
      return NaiveSources.largest(
          newcomer, added, source -> sum(left, held -> held.source == source, weight));
    }

    private static long sum(List<Held> held, Predicate<Held> which, ToLongFunction<Held> weight) {
      return held.stream().filter(which).mapToLong(weight).sum();
    }
  }
}
