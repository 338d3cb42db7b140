package org.bytchat.dht.routing;

import org.bytchat.dht.keyspace.Contact;

/** What became of a contact that answered, and what to do next. */
public sealed interface InsertOutcome {

  /** It is in the table now. */
  record Inserted() implements InsertOutcome {}

  /** It was in the table and is known to be alive. */
  record Refreshed() implements InsertOutcome {}

  /**
   * Its bucket is full of contacts heard from lately; it is remembered as a candidate, if this node
   * found it.
   */
  record Cached() implements InsertOutcome {}

  /**
   * Its bucket is full; a candidate takes the place of the one to ping if that fails.
   *
   * @param oldest the contact of the bucket that was not heard from for the longest time
   */
  record PingOldest(Contact oldest) implements InsertOutcome {}

  /**
   * It may not enter.
   *
   * @param reason why
   */
  record Rejected(Reason reason) implements InsertOutcome {}

  /** Why a contact may not enter. */
  enum Reason {
    /** It has the own id. */
    OWN_ID,
    /**
     * Its id is in the table with another endpoint, and it did not prove that the id is its own.
     */
    ID_ELSEWHERE,
    /** It is above the diversity limits, and there are enough others. */
    CROWDED,
    /** It only asked us, and its bucket has as many of those as it may have. */
    UNSOLICITED
  }
}
