/** UDP sockets; knows nothing of the DHT. */
@NullMarked
package org.bytchat.dht.transport;

import org.jspecify.annotations.NullMarked;
