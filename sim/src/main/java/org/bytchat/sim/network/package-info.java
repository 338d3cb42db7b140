/** The network that simulated nodes live in: who they are, where, when they are up, what fails. */
@NullMarked
package org.bytchat.sim.network;

import org.jspecify.annotations.NullMarked;
