/** Codec and engine together: datagrams in, datagrams out. */
@NullMarked
package org.bytchat.dht.node;

import org.jspecify.annotations.NullMarked;
