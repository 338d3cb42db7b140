package org.bytchat.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.dht.testkit.TestContacts.contact;
import static org.bytchat.dht.testkit.TestContacts.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.InsertOutcome.Cached;
import org.bytchat.dht.routing.InsertOutcome.Inserted;
import org.bytchat.dht.routing.InsertOutcome.PingOldest;
import org.bytchat.dht.routing.InsertOutcome.Reason;
import org.bytchat.dht.routing.InsertOutcome.Refreshed;
import org.bytchat.dht.routing.InsertOutcome.Rejected;
import org.junit.jupiter.api.Test;

/** The rules of the table, one by one. The own id is zero, so bucket 0 is the upper half. */
class RoutingTableTest {

  private static final int SIZE = 3;
  private static final int CACHE = 2;
  private static final int EVICT_AFTER = 3;
  private static final long SECOND = 1_000_000_000L;
  private static final long STALE = 900 * SECOND;
  private static final long PING = 5 * SECOND;
  private static final long REFRESH = 1800 * SECOND;
  private static final NodeId OWN = NodeId.ZERO;

  private final RoutingTable table = new RoutingTable(OWN, config(), false);

  private static RoutingConfig config() {
    return new RoutingConfig(
        SIZE,
        CACHE,
        1,
        2,
        4,
        Duration.ofNanos(REFRESH),
        Duration.ofNanos(STALE),
        Duration.ofNanos(PING),
        EVICT_AFTER);
  }

  // What enters.

  @Test
  void insert_newContact_isInTheBucketOfItsPrefix() {
    assertThat(insert(far(1), 0)).isEqualTo(new Inserted());
    assertThat(insert(contact(NodeId.of(0, 0, 1), endpoint(2)), 0)).isEqualTo(new Inserted());
    assertThat(table.size()).isEqualTo(2);
    assertThat(table.bucketSize(0)).isEqualTo(1);
    assertThat(table.bucketSize(159)).isEqualTo(1);
    assertThat(table.depth()).isEqualTo(160);
    assertThat(table.find(far(1).id())).isEqualTo(far(1));
    assertThat(table.find(far(2).id())).isNull();
  }

  @Test
  void insert_ownId_isRejected() {
    assertThat(insert(contact(OWN, endpoint(1)), 0)).isEqualTo(new Rejected(Reason.OWN_ID));
    assertThat(table.size()).isZero();
    assertThat(table.hasRoomFor(contact(OWN, endpoint(1)))).isFalse();
    assertThat(table.find(OWN)).isNull();
  }

  @Test
  void insert_knownContact_isRefreshedWithItsNewServices() {
    insert(far(1), 0);
    Contact offering = Contact.of(far(1).id(), far(1).endpoint(), 5);
    assertThat(insert(offering, 1)).isEqualTo(new Refreshed());
    assertThat(table.size()).isEqualTo(1);
    assertThat(found(far(1)).services()).isEqualTo(5);
  }

  @Test
  void insert_fullBucketHeardFromLately_isCached() {
    fill();
    assertThat(insert(far(9), STALE / 2)).isEqualTo(new Cached());
    assertThat(table.contacts()).containsExactly(far(1), far(2), far(3));
  }

  @Test
  void insert_fullBucketNotHeardFromLately_namesTheOldestToPing() {
    fill();
    insert(far(1), 10);
    assertThat(insert(far(9), STALE / 2 + 2)).isEqualTo(new Cached());
    assertThat(insert(far(9), STALE / 2 + 3)).isEqualTo(new PingOldest(far(2)));
    assertThat(table.find(far(9).id())).isNull();
  }

  @Test
  void insert_fullBucketWithOneThatFailedAsOftenAsTheLimit_takesItsPlace() {
    fill();
    fail(far(2), EVICT_AFTER - 1, false);
    assertThat(insert(far(8), 1)).isEqualTo(new Cached());
    fail(far(2), 1, false);
    assertThat(table.hasRoomFor(far(9))).isTrue();
    assertThat(insert(far(9), 1)).isEqualTo(new Inserted());
    assertThat(table.contacts()).containsExactly(far(1), far(3), far(9));
    assertThat(closest(10)).contains(far(9));
  }

  // Diversity.

  @Test
  void insert_overLimitsButFreePlace_isInserted() {
    for (int i = 1; i <= SIZE; i++) {
      assertThat(insert(sameSubnet(i), 0)).isEqualTo(new Inserted());
    }
    assertThat(table.size()).isEqualTo(SIZE);
  }

  @Test
  void insert_fullBucketOfOneSubnet_newestOfItGivesWay() {
    insert(sameSubnet(1), 0);
    insert(far(2), 0);
    insert(sameSubnet(3), 0);
    assertThat(table.hasRoomFor(far(9))).isTrue();
    assertThat(insert(far(9), 1)).isEqualTo(new Inserted());
    assertThat(table.contacts()).containsExactly(sameSubnet(1), far(2), far(9));
    assertThat(insert(far(8), 1)).isEqualTo(new Cached());
  }

  @Test
  void insert_fullBucketAfterARemoval_newestOverLimitStillGivesWay() {
    insert(far(2), 0);
    insert(sameSubnet(1), 0);
    insert(sameSubnet(3), 0);
    table.remove(far(2).id());
    insert(far(4), 0);
    insert(far(9), 1);
    assertThat(table.contacts()).containsExactly(sameSubnet(1), far(4), far(9));
  }

  @Test
  void insert_newcomerOverLimitsItself_displacesNobody() {
    insert(sameSubnet(1), 0);
    insert(sameSubnet(2), 0);
    insert(far(3), 0);
    assertThat(table.hasRoomFor(sameSubnet(4))).isFalse();
    assertThat(insert(sameSubnet(4), 1)).isEqualTo(new Cached());
  }

  @Test
  void insert_subnetLimitOfTheTable_countsOtherBuckets() {
    fill();
    // Two of one /24 elsewhere are within the limit of the table, the third is not.
    insert(near(1, endpoint(90, 1, 1, 1, 1)), 0);
    insert(near(2, endpoint(90, 1, 1, 2, 1)), 0);
    insert(near(3, endpoint(91, 1, 1, 1, 1)), 0);
    table.remove(far(3).id());
    insert(contact(far(3).id(), endpoint(90, 1, 1, 3, 1)), 0);
    assertThat(table.hasRoomFor(far(9))).isTrue();
    table.remove(near(2, endpoint(1)).id());
    assertThat(table.hasRoomFor(far(9))).isFalse();
  }

  @Test
  void insert_networkLimitOfTheTable_countsOtherBuckets() {
    for (int i = 1; i <= 4; i++) {
      insert(contact(NodeId.of(1L << 60 - i, 0, 0), endpoint(90, 1, i, 1, 1)), 0);
    }
    insert(far(1), 0);
    insert(far(2), 0);
    insert(contact(far(3).id(), endpoint(90, 1, 9, 1, 1)), 0);
    assertThat(table.hasRoomFor(far(9))).isTrue();
    table.remove(NodeId.of(1L << 59, 0, 0));
    assertThat(table.hasRoomFor(far(9))).isFalse();
  }

  @Test
  void insert_localAddressesWhereExempt_neverGiveWay() {
    RoutingTable local = new RoutingTable(OWN, config(), true);
    for (int i = 1; i <= SIZE; i++) {
      local.insert(loopback(i), true, 0, 0);
    }
    assertThat(local.hasRoomFor(far(9))).isFalse();
    assertThat(local.insert(loopback(9), true, 0, 0)).isEqualTo(new Cached());
    for (int i = 1; i <= SIZE; i++) {
      insert(loopback(i), 0);
    }
    assertThat(table.hasRoomFor(far(9))).isTrue();
  }

  @Test
  void insert_localNewcomerWhereExempt_displacesOneOverLimits() {
    RoutingTable local = new RoutingTable(OWN, config(), true);
    for (int i = 1; i <= SIZE; i++) {
      local.insert(sameSubnet(i), true, 0, 0);
    }
    assertThat(local.insert(loopback(7), true, 0, 0)).isEqualTo(new Inserted());
    assertThat(local.contacts()).containsExactly(sameSubnet(1), sameSubnet(2), loopback(7));
    assertThat(local.insert(loopback(8), true, 0, 0)).isEqualTo(new Inserted());
    assertThat(local.insert(loopback(9), true, 0, 0)).isEqualTo(new Cached());
  }

  // One endpoint is one node.

  @Test
  void insert_endpointOfAnotherId_replacesThatId() {
    insert(far(1), 0);
    Contact successor = near(5, far(1).endpoint());
    assertThat(insert(successor, 1)).isEqualTo(new Inserted());
    assertThat(table.contacts()).containsExactly(successor);
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void insert_knownIdElsewhereUnproven_isRejectedWhileTheOldOneAnswers() {
    insert(far(1), 0);
    Contact moved = contact(far(1).id(), endpoint(77));
    assertThat(table.insert(moved, false, 0, 1)).isEqualTo(new Rejected(Reason.ID_ELSEWHERE));
    assertThat(found(far(1)).endpoint()).isEqualTo(far(1).endpoint());
    fail(far(1), 1, true);
    assertThat(table.insert(moved, false, 0, 2)).isEqualTo(new Refreshed());
    assertThat(found(far(1)).endpoint()).isEqualTo(moved.endpoint());
  }

  @Test
  void insert_knownIdElsewhereProven_moves() {
    insert(far(1), 0);
    fail(far(1), EVICT_AFTER - 1, true);
    Contact moved = contact(far(1).id(), endpoint(77));
    assertThat(table.insert(moved, true, 0, 1)).isEqualTo(new Refreshed());
    assertThat(table.contacts()).containsExactly(moved);
    fail(moved, EVICT_AFTER - 1, true);
    assertThat(table.size()).as("failures before the move do not count").isEqualTo(1);
  }

  @Test
  void insert_idMovesToTheEndpointOfAnother_thatOneGoes() {
    fill();
    Contact moved = contact(far(3).id(), far(1).endpoint());
    assertThat(table.insert(moved, true, 0, 1)).isEqualTo(new Refreshed());
    assertThat(table.contacts()).containsExactly(far(2), moved);
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void hasRoomFor_fullBucket_onlyForAnIdWhoseContactFails() {
    Contact first = contact(far(1).id(), endpoint(77));
    assertThat(table.hasRoomFor(first)).isTrue();
    fill();
    assertThat(table.hasRoomFor(first)).isFalse();
    assertThat(table.hasRoomFor(far(9))).isFalse();
    fail(far(1), 1, true);
    assertThat(table.hasRoomFor(first)).isTrue();
    assertThat(table.hasRoomFor(far(9))).isFalse();
  }

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
    assertThat(table.onResponse(far(1), 100, 1)).isTrue();
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
    assertThat(table.onResponse(contact(far(1).id(), endpoint(77)), 0, 0)).isFalse();
    assertThat(table.onResponse(far(2), 0, 0)).isFalse();
  }

  @Test
  void onFailure_evicting_returnsCandidatesNewestFirst() {
    fill();
    insert(far(5), 0);
    table.addCandidate(far(6), 0);
    table.addCandidate(far(7), 0);
    table.addCandidate(far(6), 0);
    assertThat(evict(far(1))).isEqualTo(far(6));
    assertThat(evict(far(2))).isEqualTo(far(7));
    assertThat(evict(far(3))).as("the cache holds %s", CACHE).isEqualTo("none");
  }

  @Test
  void onFailure_candidateThatEnteredMeanwhile_isNotReturned() {
    fill();
    table.addCandidate(far(5), 0);
    table.addCandidate(far(6), 0);
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
    assertThat(table.pollDueForCheck(STALE - 1)).isNull();
    assertThat(table.pollDueForCheck(STALE)).isEqualTo(near(2, endpoint(2)));
    assertThat(table.pollDueForCheck(STALE)).isNull();
    assertThat(table.pollDueForCheck(STALE + 9)).isEqualTo(far(3));
    assertThat(table.pollDueForCheck(STALE + 9)).isEqualTo(far(1));
    assertThat(table.pollDueForCheck(STALE + 9)).isNull();
    assertThat(table.pollDueForCheck(STALE + PING)).isEqualTo(near(2, endpoint(2)));
  }

  @Test
  void pollDueForCheck_answered_isStaleAgainAfterThePeriod() {
    insert(far(1), 0);
    table.onResponse(far(1), 0, 50);
    assertThat(table.pollDueForCheck(STALE + 49)).isNull();
    assertThat(table.pollDueForCheck(STALE + 50)).isEqualTo(far(1));
  }

  @Test
  void pollDueForCheck_failing_backsOffUpToTheStalePeriod() {
    insert(far(1), 0);
    long now = 0;
    for (long pause = PING; pause < 4 * STALE; pause *= 2) {
      table.onFailure(far(1), false, now);
      now += Math.min(pause, STALE);
      assertThat(table.pollDueForCheck(now - 1)).isNull();
      assertThat(table.pollDueForCheck(now)).isEqualTo(far(1));
    }
  }

  @Test
  void pollDueForRefresh_noLookupForThePeriod_eachBucketOnce() {
    insert(far(1), 0);
    insert(near(1, endpoint(2)), 5);
    int nearBucket = OWN.commonPrefixLength(near(1, endpoint(2)).id());
    assertThat(table.pollDueForRefresh(REFRESH - 1)).isEqualTo(-1);
    assertThat(table.pollDueForRefresh(REFRESH)).isZero();
    assertThat(table.pollDueForRefresh(REFRESH)).isEqualTo(-1);
    assertThat(table.pollDueForRefresh(REFRESH + 5)).isEqualTo(nearBucket);
    assertThat(table.pollDueForRefresh(2 * REFRESH - 1)).isEqualTo(-1);
    assertThat(table.pollDueForRefresh(2 * REFRESH)).isZero();
  }

  @Test
  void onLookup_keyInTheBucket_putsItsRefreshOff() {
    insert(far(1), 0);
    table.onLookup(far(2).id(), 100);
    table.onLookup(near(1, endpoint(2)).id(), 200);
    table.onLookup(OWN, 300);
    assertThat(table.pollDueForRefresh(REFRESH + 99)).isEqualTo(-1);
    assertThat(table.pollDueForRefresh(REFRESH + 100)).isZero();
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
    table.onResponse(Contact.of(far(1).id(), endpoint(1), 0b1000), 0, 1);
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
    table.onResponse(far(2), 0, 1);
    assertThat(closest(9)).containsExactly(far(1), far(2), far(3));
  }

  private static Contact far(int index) {
    return contact(NodeId.of(Long.MIN_VALUE | index, 0, 0), endpoint(index));
  }

  private static Contact near(int index, Endpoint endpoint) {
    return contact(NodeId.of(0, 1L << 40 | index, 0), endpoint);
  }

  private static Contact sameSubnet(int index) {
    return contact(far(index).id(), endpoint(90, 1, 1, index, 1));
  }

  private static Contact loopback(int index) {
    return contact(far(index).id(), endpoint(127, 0, 0, 1, 4000 + index));
  }

  private static NodeId low(int value) {
    return NodeId.of(0, 0, value);
  }

  /** Fills bucket 0 with the contacts 1, 2 and 3, last heard of at 1, 2 and 3 ns. */
  private void fill() {
    for (int i = 1; i <= SIZE; i++) {
      assertThat(insert(far(i), i)).isEqualTo(new Inserted());
    }
  }

  private InsertOutcome insert(Contact contact, long nowNanos) {
    return table.insert(contact, true, 100, nowNanos);
  }

  private void fail(Contact contact, int times, boolean networkAlive) {
    for (int i = 0; i < times; i++) {
      assertThat(table.onFailure(contact, networkAlive, 0)).isNull();
    }
  }

  private Object evict(Contact contact) {
    fail(contact, EVICT_AFTER - 1, true);
    Contact candidate = table.onFailure(contact, true, 0);
    return candidate == null ? "none" : candidate;
  }

  private Contact found(Contact contact) {
    Contact found = table.find(contact.id());
    if (found == null) {
      throw new AssertionError("not in the table: " + contact);
    }
    return found;
  }

  private List<Contact> closest(int limit) {
    ClosestSearch search = new ClosestSearch(limit).begin(OWN, limit);
    table.closest(search);
    return answer(search);
  }

  private List<Contact> closestOffering(int mask) {
    ClosestSearch search = new ClosestSearch(9).begin(OWN, 9).offering(mask);
    table.closest(search);
    return answer(search);
  }

  private static List<Contact> answer(ClosestSearch search) {
    List<Contact> contacts = new ArrayList<>();
    for (int i = 0; i < search.count(); i++) {
      contacts.add(search.get(i));
    }
    return contacts;
  }

  private static List<NodeId> ids(ClosestSearch search) {
    return answer(search).stream().map(Contact::id).toList();
  }
}
