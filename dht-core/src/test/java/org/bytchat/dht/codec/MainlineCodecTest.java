package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: the messages of BEP 5, 32, 42, 43 and 44 mean what these say, and nothing malformed does.
 */
class MainlineCodecTest {

  private static final String QUERIER = "abcdefghij0123456789";
  private static final String RESPONDER = "mnopqrstuvwxyz123456";
  private static final String RESPONDER_0 = "0123456789abcdefghij";

  private final CodecHarness harness = CodecHarness.mainline();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static NodeId id(String text) {
    return NodeId.of(bytes(text));
  }

  private Packet decoded(String datagram) {
    return harness.decoded(bytes(datagram));
  }

  private DecodeOutcome decode(String datagram) {
    return harness.decode(bytes(datagram));
  }

  private void encodesTo(String datagram) {
    assertThat(new String(harness.encode(harness.packet), StandardCharsets.ISO_8859_1))
        .isEqualTo(datagram);
  }

  // The examples of BEP 5.

  @Test
  void ping_ofBep5_bothWays() {
    String query = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
    Packet packet = decoded(query);
    assertThat(packet.kind).isEqualTo(Kind.QUERY);
    assertThat(packet.method).isEqualTo(Method.PING);
    assertThat(packet.sender()).isEqualTo(id(QUERIER));
    assertThat(packet.transactionId).isEqualTo('a' << 8 | 'a');
    assertThat(packet.transactionLength).isEqualTo(2);
    assertThat(packet.readOnly).isFalse();
    encodesTo(query);

    String response = "d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re";
    assertThat(decoded(response).kind).isEqualTo(Kind.RESPONSE);
    assertThat(harness.packet.sender()).isEqualTo(id(RESPONDER));
    encodesTo(response);
  }

  @Test
  void error_ofBep5_bothWays() {
    String error = "d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee";
    Packet packet = decoded(error);
    assertThat(packet.kind).isEqualTo(Kind.ERROR);
    assertThat(packet.errorCode).isEqualTo(ErrorCode.GENERIC);
    assertThat(packet.errorText()).isEqualTo("A Generic Error Ocurred");
    encodesTo(error);
  }

  @Test
  void findNode_ofBep5_bothWays() {
    String query =
        "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e"
            + "1:q9:find_node1:t2:aa1:y1:qe";
    assertThat(decoded(query).key()).isEqualTo(id(RESPONDER));
    assertThat(harness.packet.method).isEqualTo(Method.FIND_NODE);
    encodesTo(query);

    String contact = RESPONDER + "\u0001\u0002\u0003\u0004\u001a\u00e1";
    String response = "d1:rd2:id20:0123456789abcdefghij5:nodes26:" + contact + "e1:t2:aa1:y1:re";
    assertThat(decoded(response).contacts4Count).isEqualTo(1);
    assertThat(harness.packet.contacts4[0])
        .isEqualTo(Contact.of(id(RESPONDER), Endpoint.ofIpv4(0x01020304, 6881), 0));
    encodesTo(response);
  }

  @Test
  void getPeers_ofBep5_bothWays() {
    String query =
        "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e"
            + "1:q9:get_peers1:t2:aa1:y1:qe";
    assertThat(decoded(query).key()).isEqualTo(id(RESPONDER));
    assertThat(harness.packet.method).isEqualTo(Method.GET_PEERS);
    encodesTo(query);

    String response =
        "d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee"
            + "1:t2:aa1:y1:re";
    Packet packet = decoded(response);
    assertThat(new String(packet.token(), StandardCharsets.US_ASCII)).isEqualTo("aoeusnth");
    assertThat(packet.peersCount).isEqualTo(2);
    assertThat(packet.peers[0]).isEqualTo(Endpoint.ofIpv4(0x61786a65, 0x2e75));
    assertThat(packet.peers[1]).isEqualTo(Endpoint.ofIpv4(0x69646874, 0x6e6d));
    encodesTo(response);
  }

  @Test
  void announcePeer_ofBep5_bothWays() {
    String query =
        "d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz123456"
            + "4:porti6881e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe";
    Packet packet = decoded(query);
    assertThat(packet.method).isEqualTo(Method.ANNOUNCE_PEER);
    assertThat(packet.port).isEqualTo(6881);
    assertThat(packet.impliedPort).isTrue();
    encodesTo(query);
  }

  // BEP 32, 42, 43, 44.

  @ParameterizedTest
  @CsvSource({
    "2:n4,IPV4,false",
    "2:n6,IPV6,false",
    "2:n42:n6,,true",
    "2:n62:n4,,true",
    "2:n8,,false"
  })
  void want_ofBep32_namesFamilies(String names, AddressFamily want, boolean both) {
    Packet packet =
        decoded(
            "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz1234564:wantl"
                + names
                + "ee1:q9:find_node1:t2:aa1:y1:qe");
    assertThat(packet.want).isEqualTo(want);
    assertThat(packet.wantBoth).isEqualTo(both);
  }

  @Test
  void nodes6_ofBep32_areContacts() {
    String response =
        "d1:rd2:id20:0123456789abcdefghij6:nodes638:"
            + RESPONDER
            + " \u0001aaaaaaaaaaaaaa\u001a\u00e1"
            + "e1:t2:aa1:y1:re";
    assertThat(decoded(response).contacts6Count).isEqualTo(1);
    assertThat(harness.packet.contacts6[0].endpoint().port()).isEqualTo(6881);
    assertThat(harness.packet.contacts4Count).isEqualTo(-1);
    encodesTo(response);
  }

  @Test
  void ip_ofBep42_isWhereTheAskerIsSeen() {
    String response =
        "d2:ip6:\u0001\u0002\u0003\u0004\u0000P1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re";
    assertThat(decoded(response).observed).isEqualTo(Endpoint.ofIpv4(0x01020304, 80));
    encodesTo(response);
    assertThat(decoded(response.replace("2:ip6:\u0001\u0002", "2:ip4:")).observed)
        .as("of no family")
        .isNull();
  }

  @Test
  void ro_ofBep43_isOfQueriesOnly() {
    String query = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping2:roi1e1:t2:aa1:y1:qe";
    assertThat(decoded(query).readOnly).isTrue();
    encodesTo(query);
    assertThat(decoded(query.replace("roi1e", "roi0e")).readOnly).isFalse();
    String response = "d1:rd2:id20:mnopqrstuvwxyz123456e2:roi1e1:t2:aa1:y1:re";
    assertThat(decoded(response).readOnly).isFalse();
  }

  private static String put(String before, String after) {
    return "d1:ad" + before + "5:token4:abcd1:v" + after + "e1:q3:put1:t2:aa1:y1:qe";
  }

  private static final String ID = "2:id20:abcdefghij0123456789";
  private static final String KEY = "1:k32:" + "k".repeat(32);
  private static final String SIGNATURE = "3:sig64:" + "s".repeat(64);

  @Test
  void put_ofBep44_immutable() {
    String query = put(ID, "12:Hello World!");
    Packet packet = decoded(query);
    assertThat(packet.method).isEqualTo(Method.PUT);
    assertThat(packet.record()).isEqualTo(bytes("12:Hello World!"));
    assertThat(packet.hasProof).isFalse();
    encodesTo(query);
  }

  @Test
  void put_ofBep44_mutable() {
    String query =
        put("3:casi3e" + ID + KEY + "4:salt6:foobar" + "3:seqi4e" + SIGNATURE, "li1ei2ee");
    Packet packet = decoded(query);
    assertThat(packet.hasProof).isTrue();
    assertThat(packet.publicKey).containsOnly('k');
    assertThat(packet.signature).containsOnly('s');
    assertThat(packet.expectedSequence).isEqualTo(3);
    assertThat(packet.sequence).isEqualTo(4);
    assertThat(Arrays.copyOf(packet.salt, packet.saltLength)).isEqualTo(bytes("foobar"));
    assertThat(packet.record()).isEqualTo(bytes("li1ei2ee"));
    encodesTo(query);
  }

  /** As libtorrent's #8698 has it: what is malformed must not pass for an immutable item. */
  @ParameterizedTest
  @ValueSource(strings = {"K", "S", "N", "KS", "KN", "SN", "T", "C", "TC", "KST", "SNT", "KNT"})
  void put_partsOfAMutableItem_areBadArguments(String parts) {
    String before =
        (parts.contains("C") ? "3:casi3e" : "")
            + ID
            + (parts.contains("K") ? KEY : "")
            + (parts.contains("T") ? "4:salt6:foobar" : "")
            + (parts.contains("N") ? "3:seqi4e" : "")
            + (parts.contains("S") ? SIGNATURE : "");
    assertThat(decode(put(before, "1:x"))).isEqualTo(DecodeOutcome.BAD_ARGUMENTS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1:k31:kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk3:seqi4e",
        "1:ki32e3:seqi4e",
        "1:k32:kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk3:seqi-1e",
        "1:k32:kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk3:seq1:4",
        "1:k32:kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk3:seqi9223372036854775808e"
      })
  void put_wrongParts_areBadArguments(String parts) {
    assertThat(decode(put(ID + parts + SIGNATURE, "1:x"))).isEqualTo(DecodeOutcome.BAD_ARGUMENTS);
    assertThat(harness.packet.transactionId).as("can be answered").isEqualTo('a' << 8 | 'a');
  }

  /** As libtorrent's #8606 has it: a salt of any length is refused, not copied. */
  @ParameterizedTest
  @ValueSource(ints = {64, 65, 1_000})
  void put_longSalt_isKnownByItsLengthAlone(int length) {
    String query =
        put(ID + KEY + "4:salt" + length + ":" + "x".repeat(length) + "3:seqi4e" + SIGNATURE, "0:");
    assertThat(decoded(query).saltLength).isEqualTo(length);
    assertThat(harness.packet.salt[0]).isEqualTo((byte) (length > 64 ? 0 : 'x'));
  }

  /** A holder's answer that shows half of a mutable item is no answer. */
  @Test
  void answer_keyWithoutSignature_isNoImmutableItem() {
    String answer = "d1:rd2:id20:mnopqrstuvwxyz123456" + KEY + "1:v1:xe1:t2:aa1:y1:re";
    assertThat(decode(answer)).isEqualTo(DecodeOutcome.MISSING_KEY);
    String whole =
        "d1:rd2:id20:mnopqrstuvwxyz123456" + KEY + "3:seqi1e" + SIGNATURE + "1:v1:xe1:t2:aa1:y1:re";
    assertThat(decode(whole)).isEqualTo(DecodeOutcome.DECODED);
    assertThat(harness.packet.hasProof).isTrue();
    String sequence = "d1:rd2:id20:mnopqrstuvwxyz1234563:seqi1ee1:t2:aa1:y1:re";
    assertThat(decoded(sequence).sequence).isEqualTo(1);
  }

  // Malformed.

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:y1:qe|MISSING_KEY",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aae|MISSING_KEY",
        "d1:ad2:id20:abcdefghij0123456789e1:t2:aa1:y1:qe|MISSING_KEY",
        "d1:q4:ping1:t2:aa1:y1:q2:zz0:e|MISSING_KEY",
        "d1:q4:ping1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:qe|MISSING_KEY",
        "d1:rd2:ip20:abcdefghij0123456789e1:t2:aa1:y1:re|MISSING_KEY",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t0:1:y1:qe|WRONG_TYPE",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t9:aaaaaaaaa1:y1:qe|WRONG_TYPE",
        "d1:ad2:id20:abcdefghij0123456789e1:qi4e1:t2:aa1:y1:qe|WRONG_TYPE",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:xe|UNKNOWN_KIND",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y2:qqe|UNKNOWN_KIND",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe0:|TRAILING_BYTES",
        "d1:q4:ping1:ad2:id20:abcdefghij0123456789e1:t2:aa1:y1:qe|UNSORTED_KEYS",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:t2:aa1:y1:qe|DUPLICATE_KEY",
        "d1:ad6:target20:abcdefghij01234567892:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"
            + "|UNSORTED_KEYS",
        "d1:ad2:id20:abcdefghij01234567892:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"
            + "|DUPLICATE_KEY",
        "d1:ad2:id020:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe|NOT_MINIMAL",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping2:roi01e1:t2:aa1:y1:qe|NOT_MINIMAL",
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping2:roi-0e1:t2:aa1:y1:qe|NOT_MINIMAL",
        "d1:ad2:id19:abcdefghij012345678e1:q4:ping1:t2:aa1:y1:qe|BAD_ARGUMENTS",
        "d1:ad2:id20:abcdefghij01234567894:porti-1ee1:q4:ping1:t2:aa1:y1:qe|BAD_ARGUMENTS",
        "d1:ade1:q4:ping1:t2:aa1:y1:qe|BAD_ARGUMENTS",
        "d1:ad2:id20:abcdefghij0123456789e1:q9:find_node1:t2:aa1:y1:qe|BAD_ARGUMENTS",
        "d1:ad2:id20:abcdefghij0123456789e1:q9:get_peers1:t2:aa1:y1:qe|BAD_ARGUMENTS",
        "d1:ad2:id20:abcdefghij0123456789e1:q3:get1:t2:aa1:y1:qe|BAD_ARGUMENTS",
        "d1:ad2:id20:abcdefghij0123456789e1:q3:put1:t2:aa1:y1:qe|BAD_ARGUMENTS",
        "d1:rd2:id20:abcdefghij01234567895:nodes25:abcdefghij0123456789abcdee1:t2:aa1:y1:re"
            + "|WRONG_TYPE",
        "d1:rd2:id20:abcdefghij01234567896:valuesl5:aaaaaee1:t2:aa1:y1:re|WRONG_TYPE",
        "d1:rd2:id20:abcdefghij01234567896:values6:aaaaaae1:t2:aa1:y1:re|WRONG_TYPE",
        "d1:ele1:t2:aa1:y1:e6:zzzzzz0:e|MISSING_KEY",
        "d1:el3:2011:xe1:t2:aa1:y1:ee|WRONG_TYPE",
        "d1:eli70000e1:xe1:t2:aa1:y1:ee|WRONG_TYPE",
        "llllllllllllllllllllllllllllllllll|WRONG_TYPE"
      })
  void decode_malformed_namesTheFirstReason(String datagram, DecodeOutcome outcome) {
    assertThat(decode(datagram)).isEqualTo(outcome);
  }

  /** Who does not name itself is answered, but nobody makes a contact of it. */
  @Test
  void decode_queryWithoutSender_countsAsReadOnly() {
    assertThat(decode("d1:ade1:q4:ping1:t2:aa1:y1:qe")).isEqualTo(DecodeOutcome.BAD_ARGUMENTS);
    assertThat(harness.packet.readOnly).isTrue();
    assertThat(harness.packet.transactionLength).isEqualTo(2);
  }

  /** Bombs: deep nesting and huge numbers cost no more than their bytes. */
  @ParameterizedTest
  @CsvSource({"l,TOO_DEEP", "d1:a,TOO_DEEP"})
  void decode_deepNesting_isRefused(String level, DecodeOutcome outcome) {
    String bomb = "d1:ad2:id20:abcdefghij01234567891:x" + level.repeat(1_300 / level.length());
    assertThat(decode(bomb)).isEqualTo(outcome);
  }

  @Test
  void decode_hugeNumbers_areRefusedWhereTheyMatterAndSkippedElsewhere() {
    String huge = "9".repeat(1_000);
    assertThat(decode("d1:ad2:id" + huge + ":x")).isEqualTo(DecodeOutcome.TRUNCATED);
    String unknown = "d1:ad2:id20:abcdefghij01234567891:xi" + huge + "ee1:q4:ping1:t2:aa1:y1:qe";
    assertThat(decode(unknown)).isEqualTo(DecodeOutcome.DECODED);
    String port = "d1:ad2:id20:abcdefghij01234567894:porti" + huge + "ee1:q4:ping1:t2:aa1:y1:qe";
    assertThat(decode(port)).isEqualTo(DecodeOutcome.BAD_ARGUMENTS);
  }

  @Test
  void decode_unknownKeysAndOtherVersions_areIgnored() {
    Packet packet =
        decoded(
            "d1:ad1:bd1:xi1ee2:id20:abcdefghij01234567892:zzl1:ae12:zzzzzzzzzzzzi0ee"
                + "2:bb0:1:q4:ping1:t2:aa1:v7:toolong1:y1:q1:z0:e");
    assertThat(packet.method).isEqualTo(Method.PING);
    assertThat(packet.version).isZero();
    assertThat(
            decoded("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t1:a1:v4:LT\u0001\u00021:y1:qe")
                .version)
        .isEqualTo('L' << 24 | 'T' << 16 | 1 << 8 | 2);
    assertThat(decoded("d1:ad2:id20:abcdefghij0123456789e1:q5:other1:t1:a1:vi1e1:y1:qe").method)
        .isEqualTo(Method.UNKNOWN);
  }

  @Test
  void decode_bodyOfAnotherKind_doesNotCount() {
    assertThat(
            decode(
                "d1:ad2:id20:abcdefghij0123456789e1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re"))
        .isEqualTo(DecodeOutcome.MISSING_KEY);
    Packet packet =
        decoded(
            "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:rd2:id20:mnopqrstuvwxyz123456e"
                + "1:t2:aa1:y1:qe");
    assertThat(packet.sender()).isEqualTo(id(QUERIER));
  }

  @Test
  void decode_unreachableContactsAndPeers_areLeftOut() {
    String contact = RESPONDER_0 + "\u0001\u0002\u0003\u0004\u0000\u0000";
    Packet packet =
        decoded(
            "d1:rd2:id20:mnopqrstuvwxyz1234565:nodes26:"
                + contact
                + "6:valuesl6:\u0000\u0000\u0000\u0000\u0001\u0001ee1:t2:aa1:y1:re");
    assertThat(packet.contacts4Count).isZero();
    assertThat(packet.peersCount).isZero();
  }
}
