package org.bytchat.sim.model;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file of measurements that cannot be used; the message is {@code FILE:LINE: what is wrong}. */
public final class ModelFileException extends IOException {

  private static final long serialVersionUID = 1;

  ModelFileException(Path file, long line, String message, @Nullable Throwable cause) {
    super(file + ":" + line + ": " + message, cause);
  }

  ModelFileException(Path file, String message, @Nullable Throwable cause) {
    super(file + ": " + message, cause);
  }
}
