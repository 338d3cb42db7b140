package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.junit.jupiter.api.Test;

/** How many things are under way. */
final class SlotsTest {

  private final NodeId silent = NodeId.of(0, 0, 1);
  private final NodeId other = NodeId.of(0, 0, 2);
  private final List<String> begun = new ArrayList<>();
  private final Slots slots = new Slots(3, 2);

  private void take(NodeId party, String name) {
    slots.take(party, () -> begun.add(name));
  }

  @Test
  void take_partyHasItsShare_othersBegin() {
    take(silent, "a");
    take(silent, "b");
    take(silent, "c");
    take(other, "d");
    take(other, "e");
    assertThat(begun).containsExactly("a", "b", "d");
    slots.release(silent);
    assertThat(begun).as("they take turns").containsExactly("a", "b", "d", "e");
    slots.release(other);
    assertThat(begun).endsWith("c");
  }

  @Test
  void take_releasesAtOnce_allBegin() {
    for (int i = 0; i < 10_000; i++) {
      slots.take(silent, () -> slots.release(silent));
    }
    take(silent, "last");
    assertThat(begun).containsExactly("last");
  }
}
