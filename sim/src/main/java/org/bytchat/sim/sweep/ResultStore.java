package org.bytchat.sim.sweep;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The results that a folder has, a line each, in one file for each part of the sweep. A line that
 * was torn by the end of a process is as if it were not there.
 */
final class ResultStore implements Closeable {

  private static final String NAMES = "results(-\\d+-of-\\d+)?\\.jsonl";

  private final Path file;
  private final FileChannel channel;
  private final Map<String, RunOutput> outputs = new LinkedHashMap<>();

  private ResultStore(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Reads all results of a folder, and keeps others out of one of its files.
   *
   * @param folder which exists
   * @param name of the file that takes more results
   * @throws IOException if a file cannot be read, is no file of results, or is in use
   */
  static ResultStore open(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (lock(channel) == null) {
        throw new IOException(file + " is in use: another sweep writes to it");
      }
      ResultStore store = new ResultStore(file, channel);
      try (Stream<Path> all = Files.list(folder)) {
        List<Path> files =
            all.filter(each -> String.valueOf(each.getFileName()).matches(NAMES)).sorted().toList();
        for (Path each : files) {
          store.read(each);
        }
      }
      return store;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private void read(Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    int whole = bytes.length;
    while (whole > 0 && bytes[whole - 1] != '\n') {
      whole--;
    }
    if (path.equals(file)) {
      channel.truncate(whole);
      channel.position(whole);
    }
    int line = 0;
    for (String text : new String(bytes, 0, whole, StandardCharsets.UTF_8).lines().toList()) {
      line++;
      try {
        RunOutput output = RunOutput.parse(text);
        outputs.put(output.key(), output);
      } catch (IllegalArgumentException e) {
        throw new IOException(
            "%s:%d: is not a result (%s); remove this line, or the file"
                .formatted(path, line, e.getMessage()),
            e);
      }
    }
  }

  /** Returns the results by their keys. */
  Map<String, RunOutput> outputs() {
    return outputs;
  }

  /**
   * Adds a result.
   *
   * @throws IOException if it cannot be written
   */
  void add(RunOutput output) throws IOException {
    long start = channel.position();
    try {
      ByteBuffer bytes = ByteBuffer.wrap((output.line() + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    } catch (IOException e) {
      channel.truncate(start);
      throw new IOException("cannot write to " + file + ": " + e.getMessage(), e);
    }
    outputs.put(output.key(), output);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
