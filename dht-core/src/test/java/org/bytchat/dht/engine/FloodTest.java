package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** Well-formed queries from many sources, which may be spoofed, leave the node its own work. */
class FloodTest {

  private static final int RUNS = 3;

  /** Peers from this number on are strangers. */
  private static final int STRANGERS = 100;

  private final List<SoloPeer> contacts = new ArrayList<>();

  private Solo solo(long seed) {
    contacts.clear();
    Solo solo = Solo.of(seed);
    for (int i = 0; i < 8; i++) {
      contacts.add(solo.contact(i));
    }
    solo.serve(contacts, Duration.ofMinutes(1));
    return solo;
  }

  /** Has strangers with ids near the own one, for which there is room, ask at once. */
  private static void burst(Solo solo, long seed, int from, int to) {
    for (int i = from; i < to; i++) {
      SoloPeer stranger = solo.peer(STRANGERS + i);
      Packet query = stranger.findNode(NodeId.ZERO);
      query.sender(
          TestContacts.sharing(solo.identity().id(), 20 + i % 140, Seeds.random(seed + i)));
      solo.receive(stranger, query);
    }
  }

  @SeededTest(runs = RUNS)
  void forward_asMuchAsThePaceAllows_lookupEnds(long seed) {
    Solo solo = solo(seed);
    for (int i = 0; i < 400; i++) {
      for (int j = 0; j < 20; j++) {
        SoloPeer stranger = solo.peer(STRANGERS + 20 * i + j);
        Packet ping = stranger.query(Method.PING);
        ping.readOnly = true;
        ping.forward = true;
        solo.receive(stranger, ping);
      }
      if (i == 100) {
        solo.engine().startLookup(NodeId.ZERO, AddressFamily.IPV4, solo.nowNanos());
        solo.flush();
      }
      solo.serve(contacts, Duration.ofMillis(50));
    }
    assertThat(solo.events()).anyMatch(event -> event instanceof EngineEvent.LookupFinished);
    assertThat(solo.count(Counter.FORWARDS)).as("a tenth of 250/s").isBetween(450L, 550L);
  }

  @SeededTest(runs = RUNS)
  void prove_oneSourceAsksAllTheTime_othersAreAnswered(long seed) {
    Solo solo = Solo.of(seed);
    SoloPeer greedy = solo.peer(1);
    SoloPeer other = solo.peer(2);
    for (int i = 0; i < 1_000; i++) {
      solo.receive(greedy, challenge(greedy));
      solo.receive(greedy, challenge(greedy));
      if (i % 100 == 50) {
        solo.receive(other, challenge(other));
        assertThat(solo.takeOnly(other.endpoint).kind).isEqualTo(Kind.RESPONSE);
      }
      solo.run(Duration.ofMillis(10));
      solo.takeSent();
    }
    assertThat(solo.count(Counter.PROOFS_SIGNED)).as("10 and 10/s for one").isBetween(100L, 130L);
  }

  private static Packet challenge(SoloPeer from) {
    Packet ping = from.query(Method.PING);
    ping.hasChallenge = true;
    ping.readOnly = true;
    ping.paddedBytes = WireLimits.CHALLENGE_PADDED_BYTES;
    return ping;
  }

  @SeededTest(runs = RUNS)
  void verify_lineFullOfStrangers_whoAnsweredGetsIn(long seed) {
    Solo solo = solo(seed);
    SoloPeer honest = solo.peer(50);
    burst(solo, seed, 0, 6_000);
    solo.engine().startPing(honest.endpoint, solo.nowNanos());
    solo.run(Duration.ofMillis(20));
    Packet ping = solo.takeOnly(honest.endpoint);
    burst(solo, seed, 6_000, 7_000);
    assertThat(solo.count(Counter.VERIFICATIONS_DROPPED)).isPositive();
    solo.receive(honest, honest.answer(ping));
    assertEnters(solo, honest);
  }

  @SeededTest(runs = RUNS)
  void verify_somebodyElseClaimsTheEndpoint_whoAnsweredGetsIn(long seed) {
    Solo solo = solo(seed);
    SoloPeer honest = solo.peer(50);
    burst(solo, seed, 0, 1_000);
    Packet spoofed = honest.findNode(NodeId.ZERO);
    spoofed.sender(TestContacts.sharing(solo.identity().id(), 30, Seeds.random(seed)));
    solo.receive(honest, spoofed);
    solo.takeSent(honest.endpoint);
    solo.engine().startPing(honest.endpoint, solo.nowNanos());
    assertEnters(solo, honest);
  }

  private void assertEnters(Solo solo, SoloPeer honest) {
    List<SoloPeer> all = new ArrayList<>(contacts);
    all.add(honest);
    solo.serve(all, Duration.ofMinutes(1));
    assertThat(solo.engine().contacts()).contains(honest.contact());
  }

  /** Nobody is at these addresses, which says nothing of the own network. */
  @SeededTest(runs = RUNS)
  void outage_strangersDoNotAnswer_isNone(long seed) {
    Solo solo = solo(seed);
    long before = solo.count(Counter.REQUESTS);
    for (int i = 0; i < 20; i++) {
      for (int j = 0; j < 3; j++) {
        SoloPeer stranger = solo.peer(STRANGERS + 3 * i + j);
        solo.receive(stranger, stranger.findNode(stranger.id()));
      }
      solo.serve(contacts, Duration.ofSeconds(15));
    }
    assertThat(solo.count(Counter.OUTAGES)).isZero();
    assertThat(solo.count(Counter.REQUESTS) - before).as("a ping each, no joins").isLessThan(100);
  }

  @SeededTest(runs = RUNS)
  void outage_oneContactDied_isNoneAndItGoes(long seed) {
    Solo solo = solo(seed);
    SoloPeer dead = contacts.remove(7);
    solo.serve(contacts, Duration.ofHours(1));
    assertThat(solo.count(Counter.OUTAGES)).isZero();
    assertThat(solo.engine().contacts()).hasSize(7).doesNotContain(dead.contact());
  }
}
