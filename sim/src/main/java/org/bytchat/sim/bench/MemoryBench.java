package org.bytchat.sim.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.runtime.DhtRuntime;

/** What a node takes of the heap, and whether many fit a small one. */
final class MemoryBench implements Benchmark {

  private static final double NODE_BYTES_BAR = 64 * 1024;
  private static final int CONTACTS = 200;
  private static final int NODES = 1000;
  private static final int NODES_QUICK = 10;
  private static final int HUNDRED = 100;
  private static final int HUNDRED_QUICK = 8;
  private static final String CHILD_HEAP = "256m";
  private static final double LOOKUPS_BAR = 99.9;
  private static final long FILL_SECONDS = 300;
  private static final long STATS_SECONDS = 10;
  private static final long POLL_MILLIS = 20;
  private static final int INTRODUCE_AGAIN = 150;
  private static final int AT_ONCE = 100;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String description() {
    return "heap of an idle node with 200 contacts; 100 nodes in a JVM of 256 MiB";
  }

  @Override
  public void run(BenchRun run) throws Exception {
    idleNode(run);
    hundredNodes(run);
  }

  private void idleNode(BenchRun run)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    int count = run.quick() ? NODES_QUICK : NODES;
    List<DhtNode> nodes = new ArrayList<>();
    try (Responders responders = new Responders(CONTACTS);
        DhtRuntime runtime = DhtRuntime.start(1, 1)) {
      // What the first node brings with it is not the others'.
      DhtNode first = start(runtime);
      settle(List.of(first), responders);
      long before = HeapUse.bytesAfterCollection();
      for (int i = 0; i < count; i += AT_ONCE) {
        run.progress().accept("memory: " + i + " of " + count + " nodes");
        List<DhtNode> some = new ArrayList<>();
        for (int j = i; j < Math.min(count, i + AT_ONCE); j++) {
          some.add(start(runtime));
        }
        settle(some, responders);
        nodes.addAll(some);
      }
      long bytes = HeapUse.bytesAfterCollection() - before;
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of("case", "idle node", "nodes", count, "contacts", CONTACTS),
                  Figure.of("heap_bytes_per_node", Math.rint((double) bytes / count), "B")
                      .atMost(NODE_BYTES_BAR),
                  Figure.count("heap_bytes", bytes, "B")));
      first.close();
      nodes.forEach(DhtNode::close);
    }
  }

  /** A node with the defaults, but for proofs: its contacts' ids are made up. */
  private static DhtNode start(DhtRuntime runtime) {
    return DhtNode.builder()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .runtime(runtime)
        .config(DhtConfig.defaults().withProofOfId(false))
        .build()
        .start();
  }

  /** Waits until all have their contacts and nothing under way. */
  private static void settle(List<DhtNode> nodes, Responders responders)
      throws InterruptedException, ExecutionException, TimeoutException {
    Deadline deadline = Deadline.in(FILL_SECONDS);
    for (DhtNode node : nodes) {
      responders.introduceTo(node.id(), node.localAddresses().get(0));
    }
    for (DhtNode node : nodes) {
      EngineStats stats = stats(node);
      for (int looks = 1; !isIdle(stats); looks++) {
        if (looks % INTRODUCE_AGAIN == 0 && stats.contacts() < CONTACTS) {
          responders.introduceTo(node.id(), node.localAddresses().get(0));
        }
        deadline.pause(POLL_MILLIS, "a node does not come to rest: " + stats);
        stats = stats(node);
      }
    }
  }

  private static boolean isIdle(EngineStats stats) {
    return stats.contacts() == CONTACTS
        && stats.joined()
        && stats.requestsUnderWay() == 0
        && stats.lookupsUnderWay() == 0
        && stats.lookupsWaiting() == 0
        && stats.verificationsWaiting() == 0;
  }

  private static EngineStats stats(DhtNode node)
      throws InterruptedException, ExecutionException, TimeoutException {
    return node.stats().get(STATS_SECONDS, TimeUnit.SECONDS).engine();
  }

  private void hundredNodes(BenchRun run) throws IOException, InterruptedException {
    int count = run.quick() ? HUNDRED_QUICK : HUNDRED;
    run.progress().accept("memory: " + count + " nodes in a JVM of " + CHILD_HEAP);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + CHILD_HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeap.class.getName(),
                Integer.toString(count))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed;
    try (BufferedReader reader = child.inputReader(StandardCharsets.UTF_8)) {
      printed = reader.lines().collect(Collectors.joining("\n"));
    } finally {
      child.destroy();
    }
    int exit = child.waitFor();
    if (exit != 0) {
      throw new IOException("the JVM of " + CHILD_HEAP + " ended with " + exit);
    }
    SmallHeap.Report report = SmallHeap.Report.parse(printed);
    run.results()
        .accept(
            BenchResult.of(
                name(),
                List.of("case", "one JVM", "nodes", count, "heap", CHILD_HEAP),
                Figure.count("joined", report.joined(), "nodes").atLeast(count),
                Figure.count("lookups", report.lookups(), ""),
                Figure.of("lookups_exact_percent", report.exactPercent(), "%").atLeast(LOOKUPS_BAR),
                Figure.count("heap_after_collection_peak_bytes", report.peakBytes(), "B")
                    .atMost(256 << 20)));
  }
}
