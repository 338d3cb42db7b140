package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bytchat.tracker.RunnableJar;

/** The runnable jar as a process of its own. */
final class NodeProcess implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 60;

  /** Comes after the last line of standard output, so that nobody waits for one that will not. */
  private static final String END = "(end)";

  private final Process process;
  private final BlockingQueue<String> out = new LinkedBlockingQueue<>();
  private final Queue<String> err = new ConcurrentLinkedQueue<>();
  private final Thread outReader;
  private final Thread errReader;

  private NodeProcess(Process process) {
    this.process = process;
    // Also if a test ends before it could close this.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    this.outReader =
        reader(process.inputReader(StandardCharsets.UTF_8), out::add, () -> out.add(END));
    this.errReader = reader(process.errorReader(StandardCharsets.UTF_8), err::add, () -> {});
  }

  private static Thread reader(BufferedReader lines, Consumer<String> sink, Runnable atEnd) {
    Thread thread =
        new Thread(
            () -> {
              try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  sink.accept(line);
                }
              } catch (IOException e) {
                // The process was killed, or the test closed the pipe.
              }
              atEnd.run();
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Starts the program with a command line. */
  static NodeProcess start(String... args) throws IOException, InterruptedException {
    return startUnder(List.of(), args);
  }

  /** Starts the program by another one, which must become it. */
  static NodeProcess startUnder(List<String> starter, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(starter);
    command.addAll(RunnableJar.command(args));
    return new NodeProcess(new ProcessBuilder(command).start());
  }

  /** Starts a node on the loopback address and any port. */
  static NodeProcess run(String... args) throws IOException, InterruptedException {
    return runUnder(List.of(), args);
  }

  /** Starts such a node by another program, which must become it. */
  static NodeProcess runUnder(List<String> starter, String... args)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("run", "--bind", "127.0.0.1", "--port", "0"));
    all.addAll(List.of(args));
    return startUnder(starter, all.toArray(new String[0]));
  }

  /** The next event of a kind; others before it are passed over. */
  JsonNode await(String event) throws IOException, InterruptedException {
    while (true) {
      JsonNode object = nextLine(event);
      if (object.path("event").asText().equals(event)) {
        return object;
      }
    }
  }

  /** The next JSON line. */
  JsonNode nextLine(String what) throws IOException, InterruptedException {
    String line = out.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(line).as("%s; on standard error: %s", what, err()).isNotNull().isNotEqualTo(END);
    return JSON.readTree(line);
  }

  /** What it printed and nobody took. */
  String out() {
    return out.stream().filter(line -> !line.equals(END)).collect(Collectors.joining("\n"));
  }

  String err() {
    return String.join("\n", err);
  }

  /** Waits for the end. */
  int exitCode() throws InterruptedException {
    return exitCode(LIMIT_SECONDS);
  }

  int exitCode(long limitSeconds) throws InterruptedException {
    assertThat(process.waitFor(limitSeconds, TimeUnit.SECONDS))
        .as("ended within %d s", limitSeconds)
        .isTrue();
    outReader.join();
    errReader.join();
    return process.exitValue();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends SIGTERM; the process's own destroy would close its streams as well. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** Sends SIGKILL, and waits for the end. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Closes the reading end of standard output. */
  void closeOut() throws IOException {
    process.getInputStream().close();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
