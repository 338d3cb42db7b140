/** What clients and trackers say to each other in a session. */
@NullMarked
package org.bytchat.tracker.message;

import org.jspecify.annotations.NullMarked;
