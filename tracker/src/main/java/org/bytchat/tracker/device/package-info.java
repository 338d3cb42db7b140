/** The devices of a user: the signed, chained list of them, and what names one. */
@NullMarked
package org.bytchat.tracker.device;

import org.jspecify.annotations.NullMarked;
