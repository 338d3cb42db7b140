package org.bytchat.dht.store;

import org.apiguardian.api.API;

/** What became of reading an item: the item, or the first reason why the bytes are none. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface ParseOutcome {

  /**
   * The bytes are a well-formed item.
   *
   * @param item the item; neither its key nor its signature has been compared with anything
   */
  record Parsed(StoredItem item) implements ParseOutcome {}

  /**
   * The bytes are no item.
   *
   * @param fault the first reason found
   */
  record Malformed(Fault fault) implements ParseOutcome {}

  /** Why bytes are no item. */
  enum Fault {
    /** They are more than {@link StoredItem#BYTES_MAX}. */
    TOO_BIG,
    /** They end before the item does. */
    TRUNCATED,
    /** The first byte names no kind. */
    UNKNOWN_KIND,
    /** The version of the UID is neither 1 nor 2. */
    UID_VERSION,
    /** The label is too long, or has a character that is no lower-case letter, digit or hyphen. */
    LABEL,
    /** The sequence is not in 1 to 2^63 - 1. */
    SEQUENCE,
    /** A time is beyond 2^63 - 1. */
    TIME,
    /** The public key is empty or longer than any that is allowed. */
    KEY_LENGTH,
    /** The signature is shorter or longer than any that is allowed. */
    SIGNATURE_LENGTH,
    /** The content of a chunk is too short or too long, or neither a leaf nor an index. */
    CHUNK_CONTENT
  }
}
