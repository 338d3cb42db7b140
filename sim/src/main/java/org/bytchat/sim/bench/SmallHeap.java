package org.bytchat.sim.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.DhtRuntime;

/** The JVM with a small heap: nodes on one runtime that join and look up. */
final class SmallHeap {

  private static final int LOOKUPS_PER_NODE = 5;
  private static final int CLOSEST = 20;
  private static final long JOIN_SECONDS = 120;
  private static final long LOOKUP_SECONDS = 60;
  private static final long POLL_MILLIS = 100;

  private final List<DhtNode> nodes = new ArrayList<>();
  private long peakBytes;

  private SmallHeap() {}

  /**
   * What happened.
   *
   * @param joined nodes that joined
   * @param lookups lookups done
   * @param exact those that found exactly the closest nodes
   * @param peakBytes the most that was in use after a collection
   */
  record Report(int joined, int lookups, int exact, long peakBytes) {

    double exactPercent() {
      return 100.0 * exact / lookups;
    }

    String text() {
      return joined + " " + lookups + " " + exact + " " + peakBytes;
    }

    static Report parse(String text) {
      List<String> words = List.of(text.strip().split(" ", -1));
      return new Report(
          Integer.parseInt(words.get(0)),
          Integer.parseInt(words.get(1)),
          Integer.parseInt(words.get(2)),
          Long.parseLong(words.get(3)));
    }
  }

  /** Runs as many nodes as the argument says and prints the report. */
  public static void main(String[] args) throws Exception {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    out.println(new SmallHeap().run(Integer.parseInt(args[0])).text());
  }

  private Report run(int count) throws Exception {
    try (DhtRuntime runtime = DhtRuntime.start(1, 1)) {
      for (int i = 0; i < count; i++) {
        nodes.add(start(runtime));
      }
      look();
      int joined = join();
      look();
      List<CompletableFuture<Boolean>> lookups = new ArrayList<>();
      Random random = new Random(1);
      for (int i = 0; i < count * LOOKUPS_PER_NODE; i++) {
        DhtNode asker = nodes.get(i % count);
        NodeId target = Ids.random(random);
        lookups.add(asker.lookup(target).thenApply(result -> isExact(asker, target, result)));
      }
      look();
      int exact = 0;
      for (CompletableFuture<Boolean> lookup : lookups) {
        exact += lookup.get(LOOKUP_SECONDS, TimeUnit.SECONDS) ? 1 : 0;
      }
      look();
      nodes.forEach(DhtNode::close);
      return new Report(joined, lookups.size(), exact, peakBytes);
    }
  }

  private DhtNode start(DhtRuntime runtime) {
    var builder =
        DhtNode.builder()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .runtime(runtime);
    if (!nodes.isEmpty()) {
      builder.bootstrap("127.0.0.1:" + nodes.get(0).localAddresses().get(0).getPort());
    }
    return builder.build().start();
  }

  /** Waits until all have joined and no lookup is under way. */
  private int join() throws InterruptedException, ExecutionException, TimeoutException {
    int joined = 0;
    for (DhtNode node : nodes) {
      node.joined().get(JOIN_SECONDS, TimeUnit.SECONDS);
      joined++;
    }
    Deadline deadline = Deadline.in(JOIN_SECONDS);
    while (!isQuiet()) {
      deadline.pause(POLL_MILLIS, "the network does not come to rest");
    }
    return joined;
  }

  private boolean isQuiet() throws InterruptedException, ExecutionException, TimeoutException {
    for (DhtNode node : nodes) {
      var stats = node.stats().get(LOOKUP_SECONDS, TimeUnit.SECONDS).engine();
      if (stats.requestsUnderWay() + stats.lookupsUnderWay() + stats.verificationsWaiting() > 0) {
        return false;
      }
    }
    return true;
  }

  private void look() {
    peakBytes = Math.max(peakBytes, HeapUse.bytesAfterCollection());
  }

  private boolean isExact(DhtNode asker, NodeId target, LookupResult result) {
    List<NodeId> expected =
        nodes.stream()
            .map(DhtNode::id)
            .filter(id -> !id.equals(asker.id()))
            .sorted(target::compareDistance)
            .limit(CLOSEST)
            .toList();
    return result.closest().stream().map(Contact::id).toList().equals(expected);
  }
}
