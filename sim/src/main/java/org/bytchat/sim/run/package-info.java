/** A run: the plan of what happens, the real nodes that live through it, and what came of it. */
@NullMarked
package org.bytchat.sim.run;

import org.jspecify.annotations.NullMarked;
