/** Deadlines in monotonic nanoseconds. */
@NullMarked
package org.bytchat.dht.time;

import org.jspecify.annotations.NullMarked;
