package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.wire.Method;
import org.junit.jupiter.api.Test;

/** Keys around which somebody gathered nodes that work together. */
class CrowdTest {

  /** More than a lookup finds, all nearer than every honest node. */
  private static final int GANG = 50;

  /** Far more than a lookup may ask, among the nearest honest nodes. */
  private static final int HUNDREDS = 500;

  /** What a lookup may ask for contacts, and what it may ask for proofs. */
  private static final int REQUESTS_MAX = LookupConfig.defaults().candidatesMax();

  /** What else is asked meanwhile, by a get in its further rounds and for the table. */
  private static final int OTHERS_MAX = 20;

  private static final Duration BOUND = Duration.ofSeconds(20);

  /** A key with a record that the closest honest peers hold, and a gang nearer than they are. */
  private static final class Scene {
    final StagedNetwork stage;
    final MutableRecord item;
    final List<StagedPeer> gang;

    Scene(long seed, DhtConfig config, int count) {
      stage = new StagedNetwork(seed, config).join();
      item = stage.record(stage.calmLabel(), 7);
      holders().forEach(peer -> peer.hold(item));
      gang = stage.gather(item.key(), count);
      StagedNetwork.conspire(gang);
    }

    List<StagedPeer> holders() {
      return StagedNetwork.closest(stage.honest, item.key(), 5);
    }

    EngineEvent.GetFinished get() {
      return stage.user.get(stage.node, item.key());
    }

    LookupResult lookup() {
      return stage.network.lookup(stage.node, item.key());
    }

    List<Contact> gangContacts() {
      return StagedNetwork.contacts(gang, item.key(), GANG);
    }
  }

  @SeededTest(runs = 5)
  void get_crowdNearerThanAllHolders_isReadFromHolders(long seed) {
    Scene scene = new Scene(seed, StagedNetwork.config(true, true), GANG);
    assertThat(scene.get().found()).isEqualTo(scene.item);
    assertThat(scene.stage.count(Counter.LOOKUPS_CROWDED)).isEqualTo(1);
  }

  /** As many as are found otherwise are enough to hide a record, and so few are noticed too. */
  @SeededTest(runs = 10)
  void get_crowdOfOnlyKNodes_isReadFromHolders(long seed) {
    Scene scene = new Scene(seed, StagedNetwork.config(true, true), StagedNetwork.K);
    assertThat(scene.get().found()).isEqualTo(scene.item);
    assertThat(scene.stage.count(Counter.LOOKUPS_CROWDED)).isEqualTo(1);
  }

  /** The crowd hides the record from who does not mind it. */
  @SeededTest(runs = 5)
  void get_nobodyMindsTheCrowd_findsNothing(long seed) {
    Scene scene = new Scene(seed, StagedNetwork.config(false, true), GANG);
    assertThat(scene.get().found()).isNull();
    assertThat(scene.stage.count(Counter.LOOKUPS_CROWDED)).isZero();
  }

  @Test
  void lookup_crowd_findsTheHonestNodesBesideIt() {
    Scene scene = new Scene(1, StagedNetwork.config(true, true), GANG);
    LookupResult result = scene.lookup();
    assertThat(result.isCrowded()).isTrue();
    assertThat(scene.gang).allMatch(CrowdTest::wasAskedAround);
    assertThat(result.closest())
        .hasSizeGreaterThan(GANG)
        .containsAll(StagedNetwork.contacts(scene.holders(), scene.item.key(), 5));
  }

  /** Around the key all know the crowd alone; around itself each knows others. */
  private static boolean wasAskedAround(StagedPeer peer) {
    return peer.asked.values().stream().anyMatch(query -> Objects.equals(query.key(), peer.id()));
  }

  @Test
  void lookup_nobodyMindsTheCrowd_findsOnlyIt() {
    Scene scene = new Scene(1, StagedNetwork.config(false, true), GANG);
    LookupResult result = scene.lookup();
    assertThat(result.isCrowded()).isFalse();
    assertThat(result.closest()).hasSize(StagedNetwork.K).isSubsetOf(scene.gangContacts());
  }

  /** Who has the ids of others is no part of what is found in a crowd. */
  @Test
  void lookup_crowdCannotProveItsIds_findsOnlyHonestNodes() {
    Scene scene = new Scene(1, StagedNetwork.config(true, true), GANG);
    behave(scene.gang, Crowd.FALSE);
    LookupResult result = scene.lookup();
    assertThat(result.isCrowded()).isTrue();
    assertThat(result.closest())
        .doesNotContainAnyElementsOf(scene.gangContacts())
        .containsAll(StagedNetwork.contacts(scene.holders(), scene.item.key(), 5));
  }

  /** What the nodes of a crowd do. */
  private enum Crowd {
    /** They answer and prove their ids. */
    TRUE,
    /** They answer, and their ids are those of others. */
    FALSE,
    /** Most are made up. */
    SILENT
  }

  private static void behave(List<StagedPeer> gang, Crowd how) {
    StagedNetwork.conspire(gang);
    for (int i = 0; i < gang.size(); i++) {
      StagedPeer peer = gang.get(i);
      StagedPeer.Manner conspiring = peer.manner;
      boolean isThere = how != Crowd.SILENT || i % 10 == 0;
      peer.manner =
          (query, answer) -> {
            answer.signature[0] ^= (byte) (how == Crowd.FALSE ? 1 : 0);
            return isThere ? conspiring.answer(query, answer) : null;
          };
    }
  }

  /** Makes hundreds of nodes around a key, all of whom one gets to know by asking them. */
  private static MutableRecord crowd(StagedNetwork stage, Crowd how) {
    MutableRecord item = stage.record(stage.calmLabel(), 7);
    behave(stage.gather(item.key(), HUNDREDS, 12), how);
    stage.forgetQueries();
    return item;
  }

  private static int countOf(StagedNetwork stage, Method method) {
    return (int)
        stage.queries().stream()
            .filter(query -> query.method == method && !query.hasChallenge)
            .count();
  }

  @Test
  void lookup_crowdOfHundreds_asksAFewHundredAtMost() {
    for (Crowd how : Crowd.values()) {
      StagedNetwork stage = new StagedNetwork(1, StagedNetwork.config(true, true)).join();
      LookupResult result = stage.network.lookup(stage.node, crowd(stage, how).key());
      assertThat(result.isCrowded()).as("%s", how).isTrue();
      int finds = countOf(stage, Method.FIND_NODE);
      assertThat(finds).as("%s", how).isBetween(StagedNetwork.K, REQUESTS_MAX);
      assertThat(result.requests() - finds).as("%s", how).isBetween(GANG, REQUESTS_MAX);
      assertThat(result.elapsed()).as("%s", how).isLessThan(BOUND);
    }
  }

  /** The same for a get, which asks each node of a crowd twice. */
  @Test
  void get_crowdOfHundreds_asksAFewHundredAtMost() {
    for (Crowd how : Crowd.values()) {
      StagedNetwork stage = new StagedNetwork(1, StagedNetwork.config(true, true)).join();
      MutableRecord item = crowd(stage, how);
      Duration start = stage.now();
      assertThat(stage.user.get(stage.node, item.key()).found()).isNull();
      assertThat(stage.count(Counter.LOOKUPS_CROWDED)).as("%s", how).isEqualTo(1);
      int asked = countOf(stage, Method.FIND_NODE) + countOf(stage, Method.GET);
      assertThat(asked).as("%s", how).isBetween(StagedNetwork.K, REQUESTS_MAX + OTHERS_MAX);
      long proofs = stage.queries().stream().filter(query -> query.hasChallenge).count();
      assertThat(proofs).as("%s", how).isBetween((long) GANG, (long) REQUESTS_MAX + OTHERS_MAX);
      assertThat(stage.now().minus(start)).as("%s", how).isLessThan(BOUND);
    }
  }
}
