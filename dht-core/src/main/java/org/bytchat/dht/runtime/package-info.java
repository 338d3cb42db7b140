/** The driver that runs nodes on real sockets, clocks and threads. */
@NullMarked
package org.bytchat.dht.runtime;

import org.jspecify.annotations.NullMarked;
