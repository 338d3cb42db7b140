package org.bytchat.dht.codec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.Services;
import org.bytchat.dht.wire.WireLimits;

/** The valid datagrams of {@code docs/vectors}: every message, every optional field. */
final class WireVectors {

  private static final Endpoint ENDPOINT4 = Endpoint.ofIpv4(0xcb007107, 6881);
  private static final Endpoint ENDPOINT6 =
      Endpoint.ofIpv6(0x20010db8_00010002L, 0x00030004_00050006L, 65535);

  /** The length of the shortest ping. */
  private static final int PING_BYTES = 60;

  private WireVectors() {}

  /** Returns the vectors of each file, by its name without {@code .json}. */
  static Map<String, List<WireVector>> all() {
    Map<String, List<WireVector>> files = new LinkedHashMap<>();
    files.put("ping", both(both(pingQueries(), retries()), pingResponses()));
    files.put("find_node", both(findNodeQueries(), findNodeResponses()));
    files.put("get", get());
    files.put("put", put());
    files.put("bind", service(Method.BIND));
    files.put("find", service(Method.FIND));
    files.put("error", error());
    files.put("lenient", LenientVectors.all());
    return files;
  }

  private static List<WireVector> both(List<WireVector> queries, List<WireVector> responses) {
    return Stream.concat(queries.stream(), responses.stream()).toList();
  }

  private static List<WireVector> pingQueries() {
    return List.of(
        WireVector.query("query", "The shortest query.", Method.PING, packet -> {}),
        WireVector.query(
            "query-whole-envelope",
            "Client and version, feature bits with services 0x03, read-only.",
            Method.PING,
            packet -> {
              packet.version = 0x42590001;
              packet.features = 0x1_0003;
              packet.readOnly = true;
            }),
        WireVector.query(
            "query-challenge-ipv4",
            "Asks for a proof of id, padded to 120 bytes so that the answer keeps to the factor 3.",
            Method.PING,
            packet -> {
              challenge(packet);
              packet.paddedBytes = WireLimits.CHALLENGE_PADDED_BYTES;
            }),
        WireVector.query(
            "query-padding-empty",
            "Two bytes are missing to 62; padding takes four with its key, so the datagram has 64.",
            Method.PING,
            packet -> packet.paddedBytes = PING_BYTES + 2),
        WireVector.query(
            "query-padding-255",
            "The longest padding with a length of one byte.",
            Method.PING,
            packet -> packet.paddedBytes = PING_BYTES + 4 + 255),
        WireVector.query(
            "query-padding-256",
            "One byte more is wanted: the length takes two bytes, so the datagram is two longer.",
            Method.PING,
            packet -> packet.paddedBytes = PING_BYTES + 4 + 256),
        WireVector.query(
            "query-largest",
            "A datagram of exactly 1,200 bytes, the most that is read.",
            Method.PING,
            packet -> packet.paddedBytes = WireLimits.DATAGRAM_BYTES),
        WireVector.query(
            "query-forward",
            "Asks to be pinged by a third node.",
            Method.PING,
            packet -> packet.forward = true),
        WireVector.query(
            "query-to-ipv4",
            "Asks the receiver to ping this IPv4 endpoint.",
            Method.PING,
            packet -> packet.forwardTo = ENDPOINT4),
        WireVector.query(
            "query-to-ipv6",
            "Asks the receiver to ping this IPv6 endpoint.",
            Method.PING,
            packet -> packet.forwardTo = ENDPOINT6));
  }

  private static List<WireVector> retries() {
    return List.of(
        WireVector.query(
            "query-challenge-token",
            "Asks again with the token that came with error 202.",
            Method.PING,
            packet -> {
              challenge(packet);
              token(packet, WireLimits.TOKEN_BYTES);
              packet.paddedBytes = WireLimits.CHALLENGE_PADDED_BYTES;
            }));
  }

  private static List<WireVector> pingResponses() {
    return List.of(
        WireVector.response("response", "The shortest response.", packet -> {}),
        WireVector.response(
            "response-observed-ipv4",
            "Tells the asker its IPv4 endpoint; all other envelope fields are present too.",
            packet -> {
              packet.version = 0x42590001;
              packet.features = 0xff;
              packet.readOnly = true;
              packet.observed = ENDPOINT4;
            }),
        WireVector.response(
            "response-observed-ipv6",
            "Tells the asker its IPv6 endpoint; the feature bits need all 63 bits.",
            packet -> {
              packet.observed = ENDPOINT6;
              packet.features = Long.MAX_VALUE;
            }),
        WireVector.response(
            "response-proof",
            "Answers a challenge with key and signature; shows the shape, the signature is not"
                + " one.",
            packet -> {
              packet.hasProof = true;
              fill(packet.publicKey, 0x10);
              fill(packet.signature, 0x40);
              packet.observed = ENDPOINT4;
            }));
  }

  private static List<WireVector> findNodeQueries() {
    return List.of(
        WireVector.query(
            "query", "The closest contacts to a key.", Method.FIND_NODE, WireVectors::key),
        WireVector.query(
            "query-padded-ipv4",
            "Padded to 220 bytes, so that 20 IPv4 contacts fit three times its length.",
            Method.FIND_NODE,
            packet -> {
              key(packet);
              packet.want = AddressFamily.IPV4;
              packet.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV4;
            }),
        WireVector.query(
            "query-padded-ipv6",
            "Wants IPv6 contacts and is padded to 300 bytes for them.",
            Method.FIND_NODE,
            packet -> {
              key(packet);
              packet.want = AddressFamily.IPV6;
              packet.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV6;
            }),
        WireVector.query(
            "query-services-token",
            "Only contacts that offer services 0x81; a token lifts the limit on the answer.",
            Method.FIND_NODE,
            packet -> {
              key(packet);
              packet.serviceMask = 0x81;
              token(packet, WireLimits.TOKEN_BYTES);
            }));
  }

  private static List<WireVector> findNodeResponses() {
    return List.of(
        WireVector.response(
            "response-none",
            "Knows nobody: both lists are present and empty.",
            packet -> {
              packet.contacts4Count = 0;
              packet.contacts6Count = 0;
              token(packet, WireLimits.TOKEN_BYTES);
            }),
        WireVector.response(
            "response-ipv4",
            "Twenty IPv4 contacts and a token, 623 bytes.",
            packet -> {
              contacts(packet, AddressFamily.IPV4, 20);
              token(packet, WireLimits.TOKEN_BYTES);
              packet.observed = ENDPOINT4;
            }),
        WireVector.response(
            "response-ipv6",
            "Twenty IPv6 contacts and a token.",
            packet -> {
              contacts(packet, AddressFamily.IPV6, 20);
              token(packet, WireLimits.TOKEN_BYTES);
              packet.observed = ENDPOINT6;
            }),
        WireVector.response(
            "response-both",
            "Contacts of both families, of which an asker uses those it wanted.",
            packet -> {
              contacts(packet, AddressFamily.IPV4, 2);
              contacts(packet, AddressFamily.IPV6, 1);
              token(packet, WireLimits.TOKEN_BYTES_MAX);
            }));
  }

  private static List<WireVector> get() {
    return List.of(
        WireVector.query("query", "Without a token: contacts only.", Method.GET, WireVectors::key),
        WireVector.query(
            "query-token",
            "With a token the record is in the answer.",
            Method.GET,
            packet -> {
              key(packet);
              token(packet, WireLimits.TOKEN_BYTES);
              packet.want = AddressFamily.IPV6;
            }),
        WireVector.response(
            "response-contacts-sequence",
            "Contacts, a token, and the sequence of the record that is held.",
            packet -> {
              contacts(packet, AddressFamily.IPV4, 3);
              token(packet, WireLimits.TOKEN_BYTES);
              packet.sequence = 300;
            }),
        WireVector.response(
            "response-record",
            "The record, opaque to the message; sequence 0 is a sequence.",
            packet -> {
              token(packet, 1);
              packet.sequence = 0;
              record(packet, 5);
            }),
        WireVector.response(
            "response-record-largest",
            "A record of 1,000 bytes, and the largest sequence (2^63 - 1).",
            packet -> {
              packet.sequence = Long.MAX_VALUE;
              record(packet, WireLimits.RECORD_BYTES_MAX);
            }));
  }

  private static List<WireVector> put() {
    return List.of(
        WireVector.query(
            "query",
            "Key, token and record are required.",
            Method.PUT,
            packet -> {
              key(packet);
              token(packet, WireLimits.TOKEN_BYTES);
              record(packet, 255);
            }),
        WireVector.query(
            "query-cas-place",
            "Replaces sequence 65535 only; pl says where the chunk's blob lies.",
            Method.PUT,
            packet -> {
              key(packet);
              token(packet, WireLimits.TOKEN_BYTES);
              record(packet, 256);
              packet.expectedSequence = 0xffff;
              packet.place = Keys.sha1(new byte[] {1});
            }),
        WireVector.query(
            "query-cas-zero",
            "A cas of 0 is present; an empty record is a record.",
            Method.PUT,
            packet -> {
              key(packet);
              token(packet, WireLimits.TOKEN_BYTES_MAX);
              record(packet, 0);
              packet.expectedSequence = 0;
            }),
        WireVector.response(
            "response",
            "Stored; the sequence that is now held.",
            packet -> packet.sequence = 0x1_0000));
  }

  private static List<WireVector> service(Method method) {
    return List.of(
        WireVector.query(
            "query",
            "Key, token and what the service is told.",
            method,
            packet -> {
              key(packet);
              token(packet, WireLimits.TOKEN_BYTES);
              record(packet, 32);
            }),
        WireVector.query(
            "query-no-payload",
            "Nothing but key and token.",
            method,
            packet -> {
              key(packet);
              token(packet, 1);
            }),
        WireVector.query(
            "query-empty-payload",
            "No bytes in rec mean the same as no rec, but are other bytes on the wire.",
            method,
            packet -> {
              key(packet);
              token(packet, WireLimits.TOKEN_BYTES_MAX);
              record(packet, 0);
            }),
        WireVector.query(
            "query-largest",
            "A payload of 1,000 bytes, the most that a service takes.",
            method,
            packet -> {
              key(packet);
              token(packet, WireLimits.TOKEN_BYTES);
              record(packet, WireLimits.RECORD_BYTES_MAX);
            }),
        WireVector.query(
            "query-no-token",
            "Sound, and refused with 208.",
            method,
            packet -> {
              key(packet);
              record(packet, 3);
            }),
        WireVector.response("response-empty", "The service took it.", packet -> {}),
        WireVector.response(
            "response",
            "What the service says, by a node that offers service 1.",
            packet -> {
              packet.features = Services.TRACKER;
              packet.observed = ENDPOINT4;
              record(packet, 300);
            }),
        WireVector.response(
            "response-largest",
            "A payload of 1,000 bytes.",
            packet -> record(packet, WireLimits.RECORD_BYTES_MAX)));
  }

  private static List<WireVector> error() {
    return List.of(
        WireVector.error("generic", "A code and no text.", code(ErrorCode.GENERIC, "")),
        WireVector.error("busy", "No capacity now.", code(ErrorCode.BUSY, "busy")),
        WireVector.error(
            "busy-token",
            "No proofs now for who may be spoofed; with this token, ask again.",
            code(ErrorCode.BUSY, "too many proofs")
                .andThen(packet -> token(packet, WireLimits.TOKEN_BYTES))
                .andThen(packet -> packet.observed = ENDPOINT4)),
        WireVector.error(
            "busy-token-longest",
            "A token of 32 bytes and no text.",
            code(ErrorCode.BUSY, "").andThen(packet -> token(packet, WireLimits.TOKEN_BYTES_MAX))),
        WireVector.error("protocol", "Bad arguments.", code(ErrorCode.PROTOCOL, "k has 20 bytes")),
        WireVector.error(
            "method-unknown",
            "A text of 31 bytes, the longest with a header of one byte.",
            code(ErrorCode.METHOD_UNKNOWN, "this node does not offer that!!")),
        WireVector.error(
            "too-big",
            "A text of 32 bytes, the shortest with a header of two.",
            code(ErrorCode.TOO_BIG, "a record has 1000 bytes at most.")),
        WireVector.error(
            "bad-signature", "Does not verify.", code(ErrorCode.BAD_SIGNATURE, "signature")),
        WireVector.error("bad-token", "Wrong or too old.", code(ErrorCode.BAD_TOKEN, "token")),
        WireVector.error("quota", "No storage left.", code(ErrorCode.QUOTA, "quota")),
        WireVector.error("bad-time", "Out of range.", code(ErrorCode.BAD_TIME, "expired")),
        WireVector.error("wrong-key", "Elsewhere.", code(ErrorCode.WRONG_KEY, "wrong key")),
        WireVector.error(
            "cas-mismatch",
            "Another is held: 7.",
            code(ErrorCode.CAS_MISMATCH, "CAS_MISMATCH").andThen(packet -> packet.sequence = 7)),
        WireVector.error(
            "sequence-too-old",
            "Lower than the largest there is.",
            code(ErrorCode.SEQUENCE_TOO_OLD, "SEQUENCE_TOO_OLD")
                .andThen(packet -> packet.sequence = Long.MAX_VALUE)),
        WireVector.error(
            "sequence-conflict",
            "The held record comes with the error.",
            code(ErrorCode.SEQUENCE_CONFLICT, "other bytes")
                .andThen(packet -> packet.sequence = 300)
                .andThen(packet -> record(packet, 40))),
        WireVector.error(
            "text-longest",
            "A text of 128 bytes and the largest code; an observed endpoint.",
            code(0xffff, "x".repeat(128)).andThen(packet -> packet.observed = ENDPOINT4)),
        WireVector.error("code-zero", "Code 0 is a code.", code(0, "zero")));
  }

  static Consumer<Packet> code(int code, String text) {
    return packet -> packet.error(code, text);
  }

  static void key(Packet packet) {
    packet.key(WireVector.KEY);
  }

  private static void challenge(Packet packet) {
    packet.hasChallenge = true;
    fill(packet.challenge, 0xf0);
  }

  private static void token(Packet packet, int length) {
    byte[] token = new byte[length];
    fill(token, 0x70);
    packet.token(token, 0, length);
  }

  private static void record(Packet packet, int length) {
    byte[] record = new byte[length];
    fill(record, 0);
    packet.record = record;
    packet.recordLength = length;
  }

  private static void contacts(Packet packet, AddressFamily family, int count) {
    for (int i = 0; i < count; i++) {
      Contact contact = contact(i);
      Endpoint endpoint =
          family == AddressFamily.IPV4
              ? contact.endpoint()
              : Endpoint.ofIpv6(0x20010db8_00000000L, i + 1, 6881 + i);
      packet.contacts(family)[i] = Contact.of(contact.id(), endpoint, contact.services());
    }
    packet.contactCount(family, count);
  }

  static Contact contact(int index) {
    NodeId id = Keys.sha1(new byte[] {(byte) index});
    return Contact.of(id, Endpoint.ofIpv4(0xcb007100 + index, 6881 + index), index * 13 & 0xff);
  }

  private static void fill(byte[] target, int first) {
    for (int i = 0; i < target.length; i++) {
      target[i] = (byte) (first + i);
    }
  }
}
