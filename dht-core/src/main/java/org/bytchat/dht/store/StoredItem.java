package org.bytchat.dht.store;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;

/**
 * Something that can be stored: an immutable view of bytes as they were carried.
 *
 * <p>The bytes are never encoded anew: what came in is what goes out. Two items are equal if their
 * bytes are. Nothing here verifies a signature.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface StoredItem permits MutableRecord, Chunk {

  /** The longest item. */
  int BYTES_MAX = 1_000;

  /**
   * Reads an item of either kind.
   *
   * @param bytes any bytes; copied
   * @return the item, or why the bytes are none; never throws
   */
  static ParseOutcome parse(byte[] bytes) {
    if (bytes.length == 0) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TRUNCATED);
    }
    if (bytes.length > BYTES_MAX) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TOO_BIG);
    }
    return switch (bytes[0]) {
      case MutableRecord.KIND -> MutableRecord.parseItem(bytes.clone());
      case Chunk.KIND -> Chunk.parseItem(bytes.clone());
      default -> new ParseOutcome.Malformed(ParseOutcome.Fault.UNKNOWN_KIND);
    };
  }

  /**
   * Returns the key that the bytes themselves give: a record's place, a chunk's hash.
   *
   * @return the key
   */
  NodeId key();

  /**
   * Returns when it ends.
   *
   * @return milliseconds since 1970, at least 0; it is alive while the time is below this
   */
  long expiresMillis();

  /**
   * Returns how long the carried bytes are.
   *
   * @return 1 to {@link #BYTES_MAX}
   */
  int size();

  /**
   * Returns the carried bytes.
   *
   * @return a copy
   */
  byte[] bytes();
}
