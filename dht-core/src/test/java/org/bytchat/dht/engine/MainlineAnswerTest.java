package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bytchat.dht.codec.MainlineCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.store.StoreChange;
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

/** What a node of Mainline's dialect answers to whom: BEP 5, 32 and 44. */
class MainlineAnswerTest {

  private static final DhtConfig CONFIG = DhtConfig.defaults().withDialect(Dialect.MAINLINE);

  private static final Endpoint ASKER = TestContacts.endpoint(1);
  private static final NodeId ASKER_ID =
      NodeId.of("abcdefghij0123456789".getBytes(StandardCharsets.US_ASCII));
  private static final NodeId KEY = NodeId.of(1, 2, 3);

  private final Solo solo = new Solo(1, CONFIG);
  private final MainlineCodec codec = new MainlineCodec(ContactInterner.NONE);

  private static Packet query(Method method) {
    Packet packet = new Packet();
    packet.method = method;
    packet.sender(ASKER_ID);
    packet.transactionId = 0x6161;
    packet.transactionLength = 2;
    packet.readOnly = true;
    return packet;
  }

  private static Packet query(Method method, NodeId key) {
    Packet packet = query(method);
    packet.key(key);
    return packet;
  }

  private byte[] encoded(Packet packet) {
    byte[] datagram = new byte[codec.sizeOf(packet)];
    codec.encode(packet, datagram, 0);
    return datagram;
  }

  private Packet ask(Packet query) {
    return ask(ASKER, encoded(query));
  }

  private Packet ask(Endpoint from, byte[] datagram) {
    solo.receive(from, datagram);
    List<Solo.Sent> sent = solo.takeSent(from);
    assertThat(sent).hasSize(1);
    return decoded(sent.get(0).bytes());
  }

  private Packet decoded(byte[] datagram) {
    Packet packet = new Packet();
    assertThat(codec.decode(datagram, 0, datagram.length, packet).hasEnvelope()).isTrue();
    return packet;
  }

  private void assertRefused(Packet query, int code) {
    Packet answer = ask(query);
    assertThat(answer.kind).isEqualTo(Kind.ERROR);
    assertThat(answer.errorCode).isEqualTo(code);
    assertThat(answer.transactionId).isEqualTo(query.transactionId);
  }

  private RoutingTable table() {
    return Objects.requireNonNull(solo.engine().table(AddressFamily.IPV4));
  }

  /** Fills the table with contacts of networks of their own, whose ids are right or not. */
  private void fill(int count, boolean isSecure) {
    RoutingTable table = table();
    Random random = Seeds.random(7);
    for (int i = 0; i < count; i++) {
      Endpoint endpoint = TestContacts.endpoint(100 + i);
      NodeId any = TestContacts.randomId(random);
      NodeId id = isSecure ? SecureIds.of(any, endpoint) : any;
      table.insert(Contact.of(id, endpoint, 0), false, true, solo.nowNanos());
    }
  }

  // BEP 5.

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

  private byte[] token(NodeId key) {
    Packet answer = ask(query(Method.GET_PEERS, key));
    assertThat(answer.tokenLength).isPositive();
    return answer.token();
  }

  private Packet announcement(byte[] token, int port, boolean implied) {
    Packet query = query(Method.ANNOUNCE_PEER, KEY);
    query.token(token, 0, token.length);
    query.port = port;
    query.impliedPort = implied;
    return query;
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

  private static Endpoint ipv6(int index) {
    return Endpoint.ofIpv6(0x2a00_0000_0000_0000L + ((long) index << 32), 1, 5000);
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

  // BEP 44.

  private static byte[] bencoded(String text) {
    return (text.length() + ":" + text).getBytes(StandardCharsets.US_ASCII);
  }

  private static final byte[] SEED = new byte[32];

  private static MainlineItem signed(String salt, long sequence, String value) {
    byte[] key = Ed25519Scheme.INSTANCE.publicKey(SEED);
    byte[] saltBytes = salt.getBytes(StandardCharsets.US_ASCII);
    byte[] statement = MainlineItem.statement(saltBytes, sequence, bencoded(value));
    byte[] signature = Ed25519Scheme.INSTANCE.sign(SEED, key, statement);
    return MainlineItem.mutable(key, saltBytes, sequence, bencoded(value), signature);
  }

  private Packet put(MainlineItem item) {
    byte[] token = ask(query(Method.GET, item.target())).token();
    Packet query = query(Method.PUT);
    query.token(token, 0, token.length);
    MainlineStore.of(item).fill(query);
    return query;
  }

  @Test
  void put_immutable_isHeldForTwoHours() {
    MainlineItem item = MainlineItem.immutable(bencoded("hello"));
    assertThat(ask(put(item)).kind).isEqualTo(Kind.RESPONSE);
    Packet found = ask(query(Method.GET, item.target()));
    assertThat(found.record()).isEqualTo(bencoded("hello"));
    assertThat(found.hasProof).isFalse();
    assertThat(found.tokenLength).isPositive();
    solo.run(Duration.ofMinutes(119));
    assertThat(ask(query(Method.GET, item.target())).record()).isNotNull();
    solo.run(Duration.ofMinutes(1));
    assertThat(ask(query(Method.GET, item.target())).record()).isNull();
    solo.run(Duration.ofMinutes(5));
    assertThat(solo.count(Counter.RECORDS_EXPIRED)).isEqualTo(1);
  }

  @Test
  void put_mutable_isHeldWithKeySequenceAndSignature() {
    MainlineItem item = signed("salt", 4, "one");
    assertThat(ask(put(item)).kind).isEqualTo(Kind.RESPONSE);
    Packet found = ask(query(Method.GET, item.target()));
    assertThat(found.record()).isEqualTo(bencoded("one"));
    assertThat(found.publicKey).isEqualTo(item.publicKey());
    assertThat(found.signature).isEqualTo(item.signature());
    assertThat(found.sequence).isEqualTo(4);
    assertThat(found.contacts4Count).as("contacts as well").isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, Long.MAX_VALUE})
  void get_whoHasItAlready_isToldTheSequenceAlone(long known) {
    MainlineItem item = signed("", 4, "one");
    ask(put(item));
    Packet query = query(Method.GET, item.target());
    query.sequence = known;
    Packet found = ask(query);
    assertThat(found.sequence).isEqualTo(4);
    assertThat(found.record).isNull();
    assertThat(found.hasProof).isFalse();
    query.sequence = 3;
    assertThat(ask(query).record()).isEqualTo(bencoded("one"));
  }

  @Test
  void put_longest_fitsAnAnswerBesideContacts() {
    fill(40, true);
    MainlineItem item = signed("s".repeat(64), Long.MAX_VALUE, "x".repeat(996));
    assertThat(item.value()).hasSize(1_000);
    assertThat(ask(put(item)).kind).isEqualTo(Kind.RESPONSE);
    Packet found = ask(query(Method.GET, item.target()));
    assertThat(found.record()).isEqualTo(item.value());
    assertThat(found.contacts4Count).isPositive();
  }

  @Test
  void put_refused_namesEachReasonByItsCode() {
    ask(put(signed("", 4, "four")));
    assertRefused(put(signed("", 3, "three")), ErrorCode.SEQUENCE_TOO_OLD);
    assertRefused(put(signed("", 4, "other")), ErrorCode.SEQUENCE_TOO_OLD);
    Packet cas = put(signed("", 5, "five"));
    cas.expectedSequence = 3;
    assertRefused(cas, ErrorCode.CAS_MISMATCH);
    cas.expectedSequence = 4;
    assertThat(ask(cas).kind).isEqualTo(Kind.RESPONSE);
    Packet forged = put(signed("", 6, "six"));
    forged.signature[0] ^= 1;
    assertRefused(forged, ErrorCode.BAD_SIGNATURE);
    Packet unsalted = put(signed("", 6, "six"));
    Packet tokenless = put(signed("", 6, "six"));
    tokenless.token[0] ^= 1;
    assertRefused(tokenless, ErrorCode.PROTOCOL);
    assertThat(ask(unsalted).kind).isEqualTo(Kind.RESPONSE);
    assertThat(ask(query(Method.GET, signed("", 6, "six").target())).sequence).isEqualTo(6);
  }

  @Test
  void put_tooLong_isRefusedWhateverItsToken() {
    Packet query = put(MainlineItem.immutable(bencoded("x")));
    query.record = bencoded("x".repeat(997));
    query.recordLength = query.record.length;
    assertRefused(query, ErrorCode.TOO_BIG);
  }

  /** As libtorrent's #8606 has it. */
  @Test
  void put_overlongSalt_isRefusedWithItsCode() {
    String salt = "s".repeat(65);
    byte[] datagram =
        ("d1:ad2:id20:abcdefghij01234567891:k32:"
                + "k".repeat(32)
                + "4:salt65:"
                + salt
                + "3:seqi1e3:sig64:"
                + "s".repeat(64)
                + "5:token8:aaaaaaaa1:v1:xe1:q3:put2:roi1e1:t1:a1:y1:qe")
            .getBytes(StandardCharsets.US_ASCII);
    assertThat(ask(ASKER, datagram).errorCode).isEqualTo(ErrorCode.SALT_TOO_BIG);
  }

  /** As libtorrent's #8698 has it: no key, but a signature, is not an immutable item. */
  @Test
  void put_halfAMutableItem_isStoredNowhere() {
    MainlineItem plain = MainlineItem.immutable(bencoded("x"));
    byte[] token = ask(query(Method.GET, plain.target())).token();
    String before =
        "d1:ad2:id20:abcdefghij01234567893:seqi1e3:sig64:" + "s".repeat(64) + "5:token8:";
    byte[] head = before.getBytes(StandardCharsets.US_ASCII);
    byte[] tail = "1:v1:xe1:q3:put2:roi1e1:t1:a1:y1:qe".getBytes(StandardCharsets.US_ASCII);
    byte[] datagram = Arrays.copyOf(head, head.length + token.length + tail.length);
    System.arraycopy(token, 0, datagram, head.length, token.length);
    System.arraycopy(tail, 0, datagram, head.length + token.length, tail.length);
    assertThat(ask(ASKER, datagram).errorCode).isEqualTo(ErrorCode.PROTOCOL);
    assertThat(ask(query(Method.GET, plain.target())).record()).isNull();
  }

  @Test
  void put_sentAgainWhileItsSignatureIsVerified_isVerifiedOnce() {
    byte[] datagram = encoded(put(signed("", 1, "x")));
    Packet next = put(signed("", 2, "y"));
    next.transactionId = 7;
    solo.holdEffects(true);
    solo.receive(ASKER, datagram);
    solo.receive(ASKER, datagram);
    assertThat(solo.takeSent(ASKER)).isEmpty();
    assertThat(ask(next).errorCode).as("another one of the same target").isEqualTo(ErrorCode.BUSY);
    solo.holdEffects(false);
    assertThat(solo.takeSent(ASKER)).hasSize(1);
    assertThat(ask(next).kind).isEqualTo(Kind.RESPONSE);
    assertThat(solo.count(Counter.RECORDS_STORED)).isEqualTo(2);
  }

  @Test
  void put_whileSignaturesWait_isBoundedForASourceAndAnsweredLater() {
    solo.holdEffects(true);
    int most = CONFIG.limits().pendingEffectsMax() / 16;
    for (int i = 0; i <= most; i++) {
      solo.receive(ASKER, encoded(put(signed("" + i, 1, "x"))));
      solo.run(Duration.ofMillis(10));
      List<Solo.Sent> sent = solo.takeSent(ASKER);
      assertThat(sent).hasSize(i < most ? 0 : 1);
      if (i == most) {
        assertThat(decoded(sent.get(0).bytes()).errorCode).isEqualTo(ErrorCode.BUSY);
      }
    }
    solo.holdEffects(false);
    assertThat(solo.takeSent(ASKER)).hasSize(most);
    assertThat(solo.count(Counter.RECORDS_STORED)).isEqualTo(most);
    assertThat(ask(put(signed("again", 1, "x"))).kind).isEqualTo(Kind.RESPONSE);
  }

  // Amplification.

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

  // Strangers and bad input.

  @Test
  void query_ofAStranger_hasItPingedOnceAndTaken() {
    Packet query = query(Method.PING);
    query.readOnly = false;
    solo.receive(ASKER, encoded(query));
    solo.run(Duration.ofMillis(200));
    List<Solo.Sent> sent = solo.takeSent(ASKER);
    assertThat(sent).hasSize(2);
    Packet ping = decoded(sent.get(1).bytes());
    assertThat(ping.kind).isEqualTo(Kind.QUERY);
    assertThat(ping.method).isEqualTo(Method.PING);
    Packet answer = new Packet();
    answer.kind = Kind.RESPONSE;
    answer.sender(ASKER_ID);
    answer.transactionId = ping.transactionId;
    answer.transactionLength = ping.transactionLength;
    solo.receive(ASKER, encoded(answer));
    assertThat(solo.engine().contacts()).containsExactly(Contact.of(ASKER_ID, ASKER, 0));
  }

  /** BEP 42: once enough contacts have ids that follow from their addresses, no others come in. */
  @Test
  void table_fullOfSecureIds_takesNoOthers() {
    fill(60, true);
    int before = solo.engine().contacts().size();
    assertThat(before).isGreaterThanOrEqualTo(24);
    RoutingTable table = table();
    Random random = Seeds.random(9);
    for (int i = 0; i < 500; i++) {
      Endpoint endpoint = TestContacts.endpoint(2_000 + i);
      Contact contact = Contact.of(TestContacts.randomId(random), endpoint, 0);
      boolean isSecure = SecureIds.isSecure(contact.id(), endpoint);
      assertThat(table.hasRoomFor(contact, true, 0) && !isSecure).as("%s", contact).isFalse();
      table.insert(contact, false, true, solo.nowNanos());
    }
    assertThat(solo.engine().contacts())
        .allMatch(contact -> SecureIds.isSecure(contact.id(), contact.endpoint()));
  }

  @Test
  void table_withoutSecureIds_takesOthersUntilThereAre() {
    fill(40, false);
    assertThat(solo.engine().contacts()).isNotEmpty();
    fill(200, true);
    assertThat(solo.engine().contacts())
        .allMatch(contact -> SecureIds.isSecure(contact.id(), contact.endpoint()));
  }

  private void tell(int network, Endpoint seenAt) {
    Endpoint peer = TestContacts.endpoint(network);
    long ping = solo.engine().startPing(peer, solo.nowNanos());
    assertThat(ping).isPositive();
    solo.flush();
    Packet query = decoded(solo.takeSent(peer).get(0).bytes());
    Packet answer = new Packet();
    answer.kind = Kind.RESPONSE;
    answer.sender(NodeId.of(network, network, network));
    answer.transactionId = query.transactionId;
    answer.transactionLength = query.transactionLength;
    answer.observed = seenAt;
    solo.receive(peer, encoded(answer));
    solo.run(Duration.ofMillis(100));
    solo.takeSent();
  }

  private long idChanges() {
    return solo.events().stream().filter(EngineEvent.IdChanged.class::isInstance).count();
  }

  /** Ports differ behind some routers; an id follows from the address alone. */
  @Test
  void id_threeNetworksAgreeOnTheAddress_followsFromIt() {
    Endpoint seen = Endpoint.ofIpv4(0x2e01_0203, 1);
    tell(10, seen.withPort(1_000));
    tell(11, seen.withPort(1_001));
    assertThat(idChanges()).isZero();
    tell(12, seen.withPort(1_002));
    assertThat(idChanges()).isEqualTo(1);
    assertThat(SecureIds.isSecure(solo.engine().id(), seen)).isTrue();
  }

  @Test
  void id_votersWhoChangeTheirMinds_changeItOnceInTenMinutes() {
    for (int round = 0; round < 5; round++) {
      for (int network = 10; network < 20; network++) {
        tell(network, Endpoint.ofIpv4(0x2e01_0203 + (round << 16), 1));
      }
    }
    assertThat(idChanges()).isEqualTo(1);
    solo.run(Duration.ofMinutes(10));
    tell(10, Endpoint.ofIpv4(0x2e01_0203 + (4 << 16), 1));
    assertThat(idChanges()).isEqualTo(2);
  }

  /** What an earlier life held as a node of the other dialect must not get into this one. */
  @Test
  void records_ofTheOtherDialect_areNotGivenToOthers() {
    Chunk chunk = Chunk.leaf(new byte[9], Solo.WALL_MILLIS + 600_000_000);
    solo.engine().restore(List.of(new StoreChange.Put(chunk, chunk.key(), 1)), solo.nowNanos());
    fill(8, true);
    solo.run(Duration.ofHours(1));
    assertThat(solo.takeSent())
        .isNotEmpty()
        .noneMatch(sent -> decoded(sent.bytes()).method == Method.GET)
        .noneMatch(sent -> decoded(sent.bytes()).method == Method.PUT);
  }

  @Test
  void malformedDatagrams_areCountedAndServiceGoesOn() {
    Random random = Seeds.random(3);
    for (int port = 1; port <= 1_000; port++) {
      byte[] datagram = new byte[46];
      random.nextBytes(datagram);
      solo.receive(ASKER.withPort(port), datagram);
    }
    byte[] truncated = encoded(query(Method.FIND_NODE, KEY));
    solo.receive(ASKER, Arrays.copyOf(truncated, truncated.length - 1));
    assertThat(solo.takeSent()).isEmpty();
    assertThat(solo.count(Counter.DROPPED_MALFORMED)).isEqualTo(1_001);
    assertThat(ask(query(Method.PING)).kind).isEqualTo(Kind.RESPONSE);
    assertThat(solo.engine().contacts()).isEmpty();
  }

  @Test
  void reply_errorWithoutSender_endsThePingAsAFailure() {
    long id = solo.engine().startPing(ASKER, solo.nowNanos());
    solo.flush();
    Packet ping = decoded(solo.takeSent(ASKER).get(0).bytes());
    Packet error = new Packet();
    error.kind = Kind.ERROR;
    error.error(ErrorCode.GENERIC, "no");
    error.transactionId = ping.transactionId;
    error.transactionLength = ping.transactionLength;
    solo.receive(ASKER, encoded(error));
    assertThat(solo.events()).contains(new EngineEvent.PingFinished(id, null, 0));
  }
}
