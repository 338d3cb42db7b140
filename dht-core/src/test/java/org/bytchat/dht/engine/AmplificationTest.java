package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
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
 * Whatever an unverified source sends, all that it is sent because of it (verifying pings, their
 * repetitions and the pings of third nodes included) is at most three times as long.
 */
class AmplificationTest {

  private static final int FACTOR = 3;

  /** More than a bucket, so that answers are full and some sources find room and others do not. */
  private static final int CONTACTS = 30;

  private final Random random = Seeds.random(1);
  private int sources;

  private static Solo nodeWithContacts() {
    DhtConfig config =
        DhtConfig.defaults()
            .withAssumeReachable(true)
            .withServices(0xff)
            .withLimits(LimitsConfig.defaults().withRequestsPerSecond(0));
    Solo solo = new Solo(2, config);
    List<SoloPeer> peers = new ArrayList<>();
    for (int i = 0; i < CONTACTS; i++) {
      SoloPeer peer = solo.peer(i);
      peers.add(peer);
      solo.receive(peer, peer.findNode(peer.id()));
      solo.serve(peers, Duration.ofMillis(100));
    }
    solo.serve(peers, Duration.ofSeconds(20));
    solo.takeSent();
    assertThat(solo.engine().contacts()).hasSizeGreaterThan(20);
    return solo;
  }

  private Endpoint unknownSource(AddressFamily family) {
    int number = sources++;
    return family == AddressFamily.IPV4
        ? Endpoint.ofIpv4(0xb0000000 + (number << 8), 5000)
        : Endpoint.ofIpv6(0x2a010000_00000000L + ((long) number << 32), 1, 5000);
  }

  /** Every kind of query, each with the part of it that makes the answer long. */
  private static Map<String, UnaryOperator<Packet>> kinds() {
    Map<String, UnaryOperator<Packet>> kinds = new LinkedHashMap<>();
    kinds.put("ping", query -> with(query, Method.PING));
    kinds.put("ping with challenge", AmplificationTest::withChallenge);
    kinds.put(
        "ping with challenge and a bad token",
        query -> {
          query.tokenLength = WireLimits.TOKEN_BYTES;
          return withChallenge(query);
        });
    kinds.put(
        "ping with fwd",
        query -> {
          query.forward = true;
          return with(query, Method.PING);
        });
    kinds.put(
        "ping with fwd and challenge",
        query -> {
          query.forward = true;
          query.hasChallenge = true;
          return with(query, Method.PING);
        });
    kinds.put(
        "ping with to",
        query -> {
          query.forwardTo = TestContacts.endpoint(7);
          return with(query, Method.PING);
        });
    for (Method method : List.of(Method.FIND_NODE, Method.GET)) {
      kinds.put(method.wireName(), query -> withKey(query, method));
      for (AddressFamily want : AddressFamily.values()) {
        kinds.put(
            method.wireName() + " wants " + want,
            query -> {
              query.want = want;
              return withKey(query, method);
            });
      }
      kinds.put(
          method.wireName() + " with a bad token",
          query -> {
            query.tokenLength = WireLimits.TOKEN_BYTES;
            return withKey(query, method);
          });
      kinds.put(method.wireName() + " without key", query -> with(query, method));
    }
    kinds.put(
        "put with a bad token",
        query -> {
          query.tokenLength = WireLimits.TOKEN_BYTES;
          query.record = new byte[1];
          query.recordLength = 1;
          return withKey(query, Method.PUT);
        });
    kinds.put("put without anything", query -> with(query, Method.PUT));
    kinds.put("unknown method", query -> with(query, Method.UNKNOWN));
    return kinds;
  }

  private static Packet with(Packet query, Method method) {
    query.method = method;
    return query;
  }

  private static Packet withChallenge(Packet query) {
    query.hasChallenge = true;
    return with(query, Method.PING);
  }

  private static Packet withKey(Packet query, Method method) {
    query.key(TestContacts.randomId(Seeds.random(3)));
    return with(query, method);
  }

  private record Asked(String kind, Endpoint source, int bytes) {}

  @Test
  void handle_anyQueryOfAnySize_isAnsweredWithAtMostThreeTimesItsLength() {
    Solo solo = nodeWithContacts();
    List<Asked> asked = new ArrayList<>();
    kinds()
        .forEach(
            (name, kind) -> {
              for (AddressFamily family : AddressFamily.values()) {
                for (int size = 0; size <= WireLimits.DATAGRAM_BYTES; size += size < 330 ? 5 : 58) {
                  asked.add(ask(solo, name, kind, family, size));
                }
              }
            });
    solo.run(Duration.ofSeconds(20));
    Map<Endpoint, Integer> sent = sentBytes(solo);
    Map<String, Double> worst = new LinkedHashMap<>();
    for (Asked each : asked) {
      int bytes = sent.getOrDefault(each.source, 0);
      assertThat(bytes)
          .as("bytes for %s of %s bytes over %s", each.kind, each.bytes, each.source.family())
          .isLessThanOrEqualTo(FACTOR * each.bytes);
      worst.merge(each.kind, (double) bytes / each.bytes, Math::max);
    }
    assertThat(worst).as("every kind gets answers").allSatisfy(AmplificationTest::isAnswered);
    assertThat(worst.get("find_node")).as("the factor is made use of").isGreaterThan(2.5);
  }

  private static void isAnswered(String kind, double factor) {
    assertThat(factor).as(kind).isGreaterThan(0.3);
  }

  private Asked ask(
      Solo solo, String name, UnaryOperator<Packet> kind, AddressFamily family, int size) {
    SoloPeer source = new SoloPeer(random, unknownSource(family));
    Packet query = kind.apply(source.query(Method.PING));
    query.paddedBytes = size;
    byte[] datagram = SoloPeer.encode(query);
    solo.receive(source.endpoint, datagram);
    solo.run(Duration.ofMillis(20));
    return new Asked(name, source.endpoint, datagram.length);
  }

  private static Map<Endpoint, Integer> sentBytes(Solo solo) {
    Map<Endpoint, Integer> bytes = new LinkedHashMap<>();
    for (Solo.Sent each : solo.takeSent()) {
      bytes.merge(each.to(), each.bytes().length, Integer::sum);
      Packet packet = each.packet();
      Endpoint reached = packet.forwardTo;
      if (reached != null) {
        // What the third node sends because of it.
        packet.forwardTo = null;
        bytes.merge(reached, SoloPeer.encode(packet).length, Integer::sum);
      }
    }
    return bytes;
  }

  /** Beyond the rate of proofs a challenge is answered with a token, and no more bytes. */
  @Test
  void handle_challengeBeyondTheRate_isRefusedWithATokenWithinTheFactor() {
    Solo solo = nodeWithContacts();
    int asked = 0;
    int refused = 0;
    for (Map.Entry<String, UnaryOperator<Packet>> kind : kinds().entrySet()) {
      if (!kind.getKey().contains("challenge")) {
        continue;
      }
      for (AddressFamily family : AddressFamily.values()) {
        for (int size = 0; size < 400; size += 3) {
          asked++;
          useUpProofs(solo);
          SoloPeer source = new SoloPeer(random, unknownSource(family));
          Packet query = kind.getValue().apply(source.query(Method.PING));
          query.readOnly = size % 2 == 0;
          query.paddedBytes = size;
          byte[] datagram = SoloPeer.encode(query);
          solo.receive(source.endpoint, datagram);
          solo.run(Duration.ofSeconds(1));
          int bytes = 0;
          for (Solo.Sent sent : solo.takeSent(source.endpoint)) {
            Packet answer = sent.packet();
            bytes += sent.bytes().length;
            if (answer.kind == Kind.ERROR) {
              assertThat(answer.errorCode).isEqualTo(ErrorCode.BUSY);
              assertThat(answer.tokenLength).isEqualTo(WireLimits.TOKEN_BYTES);
              refused++;
            }
          }
          bytes += sentBytes(solo).getOrDefault(source.endpoint, 0);
          assertThat(bytes)
              .as("%s of %s bytes over %s", kind.getKey(), datagram.length, family)
              .isLessThanOrEqualTo(FACTOR * datagram.length);
        }
      }
    }
    assertThat(refused).as("the token always fits").isEqualTo(asked).isPositive();
  }

  private void useUpProofs(Solo solo) {
    for (int i = 0; i < 15; i++) {
      SoloPeer source = new SoloPeer(random, unknownSource(AddressFamily.IPV4));
      Packet query = source.query(Method.PING);
      query.hasChallenge = true;
      query.readOnly = true;
      solo.receive(source.endpoint, SoloPeer.encode(query));
    }
    solo.takeSent();
  }

  @Test
  void handle_paddedFindNode_twentyContactsFit() {
    Solo solo = nodeWithContacts();
    SoloPeer asker = solo.peer(500);
    Packet query = asker.findNode(asker.id());
    query.readOnly = true;
    solo.receive(asker, query);
    assertThat(solo.takeOnly(asker.endpoint).contacts4Count).isEqualTo(20);
  }

  @Test
  void handle_malformedDatagram_isAnsweredWithNothing() {
    Solo solo = nodeWithContacts();
    byte[] whole = SoloPeer.encode(solo.peer(500).findNode(solo.identity().id()));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      solo.receive(unknownSource(AddressFamily.IPV4), cut);
    }
    solo.run(Duration.ofSeconds(10));
    assertThat(solo.takeSent()).isEmpty();
    assertThat(solo.count(Counter.DROPPED_MALFORMED)).isEqualTo(whole.length);
  }

  @Test
  void handle_challengeFromAnUnknownNode_isProvenBesideTheVerifyingPing() {
    for (AddressFamily family : AddressFamily.values()) {
      DhtConfig config = DhtConfig.defaults().withServices(0xff);
      Solo asking = new Solo(10, config.withAssumeReachable(true));
      Solo asked = new Solo(11, config.withAssumeReachable(true));
      SoloPeer unknown = new SoloPeer(random, unknownSource(family));
      Packet hello = unknown.findNode(unknown.id());
      hello.sender(asked.identity().id());
      asking.receive(unknown.endpoint, SoloPeer.encode(hello));
      List<Solo.Sent> sent = asking.takeSent(unknown.endpoint);
      byte[] ping = sent.get(sent.size() - 1).bytes();
      assertThat(SoloPeer.decode(ping).hasChallenge).isTrue();
      Endpoint from = family == AddressFamily.IPV4 ? Solo.IPV4 : Solo.IPV6;
      asked.receive(from, ping);
      List<Solo.Sent> answers = asked.takeSent(from);
      assertThat(answers).as("proof and ping").hasSize(2);
      assertThat(answers).anyMatch(answer -> answer.packet().hasProof);
      assertThat(answers).anyMatch(answer -> answer.packet().hasChallenge);
    }
  }

  /** Forged queries in the names of a few victims, with any ids: at no moment more than thrice. */
  @SeededTest(runs = 2)
  void handle_floodWithForgedSources_neverSendsMoreThanThriceWhatItReceived(long seed) {
    Random choices = Seeds.random(seed);
    Solo solo = nodeWithContacts();
    List<UnaryOperator<Packet>> kinds = List.copyOf(kinds().values());
    List<Endpoint> victims = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      victims.add(unknownSource(AddressFamily.values()[i % 2]));
    }
    SoloPeer forger = solo.peer(900);
    Map<Endpoint, Integer> received = new LinkedHashMap<>();
    Map<Endpoint, Integer> sent = new LinkedHashMap<>();
    for (int i = 0; i < 20_000; i++) {
      Packet query = kinds.get(choices.nextInt(kinds.size())).apply(forger.query(Method.PING));
      query.sender(TestContacts.randomId(choices));
      query.paddedBytes = choices.nextInt(400);
      byte[] datagram = SoloPeer.encode(query);
      Endpoint victim = victims.get(choices.nextInt(victims.size()));
      received.merge(victim, datagram.length, Integer::sum);
      solo.receive(victim, datagram);
      solo.run(Duration.ofMillis(choices.nextInt(20)));
      sentBytes(solo).forEach((to, bytes) -> sent.merge(to, bytes, Integer::sum));
      for (Endpoint each : victims) {
        assertThat(sent.getOrDefault(each, 0))
            .isLessThanOrEqualTo(FACTOR * received.getOrDefault(each, 0));
      }
    }
    assertThat(sent.keySet()).containsAll(victims);
    EngineStats stats = solo.engine().stats();
    assertThat(stats.requestsUnderWay()).isLessThanOrEqualTo(1024);
    assertThat(stats.contacts()).as("nobody of them is a contact").isLessThanOrEqualTo(CONTACTS);
  }

  /** Scope LOCAL keys by endpoint and exempts nobody from the factor. */
  @Test
  void handle_localScope_keepsToTheFactorToo() {
    Solo solo = new Solo(4, DhtConfig.defaults().withScope(Scope.LOCAL));
    SoloPeer source = new SoloPeer(random, Endpoint.ofIpv4(127 << 24 | 1, 5000));
    for (int size = 60; size < 400; size++) {
      Packet query = source.findNode(source.id());
      query.paddedBytes = size;
      byte[] datagram = SoloPeer.encode(query);
      solo.receive(source.endpoint, datagram);
      solo.run(Duration.ofSeconds(20));
      assertThat(sentBytes(solo).getOrDefault(source.endpoint, 0))
          .isLessThanOrEqualTo(FACTOR * datagram.length);
    }
  }
}
