package org.bytchat.tracker.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A file of a result: written whole or not at all. */
final class WholeFile {

  private final String option;
  private final Path file;

  /**
   * Names a file.
   *
   * @param option the option that names it, for messages
   * @throws CommandFailure if it could not be written, as far as that is known before
   */
  WholeFile(String option, Path file) {
    this.option = option;
    this.file = file;
    Path folder = folder();
    if (!Files.isDirectory(folder)) {
      throw failure("the folder of " + file + " does not exist", null);
    }
    requireReplaceable();
  }

  private Path folder() {
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? file.toAbsolutePath() : folder;
  }

  /** A device, a folder or a link is not replaced by a file. */
  private void requireReplaceable() {
    boolean exists = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    if (exists && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw failure(file + " exists and is not a regular file, so it is not overwritten", null);
    }
  }

  /**
   * Writes the file, in the place of one that exists.
   *
   * @throws CommandFailure if it cannot be written; what was there is still there
   */
  void write(byte[] content) {
    requireReplaceable();
    // In the same folder, since a file is moved at once only within a file system.
    Path part =
        folder()
            .resolve(".bytchat-" + ProcessHandle.current().pid() + "-" + System.nanoTime() + "~");
    try {
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      deleteQuietly(part);
      throw failure(file + " cannot be written: " + CommandFailure.reasonOf(e), e);
    }
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // What went wrong before is what the user is told.
      return;
    }
  }

  private CommandFailure failure(String message, @Nullable Throwable cause) {
    return new CommandFailure(ExitCode.REFUSED, "option '" + option + "': " + message, cause);
  }
}
