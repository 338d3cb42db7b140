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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.keyspace.NodeId;

/**
 * A node in a JVM of its own, to be flooded: it tells its state when it is asked, and ends with
 * whoever started it.
 */
final class PutVictim implements AutoCloseable {

  private static final String HEAP = "512m";
  private static final String MARK = "put-victim ";
  private static final long END_SECONDS = 10;

  private final Process process;
  private final BufferedReader told;
  private final InetSocketAddress address;
  private final NodeId id;

  /** What it can be asked for. */
  private enum Question {
    /** The state as it is. */
    STATE,
    /** The state after garbage was collected. */
    COLLECTED
  }

  /**
   * The node's state at one moment.
   *
   * @param stored records taken
   * @param busy puts refused because too many are being verified
   * @param refused queries refused for whatever reason
   * @param records records held
   * @param keepsFailed times that they could not be written
   * @param loopNanos processor time that the node's loop has used
   * @param heapBytes the heap in use by all of the JVM
   */
  record State(
      long stored,
      long busy,
      long refused,
      long records,
      long keepsFailed,
      long loopNanos,
      long heapBytes) {

    private String text() {
      return Stream.of(stored, busy, refused, records, keepsFailed, loopNanos, heapBytes)
          .map(String::valueOf)
          .collect(Collectors.joining(" "));
    }

    private static State parse(String text) {
      List<Long> numbers = new ArrayList<>();
      for (String word : text.split(" ", -1)) {
        numbers.add(Long.parseLong(word));
      }
      return new State(
          numbers.get(0),
          numbers.get(1),
          numbers.get(2),
          numbers.get(3),
          numbers.get(4),
          numbers.get(5),
          numbers.get(6));
    }
  }

  /**
   * Starts one and waits until its table is full.
   *
   * @param contacts contacts in its table
   * @param cores where it runs, empty for anywhere
   * @param keeps whether it writes what it holds to disk
   */
  PutVictim(int contacts, List<Integer> cores, boolean keeps) throws IOException {
    List<String> command = new ArrayList<>(Cores.prefix(cores));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // On one core the platform would choose another collector than on two.
    command.addAll(List.of("-XX:+UseG1GC", "-XX:MaxGCPauseMillis=5", "-Xmx" + HEAP));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(PutVictim.class.getName(), Integer.toString(contacts)));
    command.add(Boolean.toString(keeps));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    told = process.inputReader(StandardCharsets.UTF_8);
    String[] ready;
    try {
      ready = line().split(" ", -1);
    } catch (IOException e) {
      process.destroy();
      throw e;
    }
    address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ready[0]));
    id = NodeId.parse(ready[1]);
  }

  private String line() throws IOException {
    String line = told.readLine();
    // The platform may print warnings.
    while (line != null && !line.startsWith(MARK)) {
      line = told.readLine();
    }
    if (line == null) {
      throw new IOException("the node's JVM ended");
    }
    return line.substring(MARK.length());
  }

  InetSocketAddress address() {
    return address;
  }

  NodeId id() {
    return id;
  }

  State state() throws IOException {
    return ask(Question.STATE);
  }

  State stateAfterCollection() throws IOException {
    return ask(Question.COLLECTED);
  }

  private State ask(Question question) throws IOException {
    process.getOutputStream().write((question + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return State.parse(line());
  }

  @Override
  public void close() throws IOException {
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
   * Runs a node until the input ends.
   *
   * @param args how many contacts it has, and whether it writes what it holds to disk
   */
  public static void main(String[] args) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    Path data = Boolean.parseBoolean(args[1]) ? Files.createTempDirectory("bytchat-put") : null;
    try (PeerNetwork network = new PeerNetwork(Integer.parseInt(args[0]), data)) {
      answer(network);
    } finally {
      if (data != null) {
        delete(data);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void answer(PeerNetwork network) throws Exception {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    // A node that has run for a day has its tables in the old generation.
    HeapUse.bytesAfterCollection();
    out.println(MARK + network.address().getPort() + " " + network.node().id());
    String question = in.readLine();
    while (question != null) {
      boolean collects = Question.valueOf(question) == Question.COLLECTED;
      out.println(MARK + stateOf(network, collects).text());
      question = in.readLine();
    }
  }

  private static State stateOf(PeerNetwork network, boolean collects) throws Exception {
    long heap = collects ? HeapUse.bytesAfterCollection() : HeapUse.bytes();
    EngineStats stats = network.stats();
    return new State(
        stats.count(Counter.RECORDS_STORED),
        stats.count(Counter.PUTS_BUSY),
        stats.count(Counter.REFUSED),
        stats.store().items(),
        stats.count(Counter.KEEPS_FAILED),
        MeasuredLoop.cpuNanos(network.threadId()),
        heap);
  }
}
