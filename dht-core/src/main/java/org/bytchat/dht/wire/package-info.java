/** The meaning of the protocol's messages, without their bytes. */
@NullMarked
package org.bytchat.dht.wire;

import org.jspecify.annotations.NullMarked;
