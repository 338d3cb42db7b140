package org.bytchat.sim.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.scenario.Attack.Question;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Goal: nobody gets more than three bytes for each that a spoofer sends in his name. */
@Timeout(120)
class SpooferTest {

  private static final int NODES = 150;
  private static final int TARGETS = 20;
  private static final long SECOND = TestNetwork.SECOND;

  private static TestNetwork networkFor(int victims, int threads, boolean codec) {
    return new TestNetwork(NODES, 1 + victims, DhtConfig.defaults(), threads, codec);
  }

  /** One spoofer, and victims at places of their own. */
  private static final class Trial implements AutoCloseable {

    final TestNetwork network;
    final Spoofer spoofer;
    final List<SilentVictim> victims = new ArrayList<>();

    Trial(Question question, int victimCount, double perSecond) {
      this(question, TARGETS, perSecond, networkFor(victimCount, 1, false));
    }

    Trial(Question question, int targetCount, double perSecond, TestNetwork network) {
      this.network = network;
      int victimCount = network.kernel.nodes().size() - NODES - 1;
      List<Endpoint> named = new ArrayList<>();
      for (int i = 0; i < victimCount; i++) {
        SimNode place = network.stranger(1 + i);
        SilentVictim victim = new SilentVictim();
        place.place(victim);
        victims.add(victim);
        named.add(network.endpoint(place));
      }
      Pace pace = new Pace(10 * SECOND, 130 * SECOND, perSecond);
      spoofer =
          new Spoofer(
              new Spoofer.Setting(
                  question,
                  pace,
                  network.contacts(targetCount),
                  named,
                  network.networkId(),
                  network.config.routing().bucketSize(),
                  5));
      network.kernel.schedule(
          pace.fromMicros(), network.stranger(0).index(), false, spoofer::begin);
    }

    void run() {
      network.kernel.runTo(150 * SECOND);
    }

    Reflection reflection(Question question) {
      return Reflection.of(List.of(spoofer), victims, question);
    }

    long verifyingBytes() {
      return victims.stream().mapToLong(SilentVictim::verifyingBytes).sum();
    }

    @Override
    public void close() {
      network.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Question.class)
  void spoofing_oneVictim_reflectsAtMostThreeTimes(Question question) {
    try (Trial trial = new Trial(question, 1, 1)) {
      trial.run();
      Reflection all = trial.reflection(Question.ALL);
      assertThat(all.sentDatagrams()).isEqualTo(TARGETS * 120);
      assertThat(all.reflectedDatagrams()).isPositive();
      assertThat(all.factor()).isGreaterThan(0.5).isLessThanOrEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource(Question.class)
  void spoofing_manyVictims_reflectsAtMostThreeTimes(Question question) {
    try (Trial trial = new Trial(question, 600, 5)) {
      trial.run();
      Reflection all = trial.reflection(Question.ALL);
      if (question != Question.FORWARD) {
        assertThat(trial.verifyingBytes()).as("each is new to the nodes").isPositive();
      }
      assertThat(all.factor()).isGreaterThan(1).isLessThanOrEqualTo(3);
    }
  }

  /** Who asks one node only comes into no limit for each victim that third nodes have. */
  @ParameterizedTest
  @EnumSource(Question.class)
  void spoofing_oneTargetManyVictims_reflectsAtMostThreeTimes(Question question) {
    try (Trial trial = new Trial(question, 1, 5, networkFor(600, 1, false))) {
      trial.run();
      Reflection all = trial.reflection(Question.ALL);
      assertThat(all.factor()).isGreaterThan(1).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void spoofing_pingOfOneVictim_reflectsLittleMoreThanWasSent() {
    try (Trial trial = new Trial(Question.PING, 1, 10)) {
      trial.run();
      assertThat(trial.reflection(Question.ALL).factor()).isBetween(1.0, 1.6);
      assertThat(trial.reflection(Question.GET)).isEqualTo(new Reflection(0, 0, 0, 0));
    }
  }

  @Test
  void spoofing_allQuestions_countsEachWithItsAnswers() {
    try (Trial trial = new Trial(Question.ALL, 3, 2)) {
      trial.run();
      Reflection all = trial.reflection(Question.ALL);
      long sent = 0;
      long reflected = trial.verifyingBytes();
      for (Question question : Question.values()) {
        if (question != Question.ALL) {
          Reflection part = trial.reflection(question);
          assertThat(part.sentDatagrams()).as("%s", question).isEqualTo(all.sentDatagrams() / 5);
          assertThat(part.reflectedDatagrams()).as("%s", question).isPositive();
          sent += part.sentBytes();
          reflected += part.reflectedBytes();
        }
      }
      assertThat(sent).isEqualTo(all.sentBytes());
      assertThat(reflected).isEqualTo(all.reflectedBytes());
    }
  }

  @Test
  void spoofing_forward_hasThirdNodesPingTheVictim() {
    try (Trial trial = new Trial(Question.FORWARD, 1, 1)) {
      trial.run();
      Reflection all = trial.reflection(Question.ALL);
      long verifying = trial.victims.stream().mapToLong(SilentVictim::verifyingDatagrams).sum();
      assertThat(all.reflectedDatagrams() - verifying)
          .as("each is answered, and now and then a third node pings")
          .isGreaterThan(all.sentDatagrams());
    }
  }

  @Test
  void spoofing_anyThreadsAndMode_givesTheSame() {
    Set<Object> seen = new HashSet<>();
    for (int threads = 1; threads <= 2; threads++) {
      for (boolean codec : new boolean[] {false, true}) {
        try (Trial trial = new Trial(Question.ALL, TARGETS, 1, networkFor(4, threads, codec))) {
          trial.run();
          seen.add(List.of(trial.network.kernel.traceHash(), trial.reflection(Question.ALL)));
        }
      }
    }
    assertThat(seen).hasSize(1);
  }
}
