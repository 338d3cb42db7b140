package org.bytchat.dht.lookup;

import org.bytchat.dht.keyspace.Contact;

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

  State state = State.HEARD;

  /** Whether nothing more is done to hear of it: the end of the lookup does not wait for it. */
  boolean isOverdue;

  int round;

  Candidate(Contact contact, int path, int depth) {
    this.contact = contact;
    this.path = path;
    this.depth = depth;
  }

  /** Tells whether it may be one of the closest live nodes. */
  boolean isLive() {
    return state != State.FAILED && !isOverdue;
  }
}
