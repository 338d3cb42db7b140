package org.bytchat.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.testkit.TestContacts.contact;
import static org.bytchat.dht.testkit.TestContacts.endpoint;
import static org.bytchat.dht.testkit.TestContacts.randomId;
import static org.bytchat.dht.testkit.TestContacts.sharing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.InsertOutcome.Inserted;
import org.bytchat.dht.routing.InsertOutcome.Reason;
import org.bytchat.dht.routing.InsertOutcome.Refreshed;
import org.bytchat.dht.routing.InsertOutcome.Rejected;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Who may not enter although there is a place: see the small table's rules in its fixture. */
class RoutingTableStrictTest extends TableFixture {

  private static final int HONEST = 200;
  private static final int HOSTILE = 2_000;

  /** So many within the limits make a table of buckets of three strict. */
  private static final int ENOUGH = 3 * SIZE;

  /** Of buckets of three: strict, and one of each bucket may have only asked us. */
  private final RoutingTable strict = new RoutingTable(OWN, config(), defences(true, 1), false);

  private InsertOutcome enter(Contact contact) {
    return strict.insert(contact, true, true, at(0));
  }

  private InsertOutcome ask(Contact contact) {
    return strict.insert(contact, true, false, at(0));
  }

  /** Returns contacts of /16s of their own, three in each bucket from 10 on. */
  private static Contact other(int index) {
    return contact(NodeId.of(1L << 53 - index / SIZE | index, 0, 0), endpoint(100 + index));
  }

  private void enterOthers(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(enter(other(i))).isEqualTo(new Inserted());
    }
  }

  /** Returns a contact of the /24 of {@link #sameSubnet} in a bucket. */
  private static Contact sameSubnetNear(int prefix, int index) {
    return contact(NodeId.of(1L << 63 - prefix, 0, index), endpoint(90, 1, 1, index, 1));
  }

  // One host against a table.

  private static List<Contact> honest(Random random) {
    List<Contact> honest = new ArrayList<>();
    for (int i = 0; i < HONEST; i++) {
      honest.add(contact(randomId(random), endpoint(i)));
    }
    return honest;
  }

  /** Returns contacts of one /24 whose ids were made until they shared prefixes with the own id. */
  private static List<Contact> hostile(NodeId own, Random random) {
    List<Contact> hostile = new ArrayList<>();
    for (int i = 0; i < HOSTILE; i++) {
      NodeId id = sharing(own, random.nextInt(24), random);
      hostile.add(contact(id, endpoint(200, 1, 1, i % 256, 1024 + i)));
    }
    return hostile;
  }

  private static RoutingTable attacked(NodeId own, boolean isStrict, List<Contact> contacts) {
    RoutingTable table =
        new RoutingTable(own, RoutingConfig.defaults(), defences(isStrict, 5), false);
    for (Contact each : contacts) {
      if (table.hasRoomFor(each, true, 0)) {
        table.insert(each, true, true, 0);
      }
    }
    return table;
  }

  private static List<Contact> inOneSubnet(RoutingTable table) {
    return table.contacts().stream()
        .filter(each -> each.endpoint().subnet() == endpoint(200, 1, 1, 0, 1).subnet())
        .toList();
  }

  @SeededTest(runs = 10)
  void insert_groundIdsOfOneSubnet_atMostOneInTheTable(long seed) {
    Random random = Seeds.random(seed);
    NodeId own = randomId(random);
    List<Contact> contacts = new ArrayList<>(honest(random));
    contacts.addAll(hostile(own, random));
    assertThat(inOneSubnet(attacked(own, true, contacts))).hasSizeLessThanOrEqualTo(1);
    assertThat(inOneSubnet(attacked(own, false, contacts))).as("soft").hasSizeGreaterThan(200);
    List<Contact> honestLast = new ArrayList<>(contacts);
    Collections.reverse(honestLast);
    RoutingTable table = attacked(own, true, honestLast);
    assertThat(inOneSubnet(table)).hasSizeLessThanOrEqualTo(1);
    int undisturbed = attacked(own, true, contacts.subList(0, HONEST)).size();
    assertThat(table.size()).as("others found places").isGreaterThanOrEqualTo(undisturbed);
  }

  @SeededTest(runs = 10)
  void insert_networkOfOneSubnet_fillsTheTable(long seed) {
    Random random = Seeds.random(seed);
    NodeId own = randomId(random);
    List<Contact> neighbours = new ArrayList<>();
    for (int i = 0; i < 19; i++) {
      neighbours.add(contact(randomId(random), endpoint(200, 1, 1, i, 1024)));
    }
    RoutingTable table = attacked(own, true, neighbours);
    assertThat(table.contacts()).containsExactlyInAnyOrderElementsOf(neighbours);
  }

  // Networks of few subnets.

  private static List<NodeId> farFirst(NodeId own, int count, Random random) {
    List<NodeId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(randomId(random));
    }
    ids.sort((one, other) -> own.compareDistance(other, one));
    return ids;
  }

  /** Gives each id an endpoint at random in one of so many subnets, in so many networks. */
  private static List<Contact> spread(
      List<NodeId> farFirst, int subnets, int networks, Random random) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < farFirst.size(); i++) {
      places.add(i);
    }
    Collections.shuffle(places, random);
    List<Contact> contacts = new ArrayList<>();
    for (int i = 0; i < farFirst.size(); i++) {
      int subnet = places.get(i) % subnets;
      int host = 1 + places.get(i) / subnets;
      Endpoint endpoint = endpoint(100, subnet % networks, subnet / networks, host, 1024);
      contacts.add(contact(farFirst.get(i), endpoint));
    }
    return contacts;
  }

  /** A neighbour is missing only if the places of its network are for as near or kept ones. */
  private static void checkNeighbours(NodeId own, RoutingTable table, List<Contact> farFirst) {
    for (int prefix = 0; prefix < 4; prefix++) {
      assertThat(table.bucketSize(prefix)).as("bucket %d", prefix).isGreaterThanOrEqualTo(4);
    }
    List<Contact> nearest = farFirst.subList(farFirst.size() - 20, farFirst.size());
    List<Contact> missing = nearest.stream().filter(each -> table.find(each.id()) == null).toList();
    assertThat(missing).hasSizeLessThanOrEqualTo(6);
    for (Contact each : missing) {
      int prefix = own.commonPrefixLength(each.id());
      long displaceable =
          table.contacts().stream()
              .filter(other -> other.endpoint().network() == each.endpoint().network())
              .map(other -> own.commonPrefixLength(other.id()))
              .filter(other -> other < prefix && table.bucketSize(other) > 4)
              .count();
      assertThat(displaceable).as("%s", each).isZero();
    }
  }

  @SeededTest(runs = 10)
  void insert_networkOfFewSubnetsFarFirst_knowsItsNeighboursAndOfAllBuckets(long seed) {
    Random random = Seeds.random(seed);
    NodeId own = randomId(random);
    List<Contact> contacts = spread(farFirst(own, 1_000, random), 100, 100, random);
    RoutingTable table = attacked(own, true, contacts);
    checkNeighbours(own, table, contacts);
    assertThat(table.contacts().stream().map(each -> each.endpoint().subnet()))
        .as("one of each /24")
        .doesNotHaveDuplicates();
  }

  @SeededTest(runs = 10)
  void insert_networkOfFewNetworksFarFirst_knowsItsNeighboursAndOfAllBuckets(long seed) {
    Random random = Seeds.random(seed);
    NodeId own = randomId(random);
    List<Contact> contacts = spread(farFirst(own, 750, random), 750, 8, random);
    RoutingTable table = attacked(own, true, contacts);
    checkNeighbours(own, table, contacts);
    assertThat(table.size()).as("eight of each /16").isEqualTo(64);
  }

  // The rule, step by step.

  @Test
  void insert_aboveTheLimits_entersWhileFewerThanThreeBucketsOfOthers() {
    enter(sameSubnet(1));
    assertThat(enter(sameSubnet(2))).as("none within the limits").isEqualTo(new Inserted());
    enterOthers(ENOUGH - 1);
    assertThat(strict.size()).as("one too few within the limits").isEqualTo(ENOUGH + 1);
    enter(near(1, endpoint(1)));
    assertThat(strict.contacts())
        .as("enough within the limits, and the newest above them is gone")
        .hasSize(ENOUGH + 1)
        .contains(sameSubnet(1))
        .doesNotContain(sameSubnet(2));
    assertThat(strict.hasRoomFor(sameSubnet(2), true, 0)).isFalse();
    assertThat(enter(sameSubnet(2))).isEqualTo(new Rejected(Reason.CROWDED));
    assertThat(strict.hasRoomFor(far(9), true, 0)).isTrue();
  }

  @Test
  void insert_idMovesAboveTheLimits_goes() {
    enter(sameSubnet(1));
    enterOthers(ENOUGH);
    enter(far(9));
    Contact moved = contact(far(9).id(), endpoint(90, 1, 1, 77, 1));
    assertThat(enter(moved)).isEqualTo(new Rejected(Reason.CROWDED));
    assertThat(strict.find(far(9).id())).isNull();
    assertThat(strict.contacts()).hasSize(ENOUGH + 1).contains(sameSubnet(1));
  }

  // Who gives way to whom.

  @Test
  void insert_subnetFull_onlyAskedDisplacesNobody() {
    enterOthers(ENOUGH);
    enter(far(1));
    enter(sameSubnet(2));
    enter(sameSubnetNear(20, 3));
    assertThat(strict.hasRoomFor(sameSubnetNear(30, 4), false, 0)).isFalse();
    assertThat(ask(sameSubnetNear(30, 4))).isEqualTo(new Rejected(Reason.CROWDED));
    assertThat(enter(sameSubnetNear(30, 4))).isEqualTo(new Inserted());
    assertThat(strict.find(sameSubnet(2).id())).isNull();
    assertThat(strict.find(sameSubnetNear(20, 3).id())).isNotNull();
  }

  @Test
  void insert_subnetFull_fartherBucketsKeepOne() {
    enterOthers(ENOUGH);
    enter(sameSubnet(2));
    enter(sameSubnetNear(20, 3));
    assertThat(strict.hasRoomFor(sameSubnetNear(30, 4), true, 0)).isFalse();
    assertThat(enter(sameSubnetNear(30, 4))).isEqualTo(new Rejected(Reason.CROWDED));
    enter(far(1));
    assertThat(enter(sameSubnetNear(30, 4))).isEqualTo(new Inserted());
    assertThat(strict.contacts())
        .contains(far(1), sameSubnetNear(20, 3))
        .doesNotContain(sameSubnet(2));
  }

  @Test
  void insert_subnetFullAndBucketEmpty_nearerOneGivesWay() {
    enterOthers(ENOUGH);
    enter(sameSubnetNear(20, 3));
    enter(sameSubnetNear(30, 4));
    assertThat(strict.hasRoomFor(sameSubnet(2), true, 0)).as("nearer ones are alone").isFalse();
    enter(contact(NodeId.of(1L << 33, 0, 77), endpoint(77)));
    assertThat(strict.hasRoomFor(sameSubnet(2), true, 0)).isTrue();
    assertThat(enter(sameSubnet(2))).isEqualTo(new Inserted());
    assertThat(strict.find(sameSubnetNear(30, 4).id())).isNull();
    assertThat(enter(sameSubnetNear(30, 4))).as("and back").isEqualTo(new Rejected(Reason.CROWDED));
  }

  @Test
  void insert_networkFull_newestOfTheFarthestBucketGivesWay() {
    enterOthers(ENOUGH);
    enter(far(1));
    for (int i = 2; i < 4; i++) {
      enter(contact(far(i).id(), endpoint(90, 1, i, 1, 1)));
    }
    enter(near(4, endpoint(90, 1, 4, 1, 1)));
    enter(near(5, endpoint(90, 1, 5, 1, 1)));
    assertThat(enter(sameSubnetNear(30, 6))).isEqualTo(new Inserted());
    assertThat(strict.find(far(3).id())).isNull();
    assertThat(strict.find(far(2).id())).isNotNull();
  }

  @Test
  void insert_subnetFullOfOneThatLeaves_enters() {
    enterOthers(ENOUGH);
    enter(sameSubnet(1));
    enter(far(2));
    enter(far(3));
    enter(sameSubnetNear(20, 3));
    assertThat(strict.hasRoomFor(sameSubnet(9), true, 0)).isFalse();
    for (int i = 0; i < EVICT_AFTER; i++) {
      strict.onFailure(sameSubnet(1), false, at(0));
    }
    assertThat(strict.hasRoomFor(sameSubnet(9), true, 0)).as("restarted").isTrue();
    assertThat(enter(sameSubnet(9))).isEqualTo(new Inserted());
    Contact other = contact(NodeId.of(1L << 23, 0, 0), sameSubnetNear(20, 3).endpoint());
    assertThat(strict.hasRoomFor(other, false, 0)).as("at the same endpoint").isTrue();
    assertThat(ask(other)).isEqualTo(new Inserted());
    assertThat(strict.find(sameSubnetNear(20, 3).id())).isNull();
  }

  // Candidates.

  @Test
  void addCandidate_manyOfOneSubnet_keepsOneOfIt() {
    for (int i = 1; i <= SIZE; i++) {
      enter(far(i));
    }
    strict.addCandidate(far(8), at(0));
    for (int i = 10; i < 20; i++) {
      strict.addCandidate(sameSubnet(i), at(0));
    }
    strict.remove(far(1).id());
    strict.remove(far(2).id());
    assertThat(strict.pollCandidate(far(1).id())).isEqualTo(sameSubnet(19));
    assertThat(strict.pollCandidate(far(1).id())).isEqualTo(far(8));
    assertThat(strict.pollCandidate(far(1).id())).isNull();
  }

  @Test
  void pollCandidate_bucketFullOrAboveTheLimits_isNone() {
    for (int i = 1; i <= SIZE; i++) {
      enter(far(i));
    }
    enterOthers(ENOUGH);
    strict.addCandidate(sameSubnet(9), at(0));
    assertThat(strict.pollCandidate(far(1).id())).as("full").isNull();
    enter(near(1, endpoint(90, 1, 1, 1, 1)));
    enter(near(2, endpoint(90, 1, 2, 1, 1)));
    enter(contact(NodeId.of(1, 0, 0), endpoint(90, 1, 1, 2, 1)));
    strict.remove(far(1).id());
    strict.insert(far(7), true, true, at(0));
    strict.remove(far(7).id());
    assertThat(strict.pollCandidate(far(1).id())).as("two of its subnet elsewhere").isNull();
  }

  // Those who only asked.

  @Test
  void insert_onlyAsked_limitedOnceABucketOfOthersIsKnown() {
    assertThat(ask(far(1))).isEqualTo(new Inserted());
    assertThat(ask(far(2))).as("nobody else is known").isEqualTo(new Inserted());
    for (int i = 1; i <= SIZE; i++) {
      enter(near(i, endpoint(10 + i)));
    }
    assertThat(strict.hasRoomFor(far(3), false, 0)).isFalse();
    assertThat(ask(far(3))).isEqualTo(new Rejected(Reason.UNSOLICITED));
    assertThat(strict.hasRoomFor(far(3), true, 0)).isTrue();
    assertThat(enter(far(3))).isEqualTo(new Inserted());
  }

  @Test
  void onFound_onlyAsked_makesRoomForAnother() {
    for (int i = 1; i <= SIZE; i++) {
      enter(near(i, endpoint(10 + i)));
    }
    ask(far(1));
    assertThat(strict.isFound(far(1))).isFalse();
    assertThat(ask(far(2))).isEqualTo(new Rejected(Reason.UNSOLICITED));
    strict.onResponse(far(1), at(1));
    strict.onFailure(far(1), false, at(2));
    strict.forgiveFailures();
    strict.pollDueForCheck(at(STALE));
    strict.onResponse(far(1), at(STALE));
    assertThat(strict.isFound(far(1))).as("that it answers says nothing").isFalse();
    strict.onFound(contact(far(1).id(), endpoint(77)));
    assertThat(strict.isFound(far(1))).as("another endpoint").isFalse();
    strict.onFound(far(1));
    assertThat(strict.isFound(far(1))).isTrue();
    assertThat(ask(far(2))).isEqualTo(new Inserted());
    assertThat(enter(far(2))).isEqualTo(new Refreshed());
    assertThat(strict.isFound(far(2))).isTrue();
  }

  @Test
  void insert_onlyAskedAndFullBucket_isNoCandidate() {
    for (int i = 1; i <= SIZE; i++) {
      enter(far(i));
    }
    ask(far(8));
    strict.remove(far(1).id());
    assertThat(strict.pollCandidate(far(8).id())).isNull();
  }

  @Test
  void hasRoomFor_placesAreReserved_notForThem() {
    enter(far(1));
    assertThat(strict.hasRoomFor(far(2), false, 1)).isTrue();
    assertThat(strict.hasRoomFor(far(2), false, 2)).isFalse();
    assertThat(strict.hasRoomFor(far(2), true, 0)).isTrue();
  }
}
