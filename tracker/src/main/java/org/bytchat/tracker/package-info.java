/** Trackers: mailboxes for users with several devices, on the nodes of the DHT. */
@NullMarked
package org.bytchat.tracker;

import org.jspecify.annotations.NullMarked;
