package org.bytchat.sim.report;

/** A part of a section of a report. */
public sealed interface Block permits Note, Plot, Table {}
