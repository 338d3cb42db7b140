/** What is said in a session between a client and a tracker. */
@NullMarked
package org.bytchat.tracker.wire;

import org.jspecify.annotations.NullMarked;
