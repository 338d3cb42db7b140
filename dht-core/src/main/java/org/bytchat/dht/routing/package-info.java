/** Whom a node knows: the k-buckets and what may enter them. */
@NullMarked
package org.bytchat.dht.routing;

import org.jspecify.annotations.NullMarked;
