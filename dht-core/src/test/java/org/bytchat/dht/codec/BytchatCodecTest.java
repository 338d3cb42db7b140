package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: each message goes there and back, in the sizes that the protocol promises. */
class BytchatCodecTest {

  /** The length of the shortest ping. */
  private static final int PING_BYTES = 60;

  private final CodecHarness harness = new CodecHarness();

  static Stream<WireVector> messages() {
    return WireVectors.all().values().stream().flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_eachMessage_givesItsFields(WireVector vector) {
    Packet decoded = harness.decoded(vector.datagram());
    assertThat(PacketView.of(decoded)).isEqualTo(PacketView.of(vector.packet()));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void encode_eachMessage_goesThereAndBackInTheMeasuredSize(WireVector vector) {
    byte[] encoded = harness.encode(vector.packet());
    assertThat(encoded.length)
        .isEqualTo(harness.codec.sizeOf(vector.packet()))
        .isLessThanOrEqualTo(WireLimits.DATAGRAM_BYTES);
    Packet decoded = harness.decoded(encoded);
    assertThat(PacketView.of(decoded)).isEqualTo(PacketView.of(vector.packet()));
  }

  @Test
  void encode_ping_isTheseBytes() {
    Packet ping = ping();
    assertThat(harness.encode(ping))
        .isEqualTo(
            RawMap.hex(
                "86"
                    + "a174 c408 0102030405060708"
                    + "a179 a171"
                    + "a26964 c414 a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"
                    + "a16e c404 deadbeef"
                    + "a171 a470696e67"
                    + "a161 80"))
        .hasSize(PING_BYTES);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 60",
    "59, 60",
    "60, 60",
    "61, 64",
    "62, 64",
    "64, 64",
    "65, 65",
    "220, 220",
    "319, 319",
    "320, 321",
    "321, 321",
    "322, 322",
    "1200, 1200",
  })
  void encode_padded_hasTheLeastLengthThatCanBe(int wanted, int length) {
    Packet ping = ping();
    ping.paddedBytes = wanted;
    byte[] datagram = harness.encode(ping);
    assertThat(datagram).hasSize(length);
    assertThat(harness.decode(datagram)).isEqualTo(DecodeOutcome.DECODED);
  }

  /** What {@link WireLimits} says of padding: an answer with 20 contacts keeps to the factor. */
  @ParameterizedTest
  @EnumSource(AddressFamily.class)
  void sizeOf_twentyContacts_fitThreePaddedQueries(AddressFamily family) {
    Packet query = ping();
    query.method = Method.FIND_NODE;
    query.key(WireVector.KEY);
    query.want = family;
    boolean ipv4 = family == AddressFamily.IPV4;
    query.paddedBytes =
        ipv4 ? WireLimits.QUERY_PADDED_BYTES_IPV4 : WireLimits.QUERY_PADDED_BYTES_IPV6;
    Packet answer = response();
    answer.version = 1;
    answer.features = 0xff;
    answer.observed = ipv4 ? Endpoint.ofIpv4(1, 1) : Endpoint.ofIpv6(1, 1, 1);
    answer.token(new byte[WireLimits.TOKEN_BYTES], 0, WireLimits.TOKEN_BYTES);
    Endpoint endpoint = ipv4 ? Endpoint.ofIpv4(0x01020304, 1) : Endpoint.ofIpv6(1, 2, 3);
    for (int i = 0; i < 20; i++) {
      answer.contacts(family)[i] = Contact.of(WireVector.KEY, endpoint, 0);
    }
    answer.contactCount(family, 20);
    assertThat(harness.codec.sizeOf(answer))
        .isLessThanOrEqualTo(WireLimits.AMPLIFICATION_FACTOR * harness.codec.sizeOf(query));
  }

  @Test
  void decode_recordInDatagram_pointsIntoTheBuffer() {
    byte[] buffer = new byte[300];
    Packet sent = response();
    sent.record = new byte[] {1, 2, 3, 4, 5};
    sent.recordOffset = 1;
    sent.recordLength = 3;
    int length = harness.codec.encode(sent, buffer, 40);
    Packet received = new Packet();
    assertThat(harness.codec.decode(buffer, 40, length, received)).isEqualTo(DecodeOutcome.DECODED);
    assertThat(received.record).isSameAs(buffer);
    assertThat(received.record()).containsExactly(2, 3, 4);
  }

  @Test
  void decode_contacts_areInterned() {
    Contact kept = Contact.of(WireVector.KEY, Endpoint.ofIpv4(0x01020304, 5), 6);
    List<Contact> asked = new ArrayList<>();
    BytchatCodec codec =
        new BytchatCodec(
            contact -> {
              asked.add(contact);
              return kept;
            });
    Packet sent = response();
    sent.contacts4[0] = Contact.of(WireVector.KEY, Endpoint.ofIpv4(0x01020304, 5), 6);
    sent.contacts4Count = 1;
    byte[] datagram = harness.encode(sent);
    Packet received = new Packet();
    codec.decode(datagram, 0, datagram.length, received);
    assertThat(asked).containsExactly(kept);
    assertThat(received.contacts4[0]).isSameAs(kept);
  }

  @Test
  void encode_contactOfOtherFamilyOrNone_isABug() {
    Packet packet = response();
    packet.contacts4Count = 1;
    assertThatThrownBy(() -> harness.encode(packet)).isInstanceOf(IllegalArgumentException.class);
    packet.contacts4[0] = Contact.of(NodeId.ZERO, Endpoint.ofIpv6(1, 1, 1), 0);
    assertThatThrownBy(() -> harness.encode(packet)).isInstanceOf(IllegalArgumentException.class);
    packet.contacts4[0] = Contact.of(NodeId.ZERO, Endpoint.ofIpv4(1, 1), 0);
    assertThat(harness.encode(packet)).isNotEmpty();
  }

  /** The body of a message stands before its kind is known, then between, then last. */
  @Test
  void decode_bodyAnywhere_isRead() {
    byte[] body = new RawMap().with("seq", RawMap.hex("09")).bytes();
    List<RawMap> orders =
        List.of(
            RawMap.envelope("r").with("r", body),
            RawMap.envelope("r").with("r", body).reversed(),
            RawMap.envelope("r").without("y").with("r", body).with("y", RawMap.string("r")),
            RawMap.envelope("r").without("t").with("r", body).with("t", RawMap.binary(8, 1)));
    for (RawMap order : orders) {
      assertThat(harness.decoded(order.bytes()).sequence).isEqualTo(9);
      assertThat(harness.packet.kind).isEqualTo(Kind.RESPONSE);
    }
  }

  /** A forger cannot hide arguments in a response, or a result in a query. */
  @Test
  void decode_bodiesOfOtherKinds_leaveNothingBehind() {
    byte[] arguments =
        new RawMap()
            .with("k", RawMap.binary(20, 1))
            .with("tk", RawMap.binary(8, 1))
            .with("fwd", RawMap.hex("c3"))
            .bytes();
    byte[] result =
        new RawMap().with("seq", RawMap.hex("09")).with("n4", RawMap.hex("c400")).bytes();
    byte[] error =
        new RawMap().with("c", RawMap.hex("ccc9")).with("rec", RawMap.hex("c400")).bytes();
    Map<String, String> bare =
        PacketView.of(harness.decoded(RawMap.response(new RawMap()).bytes()));
    RawMap response =
        RawMap.response(new RawMap())
            .with("a", arguments)
            .with("e", error)
            .with("q", RawMap.string("put"));
    assertThat(PacketView.of(harness.decoded(response.bytes()))).isEqualTo(bare);
    assertThat(PacketView.of(harness.decoded(response.reversed().bytes()))).isEqualTo(bare);
    bare = PacketView.of(harness.decoded(RawMap.query("ping", new RawMap()).bytes()));
    RawMap query = RawMap.query("ping", new RawMap()).with("r", result).with("e", error);
    assertThat(PacketView.of(harness.decoded(query.bytes()))).isEqualTo(bare);
    assertThat(PacketView.of(harness.decoded(query.reversed().bytes()))).isEqualTo(bare);
  }

  @Test
  void decode_tokenOfEveryLength_isKept() {
    for (int length = 1; length <= WireLimits.TOKEN_BYTES_MAX; length++) {
      byte[] response = RawMap.response(new RawMap().with("tk", RawMap.binary(length, 7))).bytes();
      assertThat(harness.decoded(response).token()).hasSize(length).containsOnly(7);
    }
  }

  @Test
  void decode_mostEntries_areRead() {
    RawMap query = RawMap.query("ping", new RawMap());
    while (query.size() < BytchatCodec.MAP_ENTRIES_MAX) {
      query.with("x" + query.size(), RawMap.hex("c0"));
    }
    assertThat(harness.decode(query.bytes())).isEqualTo(DecodeOutcome.DECODED);
    query.with("x", RawMap.hex("c0"));
    assertThat(harness.decode(query.bytes())).isEqualTo(DecodeOutcome.TOO_MANY_ENTRIES);
  }

  @Test
  void error_textTooLong_isCut() {
    Packet sent = response();
    sent.kind = Kind.ERROR;
    sent.error(ErrorCode.BUSY, "y".repeat(200));
    Packet received = harness.decoded(harness.encode(sent));
    assertThat(received.errorCode).isEqualTo(ErrorCode.BUSY);
    assertThat(received.errorText()).isEqualTo("y".repeat(WireLimits.ERROR_TEXT_BYTES_MAX));
  }

  @Test
  void clear_usedPacket_isLikeNew() {
    RandomPackets packets = new RandomPackets(Seeds.random(2));
    for (int i = 0; i < 100; i++) {
      Packet packet = packets.next();
      packet.clear();
      assertThat(PacketView.of(packet)).isEqualTo(PacketView.of(new Packet()));
      assertThat(packet.paddedBytes).isZero();
      assertThat(packet.recordOffset).isZero();
    }
  }

  private static Packet ping() {
    Packet packet = response();
    packet.kind = Kind.QUERY;
    packet.method = Method.PING;
    return packet;
  }

  private static Packet response() {
    Packet packet = new Packet();
    packet.kind = Kind.RESPONSE;
    packet.transactionId = 0x0102030405060708L;
    packet.sender(WireVector.SENDER);
    packet.networkId = 0xdeadbeef;
    return packet;
  }
}
