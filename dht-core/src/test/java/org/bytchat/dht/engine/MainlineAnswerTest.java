package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node of Mainline's dialect answers to whom: BEP 5 and 32. */
class MainlineAnswerTest extends MainlineFixture {

  @Test
  void ping_always_isAnsweredWithTheTransactionAndWhereTheAskerIs() {
    Packet answer = ask(query(Method.PING));
    assertThat(answer.kind).isEqualTo(Kind.RESPONSE);
    assertThat(answer.transactionId).isEqualTo(0x6161);
    assertThat(answer.transactionLength).isEqualTo(2);
    assertThat(answer.sender()).isEqualTo(solo.engine().id());
    assertThat(answer.observed).isEqualTo(ASKER);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 8})
  void transaction_ofAnyLength_comesBack(int length) {
    Packet query = query(Method.PING);
    query.transactionLength = length;
    query.transactionId = 0x0102_0304_0506_0708L >>> 64 - 8 * length;
    Packet answer = ask(query);
    assertThat(answer.transactionLength).isEqualTo(length);
    assertThat(answer.transactionId).isEqualTo(query.transactionId);
  }

  @Test
  void findNode_fullTable_hasTheEightClosestAndNoToken() {
    fill(40, true);
    List<Contact> known = solo.engine().contacts();
    Packet answer = ask(query(Method.FIND_NODE, KEY));
    assertThat(answer.contacts4Count).isEqualTo(8);
    assertThat(answer.tokenLength).isZero();
    List<Contact> expected =
        known.stream().sorted((a, b) -> KEY.compareDistance(a.id(), b.id())).limit(8).toList();
    assertThat(Arrays.copyOf(answer.contacts4, 8)).isEqualTo(expected.toArray());
  }

  @Test
  void want_bothFamilies_hasBoth() {
    fill(10, true);
    Packet query = query(Method.FIND_NODE, KEY);
    query.wantBoth = true;
    Packet both = ask(query);
    assertThat(both.contacts4Count).isPositive();
    assertThat(both.contacts6Count).as("there are none").isZero();
    Packet six = query(Method.FIND_NODE, KEY);
    six.want = AddressFamily.IPV6;
    Packet answer = ask(six);
    assertThat(answer.contacts4Count).isEqualTo(-1);
    assertThat(answer.contacts6Count).isZero();
  }

  @Test
  void announce_withTheTokenOfGetPeers_isFoundForHalfAnHour() {
    byte[] token = token(KEY);
    assertThat(ask(announcement(token, 7000, false)).kind).isEqualTo(Kind.RESPONSE);
    Packet found = ask(query(Method.GET_PEERS, KEY));
    assertThat(found.peersCount).isEqualTo(1);
    assertThat(found.peers[0]).isEqualTo(ASKER.withPort(7000));
    assertThat(found.contacts4Count).as("contacts as well").isZero();
    assertThat(ask(query(Method.GET_PEERS, NodeId.ZERO)).peersCount).isEqualTo(-1);
    solo.run(Duration.ofMinutes(31));
    assertThat(ask(query(Method.GET_PEERS, KEY)).peersCount).isEqualTo(-1);
    assertThat(solo.count(Counter.PEERS_STORED)).isEqualTo(1);
  }

  @Test
  void announce_impliedPort_countsTheDatagrams() {
    ask(announcement(token(KEY), 7000, true));
    assertThat(ask(query(Method.GET_PEERS, KEY)).peers[0]).isEqualTo(ASKER);
  }

  @Test
  void announce_withoutAValidToken_isRefused() {
    assertRefused(announcement(new byte[8], 7000, false), ErrorCode.PROTOCOL);
    assertRefused(announcement(token(NodeId.ZERO), 7000, false), ErrorCode.PROTOCOL);
    byte[] old = token(KEY);
    solo.run(Duration.ofMinutes(11));
    assertRefused(announcement(old, 7000, false), ErrorCode.PROTOCOL);
    assertThat(solo.count(Counter.BAD_TOKENS)).isEqualTo(3);
    assertThat(ask(query(Method.GET_PEERS, KEY)).peersCount).isEqualTo(-1);
  }

  /** Whatever room contacts and transaction id leave: an answer that is too long would be none. */
  @Test
  void getPeers_anyRoom_isAnsweredWithinTheLimit() {
    fill(40, true);
    for (int i = 0; i < 120; i++) {
      Endpoint from = ipv6(i);
      byte[] token = ask(from, encoded(query(Method.GET_PEERS, KEY))).token();
      ask(from, encoded(announcement(token, 7000, false)));
    }
    RoutingTable six = Objects.requireNonNull(solo.engine().table(AddressFamily.IPV6));
    for (int contacts = 0; contacts <= 8; contacts++) {
      for (int length = 1; length <= 8; length++) {
        Packet query = query(Method.GET_PEERS, KEY);
        query.wantBoth = true;
        query.transactionLength = length;
        query.transactionId = 0;
        solo.receive(ipv6(5_000 + length), encoded(query));
        List<Solo.Sent> sent = solo.takeSent(ipv6(5_000 + length));
        assertThat(sent).as("%d contacts, t of %d bytes", contacts, length).hasSize(1);
        assertThat(sent.get(0).bytes().length).isBetween(1_380, 1_400);
      }
      Endpoint endpoint = ipv6(9_000 + contacts);
      NodeId id = SecureIds.of(NodeId.of(contacts, 1, 1), endpoint);
      six.insert(Contact.of(id, endpoint, 0), false, true, solo.nowNanos());
    }
  }

  @Test
  void readOnlyNode_doesNotAnswer() {
    Solo silent = new Solo(3, CONFIG.withReadOnly(true));
    silent.receive(ASKER, encoded(query(Method.PING)));
    assertThat(silent.takeSent()).isEmpty();
    assertThat(silent.count(Counter.QUERIES_IGNORED)).isEqualTo(1);
  }

  @Test
  void query_aboutTwoKeys_isAboutTheOneOfItsMethod() {
    String keys = "9:info_hash20:" + "i".repeat(20) + "6:target20:" + "t".repeat(20);
    for (String method : List.of("9:get_peers", "9:find_node")) {
      String text =
          "d1:ad2:id20:abcdefghij0123456789" + keys + "e1:q" + method + "2:roi1e1:t1:a1:y1:qe";
      Packet answer = ask(ASKER, text.getBytes(StandardCharsets.US_ASCII));
      assertThat(answer.kind).isEqualTo(method.equals("9:get_peers") ? Kind.RESPONSE : Kind.ERROR);
    }
    String other = "d1:ad2:id20:abcdefghij01234567896:target20:" + "t".repeat(20);
    String text = other + "e1:q9:get_peers2:roi1e1:t1:a1:y1:qe";
    assertThat(ask(ASKER, text.getBytes(StandardCharsets.US_ASCII)).errorCode)
        .isEqualTo(ErrorCode.PROTOCOL);
  }

  @Test
  void getPeers_manyPeers_fitOneDatagram() {
    fill(40, true);
    Packet get = query(Method.GET_PEERS, KEY);
    for (int i = 0; i < 300; i++) {
      Endpoint from = TestContacts.endpoint(1_000 + i);
      byte[] token = ask(from, encoded(get)).token();
      ask(from, encoded(announcement(token, 7000, false)));
    }
    solo.receive(ASKER, encoded(get));
    byte[] datagram = solo.takeSent(ASKER).get(0).bytes();
    assertThat(datagram.length).isLessThanOrEqualTo(1400);
    Packet answer = decoded(datagram);
    assertThat(answer.peersCount).isEqualTo(100);
    assertThat(answer.contacts4Count).isEqualTo(8);
    assertThat(Arrays.stream(answer.peers).distinct().count()).isEqualTo(100);
  }

  @Test
  void unknownMethod_withAKey_isAnsweredWithContacts() {
    fill(8, true);
    assertThat(ask(query(Method.UNKNOWN, KEY)).contacts4Count).isPositive();
    assertRefused(query(Method.UNKNOWN), ErrorCode.METHOD_UNKNOWN);
  }

  @Test
  void badArguments_areAProtocolError() {
    assertRefused(query(Method.FIND_NODE), ErrorCode.PROTOCOL);
    byte[] nameless = "d1:ade1:q4:ping1:t2:xx1:y1:qe".getBytes(StandardCharsets.US_ASCII);
    assertThat(ask(ASKER, nameless).errorCode).isEqualTo(ErrorCode.PROTOCOL);
    solo.run(Duration.ofSeconds(20));
    assertThat(solo.takeSent()).as("nobody is pinged for it").isEmpty();
  }

  /**
   * What docs/mainline.md tells: the most that a spoofed source is sent for one datagram, whatever
   * its family, the contacts that it wants and the verifying ping.
   */
  @Test
  void answers_largestOfEachMethod_haveTheLengthsOfTheDocument() {
    fill(40, true);
    fillIpv6(40);
    for (int i = 0; i < 300; i++) {
      for (Endpoint from : List.of(TestContacts.endpoint(1_000 + i), ipv6(1_000 + i))) {
        byte[] token = ask(from, encoded(query(Method.GET_PEERS, KEY))).token();
        ask(from, encoded(announcement(token, 7000, false)));
      }
    }
    MainlineItem item = signed("s".repeat(64), Long.MAX_VALUE, "x".repeat(996));
    ask(put(item));
    assertThat(
            List.of(
                largest(Method.PING, null),
                largest(Method.FIND_NODE, KEY),
                largest(Method.GET_PEERS, KEY),
                largest(Method.GET, item.target()),
                largest(Method.UNKNOWN, KEY)))
        .containsExactly("56, 139", "108, 674", "95, 1390", "86, 1462", "99, 674");
  }

  /**
   * Returns the lengths of the query and of what is sent for it, of those of the largest factor.
   */
  private String largest(Method method, @Nullable NodeId key) {
    double factor = 0;
    String lengths = "";
    for (boolean isIpv6 : new boolean[] {false, true}) {
      for (boolean both : new boolean[] {false, true}) {
        Packet query = key == null ? query(method) : query(method, key);
        query.wantBoth = both;
        query.readOnly = false;
        // A stranger each time, for whom there is room.
        query.sender(TestContacts.sharing(solo.engine().id(), 20 + strangers, Seeds.random(1)));
        Endpoint from =
            isIpv6 ? ipv6(20_000 + strangers) : TestContacts.endpoint(5_000 + strangers);
        strangers++;
        byte[] datagram = encoded(query);
        solo.receive(from, datagram);
        solo.run(Duration.ofMillis(100));
        int sent = solo.takeSent(from).stream().mapToInt(each -> each.bytes().length).sum();
        if (sent > factor * datagram.length) {
          factor = (double) sent / datagram.length;
          lengths = datagram.length + ", " + sent;
        }
      }
    }
    return lengths;
  }

  private int strangers;

  private void fillIpv6(int count) {
    RoutingTable six = Objects.requireNonNull(solo.engine().table(AddressFamily.IPV6));
    Random random = Seeds.random(8);
    for (int i = 0; i < count; i++) {
      Endpoint endpoint = ipv6(9_000 + i);
      NodeId id = SecureIds.of(TestContacts.randomId(random), endpoint);
      six.insert(Contact.of(id, endpoint, 0), false, true, solo.nowNanos());
    }
  }
}
