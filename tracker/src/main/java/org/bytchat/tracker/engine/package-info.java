/** The tracker as a deterministic state machine: what it knows, decides and asks to be done. */
@NullMarked
package org.bytchat.tracker.engine;

import org.jspecify.annotations.NullMarked;
