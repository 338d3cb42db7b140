package org.bytchat.sim.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.network.SimulatedScheme;
import org.junit.jupiter.api.Test;

/** Goal: keys are found whose ids are where an attacker wants them, the same each time. */
class GrinderTest {

  private static final NodeId KEY = NodeId.of(0x0123456789abcdefL, 1, 2);
  private static final NodeId OTHER_KEY = NodeId.of(0xfedcba9876543210L, 1, 2);

  private static List<NodeId> ids(List<NodeIdentity> found) {
    return found.stream().map(NodeIdentity::id).toList();
  }

  @Test
  void closer_twoKeys_beatsTheRivalsOfBoth() {
    // A thousandth of all ids is closer than these.
    NodeId rival = NodeId.of(KEY.high() ^ 1L << 54, 0, 0);
    NodeId otherRival = NodeId.of(OTHER_KEY.high() ^ 1L << 54, 0, 0);
    List<Grinder.Rival> rivals =
        List.of(new Grinder.Rival(KEY, rival), new Grinder.Rival(OTHER_KEY, otherRival));
    Grinder grinder = new Grinder(SimulatedScheme.INSTANCE, 5);
    List<NodeId> found = ids(grinder.closer(rivals, 10));
    assertThat(found).hasSize(20).doesNotHaveDuplicates();
    assertThat(found.subList(0, 10)).allMatch(id -> KEY.compareDistance(id, rival) < 0);
    assertThat(found.subList(10, 20)).allMatch(id -> OTHER_KEY.compareDistance(id, otherRival) < 0);
    assertThat(grinder.draws()).isPositive();
    assertThat(ids(new Grinder(SimulatedScheme.INSTANCE, 5).closer(rivals, 10))).isEqualTo(found);
    assertThat(ids(new Grinder(SimulatedScheme.INSTANCE, 6).closer(rivals, 10)))
        .doesNotContainAnyElementsOf(found);
  }

  @Test
  void spread_buckets_getTheSameNumberEach() {
    Grinder grinder = new Grinder(SimulatedScheme.INSTANCE, 7);
    List<NodeId> found = ids(grinder.spread(List.of(KEY, OTHER_KEY), 8, 20));
    assertThat(found).hasSize(40).doesNotHaveDuplicates();
    int[] buckets = new int[8];
    found.subList(0, 20).forEach(id -> buckets[KEY.commonPrefixLength(id)]++);
    assertThat(buckets).containsExactly(3, 3, 3, 3, 2, 2, 2, 2);
    assertThat(found.subList(20, 40)).allMatch(id -> OTHER_KEY.commonPrefixLength(id) < 8);
  }
}
