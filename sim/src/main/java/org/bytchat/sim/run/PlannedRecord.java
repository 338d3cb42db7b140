package org.bytchat.sim.run;

/**
 * A record of a plan, of which there are versions.
 *
 * @param label what it is
 * @param ttlMicros how long each version lives
 * @param valueBytes the length of its value, at least 8
 */
public record PlannedRecord(String label, long ttlMicros, int valueBytes) {}
