package org.bytchat.sim.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A folder among the temporary files, which goes with all that is in it.
 *
 * @param path the folder
 */
record TemporaryFolder(Path path) implements AutoCloseable {

  private static final long COMMAND_SECONDS = 60;

  static TemporaryFolder make(String name) throws IOException {
    return new TemporaryFolder(Files.createTempDirectory("bytchat-" + name));
  }

  /** Returns the kind of file system that it is on. */
  String fileSystem() throws IOException {
    return Files.getFileStore(path).type();
  }

  /** Drops what the system has of the files in memory; returns whether it could. */
  boolean dropFromMemory() throws IOException, InterruptedException {
    boolean all = true;
    for (Path file : files()) {
      if (Files.isRegularFile(file)) {
        all &= run(List.of("dd", "if=" + file, "iflag=nocache", "count=0"));
      }
    }
    return all;
  }

  /** Runs a command to its end; returns whether there is one of that name and it succeeded. */
  static boolean run(List<String> command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      return files.sorted(Comparator.reverseOrder()).toList();
    }
  }

  @Override
  public void close() throws IOException {
    for (Path file : files()) {
      Files.deleteIfExists(file);
    }
  }
}
