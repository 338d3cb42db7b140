package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;

/** What a table learns in lookups from those who name only each other. */
class LearningTest {

  private static final int GANG = 20;
  private static final double ANYWHERE = 2 * StagedNetwork.HONEST;

  @SeededTest(runs = 5)
  void lookup_manyNameTheSameNodes_addsOneOfThem(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults());
    List<StagedPeer> known = gang(stage);
    stage.node.start(known.get(0).contact.endpoint());
    stage.network.run(Duration.ofMinutes(1));
    assertThat(stage.node.engine().contacts())
        .as("a lookup for the own id adds all who answer")
        .containsAll(contacts(known));

    List<StagedPeer> others = gang(stage);
    for (StagedPeer peer : known) {
      peer.manner =
          (query, answer) -> {
            NodeId key = query.key();
            if (key != null) {
              StagedPeer.name(answer, StagedNetwork.contacts(others, key, GANG));
            }
            return answer;
          };
    }
    NodeId key = TestContacts.randomId(random(seed));
    assertThat(stage.network.lookup(stage.node, key).closest())
        .as("whom the table does not learn of is asked and found")
        .containsAnyElementsOf(contacts(others));
    assertThat(others).filteredOn(peer -> !peer.asked.isEmpty()).hasSizeGreaterThan(3);
    stage.network.run(Duration.ofSeconds(10));
    assertThat(stage.node.engine().contacts()).filteredOn(contacts(others)::contains).hasSize(1);
  }

  private static List<StagedPeer> gang(StagedNetwork stage) {
    List<StagedPeer> gang = stage.gather(NodeId.ZERO, GANG, ANYWHERE);
    StagedNetwork.conspire(gang);
    return gang;
  }

  private static List<Contact> contacts(List<StagedPeer> peers) {
    return peers.stream().map(peer -> peer.contact).toList();
  }

  private static Random random(long seed) {
    return Seeds.random(seed + 1);
  }
}
