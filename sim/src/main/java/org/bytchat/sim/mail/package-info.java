/** Mailboxes in a run: trackers and users' programs on virtual machines, and what watches them. */
@NullMarked
package org.bytchat.sim.mail;

import org.jspecify.annotations.NullMarked;
