package org.bytchat.dht.store;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;

/**
 * An item with what its holder knows of it.
 *
 * @param item the item
 * @param place where it lies
 * @param source who pays for it
 */
@API(status = API.Status.EXPERIMENTAL)
public record HeldItem(StoredItem item, NodeId place, long source) {}
