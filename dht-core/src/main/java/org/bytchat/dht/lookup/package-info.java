/** One iterative search as a value. */
@NullMarked
package org.bytchat.dht.lookup;

import org.jspecify.annotations.NullMarked;
