package org.bytchat.dht.lookup;

import org.apiguardian.api.API;

/**
 * Names one lookup of one node.
 *
 * @param value unique within the node's life
 */
@API(status = API.Status.EXPERIMENTAL)
public record LookupId(long value) {}
