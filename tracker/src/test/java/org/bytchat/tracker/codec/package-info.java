/** Tests of the codec of sessions. */
@NullMarked
package org.bytchat.tracker.codec;

import org.jspecify.annotations.NullMarked;
