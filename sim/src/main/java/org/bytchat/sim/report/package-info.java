/** What a run leaves behind: tables for machines, a summary, and a page for people. */
@NullMarked
package org.bytchat.sim.report;

import org.jspecify.annotations.NullMarked;
