package org.bytchat.sim.cli;

/** The exit codes of every program, as scripts rely on them. */
final class ExitCode {

  static final int FAILED = 1;
  static final int USAGE = 2;

  private ExitCode() {}
}
