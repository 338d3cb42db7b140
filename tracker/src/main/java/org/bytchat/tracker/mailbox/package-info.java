/**
 * Envelopes, receipts and acknowledgements: their bytes, what is signed, and the rules that need no
 * state.
 */
@NullMarked
package org.bytchat.tracker.mailbox;

import org.jspecify.annotations.NullMarked;
