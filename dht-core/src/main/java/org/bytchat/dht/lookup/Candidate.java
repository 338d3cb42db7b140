package org.bytchat.dht.lookup;

import org.bytchat.dht.keyspace.Contact;
import org.jspecify.annotations.Nullable;

/** A contact as one lookup sees it. */
final class Candidate {

  /** How often the contacts that somebody named may fail before he is not believed any more. */
  private static final int BLAMES_MAX = 3;

  /** All paths. */
  static final int ANY_PATH = -1;

  /** How far a candidate got. */
  enum State {
    /** Named by somebody, not asked yet. */
    HEARD,
    /** Asked, and the answer may still come in time. */
    ASKED,
    /** Asked, and slower than most: its slot is given to another, its answer still counts. */
    SLOW,
    /** Answered. Final, unless it is asked for more. */
    ANSWERED,
    /** Did not answer, or not as itself. Final. */
    FAILED
  }

  /** With the services that it says it offers, once it answered; until then those that are said. */
  Contact contact;

  final int path;
  final int depth;

  State state = State.HEARD;

  /** Who named it, the most credible of those who did; null for the asker's own table. */
  @Nullable Candidate source;

  /** Whether nothing more is done to hear of it: the end of the lookup does not wait for it. */
  boolean isOverdue;

  boolean hasAnswered;

  /** Whether what is under way is a request for a proof of its id. */
  boolean isProving;

  boolean isProven;

  /** Whether it was asked whom it knows around itself, and not around the target. */
  boolean wasAskedAround;

  /** Whether another candidate is, or was, in its network. */
  boolean hasNeighbours;

  int round;

  /** How many of those that it named answered, and did not. */
  private int credits;

  private int blames;

  /** Whether it is not who it said. */
  private boolean isExposed;

  /** Whether its source has the blame for its silence. */
  private boolean isBlamed;

  /** Scratch memory for who counts what it named. */
  int named;

  Candidate(Contact contact, int path, @Nullable Candidate source) {
    this.contact = contact;
    this.path = path;
    this.depth = source == null ? 0 : source.depth + 1;
    this.source = source;
  }

  /** Tells whether it may be one of the closest live nodes. */
  boolean isLive() {
    return state != State.FAILED && !isOverdue;
  }

  boolean isOn(int onePath) {
    return onePath == ANY_PATH || path == onePath;
  }

  /** Tells whether it waits for an answer. */
  boolean isAwaited() {
    return state == State.ASKED || state == State.SLOW;
  }

  /** Notes that it does not answer, or not in time: who named it may have made it up. */
  void blame() {
    Candidate named = source;
    if (named != null && !isBlamed) {
      isBlamed = true;
      named.blames++;
    }
  }

  /** Notes that it answered. */
  void credit() {
    Candidate named = source;
    if (named != null) {
      named.blames -= isBlamed ? 1 : 0;
      named.credits++;
    }
    isBlamed = false;
  }

  /** Notes that it is not who it said: nothing that it said is believed. */
  void expose() {
    isExposed = true;
    blame();
  }

  /** Tells whether too much of what it said was wrong. */
  boolean isDiscredited() {
    return isExposed || blames > BLAMES_MAX + credits;
  }

  /** Takes another source for the one that named it if that is more credible. */
  void heardFrom(Candidate other) {
    Candidate known = source;
    if (known != null && !isBlamed && other.credibility() > known.credibility()) {
      source = other;
    }
  }

  private int credibility() {
    return isExposed ? Integer.MIN_VALUE : credits - blames;
  }
}
