/** What a node keeps for others: signed records and the chunks of blobs, in memory and bounded. */
@NullMarked
package org.bytchat.dht.store;

import org.jspecify.annotations.NullMarked;
