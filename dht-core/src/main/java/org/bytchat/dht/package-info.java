/** A Kademlia DHT node to embed: {@code DhtNode} is the place to start. */
@NullMarked
package org.bytchat.dht;

import org.jspecify.annotations.NullMarked;
