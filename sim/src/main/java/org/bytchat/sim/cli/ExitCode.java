package org.bytchat.sim.cli;

/** The exit codes of every program, as scripts rely on them. */
final class ExitCode {

  static final int FAILED = 1;
  static final int USAGE = 2;

  /** A file is not one that this program takes. */
  static final int REFUSED = 5;

  /** A measured number is not the published one. */
  static final int MISMATCH = 12;

  /** Two runs of one scenario differ. */
  static final int NONDETERMINISM = 13;

  private ExitCode() {}
}
