package org.bytchat.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: events happen in their order, once, on any number of threads, and nothing is hidden. */
@Timeout(60)
class KernelTest {

  private static final long SECOND = 1_000_000;

  /** Writes down what happened to its node. */
  private static final class Mark extends Event {

    private final List<List<Mark>> marks;

    Mark(long timeMicros, int node, long order, List<List<Mark>> marks) {
      super(timeMicros, node, order);
      this.marks = marks;
    }

    @Override
    void handle(Partition partition, SimNode target) {
      marks.get(node).add(this);
    }
  }

  @SeededTest(runs = 6)
  void runTo_anyThreads_handlesEachNodesEventsInTheirOrder(long seed) {
    Random random = Seeds.random(seed);
    int nodes = 7;
    for (int threads = 1; threads <= 3; threads++) {
      try (Kernel kernel = new Kernel(new SmallWorld(nodes), threads, false)) {
        List<List<Mark>> marks = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
          marks.add(Collections.synchronizedList(new ArrayList<>()));
        }
        int events = 2_000;
        for (int i = 0; i < events; i++) {
          // Few times and sources, so that every part of the order decides somewhere.
          long order = Event.orderOf(random.nextInt(5), random.nextInt(4), i);
          int node = random.nextInt(nodes);
          Mark mark = new Mark(1 + random.nextInt(40) * 997L, node, order, marks);
          kernel.partition(kernel.partitionOf(node)).add(mark);
        }
        kernel.runTo(2 * SECOND);
        assertThat(kernel.handledEvents()).isEqualTo(events);
        assertThat(kernel.waitingEvents()).isZero();
        for (List<Mark> of : marks) {
          List<Mark> sorted = new ArrayList<>(of);
          sorted.sort(
              Comparator.<Mark>comparingLong(mark -> mark.timeMicros)
                  .thenComparingLong(mark -> mark.order));
          assertThat(of).isEqualTo(sorted);
        }
      }
    }
  }

  @Test
  void schedule_sameNodeAndTime_doesFaultsFirstAndTheRestAsScheduled() {
    try (Kernel kernel = new Kernel(new SmallWorld(1), 1, false)) {
      List<String> done = new ArrayList<>();
      kernel.schedule(5, 0, false, (node, control) -> done.add("first"));
      kernel.schedule(5, 0, true, (node, control) -> done.add("fault"));
      kernel.schedule(5, 0, false, (node, control) -> done.add("second"));
      kernel.schedule(5, 0, true, (node, control) -> done.add("other fault"));
      kernel.schedule(4, 0, false, (node, control) -> done.add("before"));
      kernel.runTo(6);
      assertThat(done).containsExactly("before", "fault", "other fault", "first", "second");
    }
  }

  @Test
  void runTo_whatIsAtTheEnd_waitsForTheNextCall() {
    try (Kernel kernel = new Kernel(new SmallWorld(1), 1, false)) {
      List<Long> times = new ArrayList<>();
      for (long time : List.of(0L, 9L, 10L, 11L)) {
        kernel.schedule(time, 0, false, (node, control) -> times.add(control.nowMicros()));
      }
      kernel.runTo(10);
      assertThat(times).containsExactly(0L, 9L);
      assertThat(kernel.nowMicros()).isEqualTo(10);
      kernel.runTo(11);
      assertThat(times).containsExactly(0L, 9L, 10L);
      assertThat(kernel.waitingEvents()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void runTo_deadlineThatHasCome_firesOnceAtAnInstant(boolean codec) {
    SmallWorld world = new SmallWorld(1);
    try (Kernel kernel = new Kernel(world, 1, codec)) {
      kernel.schedule(0, 0, false, (node, control) -> control.start(node));
      kernel.runTo(1);
      SimNode node = kernel.nodes().get(0);
      for (int i = 0; i < 50; i++) {
        long deadline = node.calledAtMicros();
        // As if the deadline had been put off and back again.
        kernel.partition(0).add(new NodeEvents.Timer(deadline, 0));
        kernel.partition(0).add(new NodeEvents.Timer(deadline - 1, 0));
        int before = world.watcher().handled.size();
        kernel.runTo(deadline + 1);
        assertThat(world.watcher().handled).hasSize(before + 1).endsWith(deadline);
        assertThat(node.calledAtMicros()).isGreaterThan(deadline);
      }
    }
  }

  @Test
  void stop_whatWasUnderWay_doesNothingToTheNextLife() {
    SmallWorld world = new SmallWorld(2);
    try (Kernel kernel = new Kernel(world, 1, false)) {
      kernel.schedule(0, 0, false, (node, control) -> control.start(node));
      kernel.schedule(10, 0, false, (node, control) -> ping(node, world.endpoint(1), control));
      kernel.schedule(20, 0, true, (node, control) -> control.stop(node));
      kernel.schedule(30, 0, false, (node, control) -> control.start(node));
      kernel.runTo(20 * SECOND);
      assertThat(world.watcher().events).noneMatch(EngineEvent.PingFinished.class::isInstance);
      assertThat(kernel.nodes().get(0).life()).isEqualTo(2);
      assertThat(kernel.count(Outcome.DOWN)).as("the peer never came").isEqualTo(1);
    }
  }

  private static void ping(SimNode node, Endpoint target, World.Control control) {
    assertThat(node.engine().startPing(target, control.nowMicros() * 1000)).isPositive();
  }

  @Test
  void start_whoIsUp_isRefused() {
    try (Kernel kernel = new Kernel(new SmallWorld(1), 1, false)) {
      kernel.schedule(0, 0, false, (node, control) -> control.start(node));
      kernel.schedule(7, 0, false, (node, control) -> control.start(node));
      assertThatThrownBy(() -> kernel.runTo(SECOND))
          .isInstanceOf(NodeFailure.class)
          .hasMessageContaining("node 0 at 0.000007 s")
          .hasMessageContaining("is up");
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, false", "2, true", "3, false", "3, true"})
  void runTo_nodeThatThrows_isNamedWithItsTime(int threads, boolean codec) {
    SmallWorld world = new SmallWorld(6);
    try (Kernel kernel = new Kernel(world, threads, codec)) {
      for (int node = 0; node < 6; node++) {
        kernel.schedule(0, node, false, (each, control) -> control.start(each));
      }
      kernel.schedule(
          3 * SECOND + 12,
          5,
          false,
          (node, control) -> {
            throw new AssertionError("not as it has to be");
          });
      NodeFailure failure =
          catchThrowableOfType(NodeFailure.class, () -> kernel.runTo(10 * SECOND));
      assertThat(failure.node()).isEqualTo(5);
      assertThat(failure.timeMicros()).isEqualTo(3 * SECOND + 12);
      assertThat(failure).hasMessageContaining("not as it has to be");
      assertThat(kernel.nowMicros()).isEqualTo(3 * SECOND);
      assertThat(kernel.secondHashes()).hasSize(3);
    }
  }

  @Test
  void runTo_twoFailuresOfOneWindow_tellsThatWhichOneThreadWouldMeet() {
    for (int round = 0; round < 20; round++) {
      int early = round % 2;
      CountDownLatch thrown = new CountDownLatch(1);
      try (Kernel kernel = new Kernel(new SmallWorld(2), 2, false)) {
        kernel.schedule(2_000, 1 - early, false, (node, control) -> fail(thrown, "late"));
        kernel.schedule(1_000, early, false, (node, control) -> failAfter(thrown));
        NodeFailure failure = catchThrowableOfType(NodeFailure.class, () -> kernel.runTo(SECOND));
        assertThat(failure.node()).isEqualTo(early);
        assertThat(failure.timeMicros()).isEqualTo(1_000);
      }
    }
  }

  private static void fail(CountDownLatch thrown, String what) {
    thrown.countDown();
    throw new IllegalStateException(what);
  }

  /** Fails first by the virtual clock and last by the real one. */
  private static void failAfter(CountDownLatch thrown) {
    try {
      assertThat(thrown.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException("early");
  }

  @Test
  void runTo_errorOnAnotherThread_arrivesAsItIs() {
    try (Kernel kernel = new Kernel(new SmallWorld(2), 2, false)) {
      kernel.schedule(
          5,
          1,
          false,
          (node, control) -> {
            throw new StackOverflowError("planted");
          });
      assertThatThrownBy(() -> kernel.runTo(SECOND)).isInstanceOf(StackOverflowError.class);
    }
  }

  @Test
  void deliver_slowLine_keepsItsRateAndDropsWhatWouldWaitTooLong() {
    SmallWorld world = new SmallWorld(2);
    world.downMicros = 10_000;
    world.queueMicros = 45_000;
    try (Kernel kernel = new Kernel(world, 1, true)) {
      kernel.schedule(0, 0, false, (node, control) -> control.start(node));
      kernel.logTrace(true);
      for (int i = 0; i < 20; i++) {
        PacketEvent.Flight flight =
            new PacketEvent.Flight(0, Event.orderOf(Event.PACKET, 1, i), 500);
        kernel
            .partition(0)
            .add(
                PacketEvent.of(
                    flight, 100, world.endpoint(1), new NotedCodec.Note(), new byte[500]));
      }
      kernel.runTo(SECOND);
      List<Long> delivered = timesOf(kernel, Outcome.DELIVERED);
      assertThat(delivered).containsExactly(10_100L, 20_100L, 30_100L, 40_100L, 50_100L);
      assertThat(timesOf(kernel, Outcome.OVERFLOWN)).hasSize(15).containsOnly(100L);
    }
  }

  @Test
  void carry_slowLine_keepsItsRateAndDropsWhatWouldWaitTooLong() {
    SmallWorld world = new SmallWorld(2);
    world.upMicros = 10_000;
    world.queueMicros = 15_000;
    try (Kernel kernel = new Kernel(world, 1, false)) {
      kernel.logTrace(true);
      kernel.schedule(0, 0, false, (node, control) -> control.start(node));
      for (int i = 0; i < 6; i++) {
        kernel.schedule(100, 0, false, (node, control) -> ping(node, world.endpoint(1), control));
      }
      kernel.runTo(100_000);
      long first = 100 + 10_000 + SmallWorld.DELAY;
      assertThat(timesOf(kernel, Outcome.DOWN)).startsWith(first, first + 10_000);
      assertThat(kernel.count(Outcome.OVERFLOWN)).isPositive();
      List<Long> arrivals = timesOf(kernel, Outcome.DOWN);
      for (int i = 1; i < arrivals.size(); i++) {
        assertThat(arrivals.get(i) - arrivals.get(i - 1)).isGreaterThanOrEqualTo(10_000);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void runTo_nobodyWantsMore_returnsSoonWithTheTimeItCameTo(int threads) {
    try (Kernel kernel = new Kernel(new SmallWorld(2), threads, false)) {
      AtomicBoolean wanted = new AtomicBoolean(true);
      kernel.onlyWhile(wanted::get);
      for (int i = 0; i < 10_000; i++) {
        boolean isLast = i == 3_000;
        kernel.schedule(
            1 + i, i % 2, false, (node, control) -> wanted.compareAndSet(isLast, false));
      }
      kernel.runTo(SECOND);
      // Other threads come to the end of their window, or stop before as well.
      assertThat(kernel.nowMicros()).isBetween(3_001L, 3_000L + 2 * SmallWorld.DELAY);
      assertThat(kernel.handledEvents()).isBetween(1_501L, 9_999L);
    }
  }

  private static List<Long> timesOf(Kernel kernel, Outcome outcome) {
    return kernel.traceEntries().stream()
        .filter(entry -> entry.outcome() == outcome)
        .map(TraceEntry::timeMicros)
        .toList();
  }

  @Test
  void count_eachDatagram_hasOneOutcomeAndIsSentOnce() {
    SmallWorld world = new SmallWorld(3);
    Endpoint nobody = Endpoint.ofIpv4(0x0900_0001, 5_000);
    try (Kernel kernel = new Kernel(world, 1, false)) {
      kernel.schedule(0, 0, false, (node, control) -> control.start(node));
      kernel.schedule(0, 1, false, (node, control) -> control.start(node));
      kernel.schedule(9, 0, false, (node, control) -> ping(node, nobody, control));
      kernel.schedule(9, 0, false, (node, control) -> ping(node, world.endpoint(2), control));
      kernel.runTo(10);
      assertThat(kernel.count(Outcome.NOBODY)).isEqualTo(1);
      assertThat(kernel.sentDatagrams(Traffic.PING)).isEqualTo(2);
      assertThat(kernel.sentBytes(Traffic.PING)).isBetween(2 * 40L, 2 * 300L);
      kernel.runTo(SECOND / 2);
      assertThat(kernel.count(Outcome.DOWN)).isEqualTo(1);
    }
  }
}
