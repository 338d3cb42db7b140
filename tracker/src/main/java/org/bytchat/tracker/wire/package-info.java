/** What the bytes of signed values are read and written with. */
@NullMarked
package org.bytchat.tracker.wire;

import org.jspecify.annotations.NullMarked;
