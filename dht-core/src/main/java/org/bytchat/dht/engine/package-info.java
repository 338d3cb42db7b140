/** The node as a deterministic state machine without input or output. */
@NullMarked
package org.bytchat.dht.engine;

import org.jspecify.annotations.NullMarked;
