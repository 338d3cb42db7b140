package org.bytchat.sim.theory;

import java.util.List;
import java.util.function.Supplier;

/**
 * A piece of a validation that gives one or more experiments.
 *
 * @param name what it does, for people
 * @param work does it; takes seconds
 */
public record Trial(String name, Supplier<List<Experiment>> work) {}
