/** What a simulation is told: scenario files as typed, checked values. */
@NullMarked
package org.bytchat.sim.scenario;

import org.jspecify.annotations.NullMarked;
