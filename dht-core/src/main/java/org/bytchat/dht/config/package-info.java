/** Validated configuration records, one for each part of a node. */
@NullMarked
package org.bytchat.dht.config;

import org.jspecify.annotations.NullMarked;
