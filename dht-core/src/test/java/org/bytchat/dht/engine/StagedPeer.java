package org.bytchat.dht.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.ParseOutcome;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/** A peer of a {@link StagedNetwork}: an honest one, unless its manner is another. */
final class StagedPeer {

  private static final int NETWORK = Keys.networkId(DhtConfig.DEFAULT_NETWORK);

  final NodeIdentity identity;
  final Contact contact;

  /** What it holds, by key. */
  final Map<NodeId, StoredItem> held = new LinkedHashMap<>();

  /** What it was asked, by transaction, so that what is sent again is there once. */
  final Map<Long, Packet> asked = new LinkedHashMap<>();

  Manner manner = (query, answer) -> answer;

  /** What a peer says instead of what an honest one would. */
  @FunctionalInterface
  interface Manner {

    /** Changes an honest answer, or returns another one, or null for silence. */
    @Nullable Packet answer(Packet query, Packet answer);
  }

  StagedPeer(NodeIdentity identity, Endpoint endpoint) {
    this.identity = identity;
    this.contact = Contact.of(identity.id(), endpoint, 0);
  }

  NodeId id() {
    return identity.id();
  }

  void hold(StoredItem item) {
    held.put(item.key(), item);
  }

  /** Answers a query; null for silence. */
  @Nullable Packet answer(Packet query, Endpoint from, List<Contact> closest) {
    asked.putIfAbsent(query.transactionId, query);
    Packet answer = begin(query);
    answer.observed = from;
    NodeId key = query.key();
    if (query.hasChallenge) {
      prove(query, answer, identity);
    } else if (query.method == Method.PUT) {
      StoredItem item = parse(query);
      hold(item);
      answer.sequence = sequenceOf(item);
    } else if (key != null) {
      answer.token(new byte[WireLimits.TOKEN_BYTES], 0, WireLimits.TOKEN_BYTES);
      StoredItem item = query.method == Method.GET ? held.get(key) : null;
      if (item != null) {
        answer.sequence = sequenceOf(item);
      }
      if (item != null && query.tokenLength > 0) {
        give(answer, item.bytes());
      }
      name(answer, query.tokenLength > 0 ? List.of() : closest);
    }
    return manner.answer(query, answer);
  }

  private static StoredItem parse(Packet query) {
    byte[] bytes = query.record();
    if (bytes != null && StoredItem.parse(bytes) instanceof ParseOutcome.Parsed parsed) {
      return parsed.item();
    }
    throw new AssertionError("an engine puts what is no item");
  }

  private static long sequenceOf(StoredItem item) {
    return item instanceof MutableRecord signed ? signed.sequence() : 0;
  }

  private Packet begin(Packet query) {
    Packet packet = new Packet();
    packet.kind = Kind.RESPONSE;
    packet.transactionId = query.transactionId;
    packet.sender(id());
    packet.networkId = NETWORK;
    return packet;
  }

  /** Has an answer prove that the answerer holds its id, if the key is the one of that id. */
  static void prove(Packet query, Packet answer, NodeIdentity key) {
    Endpoint asker = answer.observed;
    if (asker == null) {
      throw new AssertionError("an answer says where it sees the asker");
    }
    answer.hasProof = true;
    byte[] statement =
        SignedBytes.proof(NETWORK, answer.sender(), query.challenge, query.sender(), asker);
    System.arraycopy(key.publicKey(), 0, answer.publicKey, 0, answer.publicKey.length);
    System.arraycopy(key.sign(statement), 0, answer.signature, 0, answer.signature.length);
  }

  /** Puts bytes in an answer as what the answerer holds. */
  static void give(Packet answer, byte[] bytes) {
    answer.record = bytes;
    answer.recordLength = bytes.length;
  }

  /** Has an answer name other contacts. */
  static void name(Packet answer, List<Contact> contacts) {
    answer.contacts4Count = contacts.size();
    for (int i = 0; i < contacts.size(); i++) {
      answer.contacts4[i] = contacts.get(i);
    }
  }

  /** Makes an answer one that has no time. */
  static Packet busy(Packet answer) {
    answer.kind = Kind.ERROR;
    answer.error(ErrorCode.BUSY, "busy");
    return answer;
  }
}
