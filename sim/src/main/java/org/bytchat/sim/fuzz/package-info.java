/**
 * Runs networks drawn from seeds, keeps what fails as a capsule, replays it and makes it smaller.
 */
@NullMarked
package org.bytchat.sim.fuzz;

import org.jspecify.annotations.NullMarked;
