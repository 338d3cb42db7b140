/**
 * What a node keeps for others: signed records and the chunks of blobs, and the items and peers of
 * the Mainline DHT, in memory and bounded.
 */
@NullMarked
package org.bytchat.dht.store;

import org.jspecify.annotations.NullMarked;
