/** Frames of a session, bytes to requests and responses and back. */
@NullMarked
package org.bytchat.tracker.codec;

import org.jspecify.annotations.NullMarked;
