package org.bytchat.sim.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The simulator's own figures: each case is the command {@code run} in a JVM of its own, as a user
 * would start it.
 */
final class SimBench implements Benchmark {

  /** The program, by name: it uses the benchmarks, not they it. */
  private static final String MAIN = "org.bytchat.sim.cli.SimMain";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double MEGABYTE = 1 << 20;
  private static final double KILOBYTE = 1 << 10;

  /** The share of nodes and lookups that a quick run keeps. */
  private static final int QUICK_PART = 100;

  @Override
  public String name() {
    return "sim";
  }

  @Override
  public String description() {
    return "the simulator: datagrams a second and core, heap of a node, time of five jobs";
  }

  /**
   * A case.
   *
   * @param what for people
   * @param heap the JVM's -Xmx
   * @param threads the kernel's
   * @param nodes how many
   * @param scenario the command's arguments
   * @param figures what is asked of it
   */
  private record Case(
      String what,
      String heap,
      int threads,
      int nodes,
      List<String> scenario,
      Function<Ended, Figure[]> figures) {

    List<Object> parameters(int used) {
      return List.of("case", what, "nodes", used, "heap", heap, "threads", threads);
    }
  }

  /** A run that has ended: its summary, its time from the start of the JVM, its largest size. */
  private record Ended(JsonNode summary, double seconds, double residentBytes) {

    double of(String name) {
      return summary.get(name).asDouble();
    }
  }

  @Override
  public void run(BenchRun run) throws IOException, InterruptedException {
    for (Case each : cases()) {
      run.progress().accept("sim: " + each.what);
      int nodes = run.quick() ? each.nodes / QUICK_PART : each.nodes;
      Ended ended = start(each, nodes);
      List<Figure> figures = new ArrayList<>(List.of(each.figures.apply(ended)));
      figures.add(Figure.of("wall_s", ended.seconds, "s"));
      figures.add(Figure.of("resident_mb", ended.residentBytes / MEGABYTE, "MB"));
      run.results()
          .accept(BenchResult.of(name(), each.parameters(nodes), figures.toArray(Figure[]::new)));
    }
  }

  private static List<Case> cases() {
    List<String> speed = set("static-100k", "workload.lookups.count=60000", "phases.settle=30s");
    List<String> codec = new ArrayList<>(speed);
    codec.addAll(List.of("--set", "mode=codec"));
    return List.of(
        new Case(
            "100,000 nodes, codec mode",
            "8g",
            1,
            100_000,
            codec,
            ended -> speedAndHeap(ended, 200_000, 500_000)),
        new Case(
            "100,000 nodes, object mode",
            "8g",
            1,
            100_000,
            speed,
            ended -> speedAndHeap(ended, 400_000, 1_000_000)),
        smallJob(),
        new Case(
            "1,000,000 nodes, 100,000 lookups",
            "20g",
            2,
            1_000_000,
            List.of("million"),
            ended -> new Figure[] {job(ended, 300, 120), heap(ended, 20, 12), exact(ended)}),
        new Case(
            "100,000 nodes, one hour of KAD's churn",
            "16g",
            2,
            100_000,
            List.of("churn-kad"),
            ended ->
                new Figure[] {
                  job(ended, 600, 180), Figure.of("lookup_success", ended.of("lookup_success"), "")
                }));
  }

  /** What datahop's simulator needed 54 s and 4.8 GB for. */
  private static Case smallJob() {
    return new Case(
        "10,000 nodes, 50,000 lookups",
        "400m",
        2,
        10_000,
        set(
            "static-100k",
            "node.routing.bucketSize=16",
            "network.latency.one_way=100ms",
            "phases.settle=0s",
            "phases.measure=30s",
            "workload.lookups.count=50000"),
        ended ->
            new Figure[] {
              job(ended, 10, 4),
              Figure.of("job_resident_mb", ended.residentBytes / MEGABYTE, "MB")
                  .atMost(600)
                  .aimingAtMost(300),
              exact(ended)
            });
  }

  private static List<String> set(String scenario, String... settings) {
    List<String> words = new ArrayList<>(List.of(scenario));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    return words;
  }

  private static Figure job(Ended ended, double bar, double aim) {
    return Figure.of("job_s", ended.seconds, "s").atMost(bar).aimingAtMost(aim);
  }

  private static Figure[] speedAndHeap(Ended ended, double speedBar, double speedAim) {
    return new Figure[] {
      Figure.of("datagrams_per_core_s", ended.of("datagrams_per_core_s"), "1/s")
          .atLeast(speedBar)
          .aimingAtLeast(speedAim),
      Figure.of("datagrams_per_s", ended.of("datagrams_per_s"), "1/s"),
      heap(ended, 16, 8),
      exact(ended)
    };
  }

  private static Figure heap(Ended ended, double bar, double aim) {
    return Figure.of("heap_kib_per_node", ended.of("heap_bytes_per_node") / KILOBYTE, "KiB")
        .atMost(bar)
        .aimingAtMost(aim);
  }

  private static Figure exact(Ended ended) {
    return Figure.of("lookup_exact", ended.of("lookup_exact"), "").atLeast(1);
  }

  private static Ended start(Case what, int nodes) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + what.heap,
                "-XX:+UseParallelGC",
                "-XX:+UseTransparentHugePages",
                "-cp",
                System.getProperty("java.class.path"),
                MAIN,
                "run"));
    command.addAll(what.scenario);
    if (nodes != what.nodes) {
      command.addAll(
          List.of("--set", "workload.lookups={count: 100}", "--set", "phases.measure=10s"));
    }
    command.addAll(List.of("--set", "nodes=" + nodes, "--threads", Integer.toString(what.threads)));
    long startNanos = System.nanoTime();
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Resident resident = Resident.watch(child);
    String printed;
    try (BufferedReader reader = child.inputReader(StandardCharsets.UTF_8)) {
      printed = reader.lines().collect(Collectors.joining("\n"));
    } finally {
      resident.end();
    }
    int exit = child.waitFor();
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    if (exit != 0) {
      throw new IOException(what.what + ": the run ended with " + exit + ": " + printed);
    }
    return new Ended(JSON.readTree(printed), seconds, resident.mostBytes());
  }

  /** Watches how much memory a process has. */
  private static final class Resident {

    private static final long EVERY_MILLIS = 50;

    private final Thread thread;
    private volatile boolean ended;
    private volatile long most;

    private Resident(Process process) {
      this.thread = new Thread(() -> watch(process.pid()), "resident");
    }

    static Resident watch(Process process) {
      Resident resident = new Resident(process);
      resident.thread.setDaemon(true);
      resident.thread.start();
      return resident;
    }

    private void watch(long pid) {
      Path status = Path.of("/proc", Long.toString(pid), "status");
      while (!ended) {
        most = Math.max(most, peakBytes(status));
        LockSupport.parkNanos(EVERY_MILLIS * 1_000_000);
      }
    }

    /** Reads the peak that Linux keeps; 0 elsewhere, and when the process has gone. */
    private static long peakBytes(Path status) {
      try {
        for (String line : Files.readAllLines(status)) {
          if (line.startsWith("VmHWM:")) {
            return Long.parseLong(line.replaceAll("\\D", "")) << 10;
          }
        }
      } catch (IOException | NumberFormatException e) {
        return 0;
      }
      return 0;
    }

    void end() throws InterruptedException {
      ended = true;
      thread.join();
    }

    double mostBytes() {
      return most;
    }
  }
}
