package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;

/** The lookups of a node's own id end in its neighbours whatever comes between. */
class OwnLookupTest {

  private static final int NEWCOMERS = 3;

  @SeededTest(runs = 5)
  void networkChange_whileItJoins_endsInTheNeighbours(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults());
    stage.node.start(stage.honest.get(0).contact.endpoint());
    Random random = Seeds.random(seed);
    for (int i = 0; i < 5; i++) {
      stage.network.run(Duration.ofMillis(20 + random.nextInt(400)));
      change(stage);
    }
    stage.network.run(Duration.ofSeconds(10));
    assertThat(stage.node.stats().joined()).isTrue();
    assertThat(stage.node.engine().contacts())
        .containsAll(StagedNetwork.contacts(stage.honest, stage.node.id(), StagedNetwork.K));
  }

  /** Others fill the places of all lookups, so that none of the own id can begin. */
  @SeededTest(runs = 3)
  void networkChange_noRoomForLookups_isTriedAgain(long seed) {
    int most = 2;
    LookupConfig few = StagedNetwork.lookups(LookupConfig.defaults().candidatesMax(), most);
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults().withLookup(few)).join();
    stage.network.run(Duration.ofMinutes(1));
    List<Contact> newcomers =
        stage.gather(stage.node.id(), NEWCOMERS).stream().map(peer -> peer.contact).toList();
    Random random = Seeds.random(seed);
    for (int i = 0; i < most + 16 * most; i++) {
      stage.node.startLookup(TestContacts.randomId(random));
    }
    change(stage);
    stage.network.run(Duration.ofMinutes(1));
    assertThat(stage.count(Counter.LOOKUPS_REFUSED)).isPositive();
    assertThat(stage.node.engine().contacts()).containsAll(newcomers);
  }

  private static void change(StagedNetwork stage) {
    stage.node.engine().handleNetworkChange(stage.network.nowNanos());
    stage.node.flush();
  }
}
