/** The experiments that need real nodes or the simulator's own models. */
@NullMarked
package org.bytchat.sim.validate;

import org.jspecify.annotations.NullMarked;
