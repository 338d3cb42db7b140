/** The benchmarks: each measures one claim and says whether it holds. */
@NullMarked
package org.bytchat.sim.bench;

import org.jspecify.annotations.NullMarked;
