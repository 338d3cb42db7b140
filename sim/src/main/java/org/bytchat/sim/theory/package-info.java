/**
 * The analytic side: formulas of Kademlia networks, and experiments on pure routing tables, without
 * a node or a message. What the simulator measures is held against them.
 */
@NullMarked
package org.bytchat.sim.theory;

import org.jspecify.annotations.NullMarked;
