/** What users of several trackers do: deposit at a quorum, fetch from all and merge. */
@NullMarked
package org.bytchat.tracker.quorum;

import org.jspecify.annotations.NullMarked;
