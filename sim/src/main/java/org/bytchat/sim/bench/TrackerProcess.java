package org.bytchat.sim.bench;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.Tracker;

/**
 * A tracker in a JVM of its own, which tells the heap that it uses. It ends with whoever started
 * it, or at once, without closing anything.
 */
final class TrackerProcess implements AutoCloseable {

  private static final String MARK = "tracker-process ";
  private static final long END_SECONDS = 30;

  private final Process process;
  private final BufferedReader told;
  private final InetSocketAddress address;
  private final NodeId id;

  /** What it can be asked for. */
  private enum Question {
    /** The heap in use after garbage was collected. */
    HEAP,
    /** To end as if it were killed. */
    HALT
  }

  /** Starts one and waits until it listens. */
  TrackerProcess(Path folder) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseG1GC",
                "-cp",
                System.getProperty("java.class.path"),
                TrackerProcess.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    told = process.inputReader(StandardCharsets.UTF_8);
    try {
      String[] ready = line().split(" ", -1);
      address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ready[0]));
      id = NodeId.parse(ready[1]);
    } catch (IOException e) {
      process.destroy();
      throw e;
    }
  }

  private String line() throws IOException {
    String line = told.readLine();
    // The platform may print warnings.
    while (line != null && !line.startsWith(MARK)) {
      line = told.readLine();
    }
    if (line == null) {
      throw new IOException("the tracker's JVM ended");
    }
    return line.substring(MARK.length());
  }

  InetSocketAddress address() {
    return address;
  }

  NodeId id() {
    return id;
  }

  long heapBytesAfterCollection() throws IOException {
    ask(Question.HEAP);
    return Long.parseLong(line());
  }

  /** Ends it as a loss of its process would. */
  void halt() throws IOException, InterruptedException {
    ask(Question.HALT);
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the tracker's JVM does not end");
    }
  }

  private void ask(Question question) throws IOException {
    process.getOutputStream().write((question + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  @Override
  public void close() throws IOException {
    if (!process.isAlive()) {
      return;
    }
    process.getOutputStream().close();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Runs a tracker until the input ends.
   *
   * @param args the folder of the mailboxes
   */
  public static void main(String[] args) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
    try (Tracker tracker = TrackerLab.startTracker(identity, Path.of(args[0]))) {
      out.println(MARK + tracker.addresses().get(0).getPort() + " " + identity.id());
      String question = in.readLine();
      while (question != null) {
        switch (Question.valueOf(question)) {
          case HEAP -> out.println(MARK + HeapUse.bytesAfterCollection());
          case HALT -> Runtime.getRuntime().halt(1);
        }
        question = in.readLine();
      }
    }
  }
}
