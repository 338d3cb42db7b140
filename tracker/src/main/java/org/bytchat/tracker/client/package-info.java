/** What users of trackers do: sessions with one. */
@NullMarked
package org.bytchat.tracker.client;

import org.jspecify.annotations.NullMarked;
