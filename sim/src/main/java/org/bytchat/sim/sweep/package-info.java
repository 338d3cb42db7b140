/** Many runs of a scenario, with other values and other seeds, and what follows from them. */
@NullMarked
package org.bytchat.sim.sweep;

import org.jspecify.annotations.NullMarked;
