/**
 * Programs of others that speak the protocol of Mainline, started and watched by tests: libtorrent,
 * aria2 and Transmission.
 */
@NullMarked
package org.bytchat.tracker.interop;

import org.jspecify.annotations.NullMarked;
