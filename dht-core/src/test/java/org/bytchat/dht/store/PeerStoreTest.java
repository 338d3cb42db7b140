package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.PeerStore.Limits;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.time.DeadlineQueue;
import org.junit.jupiter.api.Test;

/** Goal: each rule of the store, at its boundary. */
class PeerStoreTest {

  private static final long NOW = -50;
  private static final long LIFETIME = 1_000;
  private static final NodeId A = NodeId.of(1, 2, 3);
  private static final NodeId B = NodeId.of(1, 2, 4);

  private PeerStore store = small(100, 100, 1_000, 100);

  private static PeerStore small(int swarms, int swarmPeers, int peers, int sourcePeers) {
    return new PeerStore(new Limits(swarms, swarmPeers, peers, sourcePeers, LIFETIME));
  }

  private static NodeId swarm(int number) {
    return NodeId.of(number, 0, 0);
  }

  private static Endpoint ipv4(int number) {
    return Endpoint.ofIpv4(number, 1);
  }

  private static Endpoint ipv6(int number) {
    return Endpoint.ofIpv6(number, 0, 1);
  }

  private void announced(NodeId infohash, int peer, long source) {
    assertThat(store.announce(infohash, ipv4(peer), source, NOW)).isTrue();
  }

  private void refused(NodeId infohash, int peer, long source) {
    int peers = store.peerCount();
    int swarms = store.swarmCount();
    long gone = store.evicted();
    assertThat(store.announce(infohash, ipv4(peer), source, NOW)).isFalse();
    assertThat(store.peerCount()).isEqualTo(peers);
    assertThat(store.swarmCount()).isEqualTo(swarms);
    assertThat(store.evicted()).isEqualTo(gone);
  }

  /** Returns all live peers of a swarm. */
  private Set<Endpoint> peers(NodeId infohash, AddressFamily family, long now) {
    Endpoint[] into = new Endpoint[1_000];
    int found = store.sample(infohash, family, into, bound -> bound - 1, now);
    Set<Endpoint> peers = new TreeSet<>(Arrays.asList(into).subList(0, found));
    assertThat(peers).hasSize(found);
    return peers;
  }

  private void holds(NodeId infohash, int... peers) {
    assertThat(peers(infohash, AddressFamily.IPV4, NOW))
        .containsExactlyElementsOf(
            Arrays.stream(peers).sorted().mapToObj(PeerStoreTest::ipv4).toList());
  }

  // Announcing and sampling.

  @Test
  void announce_new_isHeldInItsSwarmAndFamily() {
    announced(A, 1, 1);
    announced(A, 2, 2);
    announced(B, 1, 1);
    assertThat(store.announce(A, ipv6(1), 3, NOW)).isTrue();
    holds(A, 1, 2);
    holds(B, 1);
    holds(swarm(9));
    assertThat(peers(A, AddressFamily.IPV6, NOW)).containsExactly(ipv6(1));
    assertThat(peers(B, AddressFamily.IPV6, NOW)).isEmpty();
    assertThat(store.peerCount()).isEqualTo(4);
    assertThat(store.swarmCount()).isEqualTo(2);
  }

  @Test
  void announce_again_isOnePeerWithANewLife() {
    announced(A, 1, 1);
    assertThat(store.announce(A, ipv4(1), 1, NOW + 9)).isTrue();
    assertThat(store.peerCount()).isEqualTo(1);
    assertThat(store.swarmCount()).isEqualTo(1);
    assertThat(store.nextExpiryNanos()).isEqualTo(NOW + 9 + LIFETIME);
    assertThat(store.evicted()).isZero();
  }

  @Test
  void sample_fewerWanted_leavesTheRestOfTheArray() {
    announced(A, 1, 1);
    announced(A, 2, 1);
    Endpoint[] one = new Endpoint[1];
    assertThat(store.sample(A, AddressFamily.IPV4, one, bound -> bound - 1, NOW)).isEqualTo(1);
    assertThat(one).containsExactly(ipv4(2));
    assertThat(store.sample(A, AddressFamily.IPV4, new Endpoint[0], bound -> 0, NOW)).isZero();
    Endpoint[] three = {ipv4(7), ipv4(8), ipv4(9)};
    assertThat(store.sample(A, AddressFamily.IPV4, three, bound -> 0, NOW)).isEqualTo(2);
    assertThat(three).containsExactlyInAnyOrder(ipv4(1), ipv4(2), ipv4(9)).endsWith(ipv4(9));
    assertThat(store.sample(B, AddressFamily.IPV4, three, bound -> 0, NOW)).isZero();
  }

  /** Each way to choose leads to another pair, so all pairs are equally likely. */
  @Test
  void sample_everyWayToChoose_givesEachOrderedPairOnce() {
    Set<String> pairs = new TreeSet<>();
    for (int first = 0; first < 4; first++) {
      for (int second = 0; second < 3; second++) {
        store = small(1, 4, 4, 4);
        for (int peer = 1; peer <= 4; peer++) {
          announced(A, peer, 1);
        }
        int[] choices = {first, second};
        int[] bounds = new int[2];
        int[] calls = {0};
        Endpoint[] into = new Endpoint[2];
        store.sample(
            A,
            AddressFamily.IPV4,
            into,
            bound -> {
              bounds[calls[0]] = bound;
              return choices[calls[0]++];
            },
            NOW);
        assertThat(bounds).containsExactly(4, 3);
        pairs.add(into[0] + " " + into[1]);
      }
    }
    assertThat(pairs).hasSize(12);
  }

  @SeededTest(runs = 3)
  void sample_someEnded_drawsTheOthersEquallyOften(long seed) {
    Random random = Seeds.random(seed);
    Map<Endpoint, Integer> drawn = new TreeMap<>();
    int rounds = 6_000;
    for (int round = 0; round < rounds; round++) {
      store = small(1, 10, 10, 10);
      for (int peer = 0; peer < 10; peer++) {
        store.announce(A, ipv4(peer), 1, peer % 2 == 0 ? NOW : NOW + 1);
      }
      Endpoint[] into = new Endpoint[2];
      assertThat(store.sample(A, AddressFamily.IPV4, into, random::nextInt, NOW + LIFETIME))
          .isEqualTo(2);
      assertThat(into[0]).isNotEqualTo(into[1]);
      for (Endpoint peer : into) {
        drawn.merge(peer, 1, Integer::sum);
      }
    }
    assertThat(drawn.keySet()).containsExactly(ipv4(1), ipv4(3), ipv4(5), ipv4(7), ipv4(9));
    // Each of five is one of two: 2,400 expected, with a standard deviation of 38.
    assertThat(drawn.values()).allSatisfy(count -> assertThat(count).isBetween(2_200, 2_600));
  }

  // Time.

  @Test
  void sample_atTheEnd_isGoneAndTakesSpaceUntilExpired() {
    announced(A, 1, 1);
    assertThat(store.nextExpiryNanos()).isEqualTo(NOW + LIFETIME);
    assertThat(store.expire(NOW + LIFETIME - 1)).isZero();
    assertThat(peers(A, AddressFamily.IPV4, NOW + LIFETIME - 1)).containsExactly(ipv4(1));
    assertThat(peers(A, AddressFamily.IPV4, NOW + LIFETIME)).isEmpty();
    assertThat(store.peerCount()).isEqualTo(1);
    assertThat(store.expire(NOW + LIFETIME)).isEqualTo(1);
    assertThat(store.peerCount()).isZero();
    assertThat(store.swarmCount()).isZero();
    assertThat(store.evicted()).isZero();
    assertThat(store.nextExpiryNanos()).isEqualTo(DeadlineQueue.NEVER);
  }

  @Test
  void expire_several_endsWhatIsDueAndFreesTheShares() {
    store = small(100, 100, 100, 2);
    store.announce(A, ipv4(1), 1, 10);
    store.announce(A, ipv4(2), 1, 20);
    store.announce(A, ipv4(1), 1, 30);
    assertThat(store.announce(A, ipv4(3), 1, 30)).isFalse();
    assertThat(store.nextExpiryNanos()).isEqualTo(20 + LIFETIME);
    assertThat(store.expire(29 + LIFETIME)).isEqualTo(1);
    assertThat(peers(A, AddressFamily.IPV4, 29 + LIFETIME)).containsExactly(ipv4(1));
    assertThat(store.announce(A, ipv4(3), 1, 29 + LIFETIME)).isTrue();
    assertThat(store.expire(30 + LIFETIME)).isEqualTo(1);
  }

  // Limits.

  @Test
  void announce_sourceAtItsShare_isRefusedButForWhatItHas() {
    store = small(100, 100, 100, 2);
    announced(A, 1, 1);
    announced(B, 2, 1);
    refused(A, 3, 1);
    announced(A, 1, 1);
    announced(A, 3, 2);
    assertThat(store.evicted()).isZero();
  }

  @Test
  void announce_heldByAnother_isStillPaidByTheFirst() {
    store = small(100, 100, 100, 1);
    announced(A, 1, 1);
    announced(A, 1, 2);
    announced(B, 2, 2);
    refused(B, 3, 1);
  }

  @Test
  void announce_swarmFullOfOneEach_theOldestAnnounceGoes() {
    store = small(100, 3, 100, 100);
    announced(A, 1, 1);
    announced(A, 2, 2);
    announced(A, 3, 3);
    announced(B, 1, 1);
    announced(A, 1, 1);
    announced(A, 4, 4);
    holds(A, 1, 3, 4);
    holds(B, 1);
    assertThat(store.evicted()).isEqualTo(1);
  }

  @Test
  void announce_swarmFull_theOldestOfTheLargestThereGoes() {
    store = small(100, 4, 100, 100);
    announced(B, 8, 1);
    announced(B, 9, 1);
    announced(A, 1, 1);
    announced(A, 2, 2);
    announced(A, 3, 2);
    announced(A, 4, 3);
    announced(A, 5, 4);
    holds(A, 1, 3, 4, 5);
    announced(A, 6, 4);
    holds(A, 1, 3, 4, 6);
  }

  @Test
  void announce_storeFull_theOldestOfTheLargestGoes() {
    store = small(100, 100, 4, 100);
    announced(A, 1, 1);
    announced(A, 2, 2);
    announced(B, 3, 2);
    announced(B, 4, 2);
    announced(A, 2, 2);
    announced(B, 5, 3);
    holds(A, 1, 2);
    holds(B, 4, 5);
    announced(B, 6, 1);
    holds(A, 2);
    announced(B, 7, 4);
    holds(B, 5, 6, 7);
    refused(B, 8, 5);
    announced(B, 8, 2);
    holds(A);
    holds(B, 5, 6, 7, 8);
    assertThat(store.evicted()).isEqualTo(4);
  }

  @Test
  void announce_tooManySwarms_theOldestOfWhoHasMostAloneGoes() {
    store = small(4, 100, 100, 100);
    announced(swarm(1), 1, 1);
    announced(swarm(2), 2, 2);
    announced(swarm(3), 2, 2);
    announced(swarm(3), 3, 2);
    announced(swarm(4), 2, 2);
    announced(swarm(2), 2, 2);
    announced(swarm(5), 5, 3);
    holds(swarm(3));
    assertThat(store.evicted()).as("both peers of the swarm").isEqualTo(2);
    holds(swarm(1), 1);
    announced(swarm(6), 6, 1);
    holds(swarm(1));
    announced(swarm(7), 7, 4);
    holds(swarm(2), 2);
    holds(swarm(4));
    refused(swarm(8), 8, 5);
    announced(swarm(2), 8, 5);
  }

  @Test
  void announce_tooManySwarms_whoHasAsManyWithTheNewOneGivesWay() {
    store = small(4, 100, 100, 100);
    announced(swarm(1), 1, 1);
    for (int number = 2; number <= 4; number++) {
      announced(swarm(number), 2, 2);
    }
    announced(swarm(5), 1, 1);
    holds(swarm(1), 1);
    holds(swarm(2));
    announced(swarm(6), 1, 1);
    holds(swarm(1));
    holds(swarm(3), 2);
  }

  @Test
  void announce_tooManySwarmsAllOfSeveral_isRefused() {
    store = small(1, 100, 100, 100);
    announced(A, 1, 1);
    announced(A, 2, 2);
    announced(A, 3, 2);
    refused(B, 4, 2);
    store.announce(A, ipv4(2), 2, NOW + 1);
    store.announce(A, ipv4(3), 2, NOW + 1);
    store.expire(NOW + LIFETIME);
    assertThat(store.announce(B, ipv4(4), 2, NOW + 1)).as("A is of one source again").isTrue();
    holds(A);
  }

  /** Swarms that two make each other's count for nobody; what they have elsewhere must. */
  @Test
  void announce_tooManySwarms_oneWhoHasMuchElsewhereTakesNobodysPlace() {
    store = small(4, 100, 100, 100);
    announced(swarm(1), 1, 1);
    announced(swarm(2), 1, 1);
    for (int number = 3; number <= 4; number++) {
      announced(swarm(number), 2, 2);
      announced(swarm(number), 3, 3);
    }
    refused(swarm(5), 2, 2);
    announced(swarm(5), 4, 4);
    holds(swarm(1));
    holds(swarm(2), 1);
  }

  @Test
  void announce_soleSwarmFullAtOne_changesItsPeer() {
    store = small(1, 1, 1, 2);
    announced(A, 1, 1);
    announced(A, 2, 2);
    holds(A, 2);
    assertThat(store.swarmCount()).isEqualTo(1);
    announced(B, 3, 2);
    holds(A);
    holds(B, 3);
    assertThat(store.peerCount()).isEqualTo(1);
    refused(A, 4, 1);
  }

  @SeededTest(runs = 4)
  void flood_oneSource_leavesAllOthersAlone(long seed) {
    Random random = Seeds.random(seed);
    store = small(60, 50, 200, 100);
    List<NodeId> swarms = new ArrayList<>();
    for (int source = 0; source < 20; source++) {
      swarms.add(swarm(source));
      announced(swarm(source), source, source);
      announced(swarm(0), source, source);
    }
    for (int i = 0; i < 4_000; i++) {
      NodeId infohash = swarm(random.nextBoolean() ? 0 : random.nextInt(1_000));
      store.announce(infohash, ipv4(1_000 + i), 99, NOW);
      if (random.nextInt(30) == 0) {
        announced(swarm(0), random.nextInt(20), 5);
      }
      assertThat(store.peerCount()).isLessThanOrEqualTo(200);
      assertThat(store.swarmCount()).isLessThanOrEqualTo(60);
    }
    assertThat(store.evicted()).as("the flood fills the store").isGreaterThan(20);
    for (int source = 0; source < 20; source++) {
      assertThat(peers(swarm(0), AddressFamily.IPV4, NOW)).contains(ipv4(source));
      assertThat(peers(swarms.get(source), AddressFamily.IPV4, NOW)).contains(ipv4(source));
    }
  }

  @Test
  void limits_belowOne_areRefused() {
    assertThat(new Limits(1, 1, 1, 1, 1).lifetimeNanos()).isEqualTo(1);
    assertThatThrownBy(() -> new Limits(0, 2, 3, 4, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("limits must be at least 1: 0, 2, 3, 4, 5");
    for (int zero = 1; zero < 5; zero++) {
      int at = zero;
      assertThatThrownBy(
              () ->
                  new Limits(1, at == 1 ? 0 : 1, at == 2 ? 0 : 1, at == 3 ? 0 : 1, at == 4 ? 0 : 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
