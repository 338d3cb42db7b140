package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program of others as a process, with all that it says. */
final class PeerProgram implements AutoCloseable {

  private static final long END_SECONDS = 10;
  private static final int SAID_LINES = 40;

  /** Comes after the last line of standard output, so that nobody waits for one that will not. */
  private static final String END = "(end)";

  private final String name;
  private final Process process;
  private final BlockingQueue<String> out = new LinkedBlockingQueue<>();
  private final Queue<String> err = new ConcurrentLinkedQueue<>();
  private final Thread errReader;

  private PeerProgram(String name, Process process) {
    this.name = name;
    this.process = process;
    read(process.inputReader(StandardCharsets.UTF_8), out::add, () -> out.add(END));
    this.errReader = read(process.errorReader(StandardCharsets.UTF_8), err::add, () -> {});
  }

  private static Thread read(BufferedReader lines, Consumer<String> sink, Runnable atEnd) {
    Thread thread =
        new Thread(
            () -> {
              try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  sink.accept(line);
                }
              } catch (IOException e) {
                // The process was killed.
              }
              atEnd.run();
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Starts a program; it is to be closed. */
  static PeerProgram start(List<String> command) throws IOException {
    return new PeerProgram(command.get(0), new ProcessBuilder(command).start());
  }

  /**
   * Runs a program to its end.
   *
   * @return what it wrote to standard output
   * @throws IOException with what it said, when it failed or took too long
   */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    // All of these say less than a pipe holds.
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + ": still running");
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
    return said;
  }

  /** Writes one line to its standard input. */
  void tell(String line) {
    try {
      Writer writer = process.outputWriter(StandardCharsets.UTF_8);
      writer.write(line + "\n");
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(complaint("takes no more input"), e);
    }
  }

  /** Takes the next line of its standard output; fails when there is none within the limit. */
  String nextLine(long limitSeconds) throws InterruptedException {
    @Nullable String line = out.poll(limitSeconds, TimeUnit.SECONDS);
    if (END.equals(line)) {
      // All that it had to say, before it is told.
      errReader.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
    }
    assertThat(line).as(complaint("says nothing")).isNotNull();
    assertThat(line).as(complaint("has ended")).isNotEqualTo(END);
    return line;
  }

  /** Fails when the process has ended. */
  void assertAlive() {
    assertThat(process.isAlive()).as(complaint("has ended")).isTrue();
  }

  /** What is wrong, with the last that the program said. */
  String complaint(String what) {
    String said = Stream.concat(last(err), last(out)).collect(Collectors.joining("\n"));
    return name + " (process " + process.pid() + ") " + what + "; it said:\n" + said;
  }

  private static Stream<String> last(Queue<String> lines) {
    return lines.stream().skip(Math.max(0, lines.size() - SAID_LINES));
  }

  /** Asks it to end, and kills it when it does not. */
  @Override
  public void close() {
    // Process.destroy would close its streams as well.
    process.toHandle().destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
