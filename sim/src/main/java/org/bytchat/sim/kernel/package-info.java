/**
 * Virtual time: the order of events, the threads that handle them, and the driver of real nodes.
 */
@NullMarked
package org.bytchat.sim.kernel;

import org.jspecify.annotations.NullMarked;
