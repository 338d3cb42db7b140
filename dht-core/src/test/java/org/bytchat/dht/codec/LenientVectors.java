package org.bytchat.dht.codec;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;

/** Datagrams that no encoder of ours sends and every decoder must accept. */
final class LenientVectors {

  private LenientVectors() {}

  static List<WireVector> all() {
    return Stream.of(keys(), values()).flatMap(List::stream).toList();
  }

  private static List<WireVector> keys() {
    byte[] deep = new byte[1_101];
    Arrays.fill(deep, 0, 1_100, (byte) 0x91);
    deep[1_100] = (byte) 0xc0;
    return List.of(
        WireVector.lenient(
            "keys-reversed",
            "Keys come in any order, the body before y too.",
            RawMap.query(
                    "find_node",
                    new RawMap()
                        .with("want", RawMap.hex("06"))
                        .with("k", RawMap.binary(WireVector.KEY.toBytes())))
                .reversed(),
            packet -> {
              packet.method = Method.FIND_NODE;
              packet.want = AddressFamily.IPV6;
              WireVectors.key(packet);
            }),
        WireVector.lenient(
            "keys-unknown",
            "Unknown keys are ignored, with values of any type, in a form longer than need be,"
                + " twice.",
            RawMap.query("ping", new RawMap().with("new", RawMap.hex("cd0001")))
                .with("x", RawMap.hex("cb3ff0000000000000"))
                .with("x", RawMap.hex("df00000001 01 dd00000001 c0"))
                .with("", RawMap.hex("c70502 0102030405"))
                .with("\0t", RawMap.hex("c3"))
                .with("a key of more than thirty-one characters", RawMap.hex("ff")),
            packet -> packet.method = Method.PING),
        WireVector.lenient(
            "nested-deeply",
            "An unknown key with 1,100 arrays in each other.",
            RawMap.query("ping", new RawMap()).with("x", deep),
            packet -> packet.method = Method.PING));
  }

  private static List<WireVector> values() {
    RawMap zeros =
        RawMap.query("ping", new RawMap().with("s", RawMap.hex("00")).with("fwd", RawMap.hex("c2")))
            .with("v", RawMap.binary(new byte[4]))
            .with("f", RawMap.hex("00"))
            .with("ro", RawMap.hex("c2"));
    byte[] contacts =
        RawMap.concat(
            WireVectors.contact(1).id().toBytes(), RawMap.hex("cb007101 1ae1 00"),
            WireVectors.contact(2).id().toBytes(), RawMap.hex("00000001 1ae1 00"),
            WireVectors.contact(3).id().toBytes(), RawMap.hex("e0000001 1ae1 00"),
            WireVectors.contact(4).id().toBytes(), RawMap.hex("cb007104 0000 00"));
    return List.of(
        WireVector.lenient(
            "defaults-written",
            "Zero and false say the same as a missing key.",
            zeros,
            packet -> packet.method = Method.PING),
        WireVector.lenient(
            "method-unknown",
            "A query for an unknown method decodes; it is answered with error 204.",
            RawMap.query("vote", new RawMap()),
            packet -> packet.method = Method.UNKNOWN),
        WireVector.lenient(
            "body-of-other-kind",
            "A response with q, a and e: what belongs to another kind is ignored.",
            RawMap.query("ping", new RawMap().with("tk", RawMap.hex("01")))
                .replace("y", RawMap.string("r"))
                .with("r", new RawMap().with("seq", RawMap.hex("07")).bytes())
                .with("e", RawMap.hex("c0")),
            packet -> {
              packet.kind = Kind.RESPONSE;
              packet.sequence = 7;
            }),
        WireVector.lenient(
            "contacts-unusable",
            "Contacts with address 0.0.0.1, a multicast address, or port 0 are left out.",
            RawMap.response(new RawMap().with("n4", RawMap.binary(contacts))),
            packet -> {
              packet.kind = Kind.RESPONSE;
              packet.contacts4[0] =
                  Contact.of(WireVectors.contact(1).id(), Endpoint.ofIpv4(0xcb007101, 6881), 0);
              packet.contacts4Count = 1;
            }),
        WireVector.lenient(
            "error-text-cut",
            "An error text longer than 128 bytes is cut there.",
            RawMap.error(
                new RawMap()
                    .with("c", RawMap.hex("ccc9"))
                    .with("m", RawMap.string("x".repeat(140)))),
            packet -> {
              packet.kind = Kind.ERROR;
              WireVectors.code(ErrorCode.GENERIC, "x".repeat(128)).accept(packet);
            }));
  }
}
