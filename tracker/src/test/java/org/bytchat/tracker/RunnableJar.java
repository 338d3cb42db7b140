package org.bytchat.tracker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The runnable jar, started as small as a test's nodes may be.
 *
 * <p>The tests start it a hundred times, mostly to load the same classes. So its first start leaves
 * them in an archive, which halves the work of all others. A JVM that cannot use the archive starts
 * without it.
 */
public final class RunnableJar {

  private static final Path JAR = Path.of("target", "bytchat-node.jar");
  private static final Path ARCHIVE = Path.of("target", "bytchat-node.jsa");
  private static final Path LOCK = Path.of("target", "bytchat-node.jsa.lock");
  private static final Path DATA = Path.of("target", "bytchat-node.jsa.data");
  private static final long LIMIT_SECONDS = 60;

  private RunnableJar() {}

  /** A command line that runs a main class of the tests with this JVM's program. */
  public static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  /**
   * A command line that runs the jar.
   *
   * @throws IOException if the archive of classes cannot be made
   */
  public static List<String> command(String... arguments) throws IOException, InterruptedException {
    makeArchive();
    // An archive that does not fit is no news for standard output, which belongs to the program.
    List<String> command =
        java("-Xlog:cds=off,cds+dynamic=off", "-XX:SharedArchiveFile=" + ARCHIVE, "-jar", "" + JAR);
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  /** Synchronized among threads, and locked among the JVMs that share the tests. */
  private static synchronized void makeArchive() throws IOException, InterruptedException {
    try (FileChannel channel =
        FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      FileLock lock = channel.lock();
      try {
        if (!isFresh()) {
          Path made = ARCHIVE.resolveSibling("bytchat-node.jsa.new");
          runOnce(made);
          if (Files.exists(made)) {
            Files.move(made, ARCHIVE, StandardCopyOption.REPLACE_EXISTING);
          }
        }
      } finally {
        lock.release();
      }
    }
  }

  private static boolean isFresh() throws IOException {
    return Files.exists(ARCHIVE)
        && Files.getLastModifiedTime(ARCHIVE).compareTo(Files.getLastModifiedTime(JAR)) > 0;
  }

  /** Starts a node and stops it again, which writes the archive. */
  private static void runOnce(Path archive) throws IOException, InterruptedException {
    List<String> command =
        java("-Xlog:cds=off,cds+dynamic=off", "-XX:ArchiveClassesAtExit=" + archive);
    command.addAll(List.of("-jar", "" + JAR, "run", "--bind", "127.0.0.1", "--port", "0"));
    command.addAll(List.of("--metrics-port", "0", "--data", "" + DATA));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var lines = process.inputReader()) {
      String line = lines.readLine();
      while (line != null && !line.contains("\"ready\"")) {
        line = lines.readLine();
      }
      // Not the process's own destroy, which would close the stream that it still writes to.
      process.toHandle().destroy();
      while (line != null) {
        line = lines.readLine();
      }
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the node that makes the archive does not stop");
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
