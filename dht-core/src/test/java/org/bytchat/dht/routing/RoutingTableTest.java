package org.bytchat.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.testkit.TestContacts.contact;
import static org.bytchat.dht.testkit.TestContacts.endpoint;

import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.InsertOutcome.Cached;
import org.bytchat.dht.routing.InsertOutcome.Inserted;
import org.bytchat.dht.routing.InsertOutcome.PingOldest;
import org.bytchat.dht.routing.InsertOutcome.Reason;
import org.bytchat.dht.routing.InsertOutcome.Refreshed;
import org.bytchat.dht.routing.InsertOutcome.Rejected;
import org.junit.jupiter.api.Test;

/** What may enter the table, and who gives way to it. */
class RoutingTableTest extends TableFixture {

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
    assertThat(hasRoomFor(contact(OWN, endpoint(1)))).isFalse();
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

  private boolean isSettled(Contact contact) {
    NodeId id = contact.id();
    return table.isSettled(id.high(), id.middle(), id.low());
  }

  @Test
  void isSettled_fullBucketOfGoodContacts_untilOneFails() {
    assertThat(isSettled(far(9))).isFalse();
    fill();
    assertThat(isSettled(far(9))).isTrue();
    assertThat(isSettled(near(1, endpoint(50)))).as("another bucket").isFalse();
    fail(far(2), EVICT_AFTER, false);
    assertThat(isSettled(far(9))).isFalse();
    assertThat(hasRoomFor(far(9))).isTrue();
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
    assertThat(hasRoomFor(far(9))).isTrue();
    assertThat(insert(far(9), 1)).isEqualTo(new Inserted());
    assertThat(table.contacts()).containsExactly(far(1), far(3), far(9));
    assertThat(closest(10)).contains(far(9));
  }

  @Test
  void insert_fullBucketAfterAnOutage_displacesNobody() {
    fill();
    fail(far(2), 10 * EVICT_AFTER, false);
    table.forgiveFailures();
    assertThat(hasRoomFor(far(9))).isFalse();
    assertThat(insert(far(9), 1)).isEqualTo(new Cached());
    assertThat(table.contacts()).containsExactly(far(1), far(2), far(3));
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
    assertThat(hasRoomFor(far(9))).isTrue();
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
    assertThat(hasRoomFor(sameSubnet(4))).isFalse();
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
    assertThat(hasRoomFor(far(9))).isTrue();
    table.remove(near(2, endpoint(1)).id());
    assertThat(hasRoomFor(far(9))).isFalse();
  }

  @Test
  void insert_networkLimitOfTheTable_countsOtherBuckets() {
    for (int i = 1; i <= 4; i++) {
      insert(contact(NodeId.of(1L << 60 - i, 0, 0), endpoint(90, 1, i, 1, 1)), 0);
    }
    insert(far(1), 0);
    insert(far(2), 0);
    insert(contact(far(3).id(), endpoint(90, 1, 9, 1, 1)), 0);
    assertThat(hasRoomFor(far(9))).isTrue();
    table.remove(NodeId.of(1L << 59, 0, 0));
    assertThat(hasRoomFor(far(9))).isFalse();
  }

  @Test
  void insert_localAddressesWhereExempt_neverGiveWay() {
    RoutingTable local = new RoutingTable(OWN, config(), defences(false, 44), true);
    for (int i = 1; i <= SIZE; i++) {
      local.insert(loopback(i), true, true, at(0));
    }
    assertThat(local.hasRoomFor(far(9), true, 0)).isFalse();
    assertThat(local.insert(loopback(9), true, true, at(0))).isEqualTo(new Cached());
    for (int i = 1; i <= SIZE; i++) {
      insert(loopback(i), 0);
    }
    assertThat(hasRoomFor(far(9))).isTrue();
  }

  @Test
  void insert_localNewcomerWhereExempt_displacesOneOverLimits() {
    RoutingTable local = new RoutingTable(OWN, config(), defences(false, 44), true);
    for (int i = 1; i <= SIZE; i++) {
      local.insert(sameSubnet(i), true, true, at(0));
    }
    assertThat(local.insert(loopback(7), true, true, at(0))).isEqualTo(new Inserted());
    assertThat(local.contacts()).containsExactly(sameSubnet(1), sameSubnet(2), loopback(7));
    assertThat(local.insert(loopback(8), true, true, at(0))).isEqualTo(new Inserted());
    assertThat(local.insert(loopback(9), true, true, at(0))).isEqualTo(new Cached());
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
    assertThat(table.insert(moved, false, true, at(1)))
        .isEqualTo(new Rejected(Reason.ID_ELSEWHERE));
    assertThat(found(far(1)).endpoint()).isEqualTo(far(1).endpoint());
    fail(far(1), 1, true);
    assertThat(table.insert(moved, false, true, at(2))).isEqualTo(new Refreshed());
    assertThat(found(far(1)).endpoint()).isEqualTo(moved.endpoint());
  }

  @Test
  void insert_knownIdElsewhereProven_moves() {
    insert(far(1), 0);
    fail(far(1), EVICT_AFTER - 1, true);
    Contact moved = contact(far(1).id(), endpoint(77));
    assertThat(table.insert(moved, true, true, at(1))).isEqualTo(new Refreshed());
    assertThat(table.contacts()).containsExactly(moved);
    fail(moved, EVICT_AFTER - 1, true);
    assertThat(table.size()).as("failures before the move do not count").isEqualTo(1);
  }

  @Test
  void insert_idMovesToTheEndpointOfAnother_thatOneGoes() {
    fill();
    Contact moved = contact(far(3).id(), far(1).endpoint());
    assertThat(table.insert(moved, true, true, at(1))).isEqualTo(new Refreshed());
    assertThat(table.contacts()).containsExactly(far(2), moved);
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void hasRoomFor_fullBucket_onlyForAnIdWhoseContactFails() {
    Contact first = contact(far(1).id(), endpoint(77));
    assertThat(hasRoomFor(first)).isTrue();
    fill();
    assertThat(hasRoomFor(first)).isFalse();
    assertThat(hasRoomFor(far(9))).isFalse();
    fail(far(1), 1, true);
    assertThat(hasRoomFor(first)).isTrue();
    assertThat(hasRoomFor(far(9))).isFalse();
  }
}
