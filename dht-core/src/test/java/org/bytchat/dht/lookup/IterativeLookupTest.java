package org.bytchat.dht.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.dht.testkit.TestContacts.contact;
import static org.bytchat.dht.testkit.TestContacts.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.IterativeLookup.Limits;
import org.junit.jupiter.api.Test;

/** The rules of a lookup, one by one. The target is zero, so node 5 is at distance 5. */
class IterativeLookupTest {

  private static final NodeId OWN = NodeId.of(0, 0, 1000);
  private static final long START = 77;

  // Whom it asks.

  @Test
  void next_nobodyKnown_done() {
    IterativeLookup lookup = lookup(3, 2, 1);
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).isEmpty();
    assertThat(lookup.target()).isEqualTo(NodeId.ZERO);
  }

  @Test
  void next_severalKnown_asksTheClosestFirstAndAlphaAtOnce() {
    IterativeLookup lookup = lookup(3, 2, 1, 9, 4, 7);
    assertThat(asks(lookup)).containsExactly(node(4), node(7));
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    answer(lookup, node(7));
    assertThat(asks(lookup)).containsExactly(node(9));
  }

  @Test
  void next_closerOnesNamed_asksThemBeforeTheOthers() {
    IterativeLookup lookup = lookup(3, 1, 1, 9, 8);
    assertThat(asks(lookup)).containsExactly(node(8));
    answer(lookup, node(8), node(5), node(3));
    assertThat(asks(lookup)).containsExactly(node(3));
  }

  @Test
  void next_askedOnesNoLongerAmongTheClosest_stillOccupyTheirSlots() {
    IterativeLookup lookup = lookup(2, 2, 1, 8, 9);
    assertThat(asks(lookup)).containsExactly(node(8), node(9));
    answer(lookup, node(8), node(1), node(2));
    assertThat(asks(lookup)).as("9 is under way too").containsExactly(node(1));
    answer(lookup, node(1));
    assertThat(asks(lookup)).containsExactly(node(2));
  }

  @Test
  void seed_ownId_neverAsked() {
    IterativeLookup lookup = lookup(3, 2, 1, 1);
    lookup.seed(contact(OWN, endpoint(1000)));
    assertThat(asks(lookup)).containsExactly(node(1));
    answer(lookup, node(1), contact(OWN, endpoint(1001)));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(1));
  }

  @Test
  void onResponse_sameEndpointUnderOtherIds_isOneNode() {
    IterativeLookup lookup = lookup(3, 3, 1, 9);
    Contact other = contact(node(8).id(), node(9).endpoint());
    Contact third = contact(node(7).id(), node(9).endpoint());
    lookup.seed(other);
    assertThat(asks(lookup)).containsExactly(other, node(9));
    answer(lookup, other, third);
    assertThat(lookup.next()).as("the other two are dropped").isEqualTo(LookupStep.DONE);
    assertThat(lookup.onResponse(node(9), new Contact[0], 0)).isFalse();
    assertThat(lookup.result(0).closest()).containsExactly(other);
  }

  // When it ends.

  @Test
  void next_closestAnswered_doneWithoutAskingTheFarther() {
    IterativeLookup lookup = lookup(2, 3, 1, 1, 2, 3);
    assertThat(asks(lookup)).containsExactly(node(1), node(2));
    answer(lookup, node(1), node(4));
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    answer(lookup, node(2));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(1), node(2));
  }

  @Test
  void next_farOneStillUnderWay_doneWithoutIt() {
    IterativeLookup lookup = lookup(1, 2, 1, 7);
    assertThat(asks(lookup)).containsExactly(node(7));
    lookup.seed(node(3));
    assertThat(asks(lookup)).containsExactly(node(3));
    answer(lookup, node(3));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
  }

  @Test
  void onFailure_oneOfTheClosest_theNextTakesItsPlace() {
    IterativeLookup lookup = lookup(2, 2, 1, 1, 2, 3);
    assertThat(asks(lookup)).containsExactly(node(1), node(2));
    answer(lookup, node(2));
    assertThat(lookup.onFailure(node(1))).isTrue();
    assertThat(asks(lookup)).containsExactly(node(3));
    answer(lookup, node(3), node(1));
    assertThat(lookup.next()).as("1 is not asked again").isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(2), node(3));
  }

  @Test
  void onSlow_frees_aSlotButHoldsTheEndUp() {
    IterativeLookup lookup = lookup(2, 1, 1, 1, 2, 3);
    assertThat(asks(lookup)).containsExactly(node(1));
    assertThat(lookup.onSlow(node(1))).isTrue();
    assertThat(lookup.onSlow(node(1))).isFalse();
    assertThat(asks(lookup)).containsExactly(node(2));
    answer(lookup, node(2));
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    answer(lookup, node(1));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(1), node(2));
  }

  @Test
  void onFailure_slowOne_theNextIsAsked() {
    IterativeLookup lookup = lookup(1, 1, 1, 1, 2);
    assertThat(asks(lookup)).containsExactly(node(1));
    assertThat(lookup.onSlow(node(1))).isTrue();
    assertThat(asks(lookup)).isEmpty();
    assertThat(lookup.onFailure(node(1))).isTrue();
    assertThat(asks(lookup)).containsExactly(node(2));
  }

  @Test
  void onOverdue_slowOne_theEndDoesNotWaitForItAndTheNextIsAsked() {
    IterativeLookup lookup = lookup(2, 1, 1, 1, 2, 3);
    assertThat(asks(lookup)).containsExactly(node(1));
    assertThat(lookup.onOverdue(node(1))).as("not slow yet").isFalse();
    assertThat(lookup.onSlow(node(1))).isTrue();
    assertThat(asks(lookup)).containsExactly(node(2));
    answer(lookup, node(2));
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    assertThat(lookup.onOverdue(node(1))).isTrue();
    assertThat(lookup.onOverdue(node(1))).isFalse();
    assertThat(lookup.isAmongClosest(node(1))).isFalse();
    assertThat(asks(lookup)).containsExactly(node(3));
    answer(lookup, node(3));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(2), node(3));
  }

  @Test
  void onResponse_overdueOne_countsUntilTheEnd() {
    IterativeLookup lookup = lookup(2, 1, 1, 1, 2, 3);
    assertThat(asks(lookup)).containsExactly(node(1));
    lookup.onSlow(node(1));
    assertThat(asks(lookup)).containsExactly(node(2));
    lookup.onOverdue(node(1));
    answer(lookup, node(1));
    answer(lookup, node(2));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(1), node(2));
    assertThat(lookup.result(0).requests()).isEqualTo(2);
  }

  @Test
  void events_notWaitedFor_changeNothing() {
    IterativeLookup lookup = lookup(2, 1, 1, 1, 2);
    assertThat(asks(lookup)).containsExactly(node(1));
    for (Contact other : List.of(node(2), node(3), elsewhere(1, 1))) {
      assertThat(lookup.onSlow(other)).isFalse();
      assertThat(lookup.onFailure(other)).isFalse();
      assertThat(lookup.onResponse(other, new Contact[] {node(4)}, 1)).isFalse();
    }
    answer(lookup, node(1));
    assertThat(lookup.onResponse(node(1), new Contact[] {node(4)}, 1)).isFalse();
    assertThat(lookup.onFailure(node(1))).isFalse();
    assertThat(lookup.onSlow(node(1))).isFalse();
    assertThat(asks(lookup)).containsExactly(node(2));
    answer(lookup, node(2));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    LookupResult result = lookup.result(0);
    assertThat(result.responses()).isEqualTo(2);
    assertThat(result.failures()).isZero();
  }

  // Liars.

  @Test
  void onResponse_wrongEndpointOfATrueId_doesNotHideTheTrueOne() {
    IterativeLookup lookup = lookup(2, 3, 1, 8, 9);
    assertThat(asks(lookup)).containsExactly(node(8), node(9));
    answer(lookup, node(8), elsewhere(1, 1));
    answer(lookup, node(9), node(1));
    assertThat(asks(lookup)).containsExactly(elsewhere(1, 1), node(1));
    answer(lookup, node(1));
    assertThat(lookup.onFailure(elsewhere(1, 1))).as("dropped").isFalse();
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(1), node(8));
  }

  @Test
  void onResponse_oneEndpointOfAnIdAnswered_othersNotAskedAnyMore() {
    IterativeLookup lookup = lookup(2, 1, 1, 8);
    asks(lookup);
    answer(lookup, node(8), node(1));
    assertThat(asks(lookup)).containsExactly(node(1));
    lookup.seed(elsewhere(1, 1));
    answer(lookup, node(1), elsewhere(1, 2));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.candidateCount()).isEqualTo(2);
  }

  @Test
  void onResponse_droppedOneUnderWay_freesItsSlot() {
    IterativeLookup lookup = lookup(3, 2, 1, 1, 5, 6);
    lookup.seed(elsewhere(1, 1));
    assertThat(asks(lookup)).containsExactly(node(1), elsewhere(1, 1));
    answer(lookup, node(1));
    assertThat(asks(lookup)).containsExactly(node(5), node(6));
  }

  @Test
  void onResponse_oneIdSeveralTimesInOneAnswer_onlyTheFirstCounts() {
    IterativeLookup lookup = lookup(4, 4, 1, 8);
    asks(lookup);
    answer(lookup, node(8), elsewhere(1, 1), elsewhere(1, 2), node(2), elsewhere(1, 3));
    assertThat(asks(lookup)).containsExactly(elsewhere(1, 1), node(2));
  }

  @Test
  void seed_endpointsOfOneId_threeThatHaveNotFailed() {
    IterativeLookup lookup = lookup(9, 9, 1);
    for (int i = 1; i <= 4; i++) {
      lookup.seed(elsewhere(1, i));
    }
    assertThat(asks(lookup)).containsExactly(elsewhere(1, 1), elsewhere(1, 2), elsewhere(1, 3));
    assertThat(lookup.onFailure(elsewhere(1, 2))).isTrue();
    lookup.seed(node(1));
    assertThat(asks(lookup)).containsExactly(node(1));
  }

  @Test
  void onResponse_moreThanTheClosestNamed_restIgnored() {
    IterativeLookup lookup = lookup(2, 9, 1, 8);
    asks(lookup);
    answer(lookup, node(8), node(5), node(6), node(1));
    assertThat(asks(lookup)).containsExactly(node(5), node(6));
  }

  @Test
  void onResponse_countAndGaps_areRespected() {
    IterativeLookup lookup = lookup(5, 9, 1, 8);
    asks(lookup);
    Contact[] referred = {null, node(3), null, node(4), node(1)};
    assertThat(lookup.onResponse(node(8), referred, 4)).isTrue();
    assertThat(asks(lookup)).containsExactly(node(3), node(4));
  }

  @Test
  void next_endlessMadeUpContacts_endsAtTheRequestCap() {
    IterativeLookup lookup =
        new IterativeLookup(OWN, NodeId.ZERO, new Limits(2, 1, 1, 5), LookupDefences.NONE, 0);
    lookup.seed(node(500));
    int nearer = 500;
    int requests = 0;
    while (lookup.next() instanceof LookupStep.Ask ask) {
      requests++;
      answer(lookup, ask.contact(), node(--nearer), node(--nearer));
      assertThat(lookup.candidateCount()).isLessThanOrEqualTo(5);
    }
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(requests).isEqualTo(5).isEqualTo(lookup.result(0).requests());
    assertThat(lookup.result(0).closest()).hasSize(2);
  }

  @Test
  void next_requestCapReachedWithOthersKnown_endsWithThoseUnderWay() {
    IterativeLookup lookup =
        new IterativeLookup(OWN, NodeId.ZERO, new Limits(3, 3, 1, 4), LookupDefences.NONE, 0);
    lookup.seed(node(1));
    lookup.seed(elsewhere(1, 1));
    assertThat(asks(lookup)).containsExactly(node(1), elsewhere(1, 1));
    answer(lookup, node(1), node(5), node(6), node(7));
    assertThat(asks(lookup)).containsExactly(node(5), node(6));
    assertThat(lookup.onFailure(node(5))).isTrue();
    assertThat(lookup.next()).as("four were asked").isEqualTo(LookupStep.WAIT);
    answer(lookup, node(6));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(1), node(6));
  }

  @Test
  void next_requestCapReached_waitsForThoseUnderWay() {
    IterativeLookup lookup =
        new IterativeLookup(OWN, NodeId.ZERO, new Limits(2, 2, 1, 2), LookupDefences.NONE, 0);
    lookup.seed(node(7));
    lookup.seed(node(8));
    assertThat(asks(lookup)).containsExactly(node(7), node(8));
    answer(lookup, node(8), node(1), node(2));
    assertThat(lookup.next()).isEqualTo(LookupStep.WAIT);
    answer(lookup, node(7));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(7), node(8));
  }

  @Test
  void seed_moreThanTheCap_farthestForgotten() {
    IterativeLookup lookup =
        new IterativeLookup(OWN, NodeId.ZERO, new Limits(3, 3, 1, 3), LookupDefences.NONE, 0);
    for (int distance : new int[] {7, 3, 9, 5, 8, 1}) {
      lookup.seed(node(distance));
    }
    assertThat(lookup.candidateCount()).isEqualTo(3);
    assertThat(asks(lookup)).containsExactly(node(1), node(3), node(5));
  }

  // Disjoint paths.

  @Test
  void next_twoPaths_eachAsksItsOwnContactsAlphaAtOnce() {
    IterativeLookup lookup = lookup(6, 2, 2, 1, 2, 3, 4, 5, 6);
    // Dealt in turn: 1, 3, 5 and 2, 4, 6.
    assertThat(asks(lookup)).containsExactly(node(1), node(3), node(2), node(4));
    answer(lookup, node(1), node(9), node(2));
    assertThat(asks(lookup)).as("2 belongs to the other path").containsExactly(node(5));
    answer(lookup, node(2), node(9));
    assertThat(asks(lookup)).as("9 too").containsExactly(node(6));
  }

  @Test
  void next_twoPaths_eachEndsByItself() {
    IterativeLookup lookup = lookup(1, 1, 2, 1, 9);
    assertThat(asks(lookup)).containsExactly(node(1), node(9));
    answer(lookup, node(1));
    assertThat(lookup.next())
        .as("9 is far, but the closest of its path")
        .isEqualTo(LookupStep.WAIT);
    answer(lookup, node(9), node(8));
    assertThat(asks(lookup)).containsExactly(node(8));
    answer(lookup, node(8));
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(lookup.result(0).closest()).containsExactly(node(1));
  }

  @Test
  void seed_notTaken_doesNotSkipAPath() {
    IterativeLookup lookup = lookup(3, 1, 2, 1, 1, 1000, 2);
    assertThat(asks(lookup)).containsExactly(node(1), node(2));
  }

  // What it reports.

  @Test
  void result_depthAndRounds_countReferralsAndChains() {
    IterativeLookup lookup = lookup(2, 1, 1, 8, 9);
    assertThat(asks(lookup)).containsExactly(node(8));
    answer(lookup, node(8), node(4));
    assertThat(asks(lookup)).containsExactly(node(4));
    answer(lookup, node(4), node(3));
    assertThat(asks(lookup)).containsExactly(node(3));
    assertThat(lookup.onFailure(node(3))).isTrue();
    LookupResult result = lookup.result(START + Duration.ofSeconds(3).toNanos());
    assertThat(lookup.next()).isEqualTo(LookupStep.DONE);
    assertThat(result)
        .isEqualTo(
            new LookupResult(
                NodeId.ZERO,
                List.of(node(4), node(8)),
                1,
                3,
                3,
                2,
                1,
                false,
                Duration.ofSeconds(3)));
  }

  @Test
  void result_askedAtOnce_areOneRound() {
    IterativeLookup lookup = lookup(3, 3, 1, 1, 2, 3);
    asks(lookup);
    for (int i = 1; i <= 3; i++) {
      answer(lookup, node(i));
    }
    assertThat(lookup.result(0).rounds()).isEqualTo(1);
    assertThat(lookup.result(0).depth()).isZero();
  }

  @Test
  void isAmongClosest_rankAmongThoseThatHaveNotFailed() {
    IterativeLookup lookup = lookup(2, 1, 1, 1, 2, 3);
    assertThat(lookup.isAmongClosest(node(2))).isTrue();
    assertThat(lookup.isAmongClosest(node(3))).isFalse();
    assertThat(lookup.isAmongClosest(elsewhere(2, 1))).isFalse();
    assertThat(lookup(2, 1, 1, 1).isAmongClosest(node(9))).isFalse();
    asks(lookup);
    assertThat(lookup.onFailure(node(1))).isTrue();
    assertThat(lookup.isAmongClosest(node(1))).isFalse();
    assertThat(lookup.isAmongClosest(node(3))).isTrue();
  }

  @Test
  void limits_outOfRange_areRefused() {
    int[][] wrong = {{0, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 0, 1}, {3, 1, 1, 2}};
    for (int[] limits : wrong) {
      assertThatThrownBy(() -> new Limits(limits[0], limits[1], limits[2], limits[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "closest %d, parallelism %d, paths %d, candidates %d"
                  .formatted(limits[0], limits[1], limits[2], limits[3]));
    }
  }

  private static IterativeLookup lookup(int closest, int parallelism, int paths, int... seeds) {
    Limits limits = new Limits(closest, parallelism, paths, 200);
    IterativeLookup lookup =
        new IterativeLookup(OWN, NodeId.ZERO, limits, LookupDefences.NONE, START);
    Arrays.stream(seeds).forEach(seed -> lookup.seed(node(seed)));
    return lookup;
  }

  private static Contact node(int distance) {
    return contact(NodeId.of(0, 0, distance), endpoint(distance));
  }

  /** An endpoint at which the node is not. */
  private static Contact elsewhere(int distance, int port) {
    return contact(NodeId.of(0, 0, distance), endpoint(100, 1, 1, 1, port));
  }

  /** Asks until the lookup has to wait, or ends. */
  private static List<Contact> asks(IterativeLookup lookup) {
    List<Contact> asked = new ArrayList<>();
    while (lookup.next() instanceof LookupStep.Ask ask) {
      asked.add(ask.contact());
    }
    return asked;
  }

  private static void answer(IterativeLookup lookup, Contact contact, Contact... referred) {
    assertThat(lookup.onResponse(contact, referred, referred.length)).isTrue();
  }
}
