package org.bytchat.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.dht.testkit.TestContacts.contact;
import static org.bytchat.dht.testkit.TestContacts.endpoint;

import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.junit.jupiter.api.Test;

/** What becomes of contacts in the table, and how they are found. */
class RoutingTableUpkeepTest extends TableFixture {

  // Failures.

  @Test
  void onFailure_asOftenAsTheLimit_evicts() {
    insert(far(1), 0);
    fail(far(1), EVICT_AFTER - 1, true);
    assertThat(table.size()).isEqualTo(1);
    fail(far(1), 1, true);
    assertThat(table.size()).isZero();
    assertThat(table.depth()).isZero();
  }

  @Test
  void onFailure_answerInBetween_countsFromTheStart() {
    insert(far(1), 0);
    fail(far(1), EVICT_AFTER - 1, true);
    assertThat(table.onResponse(far(1), at(1))).isTrue();
    fail(far(1), EVICT_AFTER - 1, true);
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void onFailure_networkDown_keepsTheContactUntilOthersAnswer() {
    insert(far(1), 0);
    fail(far(1), 300, false);
    assertThat(table.contacts()).containsExactly(far(1));
    fail(far(1), 1, true);
    assertThat(table.size()).isZero();
  }

  @Test
  void onFailure_otherEndpointOrUnknown_isIgnored() {
    insert(far(1), 0);
    fail(contact(far(1).id(), endpoint(77)), EVICT_AFTER, true);
    fail(far(2), EVICT_AFTER, true);
    assertThat(table.contacts()).containsExactly(far(1));
    assertThat(table.onResponse(contact(far(1).id(), endpoint(77)), at(0))).isFalse();
    assertThat(table.onResponse(far(2), at(0))).isFalse();
  }

  @Test
  void onFailure_evicting_returnsCandidatesNewestFirst() {
    fill();
    insert(far(5), 0);
    table.addCandidate(far(6), at(0));
    table.addCandidate(far(7), at(0));
    table.addCandidate(far(6), at(0));
    assertThat(evict(far(1))).isEqualTo(far(6));
    assertThat(evict(far(2))).isEqualTo(far(7));
    assertThat(evict(far(3))).as("the cache holds %s", CACHE).isEqualTo("none");
  }

  @Test
  void onFailure_candidateThatEnteredMeanwhile_isNotReturned() {
    fill();
    table.addCandidate(far(5), at(0));
    table.addCandidate(far(6), at(0));
    table.remove(far(1).id());
    insert(far(6), 0);
    assertThat(evict(far(2))).isEqualTo(far(5));
  }

  @Test
  void remove_contact_isGone() {
    fill();
    assertThat(table.remove(far(1).id())).isTrue();
    assertThat(table.remove(far(1).id())).isFalse();
    assertThat(table.contacts()).containsExactly(far(2), far(3));
    assertThat(table.size()).isEqualTo(2);
  }

  // Checks and refreshes.

  @Test
  void pollDueForCheck_stale_mostOverdueFirst() {
    insert(far(1), 2);
    insert(near(2, endpoint(2)), 0);
    insert(far(3), 1);
    assertThat(table.pollDueForCheck(at(STALE - 1))).isNull();
    assertThat(table.pollDueForCheck(at(STALE))).isEqualTo(near(2, endpoint(2)));
    assertThat(table.pollDueForCheck(at(STALE))).isNull();
    assertThat(table.pollDueForCheck(at(STALE + 9))).isEqualTo(far(3));
    assertThat(table.pollDueForCheck(at(STALE + 9))).isEqualTo(far(1));
    assertThat(table.pollDueForCheck(at(STALE + 9))).isNull();
    assertThat(table.pollDueForCheck(at(STALE + PING))).isEqualTo(near(2, endpoint(2)));
  }

  @Test
  void pollDueForCheck_answered_isStaleAgainAfterThePeriod() {
    insert(far(1), 0);
    table.onResponse(far(1), at(50));
    assertThat(table.pollDueForCheck(at(STALE + 49))).isNull();
    assertThat(table.pollDueForCheck(at(STALE + 50))).isEqualTo(far(1));
  }

  @Test
  void pollDueForCheck_failing_backsOffUpToTheStalePeriod() {
    insert(far(1), 0);
    long now = 0;
    for (long pause = PING; pause < 4 * STALE; pause *= 2) {
      table.onFailure(far(1), false, at(now));
      now += Math.min(pause, STALE);
      assertThat(table.pollDueForCheck(at(now - 1))).isNull();
      assertThat(table.pollDueForCheck(at(now))).isEqualTo(far(1));
    }
  }

  @Test
  void pollDueForCheck_withinATick_isExactToOneTick() {
    table.insert(far(1), true, true, at(9) - 1);
    assertThat(table.nextCheckNanos(at(9))).isEqualTo(at(STALE + 8));
    assertThat(table.pollDueForCheck(at(STALE + 8) - 1)).isNull();
    assertThat(table.pollDueForCheck(at(STALE + 8))).isEqualTo(far(1));
    assertThat(table.nextCheckNanos(at(STALE + 8))).isEqualTo(at(STALE + 8 + PING));
  }

  @Test
  void nextCheckNanos_onlyContactLeft_isNever() {
    insert(far(1), 0);
    table.remove(far(1).id());
    assertThat(table.nextCheckNanos(at(1))).isEqualTo(DeadlineQueue.NEVER);
    assertThat(table.pollDueForCheck(at(STALE))).isNull();
    insert(far(1), 7);
    assertThat(table.nextCheckNanos(at(8))).isEqualTo(at(STALE + 7));
  }

  @Test
  void lastHeardOf_someFail_isTheLastOfTheOthers() {
    assertThat(table.lastHeardOf()).isNull();
    insert(far(1), 0);
    insert(near(2, endpoint(2)), 1);
    insert(far(3), 2);
    table.onResponse(far(1), at(3));
    assertThat(table.lastHeardOf()).isEqualTo(far(1));
    table.onFailure(far(1), false, at(4));
    assertThat(table.isFailing(far(1))).isTrue();
    assertThat(table.isFailing(far(3))).isFalse();
    assertThat(table.lastHeardOf()).isEqualTo(far(3));
    table.onFailure(far(3), false, at(5));
    table.onFailure(near(2, endpoint(2)), false, at(5));
    assertThat(table.lastHeardOf()).as("all fail").isNull();
    table.onResponse(near(2, endpoint(2)), at(6));
    assertThat(table.lastHeardOf()).isEqualTo(near(2, endpoint(2)));
  }

  @Test
  void forgiveFailures_afterAnOutage_countsFromTheStart() {
    insert(far(1), 0);
    fail(far(1), 300, false);
    table.forgiveFailures();
    fail(far(1), EVICT_AFTER - 1, true);
    assertThat(table.contacts()).containsExactly(far(1));
    fail(far(1), 1, true);
    assertThat(table.size()).isZero();
  }

  @Test
  void pollDueForRefresh_noLookupForThePeriod_eachBucketOnce() {
    insert(far(1), 0);
    insert(near(1, endpoint(2)), 5);
    int nearBucket = OWN.commonPrefixLength(near(1, endpoint(2)).id());
    assertThat(table.pollDueForRefresh(at(REFRESH - 1))).isEqualTo(-1);
    assertThat(table.pollDueForRefresh(at(REFRESH))).isZero();
    assertThat(table.pollDueForRefresh(at(REFRESH))).isEqualTo(-1);
    assertThat(table.pollDueForRefresh(at(REFRESH + 5))).isEqualTo(nearBucket);
    assertThat(table.pollDueForRefresh(at(2 * REFRESH - 1))).isEqualTo(-1);
    assertThat(table.pollDueForRefresh(at(2 * REFRESH))).isZero();
  }

  @Test
  void onLookup_keyInTheBucket_putsItsRefreshOff() {
    insert(far(1), 0);
    table.onLookup(far(2).id(), at(100));
    table.onLookup(near(1, endpoint(2)).id(), at(200));
    table.onLookup(OWN, at(300));
    assertThat(table.pollDueForRefresh(at(REFRESH + 99))).isEqualTo(-1);
    assertThat(table.pollDueForRefresh(at(REFRESH + 100))).isZero();
  }

  // Searches.

  @Test
  void closest_contactsInSeveralBuckets_nearestFirst() {
    for (int i : new int[] {5, 1, 4, 2, 3}) {
      insert(contact(NodeId.of(0, 0, i), endpoint(i)), 0);
    }
    insert(far(6), 0);
    // 3 XOR: 3 -> 0, 2 -> 1, 1 -> 2, 5 -> 6, 4 -> 7.
    ClosestSearch search = new ClosestSearch(8).begin(NodeId.of(0, 0, 3), 8);
    assertThat(table.closest(search)).isEqualTo(6);
    assertThat(ids(search)).containsExactly(low(3), low(2), low(1), low(5), low(4), far(6).id());
    assertThat(table.closest(search.begin(NodeId.of(0, 0, 3), 4))).isEqualTo(4);
    assertThat(ids(search)).containsExactly(low(3), low(2), low(1), low(5));
    assertThatThrownBy(() -> search.get(4)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void closest_limitBeyondCapacity_isCut() {
    fill();
    assertThat(table.closest(new ClosestSearch(2).begin(OWN, 99))).isEqualTo(2);
  }

  @Test
  void closest_serviceMask_onlyThoseThatOfferAllOfIt() {
    insert(Contact.of(far(1).id(), endpoint(1), 0b001), 0);
    insert(Contact.of(far(2).id(), endpoint(2), 0b011), 0);
    insert(Contact.of(far(3).id(), endpoint(3), 0b111), 0);
    assertThat(closestOffering(0)).containsExactly(far(1), far(2), far(3));
    assertThat(closestOffering(0b011)).containsExactly(far(2), far(3));
    assertThat(closestOffering(0b101)).containsExactly(far(3));
    assertThat(closestOffering(0b1000)).isEmpty();
    table.onResponse(Contact.of(far(1).id(), endpoint(1), 0b1000), at(1));
    assertThat(closestOffering(0b1000)).containsExactly(far(1));
  }

  @Test
  void closest_failedTwiceInARow_listedForOwnLookupsOnly() {
    fill();
    fail(far(2), 1, true);
    assertThat(closest(9)).containsExactly(far(1), far(2), far(3));
    fail(far(2), 1, true);
    assertThat(closest(9)).containsExactly(far(1), far(3));
    ClosestSearch search = new ClosestSearch(9).begin(OWN, 9).withFailing();
    table.closest(search);
    assertThat(ids(search)).containsExactly(far(1).id(), far(2).id(), far(3).id());
    table.onResponse(far(2), at(1));
    assertThat(closest(9)).containsExactly(far(1), far(2), far(3));
  }
}
