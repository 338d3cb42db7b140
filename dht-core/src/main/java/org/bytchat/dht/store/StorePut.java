package org.bytchat.dht.store;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;

/**
 * A wish to have something stored.
 *
 * @param item what
 * @param key under which key, as the writer says
 * @param place the item lies at the nodes closest to this: the root of a chunk's blob, the key of a
 *     mutable record
 * @param expectedSequence compare-and-swap: the sequence that must be the one known here, 0 for
 *     none; or {@link #ANY_SEQUENCE}
 * @param source who pays for the space: a number that the caller makes of the writer's address, the
 *     same for all addresses that one writer may have
 */
@API(status = API.Status.EXPERIMENTAL)
public record StorePut(
    StoredItem item, NodeId key, NodeId place, long expectedSequence, long source) {

  /** No compare-and-swap. */
  public static final long ANY_SEQUENCE = -1;

  /**
   * Makes a wish without compare-and-swap for an item at its own key.
   *
   * @param item what
   * @param source who pays for the space
   * @return the wish
   */
  public static StorePut of(StoredItem item, long source) {
    return new StorePut(item, item.key(), item.key(), ANY_SEQUENCE, source);
  }

  /**
   * Returns a copy with another place.
   *
   * @param other where the item lies
   * @return the copy
   */
  public StorePut withPlace(NodeId other) {
    return new StorePut(item, key, other, expectedSequence, source);
  }

  /**
   * Returns a copy with compare-and-swap.
   *
   * @param sequence the sequence that must be known here, 0 for none
   * @return the copy
   */
  public StorePut withExpectedSequence(long sequence) {
    return new StorePut(item, key, place, sequence, source);
  }
}
