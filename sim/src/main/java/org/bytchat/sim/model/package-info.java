/**
 * What the simulated world is like: latency, loss, churn, addresses, clocks. Pure functions of a
 * seed and of node numbers, each with where its figures come from.
 *
 * <p>Nothing here depends on the order of calls, so one thread or many see the same world.
 */
@NullMarked
package org.bytchat.sim.model;

import org.jspecify.annotations.NullMarked;
