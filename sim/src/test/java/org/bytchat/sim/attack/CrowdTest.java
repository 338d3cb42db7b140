package org.bytchat.sim.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.scenario.Attack;
import org.junit.jupiter.api.Test;

/** Goal: what hostile nodes name follows from the key and from who is asked, as they agreed. */
class CrowdTest {

  private static final int COUNT = 20;
  private static final int KINDS = 4;
  private static final NodeId ASKER = id(-1);

  private static NodeId id(long bits) {
    return NodeId.of(Mix.at(bits, 0), Mix.at(bits, 1), (int) Mix.at(bits, 2));
  }

  private static List<Contact> members(int count) {
    List<Contact> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(Contact.of(id(i), Endpoint.ofIpv4(1 << 24 | i, 5_000), 1));
    }
    return members;
  }

  private static Crowd spreading(TestNetwork network, List<Contact> members) {
    return new Crowd(
        new Crowd.Setting(
            network.directory,
            network.networkId(),
            1,
            COUNT,
            members.size(),
            bits -> Endpoint.ofIpv4(2 << 24, 5_000)),
        new Crowd.Manner(Attack.Lie.SPREAD, Attack.Holding.WITHHOLD),
        members,
        members,
        7);
  }

  private static TestNetwork network() {
    return new TestNetwork(2, 0, DhtConfig.defaults(), 1, false);
  }

  @Test
  void spread_companions_nameDifferentOnesOfTheClosest() {
    List<Contact> members = members(500);
    try (TestNetwork network = network()) {
      Crowd crowd = spreading(network, members);
      ContactIndex index = new ContactIndex(members);
      for (long bits = 10_000; bits < 10_100; bits++) {
        NodeId key = id(bits);
        List<Contact> near = index.closest(key, KINDS * COUNT);
        List<Contact> named = new ArrayList<>();
        for (int number = 0; number < KINDS; number++) {
          List<Contact> answer = crowd.answer(number, key, ASKER, 0);
          assertThat(answer)
              .hasSize(COUNT)
              .isSortedAccordingTo((a, b) -> key.compareDistance(a.id(), b.id()))
              .isEqualTo(crowd.answer(number + 31 * KINDS, key, ASKER, 0));
          // One of each four in a row.
          assertThat(near.indexOf(answer.get(1)) - near.indexOf(answer.get(0))).isEqualTo(KINDS);
          named.addAll(answer);
        }
        // Each of the closest is named once: no two name the same, and all are hostile.
        assertThat(named).containsExactlyInAnyOrderElementsOf(near);
      }
    }
  }

  @Test
  void spread_manyKeys_eachKindHasTheNearestOfSome() {
    List<Contact> members = members(200);
    int[] nearest = new int[KINDS];
    try (TestNetwork network = network()) {
      Crowd crowd = spreading(network, members);
      ContactIndex index = new ContactIndex(members);
      for (long bits = 20_000; bits < 20_400; bits++) {
        NodeId key = id(bits);
        Contact first = index.closest(key, 1).get(0);
        for (int number = 0; number < KINDS; number++) {
          if (crowd.answer(number, key, ASKER, 0).get(0).equals(first)) {
            nearest[number]++;
          }
        }
      }
    }
    // A hundred are expected of each; six deviations are 52.
    for (int count : nearest) {
      assertThat(count).isBetween(48, 152);
    }
  }

  @Test
  void spread_fewMembers_areSharedOut() {
    List<Contact> members = members(6);
    try (TestNetwork network = network()) {
      Crowd crowd = spreading(network, members);
      List<Contact> named = new ArrayList<>();
      for (int number = 0; number < KINDS; number++) {
        List<Contact> answer = crowd.answer(number, id(30_000), ASKER, 0);
        assertThat(answer).hasSizeBetween(1, 2);
        named.addAll(answer);
      }
      assertThat(named).containsExactlyInAnyOrderElementsOf(members);
    }
  }
}
