/** Ids, distances, endpoints and contacts: immutable values of the 160-bit keyspace. */
@NullMarked
package org.bytchat.dht.keyspace;

import org.jspecify.annotations.NullMarked;
