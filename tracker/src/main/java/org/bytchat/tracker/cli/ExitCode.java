package org.bytchat.tracker.cli;

/** The exit codes of every program, as scripts rely on them. */
final class ExitCode {

  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NOBODY_ANSWERED = 3;
  static final int NOT_FOUND = 4;
  static final int REFUSED = 5;

  private ExitCode() {}
}
