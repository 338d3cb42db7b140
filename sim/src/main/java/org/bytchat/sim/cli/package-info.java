/** The laboratory's command line. */
@NullMarked
package org.bytchat.sim.cli;

import org.jspecify.annotations.NullMarked;
