package org.bytchat.sim.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.junit.jupiter.api.Test;

/** Goal: what attackers name is what sorting everybody by distance gives. */
class ContactIndexTest {

  private static NodeId id(long bits) {
    return NodeId.of(Mix.at(bits, 0), Mix.at(bits, 1), (int) Mix.at(bits, 2));
  }

  @Test
  void closest_anyKey_isWhatSortingGives() {
    List<Contact> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(Contact.of(id(i), Endpoint.ofIpv4(1 << 24 | i, 5_000), 1));
    }
    ContactIndex index = new ContactIndex(all);
    for (long key = 10_000; key < 10_200; key++) {
      NodeId target = id(key);
      all.sort((a, b) -> target.compareDistance(a.id(), b.id()));
      assertThat(index.closest(target, 20)).isEqualTo(all.subList(0, 20));
    }
    assertThat(index.closest(id(7), 5_000)).hasSize(1_000);
    assertThat(new ContactIndex(List.of()).closest(id(7), 20)).isEmpty();
  }
}
