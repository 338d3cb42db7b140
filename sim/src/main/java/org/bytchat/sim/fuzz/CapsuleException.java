package org.bytchat.sim.fuzz;

import org.jspecify.annotations.Nullable;

/** A file is not a capsule that this program can run; the message says why, for people. */
public final class CapsuleException extends Exception {

  private static final long serialVersionUID = 1;

  CapsuleException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
