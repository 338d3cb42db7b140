package org.bytchat.tracker.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytchat.dht.DhtEvent;
import org.bytchat.dht.DhtException;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtStats;
import org.bytchat.dht.engine.Counter;
import org.bytchat.tracker.Tracker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of a headless node.
 *
 * <p>Events wait in a bounded queue for the main thread, which prints them: standard output may
 * block for as long as its reader likes, and neither the node nor its end waits for it.
 */
final class NodeRun {

  private static final Logger LOG = LoggerFactory.getLogger(NodeRun.class);

  private static final int EVENTS_MAX = 1024;
  private static final Duration STATUS_INTERVAL = Duration.ofMinutes(1);
  private static final long STATS_MILLIS = 1_000;
  private static final long LAST_STATS_MILLIS = 200;

  /** Operators are promised an end within two seconds. */
  private static final long STOP_MILLIS = 1_500;

  private final Output output;
  private final NodeSettings settings;
  private final HeadlessNode node;
  private final BlockingQueue<Map<String, Object>> events = new ArrayBlockingQueue<>(EVENTS_MAX);
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final StatusLine statusLine = new StatusLine();
  private boolean outputLost;

  NodeRun(Output output, NodeSettings settings) {
    this.output = output;
    this.settings = settings;
    this.node = new HeadlessNode(settings, this::onEvent, fault -> stop("failure"));
  }

  /**
   * Runs the node until it is stopped.
   *
   * @return the exit code
   * @throws CommandFailure if the metrics port, a TCP port or the mailboxes cannot be opened
   * @throws DhtException.CannotStart if the node cannot be started
   */
  int run() throws InterruptedException {
    Thread hook = new Thread(this::onShutdown, "bytchat-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    Integer port = settings.options().metricsPort;
    try (MetricsServer metrics = port == null ? null : MetricsServer.open(port)) {
      node.start();
      if (metrics != null) {
        metrics.add(new NodeMetrics(settings.config().network(), this::stats));
        Tracker tracker = node.tracker();
        if (tracker != null) {
          metrics.add(new TrackerMetrics(() -> TrackerMetrics.State.of(tracker)));
        }
      }
      output.json(ready(metrics));
      return printEvents();
    } catch (DhtException.Closed e) {
      // Stopped before it had started.
      return printEvents();
    } finally {
      node.close();
      ended.countDown();
      removeHook(hook);
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("The hook is running already");
    }
  }

  private Map<String, Object> ready(@Nullable MetricsServer metrics) {
    DhtNode dht = node.node();
    Tracker tracker = node.tracker();
    List<String> addresses = dht.localAddresses().stream().map(Output::text).toList();
    NodeOptions options = settings.options();
    Map<String, Object> event = event("ready");
    event.put("node_id", dht.id().toString());
    event.put("udp", addresses.get(0));
    if (tracker != null) {
      event.put("tcp", Output.text(tracker.addresses().get(0)));
    }
    event.put("addresses", addresses);
    event.put("mailboxes", tracker != null);
    event.put("joined", false);
    event.put("version", Version.text());
    event.put("network", settings.config().network());
    event.put("dialect", Converters.DialectName.text(settings.config().dialect()));
    event.put("read_only", settings.config().readOnly());
    event.put("public", settings.config().assumeReachable());
    if (options.data != null) {
      event.put("data", options.data.toString());
    }
    if (metrics != null) {
      event.put("metrics", metrics.url());
    }
    event.put("pid", ProcessHandle.current().pid());
    return event;
  }

  private static Map<String, Object> event(String name) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", name);
    event.put("at", Instant.now().toString());
    return event;
  }

  /** Takes an event on the node's thread. */
  private void onEvent(DhtEvent event) {
    if (!events.offer(describe(event))) {
      LOG.debug("An event is lost, as nobody reads standard output");
    }
  }

  /** An event as its JSON. */
  static Map<String, Object> describe(DhtEvent event) {
    if (event instanceof DhtEvent.Joined joined) {
      return with(event("joined"), "contacts", joined.nodes());
    }
    if (event instanceof DhtEvent.ReachabilityChanged changed) {
      return with(event("reachability"), "reachable", changed.reachable());
    }
    if (event instanceof DhtEvent.ExternalAddress external) {
      return with(event("external_address"), "udp", Output.text(external.address()));
    }
    if (event instanceof DhtEvent.IdChanged changed) {
      return with(event("node_id"), "node_id", changed.id().toString());
    }
    if (event instanceof DhtEvent.RendezvousEnded ended) {
      return with(
          with(event("rendezvous"), "found", ended.found()), "announced_to", ended.announcedTo());
    }
    if (event instanceof DhtEvent.OutageBegan) {
      return event("outage_began");
    }
    if (event instanceof DhtEvent.OutageEnded) {
      return event("outage_ended");
    }
    throw new AssertionError("a headless node publishes nothing of its own: " + event);
  }

  private static Map<String, Object> with(Map<String, Object> event, String key, Object value) {
    event.put(key, value);
    return event;
  }

  private int printEvents() throws InterruptedException {
    long nextStatus = System.nanoTime() + STATUS_INTERVAL.toNanos();
    while (true) {
      Map<String, Object> event = events.poll(nextStatus - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (event != null) {
        print(event);
        if ("stopped".equals(event.get("event"))) {
          return "signal".equals(event.get("reason")) ? ExitCode.DONE : ExitCode.FAILED;
        }
      }
      if (System.nanoTime() - nextStatus >= 0) {
        nextStatus += STATUS_INTERVAL.toNanos();
        printStatus();
      }
    }
  }

  private void print(Map<String, Object> event) {
    output.json(event);
    if (!outputLost && !output.isOpen()) {
      outputLost = true;
      LOG.warn("Standard output is closed; the node goes on without printing events");
    }
  }

  private void printStatus() {
    Runtime runtime = Runtime.getRuntime();
    DhtStats stats = stats();
    if (stats != null) {
      LOG.info("{}", statusLine.next(stats, runtime.totalMemory() - runtime.freeMemory()));
    }
  }

  /** The node's state, or null if it does not answer; a node that has ended ends the program. */
  private @Nullable DhtStats stats() {
    try {
      return stats(STATS_MILLIS);
    } catch (DhtException.Closed e) {
      stop("failure");
      return null;
    }
  }

  private @Nullable DhtStats stats(long limitMillis) {
    try {
      return node.stats().get(limitMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DhtException.Closed closed) {
        throw closed;
      }
      LOG.debug("No state", e);
      return null;
    } catch (TimeoutException e) {
      LOG.debug("The node is slow to answer", e);
      return null;
    }
  }

  /** Runs when the JVM is told to end, which is only over when this returns. */
  private void onShutdown() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_MILLIS);
    Thread stopper = new Thread(() -> stop("signal"), "bytchat-stopper");
    stopper.setDaemon(true);
    stopper.start();
    try {
      if (!ended.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        LOG.debug("The node or the reader of standard output is slow; not waiting for it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Else the exit code would be that of the signal.
    Runtime.getRuntime().halt(ExitCode.DONE);
  }

  /** Ends the node, once, and has that printed. */
  private void stop(String reason) {
    if (!stopping.compareAndSet(false, true)) {
      return;
    }
    Map<String, Object> event = with(event("stopped"), "reason", reason);
    DhtStats last = lastStats();
    node.close();
    if (last != null) {
      event.put("uptime_s", last.uptime().toMillis() / 1000.0);
      event.put("contacts", last.engine().contacts());
      event.put("answered", last.engine().count(Counter.ANSWERED));
    }
    while (!events.offer(event)) {
      events.poll();
    }
  }

  private @Nullable DhtStats lastStats() {
    try {
      return stats(LAST_STATS_MILLIS);
    } catch (DhtException.Closed e) {
      return null;
    }
  }
}
