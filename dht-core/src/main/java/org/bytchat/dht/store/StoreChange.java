package org.bytchat.dht.store;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;

/**
 * A step from one state of a store to the next.
 *
 * <p>A store's state is what follows when all its changes are applied in order to an empty one.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface StoreChange {

  /**
   * An item is held, in the place of what was held or remembered for its key.
   *
   * @param item the item
   * @param place where it lies
   * @param source who pays for it
   */
  record Put(StoredItem item, NodeId place, long source) implements StoreChange {}

  /**
   * A record is no longer held, but its sequence is remembered.
   *
   * @param key the record's key
   * @param sequence its sequence
   * @param expiresMillis its end, milliseconds since 1970
   * @param digest the first 8 bytes of the SHA-256 of its bytes
   * @param source who paid for it
   */
  record Remember(NodeId key, long sequence, long expiresMillis, long digest, long source)
      implements StoreChange {}

  /**
   * Nothing is held or remembered for a key any more.
   *
   * @param key the key
   */
  record Remove(NodeId key) implements StoreChange {}
}
