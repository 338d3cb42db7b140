/** The tracker as a deterministic state machine. */
@NullMarked
package org.bytchat.tracker.engine;

import org.jspecify.annotations.NullMarked;
