package org.bytchat.sim.report;

/**
 * A paragraph.
 *
 * @param text plain; addresses that begin with https:// become links
 */
public record Note(String text) implements Block {}
