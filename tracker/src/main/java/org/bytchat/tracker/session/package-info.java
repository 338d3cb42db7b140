/**
 * Encrypted, framed TCP sessions between a node and its clients: admission, the Noise handshake
 * with the node's certificate, frames, back-pressure, and the limits on what a stranger may cost.
 *
 * <p>The frames are opaque here. {@code docs/sessions.md} describes the bytes on the wire.
 */
@NullMarked
package org.bytchat.tracker.session;

import org.jspecify.annotations.NullMarked;
