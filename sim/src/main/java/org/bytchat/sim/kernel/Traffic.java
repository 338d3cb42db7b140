package org.bytchat.sim.kernel;

import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/** What a datagram is for, as far as its message tells. */
public enum Traffic {
  /** Is somebody there: pings without a challenge, and their answers. */
  PING,
  /** Who is there: challenges and proofs of an id. */
  PROOF,
  /** Who is near a key: {@code find_node}, and answers with contacts. */
  FIND_NODE,
  /** What is at a key: {@code get}, and answers with a record. */
  GET,
  /** {@code put}. */
  PUT,
  /** Refusals. */
  ERROR;

  static final int COUNT = values().length;

  /** Tells what a message is for. */
  static Traffic of(Packet packet) {
    if (packet.kind == Kind.ERROR) {
      return ERROR;
    }
    if (packet.hasChallenge || packet.hasProof) {
      return PROOF;
    }
    if (packet.kind == Kind.RESPONSE) {
      return packet.record != null ? GET : packet.contacts4Count >= 0 ? FIND_NODE : PING;
    }
    return switch (packet.method) {
      case PING, UNKNOWN, GET_PEERS, ANNOUNCE_PEER, BIND, FIND -> PING;
      case FIND_NODE -> FIND_NODE;
      case GET -> GET;
      case PUT -> PUT;
    };
  }
}
