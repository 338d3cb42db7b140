package org.bytchat.dht.lookup;

import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;

/** A contact as one lookup sees it. */
final class Candidate {

  /** How far a candidate got. */
  enum State {
    /** Named by somebody, not asked yet. */
    HEARD,
    /** Asked, and the answer may still come in time. */
    ASKED,
    /** Asked, and slower than most: its slot is given to another, its answer still counts. */
    SLOW,
    /** Answered. Final. */
    ANSWERED,
    /** Did not answer, or not as itself. Final. */
    FAILED
  }

  final Contact contact;
  final int path;
  final int depth;

  /** The upper 64 bits of the distance to the target, so that few contacts need to be looked at. */
  final long distance;

  /** A number that differs where endpoints do, mostly; for the same reason. */
  final long endpointKey;

  State state = State.HEARD;

  /** Whether nothing more is done to hear of it: the end of the lookup does not wait for it. */
  boolean isOverdue;

  int round;

  Candidate(Contact contact, long distance, int path, int depth) {
    this.contact = contact;
    this.distance = distance;
    this.endpointKey = keyOf(contact.endpoint());
    this.path = path;
    this.depth = depth;
  }

  /** Returns the {@link #endpointKey} of an endpoint. */
  static long keyOf(Endpoint endpoint) {
    return (endpoint.addressHigh() * 31 + endpoint.addressLow()) * 31 + endpoint.port();
  }

  /** Tells whether it may be one of the closest live nodes. */
  boolean isLive() {
    return state != State.FAILED && !isOverdue;
  }
}
