package org.bytchat.dht.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;

/**
 * Bytes and claims that mean harm: nothing throws, nothing grows past its limit, service goes on.
 */
class HostileInputTest {

  private static final Duration REFRESH = RoutingConfig.defaults().refreshInterval();
  private static final int FLOOD = 1_000_000;

  private final Solo solo =
      new Solo(
          1,
          DhtConfig.defaults()
              .withAssumeReachable(true)
              .withLimits(LimitsConfig.defaults().withRequestsPerSecond(0)));
  private final SoloPeer friend = solo.contact(1);

  /** Messages of every kind, to be damaged. */
  private List<byte[]> messages() {
    List<byte[]> messages = new ArrayList<>();
    SoloPeer peer = solo.peer(5);
    for (Method method : Method.values()) {
      Packet query = peer.query(method);
      query.key(peer.id());
      query.hasChallenge = method == Method.PING;
      query.tokenLength = method == Method.PUT ? 8 : 0;
      query.record = method == Method.PUT ? new byte[300] : null;
      query.recordLength = 300;
      messages.add(SoloPeer.encode(query));
    }
    messages.add(SoloPeer.encode(peer.findNode(peer.id())));
    Packet answer = peer.answer(peer.findNode(peer.id()), friend.contact(), peer.contact());
    answer.observed = Solo.IPV4;
    messages.add(SoloPeer.encode(answer));
    messages.add(SoloPeer.encode(peer.proof(peer.query(Method.PING), Solo.IPV4)));
    Packet error = peer.answer(peer.query(Method.PING));
    error.kind = Kind.ERROR;
    error.error(ErrorCode.BUSY, "busy");
    messages.add(SoloPeer.encode(error));
    return messages;
  }

  private void assertSound() {
    EngineStats stats = solo.engine().stats();
    LimitsConfig limits = LimitsConfig.defaults();
    assertThat(stats.requestsUnderWay())
        .isLessThanOrEqualTo(LookupConfig.defaults().transactionsMax());
    assertThat(stats.verificationsWaiting()).isLessThanOrEqualTo(limits.pendingVerificationsMax());
    assertThat(stats.effectsUnderWay()).isLessThanOrEqualTo(limits.pendingEffectsMax());
    assertThat(stats.contacts()).isEqualTo(1);
  }

  private void assertServes() {
    SoloPeer asker = solo.peer(6);
    Packet query = asker.findNode(NodeId.ZERO);
    query.readOnly = true;
    solo.takeSent();
    solo.receive(asker, query);
    Packet answer = solo.takeOnly(asker.endpoint);
    assertThat(answer.transactionId).isEqualTo(query.transactionId);
    assertThat(answer.contacts4[0]).isEqualTo(friend.contact());
  }

  @Test
  void handleDatagram_aMillionMalformed_areCountedAndServiceGoesOn() {
    Random random = Seeds.random(2);
    long before = solo.count(Counter.RECEIVED);
    byte[] bytes = new byte[2 * WireLimits.DATAGRAM_BYTES];
    List<byte[]> messages = messages();
    for (int i = 0; i < FLOOD; i++) {
      byte[] datagram;
      if (i % 2 == 0) {
        int length = random.nextInt(i % 1000 == 0 ? bytes.length : 80);
        datagram = new byte[length];
        random.nextBytes(datagram);
      } else {
        byte[] whole = messages.get(random.nextInt(messages.size()));
        datagram = Arrays.copyOf(whole, random.nextInt(whole.length));
      }
      solo.receive(TestContacts.endpoint(10 + i % 1000), datagram);
    }
    assertThat(solo.count(Counter.RECEIVED) - before).isEqualTo(FLOOD);
    assertThat(solo.count(Counter.DROPPED_MALFORMED)).isEqualTo(FLOOD);
    solo.takeSent(friend.endpoint);
    assertThat(solo.takeSent()).isEmpty();
    assertSound();
    assertServes();
  }

  @SeededTest(runs = 5)
  void handleDatagram_damagedMessages_areHarmless(long seed) {
    Random random = Seeds.random(seed);
    List<byte[]> messages = messages();
    for (int i = 0; i < 20_000; i++) {
      byte[] datagram = damaged(messages.get(random.nextInt(messages.size())), random);
      Endpoint from =
          random.nextInt(3) == 0
              ? friend.endpoint
              : TestContacts.endpoint(10 + random.nextInt(1000));
      solo.receive(from, datagram);
      if (i % 100 == 0) {
        solo.serve(List.of(friend), Duration.ofMillis(50));
        solo.takeSent();
        assertSound();
      }
    }
    solo.serve(List.of(friend), Duration.ofSeconds(30));
    assertSound();
    assertServes();
  }

  private static byte[] damaged(byte[] message, Random random) {
    byte[] bytes = message.clone();
    for (int flips = random.nextInt(4); flips >= 0; flips--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        default -> {
          int length = random.nextInt(bytes.length - at);
          int from = random.nextInt(bytes.length - length);
          System.arraycopy(bytes.clone(), from, bytes, at, length);
        }
      }
    }
    int length = bytes.length + (random.nextInt(10) == 0 ? random.nextInt(1300) : 0);
    return Arrays.copyOf(bytes, length);
  }

  @Test
  void handleDatagram_longerThanADatagramMayBe_isDropped() {
    Packet query = friend.findNode(NodeId.ZERO);
    for (int excess = 0; excess < 3; excess++) {
      query.paddedBytes = WireLimits.DATAGRAM_BYTES + excess;
      solo.receive(friend, query);
      assertThat(solo.takeSent(friend.endpoint)).hasSize(excess == 0 ? 1 : 0);
    }
    assertThat(solo.count(Counter.DROPPED_MALFORMED)).isEqualTo(2);
  }

  @SeededTest(runs = 3)
  void handleDatagram_repliesNobodyAskedFor_areCountedAndChangeNothing(long seed) {
    Random random = Seeds.random(seed);
    solo.serve(List.of(friend), Duration.ofSeconds(20));
    EngineStats before = solo.engine().stats();
    for (int i = 0; i < 10_000; i++) {
      SoloPeer from = i % 2 == 0 ? friend : solo.peer(5);
      Packet query = from.findNode(TestContacts.randomId(random));
      solo.receive(from, i % 3 == 0 ? from.proof(query, Solo.IPV4) : from.answer(query));
    }
    assertThat(solo.takeSent()).isEmpty();
    assertThat(solo.count(Counter.DROPPED_UNSOLICITED)).isEqualTo(10_000);
    assertThat(solo.engine().stats().requestsUnderWay()).isEqualTo(before.requestsUnderWay());
    assertSound();
  }

  @SeededTest(runs = 3)
  void query_madeUpIdsFromManySources_waitInABoundedLine(long seed) {
    Random random = Seeds.random(seed);
    int most = 100;
    LimitsConfig limits =
        new LimitsConfig(0, 400, 64, most, 1024, 100, Duration.ofMinutes(1), Duration.ofMinutes(5));
    Solo flooded =
        new Solo(seed, DhtConfig.defaults().withAssumeReachable(true).withLimits(limits));
    SoloPeer forger = flooded.peer(1);
    for (int i = 0; i < 5_000; i++) {
      Packet query = forger.findNode(TestContacts.randomId(random));
      query.sender(TestContacts.randomId(random));
      Endpoint from = Endpoint.ofIpv4(0xb0000000 + (i << 8), 5000);
      flooded.receive(from, SoloPeer.encode(query));
      assertThat(flooded.engine().stats().verificationsWaiting()).isLessThanOrEqualTo(most);
    }
    assertThat(flooded.count(Counter.VERIFICATIONS_DROPPED)).isGreaterThan(4_000);
    flooded.run(Duration.ofSeconds(10));
    assertThat(flooded.engine().stats().verificationsWaiting()).isZero();
    assertThat(flooded.engine().stats().requestsUnderWay()).isZero();
    assertThat(flooded.engine().contacts()).isEmpty();
    assertThat(flooded.count(Counter.RESENT)).as("a source is pinged once").isZero();
  }

  /** The friend names made-up nodes, which name others nearer and nearer to the key, for ever. */
  @SeededTest(runs = 5)
  void lookup_madeUpNodesWithoutEnd_isBoundedAndNoneBecomesAContact(long seed) {
    Random random = Seeds.random(seed);
    NodeId target = startLookup(random);
    Map<Endpoint, NodeId> claimed = new LinkedHashMap<>();
    claimed.put(friend.endpoint, friend.id());
    for (int step = 0; step < 600; step++) {
      answerWithMadeUpNodes(target, claimed, random);
      solo.run(Duration.ofMillis(50));
    }
    assertThat(results()).hasSize(1);
    assertThat(results().get(0).requests()).isEqualTo(LookupConfig.defaults().candidatesMax());
    assertThat(solo.count(Counter.PROOFS_FAILED)).as("users' lookups add nobody").isZero();
    // Those of the node itself do.
    Duration step = Duration.ofMillis(200);
    for (Duration at = step; at.compareTo(REFRESH.multipliedBy(2)) < 0; at = at.plus(step)) {
      answerWithMadeUpNodes(target, claimed, random);
      solo.run(step);
    }
    assertThat(solo.count(Counter.PROOFS_FAILED)).isGreaterThan(10);
    assertThat(solo.engine().contacts()).containsExactly(friend.contact());
    assertSound();
  }

  private void answerWithMadeUpNodes(NodeId near, Map<Endpoint, NodeId> claimed, Random random) {
    for (Solo.Sent sent : solo.takeSent()) {
      NodeId claims = Objects.requireNonNull(claimed.get(sent.to()));
      Packet query = sent.packet();
      Contact[] named = new Contact[query.hasChallenge ? 0 : 20];
      for (int i = 0; i < named.length; i++) {
        int prefix = Math.min(150, claimed.size() / 30);
        NodeId madeUp = TestContacts.sharing(near, prefix, random);
        named[i] = Contact.of(madeUp, TestContacts.endpoint(100 + claimed.size()), 0);
        claimed.put(named[i].endpoint(), madeUp);
      }
      Packet answer = friend.answer(query, named);
      answer.sender(claims);
      solo.receive(sent.to(), SoloPeer.encode(answer));
    }
  }

  /** The friend names many nodes at the endpoint of somebody who is to be flooded. */
  @SeededTest(runs = 5)
  void lookup_manyIdsAtOneEndpoint_askItAsIfItWereOne(long seed) {
    Random random = Seeds.random(seed);
    NodeId target = startLookup(random);
    Endpoint victim = TestContacts.endpoint(50);
    Contact[] named = new Contact[20];
    Arrays.setAll(named, i -> Contact.of(TestContacts.sharing(target, i, random), victim, 0));
    solo.receive(friend, friend.answer(solo.takeOnly(friend.endpoint), named));
    solo.run(Duration.ofMinutes(1));
    assertThat(solo.takeSent(victim)).hasSizeBetween(1, 3);
    assertThat(solo.count(Counter.CONTACTS_DROPPED)).isEqualTo(19);
    assertThat(results()).hasSize(1);
    assertSound();
  }

  @SeededTest(runs = 5)
  void lookup_contactsAtPrivateAddresses_areNotAsked(long seed) {
    Random random = Seeds.random(seed);
    NodeId target = startLookup(random);
    int[] first = {
      127 << 24, 10 << 24, 192 << 24 | 168 << 16, 172 << 24 | 16 << 16, 169 << 24 | 254 << 16
    };
    Contact[] named = new Contact[first.length];
    Arrays.setAll(
        named,
        i ->
            Contact.of(
                TestContacts.sharing(target, i, random), Endpoint.ofIpv4(first[i] | 1, 53), 0));
    solo.receive(friend, friend.answer(solo.takeOnly(friend.endpoint), named));
    solo.run(Duration.ofSeconds(10));
    solo.takeSent(friend.endpoint);
    assertThat(solo.takeSent()).isEmpty();
    assertThat(solo.count(Counter.CONTACTS_DROPPED)).isEqualTo(first.length);
    assertThat(results().get(0).closest()).containsExactly(friend.contact());
  }

  /** A true id at a wrong endpoint: whoever is there is not that node. */
  @SeededTest(runs = 5)
  void lookup_trueIdAtAWrongEndpoint_findsTheTrueOne(long seed) {
    Random random = Seeds.random(seed);
    SoloPeer other = solo.contact(2);
    NodeId target = startLookup(random, other);
    SoloPeer sought = solo.peer(3);
    SoloPeer bystander = solo.peer(4);
    Contact lie = Contact.of(sought.id(), bystander.endpoint, 0);
    for (int step = 0; step < 200; step++) {
      for (SoloPeer each : List.of(friend, other, sought, bystander)) {
        for (Solo.Sent sent : solo.takeSent(each.endpoint)) {
          Packet query = sent.packet();
          Contact named = each == friend ? lie : sought.contact();
          Packet answer = query.hasChallenge ? each.proof(query, Solo.IPV4) : each.answer(query);
          solo.receive(each, query.method == Method.FIND_NODE ? each.answer(query, named) : answer);
        }
      }
      solo.run(Duration.ofMillis(50));
    }
    assertThat(results().get(0).closest()).contains(sought.contact()).doesNotContain(lie);
    assertThat(results().get(0).target()).isEqualTo(target);
    assertThat(solo.count(Counter.DROPPED_WRONG_ID)).isPositive();
    assertThat(solo.engine().contacts()).doesNotContain(lie);
  }

  private NodeId startLookup(Random random, SoloPeer... others) {
    List<SoloPeer> peers = new ArrayList<>(List.of(others));
    peers.add(friend);
    solo.serve(peers, Duration.ofSeconds(20));
    NodeId target = TestContacts.randomId(random);
    solo.takeSent();
    solo.engine().startLookup(target, AddressFamily.IPV4, solo.nowNanos());
    solo.flush();
    return target;
  }

  private List<LookupResult> results() {
    return solo.events().stream()
        .filter(event -> event instanceof EngineEvent.LookupFinished)
        .map(event -> ((EngineEvent.LookupFinished) event).result())
        .toList();
  }
}
