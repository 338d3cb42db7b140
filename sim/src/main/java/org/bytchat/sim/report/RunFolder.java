package org.bytchat.sim.report;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The folder that a run leaves its files in. A file gets its name when it is whole; until then it
 * has the same name and {@code .part}. Every error names the file, in words for people.
 */
public final class RunFolder {

  private final Path path;

  private RunFolder(Path path) {
    this.path = path;
  }

  /**
   * Makes the folder, if it is not there, and tries whether files can be written into it.
   *
   * @param path the folder; its parents are made too
   * @return the folder
   * @throws IOException if it cannot be made, is a file, or cannot be written to
   */
  public static RunFolder open(Path path) throws IOException {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new IOException("cannot make the folder " + path + ": " + reason(e), e);
    }
    try {
      Files.delete(Files.createTempFile(path, "probe", RunFile.UNFINISHED));
    } catch (IOException e) {
      throw new IOException("cannot write to the folder " + path + ": " + reason(e), e);
    }
    return new RunFolder(path);
  }

  /**
   * Returns where the folder is.
   *
   * @return the path as it was given
   */
  public Path path() {
    return path;
  }

  /**
   * Begins a file that is written bit by bit.
   *
   * @param name of the file, without folders
   * @return the file, to be closed
   * @throws IOException if it cannot be made
   */
  public RunFile create(String name) throws IOException {
    return new RunFile(file(name));
  }

  /**
   * Writes a file whole, in place of one of that name.
   *
   * @param name of the file, without folders
   * @param text what to write, as UTF-8
   * @throws IOException if it cannot be written; a file of that name is then as it was
   */
  public void write(String name, String text) throws IOException {
    try (RunFile file = create(name)) {
      file.write(text);
    }
  }

  private Path file(String name) {
    Path file = path.resolve(name);
    if (name.isEmpty() || !path.equals(file.getParent()) || name.startsWith(".")) {
      throw new IllegalArgumentException("not the name of a file: " + name);
    }
    return file;
  }

  /** Returns what went wrong, without the name of the file, which the caller knows better. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + " is a file";
    }
    String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
