package org.bytchat.sim.sweep;

import java.util.List;
import org.bytchat.sim.scenario.Part;

/**
 * What varies together: one key of a grid, or the keys of a group.
 *
 * @param keys of the scenario
 * @param steps one after the other, each with a value for each key
 */
record Axis(List<String> keys, List<List<Part>> steps) {}
