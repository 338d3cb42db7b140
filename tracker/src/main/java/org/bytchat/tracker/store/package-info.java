/** Where mailboxes are kept: the interface, in memory, and in SQLite. */
@NullMarked
package org.bytchat.tracker.store;

import org.jspecify.annotations.NullMarked;
