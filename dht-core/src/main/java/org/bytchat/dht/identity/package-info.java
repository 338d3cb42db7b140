/** Keys of nodes and what they sign. */
@NullMarked
package org.bytchat.dht.identity;

import org.jspecify.annotations.NullMarked;
