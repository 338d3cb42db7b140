package org.bytchat.sim.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/**
 * Where a command prints: results to {@code out}, progress and messages to {@code err}.
 *
 * @param out takes results
 * @param err takes the rest
 * @param terminal whether somebody watches
 */
record Output(PrintStream out, PrintStream err, boolean terminal) {

  private static final String ERASE_LINE = "\r\033[K";

  /**
   * Prints a line of a result.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  void line(String text) {
    out.print(text + "\n");
    if (out.checkError()) {
      throw new UncheckedIOException(
          "cannot write to the standard output", new IOException("a write failed"));
    }
  }

  /** Prints a line for the person at the terminal. */
  void message(String text) {
    err.print(text + "\n");
    err.flush();
  }

  /** Shows what is being done, in place of what was shown before; nothing if nobody watches. */
  void progress(String text) {
    if (terminal) {
      err.print(ERASE_LINE + text);
      err.flush();
    }
  }
}
