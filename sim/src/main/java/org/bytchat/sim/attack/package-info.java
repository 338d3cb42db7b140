/** Those who attack a network of honest nodes: strangers to the kernel, who run no node. */
@NullMarked
package org.bytchat.sim.attack;

import org.jspecify.annotations.NullMarked;
