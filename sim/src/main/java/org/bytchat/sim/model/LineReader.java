package org.bytchat.sim.model;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a text file and knows where it is. */
final class LineReader implements Closeable {

  private final Path file;
  private final BufferedReader reader;
  private long line;

  private LineReader(Path file, BufferedReader reader) {
    this.file = file;
    this.reader = reader;
  }

  static LineReader open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new ModelFileException(file, "is a folder", null);
    }
    try {
      return new LineReader(file, Files.newBufferedReader(file, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      throw new ModelFileException(file, "no such file", e);
    }
  }

  /** The next line without the white space around it, null at the end. */
  @Nullable String next() throws IOException {
    line++;
    try {
      String text = reader.readLine();
      return text == null ? null : text.strip();
    } catch (CharacterCodingException e) {
      throw new ModelFileException(file, line, "is not UTF-8 text", e);
    }
  }

  /** Reads a number of the current line. */
  double number(String text) throws ModelFileException {
    try {
      double value = Double.parseDouble(text);
      if (!Double.isNaN(value) && !Double.isInfinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong("'" + text + "' is not a number", e);
    }
    throw wrong("'" + text + "' is not a finite number", null);
  }

  /** Reads a whole number of the current line. */
  int integer(String what, String text, int min, int max) throws ModelFileException {
    try {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(what + " must be a whole number: '" + text + "'", e);
    }
    throw wrong(what + " must be in " + min + ".." + max + ": " + text, null);
  }

  /** Something wrong on the current line. */
  ModelFileException wrong(String message, @Nullable Throwable cause) {
    return new ModelFileException(file, line, message, cause);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
