package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.testkit.Pair;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;

/** Hours in the life of two nodes: what happens without anybody asking for it. */
class PairTest {

  private static final int RUNS = 10;

  @SeededTest(runs = RUNS)
  void upkeep_sixQuietHours_refreshesAndChecksAtItsPeriods(long seed) {
    Pair pair = Pair.joined(seed);
    pair.run(Duration.ofMinutes(1));
    EngineStats before = pair.a().stats();
    pair.run(Duration.ofHours(6));
    EngineStats after = pair.a().stats();
    // Every 15 min, with jitter, a lookup of the own id and one in the only bucket.
    assertThat(delta(before, after, Counter.LOOKUPS)).isBetween(36L, 64L);
    // Each lookup asks the other once; what is heard from so often needs no check.
    assertThat(delta(before, after, Counter.REQUESTS)).isBetween(36L, 70L);
    assertThat(delta(before, after, Counter.TIMEOUTS)).isZero();
    assertThat(delta(before, after, Counter.CONTACTS_EVICTED)).isZero();
    assertThat(after.contacts()).isEqualTo(1);
    assertThat(after.requestsUnderWay()).isZero();
    assertThat(after.effectsUnderWay()).isZero();
  }

  @SeededTest(runs = RUNS)
  void step_always_jumpsToTheNextWakeup(long seed) {
    Pair pair = Pair.joined(seed);
    long start = pair.network().nowNanos();
    long last = start;
    int steps = 0;
    while (last - start < Duration.ofHours(1).toNanos()) {
      assertThat(pair.step()).isTrue();
      assertThat(pair.network().nowNanos()).isGreaterThanOrEqualTo(last);
      last = pair.network().nowNanos();
      steps++;
    }
    assertThat(steps).as("an hour in few steps").isLessThan(5_000);
  }

  @SeededTest(runs = RUNS)
  void outage_hoursLong_keepsTheContactAndComesBackWithinTheBackoff(long seed) {
    Pair pair = Pair.joined(seed);
    pair.run(Duration.ofMinutes(5));
    pair.network().partition((from, to) -> true);
    pair.run(Duration.ofHours(3));
    for (VirtualNode node : List.of(pair.a(), pair.b())) {
      assertThat(node.stats().outage()).isTrue();
      assertThat(node.stats().count(Counter.OUTAGES)).isEqualTo(1);
      assertThat(node.events()).contains(new EngineEvent.OutageBegan());
      assertThat(node.stats().count(Counter.CONTACTS_EVICTED)).isZero();
      assertThat(node.stats().contacts()).isEqualTo(1);
    }
    long attempts = pair.a().stats().count(Counter.REQUESTS);
    pair.network().heal();
    pair.run(Duration.ofSeconds(90));
    assertThat(attempts).as("attempts went on, at least each 75 s and 5 s").isGreaterThan(130);
    for (VirtualNode node : List.of(pair.a(), pair.b())) {
      assertThat(node.stats().outage()).isFalse();
      assertThat(node.events()).endsWith(new EngineEvent.OutageEnded());
      assertThat(node.stats().contacts()).isEqualTo(1);
    }
    assertThat(lookup(pair).closest()).containsExactly(pair.b().contact());
  }

  /** What was sent into an outage and fails after its end says nothing of whom it was sent to. */
  @SeededTest(runs = RUNS)
  void outage_amongMany_evictsNobodyDuringItNorAtItsEnd(long seed) {
    Pair pair = Pair.joined(seed);
    VirtualNetwork network = pair.network();
    for (int i = 0; i < 20; i++) {
      network.add(DhtConfig.defaults()).start(pair.a().endpoint());
      network.run(Duration.ofMillis(500));
    }
    network.run(Duration.ofMinutes(10));
    VirtualNode cutOff = pair.b();
    int known = cutOff.stats().contacts();
    assertThat(known).isGreaterThan(15);
    network.partition((from, to) -> from.equals(cutOff.endpoint()) || to.equals(cutOff.endpoint()));
    network.run(Duration.ofHours(2));
    assertThat(cutOff.stats().outage()).isTrue();
    network.heal();
    network.run(Duration.ofMinutes(30));
    assertThat(cutOff.stats().outage()).isFalse();
    assertThat(cutOff.stats().count(Counter.CONTACTS_EVICTED)).isZero();
    assertThat(cutOff.stats().contacts()).isEqualTo(known);
  }

  @SeededTest(runs = RUNS)
  void outage_itsEndOvertakesARequestOfIt_doesNotEvictWhoWasAsked(long seed) {
    Solo solo = Solo.of(seed);
    SoloPeer early = solo.contact(1);
    SoloPeer late = solo.contact(2);
    solo.serve(List.of(early, late), Duration.ofSeconds(20));
    solo.run(Duration.ofHours(1));
    assertThat(solo.engine().stats().outage()).isTrue();
    List<Solo.Sent> toLate = List.of();
    List<Solo.Sent> toEarly = List.of();
    while (toLate.isEmpty() || toEarly.isEmpty()) {
      solo.run(Duration.ofSeconds(6));
      solo.takeSent();
      while (solo.engine().stats().requestsUnderWay() == 0) {
        solo.run(Duration.ofMillis(10));
      }
      solo.run(Duration.ofMillis(1));
      toLate = solo.takeSent(late.endpoint);
      toEarly = solo.takeSent(early.endpoint);
    }
    solo.run(Duration.ofMillis(40));
    solo.receive(early, early.answer(toEarly.get(0).packet()));
    assertThat(solo.engine().stats().outage()).isFalse();
    solo.run(Duration.ofMillis(4_990));
    assertThat(solo.engine().contacts())
        .as("the request of the outage failed")
        .contains(late.contact());
  }

  @SeededTest(runs = RUNS)
  void handleNetworkChange_always_rejoinsWithinASecond(long seed) {
    Pair pair = Pair.joined(seed);
    pair.run(Duration.ofMinutes(5));
    EngineStats before = pair.b().stats();
    pair.b().engine().handleNetworkChange(pair.network().nowNanos());
    pair.b().flush();
    assertThat(pair.b().stats().external()).as("where it is seen is to be found out").isEmpty();
    pair.run(Duration.ofSeconds(1));
    EngineStats after = pair.b().stats();
    assertThat(delta(before, after, Counter.LOOKUPS)).isPositive();
    assertThat(after.external()).containsExactly(pair.b().endpoint());
    pair.run(Duration.ofMinutes(5));
    assertThat(delta(after, pair.b().stats(), Counter.LOOKUPS)).as("it ends").isLessThan(6);
  }

  @SeededTest(runs = RUNS)
  void stop_oneOfTwo_otherKeepsAskingAndFindsItAgain(long seed) {
    Pair pair = Pair.joined(seed);
    pair.run(Duration.ofMinutes(5));
    pair.b().stop();
    pair.b().forget();
    pair.run(Duration.ofHours(5));
    assertThat(pair.a().stats().contacts()).as("nobody else answers either").isEqualTo(1);
    pair.b().start();
    boolean back =
        pair.network().runUntil(Duration.ofSeconds(90), () -> !pair.a().stats().outage());
    assertThat(back).isTrue();
    pair.run(Duration.ofSeconds(10));
    assertThat(pair.b().stats().contacts()).as("b knew nobody").isEqualTo(1);
  }

  @SeededTest(runs = RUNS)
  void startPing_nobodyThere_endsAfterTheHardTimeout(long seed) {
    Pair pair = Pair.joined(seed);
    pair.b().stop();
    long id = pair.a().engine().startPing(pair.b().endpoint(), pair.network().nowNanos());
    pair.a().flush();
    pair.run(Duration.ofMillis(4_900));
    assertThat(pair.a().events()).doesNotContain(new EngineEvent.PingFinished(id, null, 0));
    pair.run(Duration.ofMillis(200));
    assertThat(pair.a().events()).contains(new EngineEvent.PingFinished(id, null, 0));
  }

  @SeededTest(runs = RUNS)
  void startPing_otherThere_tellsItsIdAndTheRoundTripTime(long seed) {
    Pair pair = Pair.joined(seed);
    pair.network().links().latency(Duration.ofMillis(40), Duration.ZERO, Duration.ZERO);
    long id = pair.a().engine().startPing(pair.b().endpoint(), pair.network().nowNanos());
    pair.a().flush();
    pair.run(Duration.ofSeconds(1));
    long rttNanos = Duration.ofMillis(80).toNanos();
    assertThat(pair.a().events())
        .contains(new EngineEvent.PingFinished(id, pair.b().contact(), rttNanos));
  }

  private static LookupResult lookup(Pair pair) {
    return pair.network().lookup(pair.a(), NodeId.ZERO);
  }

  private static long delta(EngineStats before, EngineStats after, Counter counter) {
    return after.count(counter) - before.count(counter);
  }
}
