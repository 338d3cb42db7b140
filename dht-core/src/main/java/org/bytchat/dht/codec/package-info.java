/** Bytes to messages and back. */
@NullMarked
package org.bytchat.dht.codec;

import org.jspecify.annotations.NullMarked;
