package org.bytchat.dht.node;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.RecordUser;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;

/**
 * A week and more of records among nodes that come and go, with clocks that are wrong by up to nine
 * minutes and 30 % of all datagrams lost: found until they end, never an older one after w holders
 * acknowledged a newer one, and gone after their time.
 */
class RecordLifeTest {

  private static final int NODES = 24;
  private static final int WRITERS = 6;
  private static final Duration CLOCK_ERROR_MAX = Duration.ofMinutes(9);

  /** One node leaves and another comes so often: each is replaced several times in the week. */
  private static final Duration CHURN = Duration.ofMinutes(30);

  @SeededTest(runs = 1)
  void week_churnLossAndWrongClocks_foundUntilItsEndAndNeverOlder(long seed) {
    Week week = new Week(seed);
    week.begin();
    for (int step = 1; step <= 7 * 24 * 2; step++) {
      week.step(step);
    }
    week.end();
  }

  /** Somebody who writes a new record now and then, through any node. */
  private static final class Writer {

    final RecordUser user;
    long acknowledged;
    int written;
    int refused;

    Writer(RecordUser user) {
      this.user = user;
    }
  }

  /** One network, its churn, and what its users know. */
  private static final class Week {

    private final Random random;
    private final VirtualNetwork network;

    /** The one that newcomers find the others through, and the one that publishes. */
    private final List<VirtualNode> steady = new ArrayList<>();

    private final RecordUser publisher;
    private final RecordUser once;
    private final List<Writer> writers = new ArrayList<>();
    private MutableRecord onceRecord;
    private long publishedFrom;

    Week(long seed) {
      random = Seeds.random(seed);
      network = VirtualNetwork.of(seed, Scope.LOCAL);
      publisher = new RecordUser(network, HashScheme.INSTANCE, seed);
      once = new RecordUser(network, HashScheme.INSTANCE, seed + 1);
      for (int i = 0; i < WRITERS; i++) {
        writers.add(new Writer(new RecordUser(network, HashScheme.INSTANCE, seed + 2 + i)));
      }
      onceRecord = once.record("meta", 1, 0, Duration.ofDays(3));
    }

    void begin() {
      steady.add(add().start());
      for (int i = 1; i < NODES; i++) {
        VirtualNode node = add().start(steady.get(0).endpoint());
        if (i == 1) {
          steady.add(node);
        }
        network.run(Duration.ofMillis(500));
      }
      network.run(Duration.ofMinutes(20));
      network.links().loss(0.3);
      EngineEvent.Published published =
          publisher.publish(
              steady.get(1), publisher.publication("meta", "it", new byte[0], Duration.ofDays(3)));
      PutResult result = requireNonNull(published.result());
      assertThat(result.isEnough()).isTrue();
      publishedFrom = result.sequence();
      onceRecord = once.record("meta", 1, steady.get(0).wallMillis(), Duration.ofDays(3));
      assertThat(once.put(steady.get(0), onceRecord, -1).isEnough()).isTrue();
    }

    private VirtualNode add() {
      long bound = CLOCK_ERROR_MAX.toMillis();
      long error = random.nextLong(-bound, bound + 1);
      VirtualNode node = network.add(DhtConfig.defaults()).withClockError(Duration.ofMillis(error));
      return random.nextBoolean() ? node.withDisk() : node;
    }

    void step(int step) {
      leaveAndJoin();
      Writer writer = writers.get(random.nextInt(WRITERS));
      write(writer);
      // At once, and later, when others hold it.
      read(writer);
      network.run(CHURN);
      read(writers.get(random.nextInt(WRITERS)));
      if (step % 8 == 0) {
        readPublished();
      }
      readOnce();
    }

    /** One that is not steady leaves for good, or comes back later; another one comes. */
    private void leaveAndJoin() {
      List<VirtualNode> others =
          network.nodes().stream().filter(node -> node.isUp() && !steady.contains(node)).toList();
      others.get(random.nextInt(others.size())).stop();
      List<VirtualNode> gone = network.nodes().stream().filter(node -> !node.isUp()).toList();
      boolean comesBack = random.nextInt(4) == 0;
      VirtualNode newcomer = comesBack ? gone.get(random.nextInt(gone.size())) : add();
      newcomer.start(steady.get(0).endpoint());
    }

    private void write(Writer writer) {
      VirtualNode through = up();
      long sequence = Math.max(writer.acknowledged + 1, through.wallMillis());
      MutableRecord next =
          writer.user.record("meta", sequence, through.wallMillis(), Duration.ofDays(7));
      if (writer.user.put(through, next, -1).isEnough()) {
        writer.acknowledged = sequence;
        writer.written++;
      } else {
        // Refused, for example, because the end may not fall and this clock is behind.
        writer.refused++;
      }
    }

    private void read(Writer writer) {
      if (writer.acknowledged > 0) {
        MutableRecord found =
            requireNonNull(writer.user.get(up(), writer.user.place("meta")).found());
        assertThat(found.sequence()).isGreaterThanOrEqualTo(writer.acknowledged);
      }
    }

    private void readPublished() {
      MutableRecord found = requireNonNull(publisher.get(up(), publisher.place("meta")).found());
      assertThat(found.sequence()).isGreaterThanOrEqualTo(publishedFrom);
      publishedFrom = found.sequence();
    }

    private void readOnce() {
      VirtualNode reader = up();
      MutableRecord found = once.get(reader, once.place("meta")).found();
      long leftMillis = onceRecord.expiresMillis() - trueMillis();
      long errorMillis = CLOCK_ERROR_MAX.toMillis();
      if (leftMillis > errorMillis) {
        assertThat(found).isEqualTo(onceRecord);
      } else if (leftMillis <= -errorMillis) {
        assertThat(found).isNull();
      }
    }

    private long trueMillis() {
      return VirtualNetwork.WALL_MILLIS + network.nowNanos() / 1_000_000;
    }

    private VirtualNode up() {
      List<VirtualNode> up = network.nodes().stream().filter(VirtualNode::isUp).toList();
      return up.get(random.nextInt(up.size()));
    }

    void end() {
      assertThat(trueMillis() - publishedFrom)
          .as("published again at half its life")
          .isLessThan(Duration.ofDays(2).toMillis());
      for (Writer writer : writers) {
        assertThat(writer.written).as("writes that w holders took").isGreaterThan(30);
        assertThat(writer.refused).as("writes that fewer took").isLessThan(writer.written / 4);
      }
      network.links().loss(0);
      steady.forEach(VirtualNode::stop);
      network.run(Duration.ofDays(7).plus(Duration.ofHours(1)));
      for (VirtualNode node : network.nodes()) {
        assertThat(node.isUp() ? node.stats().store().items() : 0).isZero();
      }
      assertThat(writers.get(0).user.get(up(), writers.get(0).user.place("meta")).found()).isNull();
    }
  }
}
