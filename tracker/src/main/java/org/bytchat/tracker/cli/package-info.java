/** The headless node's command line. */
@NullMarked
package org.bytchat.tracker.cli;

import org.jspecify.annotations.NullMarked;
