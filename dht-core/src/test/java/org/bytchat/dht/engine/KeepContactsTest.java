package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;

/** Contacts are kept now and then by a node that has where to, and only if it has any. */
class KeepContactsTest {

  private static final DhtConfig OFTEN =
      DhtConfig.defaults()
          .withAssumeReachable(true)
          .withRouting(RoutingConfig.defaults().withKeepInterval(Duration.ofSeconds(1)));

  @SeededTest(runs = 5)
  void keepContacts_interval_isItsPeriodWithJitter(long seed) {
    Solo solo = new Solo(seed, OFTEN, true);
    SoloPeer one = solo.contact(1);
    SoloPeer two = solo.contact(2);
    int before = kept(solo).size();
    solo.serve(List.of(one, two), Duration.ofMinutes(1));
    List<Effect.KeepContacts> kept = kept(solo);
    assertThat(kept.size() - before).as("each 0.75 s to 1.25 s").isBetween(48, 80);
    assertThat(kept.get(kept.size() - 1).contacts())
        .containsExactlyInAnyOrder(one.contact(), two.contact());
    assertThat(solo.engine().stats().effectsUnderWay()).isZero();
  }

  @SeededTest(runs = 5)
  void keepContacts_default_isEachFiveMinutes(long seed) {
    Solo solo = new Solo(seed, DhtConfig.defaults().withAssumeReachable(true), true);
    SoloPeer peer = solo.contact(1);
    solo.serve(List.of(peer), Duration.ofMinutes(50));
    assertThat(kept(solo).size()).isBetween(8, 14);
  }

  @SeededTest(runs = 5)
  void keepContacts_nobodyKnown_keepsWhatWasKeptBefore(long seed) {
    Solo solo = new Solo(seed, OFTEN, true);
    solo.run(Duration.ofMinutes(1));
    assertThat(kept(solo)).isEmpty();
  }

  @SeededTest(runs = 5)
  void keepContacts_noPlace_neverHappens(long seed) {
    Solo solo = new Solo(seed, OFTEN, false);
    SoloPeer peer = solo.contact(1);
    solo.serve(List.of(peer), Duration.ofMinutes(1));
    assertThat(solo.engine().contacts()).hasSize(1);
    assertThat(kept(solo)).isEmpty();
  }

  @SeededTest(runs = 5)
  void keepContacts_outage_keepsThoseWhoMayComeBack(long seed) {
    Solo solo = new Solo(seed, OFTEN, true);
    SoloPeer peer = solo.contact(1);
    solo.serve(List.of(peer), Duration.ofSeconds(20));
    solo.run(Duration.ofHours(1));
    List<Effect.KeepContacts> kept = kept(solo);
    assertThat(kept.get(kept.size() - 1).contacts()).containsExactly(peer.contact());
  }

  @SeededTest(runs = 5)
  void keepContacts_placeIsSlow_doesNotHoldUpTheNode(long seed) {
    Solo solo = new Solo(seed, OFTEN, true);
    SoloPeer peer = solo.contact(1);
    solo.holdEffects(true);
    solo.serve(List.of(peer), Duration.ofMinutes(30));
    assertThat(kept(solo)).as("one at a time").hasSize(1);
    assertThat(solo.engine().stats().effectsUnderWay()).isEqualTo(1);
    assertThat(solo.engine().contacts()).containsExactly(peer.contact());
    solo.holdEffects(false);
    assertThat(solo.engine().stats().effectsUnderWay()).isZero();
    solo.run(Duration.ofSeconds(3));
    assertThat(kept(solo)).as("and then again").hasSizeGreaterThan(1);
  }

  private static List<Effect.KeepContacts> kept(Solo solo) {
    return solo.effects().stream()
        .filter(Effect.KeepContacts.class::isInstance)
        .map(Effect.KeepContacts.class::cast)
        .toList();
  }
}
