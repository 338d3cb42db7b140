package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/** The place of a contact that died is for who was found, and not for who asks at that moment. */
class ReservedPlaceTest {

  private static final int RUNS = 5;
  private static final int SIZE = 3;

  /** A bucket of three, with contacts that are checked each minute. */
  private static DhtConfig config() {
    RoutingConfig some = RoutingConfig.defaults();
    return DhtConfig.defaults()
        .withAssumeReachable(true)
        .withRouting(
            new RoutingConfig(
                SIZE,
                some.replacementCacheSize(),
                some.subnetPerBucket(),
                some.subnetPerTable(),
                some.networkPerTable(),
                Duration.ofHours(4),
                Duration.ofMinutes(1),
                Duration.ofSeconds(1),
                some.evictAfterFailures(),
                some.keepInterval()));
  }

  private final List<SoloPeer> members = new ArrayList<>();
  private int nextPeer = 100;

  /** Returns a new peer of the bucket of the farthest nodes. */
  private SoloPeer farPeer(Solo solo) {
    SoloPeer peer = solo.peer(nextPeer++);
    while (solo.identity().id().commonPrefixLength(peer.id()) != 0) {
      peer = solo.peer(nextPeer++);
    }
    return peer;
  }

  private Solo fullBucket(long seed) {
    members.clear();
    Solo solo = new Solo(seed, config());
    for (int i = 0; i < SIZE; i++) {
      SoloPeer peer = farPeer(solo);
      solo.receive(peer, peer.findNode(peer.id()));
      members.add(peer);
      solo.serve(members, Duration.ofSeconds(1));
    }
    assertThat(solo.engine().contacts()).hasSize(SIZE);
    return solo;
  }

  /** Has a peer answer a ping of the node's user, so that it is a candidate. */
  private static void answerOnce(Solo solo, SoloPeer peer) {
    solo.engine().startPing(peer.endpoint, solo.nowNanos());
    solo.flush();
    solo.receive(peer, peer.answer(solo.takeOnly(peer.endpoint)));
  }

  /** Lets a contact die while a stranger asks all the time; ends when a candidate is pinged. */
  private Packet challengeAfterDeath(Solo solo, SoloPeer stranger, SoloPeer candidate) {
    members.remove(0);
    for (int i = 0; i < 6_000; i++) {
      solo.serve(members, Duration.ofMillis(50));
      solo.receive(stranger, stranger.findNode(stranger.id()));
      for (Solo.Sent sent : solo.takeSent(candidate.endpoint)) {
        if (sent.packet().hasChallenge) {
          return sent.packet();
        }
      }
    }
    throw new AssertionError("no candidate was asked");
  }

  private static boolean wasPinged(Solo solo, SoloPeer peer) {
    return solo.takeSent(peer.endpoint).stream().anyMatch(sent -> sent.packet().kind == Kind.QUERY);
  }

  @SeededTest(runs = RUNS)
  void place_candidateIsSlow_strangerHasToWait(long seed) {
    Solo solo = fullBucket(seed);
    SoloPeer candidate = farPeer(solo);
    SoloPeer stranger = farPeer(solo);
    answerOnce(solo, candidate);
    Packet challenge = challengeAfterDeath(solo, stranger, candidate);
    solo.receive(stranger, stranger.findNode(stranger.id()));
    assertThat(wasPinged(solo, stranger)).as("the place is not free").isFalse();
    solo.receive(candidate, candidate.proof(challenge, Solo.IPV4));
    assertThat(solo.engine().contacts()).hasSize(SIZE).contains(candidate.contact());
  }

  @SeededTest(runs = RUNS)
  void place_candidateIsDead_nextCandidateGetsIt(long seed) {
    Solo solo = fullBucket(seed);
    SoloPeer second = farPeer(solo);
    SoloPeer first = farPeer(solo);
    SoloPeer stranger = farPeer(solo);
    answerOnce(solo, second);
    answerOnce(solo, first);
    challengeAfterDeath(solo, stranger, first);
    members.add(second);
    for (int i = 0; i < 600; i++) {
      solo.receive(stranger, stranger.findNode(stranger.id()));
      solo.serve(members, Duration.ofMillis(50));
    }
    assertThat(wasPinged(solo, stranger)).isFalse();
    assertThat(solo.engine().contacts()).hasSize(SIZE).contains(second.contact());
  }

  @SeededTest(runs = RUNS)
  void place_noCandidateAnswers_strangerGetsIt(long seed) {
    Solo solo = fullBucket(seed);
    SoloPeer candidate = farPeer(solo);
    SoloPeer stranger = farPeer(solo);
    answerOnce(solo, candidate);
    challengeAfterDeath(solo, stranger, candidate);
    members.add(stranger);
    for (int i = 0; i < 600; i++) {
      solo.receive(stranger, stranger.findNode(stranger.id()));
      solo.serve(members, Duration.ofMillis(50));
    }
    assertThat(solo.engine().contacts()).hasSize(SIZE).contains(stranger.contact());
  }
}
