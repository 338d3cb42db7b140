package org.bytchat.sim.run;

import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Something that the plan has a node do for its user.
 *
 * @param timeMicros when
 * @param node who
 * @param kind what
 * @param record which of the plan's records, -1 for a lookup
 * @param version which version of the record is written, counted from 1; otherwise 0
 * @param target what is looked up, null where a record is meant
 */
public record Op(
    long timeMicros, int node, Kind kind, int record, int version, @Nullable NodeId target) {

  /** What a node can be asked to do. */
  public enum Kind {
    /** Look a key up. */
    LOOKUP,
    /** Look a key up after all faults have ended, which has to succeed. */
    FINAL_LOOKUP,
    /** Write a record once. */
    PUT,
    /** Write a record, and again at half its life. */
    PUBLISH,
    /** Read a record. */
    GET
  }
}
