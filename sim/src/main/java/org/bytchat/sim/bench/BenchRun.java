package org.bytchat.sim.bench;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a benchmark is run.
 *
 * @param quick whether only to show that it works
 * @param count how many of what it counts, null for its default
 * @param servers the commands that start what it measures, if it takes any
 * @param progress is told what is being done
 * @param results takes each result as soon as it is known
 */
public record BenchRun(
    boolean quick,
    @Nullable Long count,
    List<String> servers,
    Consumer<String> progress,
    Consumer<BenchResult> results) {}
