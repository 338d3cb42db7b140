package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
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

/** What a node answers to whom, and what it drops. */
class AnswerTest {

  private final Solo solo = Solo.of(1);
  private final SoloPeer peer = solo.peer(1);

  private Packet ask(Packet query) {
    query.readOnly = true;
    solo.receive(peer, query);
    return solo.takeOnly(peer.endpoint);
  }

  private void assertRefused(Packet query, int code) {
    Packet answer = ask(query);
    assertThat(answer.kind).isEqualTo(Kind.ERROR);
    assertThat(answer.errorCode).isEqualTo(code);
    assertThat(answer.transactionId).isEqualTo(query.transactionId);
    assertThat(solo.count(Counter.REFUSED)).isEqualTo(1);
  }

  private void assertDropped(Endpoint from, Packet query, Counter counter) {
    solo.receive(from, SoloPeer.encode(query));
    solo.run(Duration.ofSeconds(10));
    assertThat(solo.takeSent()).isEmpty();
    assertThat(solo.count(counter)).isEqualTo(1);
    assertThat(solo.engine().contacts()).isEmpty();
  }

  @Test
  void ping_plain_isAnsweredWithWhereTheAskerIs() {
    Packet query = peer.query(Method.PING);
    Packet answer = ask(query);
    assertThat(answer.kind).isEqualTo(Kind.RESPONSE);
    assertThat(answer.transactionId).isEqualTo(query.transactionId);
    assertThat(answer.sender()).isEqualTo(solo.identity().id());
    assertThat(answer.observed).isEqualTo(peer.endpoint);
    assertThat(answer.hasProof).isFalse();
  }

  @Test
  void findNode_withoutKey_isRefusedAsProtocolError() {
    assertRefused(peer.query(Method.FIND_NODE), ErrorCode.PROTOCOL);
  }

  @Test
  void unknownMethod_always_isRefusedAsUnknown() {
    assertRefused(peer.query(Method.UNKNOWN), ErrorCode.METHOD_UNKNOWN);
  }

  @Test
  void put_withoutAValidToken_isRefused() {
    assertRefused(put(new byte[WireLimits.TOKEN_BYTES]), ErrorCode.BAD_TOKEN);
    assertThat(solo.count(Counter.BAD_TOKENS)).isEqualTo(1);
  }

  private Packet put(byte[] token) {
    Packet query = peer.query(Method.PUT);
    query.key(NodeId.ZERO);
    query.token(token, 0, token.length);
    query.record = new byte[3];
    query.recordLength = 3;
    return query;
  }

  @Test
  void put_withTheTokenOfAGet_isGoodForOneToTwoRotations() {
    byte[] token = tokenOfGet();
    assertThat(ask(put(token)).errorCode).isEqualTo(ErrorCode.PROTOCOL);
    solo.run(Duration.ofMinutes(5));
    assertThat(ask(put(token)).errorCode).isEqualTo(ErrorCode.PROTOCOL);
    solo.run(Duration.ofMinutes(5));
    assertThat(ask(put(token)).errorCode).isEqualTo(ErrorCode.BAD_TOKEN);
    solo.run(Duration.ofHours(3));
    assertThat(ask(put(token)).errorCode).isEqualTo(ErrorCode.BAD_TOKEN);
    assertThat(ask(put(tokenOfGet())).errorCode).isEqualTo(ErrorCode.PROTOCOL);
  }

  private byte[] tokenOfGet() {
    Packet get = peer.query(Method.GET);
    get.key(NodeId.ZERO);
    byte[] token = ask(get).token();
    assertThat(token).hasSize(WireLimits.TOKEN_BYTES);
    return token;
  }

  @Test
  void put_withATokenOfAnotherEndpoint_isRefused() {
    byte[] token = tokenOfGet();
    Packet query = put(token);
    query.readOnly = true;
    Endpoint other = Endpoint.ofIpv4((int) peer.endpoint.addressLow(), peer.endpoint.port() + 1);
    solo.receive(other, SoloPeer.encode(query));
    assertThat(solo.takeOnly(other).errorCode).isEqualTo(ErrorCode.BAD_TOKEN);
  }

  @Test
  void handlePacket_otherNetwork_isDropped() {
    Packet query = peer.findNode(peer.id());
    query.networkId ^= 1;
    assertDropped(peer.endpoint, query, Counter.DROPPED_OTHER_NETWORK);
  }

  @Test
  void handlePacket_ownId_isDropped() {
    Packet query = peer.findNode(peer.id());
    query.sender(solo.identity().id());
    assertDropped(peer.endpoint, query, Counter.DROPPED_OWN_ID);
  }

  @Test
  void handlePacket_localSourceInPublicScope_isDropped() {
    Endpoint local = Endpoint.ofIpv4(192 << 24 | 168 << 16 | 5, 5000);
    assertDropped(local, peer.findNode(peer.id()), Counter.DROPPED_BAD_SOURCE);
  }

  @Test
  void handlePacket_sourceAsksTooOften_isAnsweredExactlyAsTheLimitSays() {
    LimitsConfig limits = LimitsConfig.defaults().withRequestsPerSecond(10);
    Solo limited = new Solo(2, DhtConfig.defaults().withAssumeReachable(true).withLimits(limits));
    assertThat(answered(limited, 100)).as("the burst").isEqualTo(20);
    limited.run(Duration.ofMillis(99));
    assertThat(answered(limited, 5)).isZero();
    limited.run(Duration.ofMillis(1));
    assertThat(answered(limited, 5)).isEqualTo(1);
    limited.run(Duration.ofSeconds(1));
    assertThat(answered(limited, 50)).isEqualTo(10);
    limited.run(Duration.ofMinutes(1));
    assertThat(answered(limited, 50)).isEqualTo(20);
    assertThat(limited.count(Counter.DROPPED_RATE_LIMITED)).isEqualTo(100 + 5 + 5 + 50 + 50 - 51);
    SoloPeer other = limited.peer(2);
    limited.receive(other, other.query(Method.PING));
    assertThat(limited.takeSent(other.endpoint)).as("others do not pay for it").hasSize(1);
  }

  private int answered(Solo node, int pings) {
    for (int i = 0; i < pings; i++) {
      // The port is no source of its own in public scope.
      Endpoint from = Endpoint.ofIpv4((int) peer.endpoint.addressLow(), 2000 + i);
      node.receive(from, SoloPeer.encode(peer.query(Method.PING)));
    }
    return node.takeSent().size();
  }

  @Test
  void findNode_serviceMask_namesOnlyThoseWhoOfferAllOfThem() {
    for (int i = 0; i < 8; i++) {
      offering(10 + i, i);
    }
    Packet query = peer.findNode(NodeId.ZERO);
    query.serviceMask = 0b101;
    Packet answer = ask(query);
    assertThat(services(answer)).containsExactlyInAnyOrder(0b101, 0b111);
    assertThat(services(ask(peer.findNode(NodeId.ZERO)))).hasSize(8);
  }

  private void offering(int index, int services) {
    SoloPeer contact = solo.contact(index);
    solo.engine().startPing(contact.endpoint, solo.nowNanos());
    solo.flush();
    solo.run(Duration.ofMillis(100));
    for (Solo.Sent each : solo.takeSent(contact.endpoint)) {
      Packet query = each.packet();
      if (query.kind == Kind.QUERY) {
        Packet answer = contact.answer(query);
        answer.features = services;
        solo.receive(contact, answer);
      }
    }
  }

  private static List<Integer> services(Packet answer) {
    return Arrays.stream(answer.contacts4)
        .limit(answer.contacts4Count)
        .map(contact -> Objects.requireNonNull(contact).services())
        .toList();
  }

  @Test
  void findNode_wantOfTheOtherFamily_namesContactsOfThatFamily() {
    SoloPeer in4 = solo.contact(3);
    Endpoint endpoint6 = Endpoint.ofIpv6(0x2a00_0001_0000_0000L, 7, 5000);
    SoloPeer in6 = new SoloPeer(Seeds.random(9), endpoint6);
    solo.receive(in6, in6.findNode(in6.id()));
    solo.serve(List.of(in4, in6), Duration.ofSeconds(1));
    solo.takeSent();
    Packet query = peer.findNode(NodeId.ZERO);
    query.want = AddressFamily.IPV6;
    Packet answer = ask(query);
    assertThat(answer.contacts4Count).isEqualTo(-1);
    assertThat(answer.contacts6[0]).isEqualTo(in6.contact());
    assertThat(answer.contacts6Count).isEqualTo(1);
    query = peer.findNode(NodeId.ZERO);
    query.want = AddressFamily.IPV4;
    query.readOnly = true;
    solo.receive(endpoint6, SoloPeer.encode(query));
    answer = solo.takeOnly(endpoint6);
    assertThat(answer.contacts6Count).isEqualTo(-1);
    assertThat(answer.contacts4[0]).isEqualTo(in4.contact());
  }

  @Test
  void findNode_ofAContact_namesOthersOnly() {
    SoloPeer asker = solo.contact(3);
    SoloPeer other = solo.contact(4);
    solo.receive(asker, asker.findNode(asker.id()));
    Packet answer = solo.takeOnly(asker.endpoint);
    assertThat(answer.contacts4Count).isEqualTo(1);
    assertThat(answer.contacts4[0]).isEqualTo(other.contact());
  }

  @Test
  void findNode_contactThatFailedTwice_isNotNamed() {
    SoloPeer dead = solo.contact(3);
    SoloPeer alive = solo.contact(4);
    assertThat(ask(peer.findNode(NodeId.ZERO)).contacts4Count).isEqualTo(2);
    boolean unlisted = false;
    for (int second = 0; second < 1800 && !unlisted; second++) {
      solo.serve(List.of(alive), Duration.ofSeconds(1));
      solo.takeSent();
      unlisted = ask(peer.findNode(NodeId.ZERO)).contacts4Count == 1;
    }
    assertThat(unlisted).isTrue();
    assertThat(solo.engine().contacts()).as("not evicted yet").contains(dead.contact());
  }

  @Test
  void findNode_afterAnOutage_namesThemAll() {
    SoloPeer first = solo.contact(3);
    for (int i = 4; i < 10; i++) {
      solo.contact(i);
    }
    solo.run(Duration.ofHours(2));
    solo.takeSent();
    assertThat(ask(peer.findNode(NodeId.ZERO)).contacts4Count).as("in the outage").isZero();
    solo.serve(List.of(first), Duration.ofMinutes(2));
    solo.takeSent();
    assertThat(ask(peer.findNode(NodeId.ZERO)).contacts4Count).as("after it").isPositive();
  }

  @Test
  void query_ofAReadOnlyNode_neverPutsItIntoTheTable() {
    for (Method method : List.of(Method.FIND_NODE, Method.GET)) {
      Packet query = peer.findNode(TestContacts.randomId(Seeds.random(3)));
      query.method = method;
      ask(query);
    }
    solo.run(Duration.ofMinutes(1));
    assertThat(solo.takeSent()).as("no verifying ping").isEmpty();
    assertThat(solo.engine().contacts()).isEmpty();
  }
}
