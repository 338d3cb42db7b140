package org.bytchat.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/**
 * Goal: the wheel gives events in their order, whatever is added when. Method: random histories
 * beside a sorted set, with steps and windows as the kernel takes them.
 */
class TimingWheelTest {

  private static final long SLOT = 256;
  private static final long DAY = 86_400_000_000L;
  private static final Comparator<Event> ORDER =
      Comparator.<Event>comparingLong(event -> event.timeMicros)
          .thenComparingLong(event -> event.order);

  /** How far ahead events are: each wheel, its edges, and beyond all of them. */
  private static final long[] REACHES = {
    1,
    SLOT,
    1_000,
    SLOT << 12,
    (SLOT << 12) + SLOT,
    SLOT << 13,
    60_000_000,
    SLOT << 24,
    3 * DAY,
    SLOT << 36,
    400 * DAY
  };

  private final TimingWheel wheel = new TimingWheel();
  private final TreeSet<Event> model = new TreeSet<>(ORDER);
  private long numbers;

  /** An event that does nothing. */
  private static final class Nothing extends Event {
    Nothing(long timeMicros, long order) {
      super(timeMicros, 0, order);
    }

    @Override
    void handle(Partition partition, SimNode target) {
      throw new AssertionError("nobody handles it here");
    }
  }

  private void add(long timeMicros, int eventClass) {
    Event event = new Nothing(timeMicros, Event.orderOf(eventClass, 0, numbers++));
    wheel.add(event);
    model.add(event);
  }

  private long ahead(Random random) {
    long reach = REACHES[random.nextInt(REACHES.length)];
    return (long) (random.nextDouble() * reach) + random.nextInt(2);
  }

  /** Takes all events before a limit; each may add others, as nodes do. */
  private void run(Random random, long limit, int children) {
    long next = wheel.nextMicros(limit);
    while (next != TimingWheel.NEVER) {
      Event expected = model.first();
      assertThat(next).isEqualTo(expected.timeMicros).isLessThan(limit);
      assertThat(wheel.take()).isSameAs(model.pollFirst());
      assertThat(wheel.size()).isEqualTo(model.size());
      if (model.size() < 300) {
        for (int i = random.nextInt(children + 1); i > 0; i--) {
          // At the same instant only what comes later in the order.
          long time = next + ahead(random);
          add(time, time == next ? Event.TIMER : random.nextInt(Event.TIMER + 1));
        }
      }
      next = wheel.nextMicros(limit);
    }
    assertThat(model.isEmpty() || model.first().timeMicros >= limit).isTrue();
  }

  @SeededTest(runs = 60)
  void take_randomHistory_givesTheOrderOfASortedSet(long seed) {
    Random random = Seeds.random(seed);
    long now = 0;
    for (int step = 0; step < 60; step++) {
      for (int i = random.nextInt(8); i > 0; i--) {
        add(now + ahead(random), random.nextInt(Event.TIMER + 1));
      }
      now += ahead(random);
      run(random, now, 1);
    }
  }

  @SeededTest(runs = 60)
  void earliest_windowsOfAKernel_isNeverAboveTheFirstAndGetsThere(long seed) {
    Random random = Seeds.random(seed);
    for (int i = 0; i < 40; i++) {
      add(ahead(random), random.nextInt(Event.TIMER + 1));
    }
    long floor = 1L + random.nextInt(20_000);
    long last = -1;
    long idle = 0;
    for (int window = 0; window < 2_000 && !model.isEmpty(); window++) {
      long limit = last + 1 + ahead(random);
      long start = wheel.earliestMicros(limit);
      long first = model.first().timeMicros;
      if (start == TimingWheel.NEVER) {
        assertThat(first).isGreaterThanOrEqualTo(limit);
        run(random, limit, 0);
        last = Math.max(last, limit - 1);
        continue;
      }
      assertThat(start).isLessThanOrEqualTo(first).isLessThan(limit);
      long before = wheel.size();
      long end = Math.min(limit, start + floor);
      run(random, end, 0);
      // No more than a step down each wheel is without an event.
      idle = wheel.size() == before ? idle + 1 : 0;
      assertThat(idle).as("windows without an event").isLessThan(4);
      // What others sent in this window arrives after it.
      for (int i = random.nextInt(3); i > 0 && model.size() < 100; i--) {
        add(end + ahead(random), Event.PACKET);
      }
      last = Math.max(last, end - 1);
    }
  }

  @Test
  void take_manyAtOneInstant_keepsClassSourceAndNumber() {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      events.add(new Nothing(5, Event.orderOf(i % 5, i * 7919 % 10_000, i % 3)));
    }
    events.forEach(wheel::add);
    events.sort(ORDER);
    for (Event event : events) {
      assertThat(wheel.nextMicros(6)).isEqualTo(5);
      assertThat(wheel.take()).isSameAs(event);
    }
    assertThat(wheel.nextMicros(Long.MAX_VALUE / 2)).isEqualTo(TimingWheel.NEVER);
  }

  @Test
  void add_longSlotThatFillsAsItEmpties_losesNothing() {
    for (int i = 0; i < 256; i++) {
      add(7, Event.SCHEDULE);
    }
    for (int i = 0; i < 2_000; i++) {
      assertThat(wheel.nextMicros(100)).isEqualTo(7);
      assertThat(wheel.take()).isSameAs(model.pollFirst());
      add(7, Event.TIMER);
    }
    assertThat(wheel.size()).isEqualTo(256);
  }

  @Test
  void add_slotThatHasPassed_isRefused() {
    add(10 * SLOT, Event.PACKET);
    assertThat(wheel.nextMicros(20 * SLOT)).isEqualTo(10 * SLOT);
    wheel.take();
    assertThatThrownBy(() -> add(9 * SLOT, Event.PACKET))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("past");
  }

  @Test
  void next_limitWithinASlot_leavesRoomForWhatComesBeforeTheRest() {
    add(10 * SLOT + 100, Event.PACKET);
    assertThat(wheel.nextMicros(10 * SLOT + 50)).isEqualTo(TimingWheel.NEVER);
    add(10 * SLOT + 50, Event.PACKET);
    assertThat(wheel.nextMicros(11 * SLOT)).isEqualTo(10 * SLOT + 50);
  }

  @Test
  void orderOf_largestNodeAndNumber_keepThemApart() {
    int node = Event.SOURCES_MAX - 1;
    long number = (1L << 36) - 1;
    Event event = new Nothing(0, Event.orderOf(Event.TIMER, node, number));
    assertThat(event.source()).isEqualTo(node);
    assertThat(event.order).isPositive();
    assertThat(event.order).isGreaterThan(Event.orderOf(Event.TIMER, node, number - 1));
    assertThat(event.order).isGreaterThan(Event.orderOf(Event.TIMER, node - 1, number));
    assertThat(event.order).isGreaterThan(Event.orderOf(Event.EFFECT, node, number));
  }
}
