/** What trackers compare and give each other to repair mailboxes: values, without state. */
@NullMarked
package org.bytchat.tracker.repair;

import org.jspecify.annotations.NullMarked;
