package org.bytchat.sim.report;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file of a run while it is written. Closing it puts it under its name; if anything failed
 * before, what was written is removed instead, so that nobody takes a part for the whole.
 */
public final class RunFile implements Closeable {

  /** Ends the name of a file that is not whole yet. */
  static final String UNFINISHED = ".part";

  private final Path file;
  private final Path unfinished;
  private final FileChannel channel;
  private final Writer writer;
  private boolean failed;
  private boolean closed;

  RunFile(Path file) throws IOException {
    this.file = file;
    unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
    if (Files.isDirectory(file)) {
      throw new IOException("cannot write " + file + ": a folder has this name");
    }
    try {
      channel =
          FileChannel.open(
              unfinished,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw named(e);
    }
    writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
  }

  /**
   * Writes some text.
   *
   * @param text as UTF-8
   * @throws IOException if it cannot be written; closing then removes the file
   */
  public void write(String text) throws IOException {
    try {
      writer.write(text);
    } catch (IOException e) {
      failed = true;
      throw named(e);
    }
  }

  /** Closes the file and puts it under its name; if a write failed, removes it. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (!failed) {
        finish();
      }
    } catch (IOException e) {
      failed = true;
      throw named(e);
    } finally {
      channel.close();
      if (failed) {
        Files.deleteIfExists(unfinished);
      }
    }
  }

  private void finish() throws IOException {
    writer.flush();
    // Some file systems say only now that the disk is full.
    channel.force(true);
    channel.close();
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private IOException named(IOException e) {
    return new IOException("cannot write " + file + ": " + RunFolder.reason(e), e);
  }
}
