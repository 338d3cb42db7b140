package org.bytchat.sim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.runtime.DhtRuntime;

/**
 * A small network on loopback, one node of which is flooded while another goes on to use it.
 *
 * <p>The flood is as fast as the node reads: what is sent and not read stays within a window, as
 * what the kernel drops tells nothing of the node.
 */
final class Flood implements AutoCloseable {

  static final int NODES = 10;

  private static final int SOURCES = 128;
  private static final int WINDOW = 256;
  private static final int BURST = 64;
  private static final long RESYNC_EVERY = 200_000;
  private static final long STALL_NANOS = 50_000_000;
  private static final long JOIN_SECONDS = 60;
  private static final long STATS_SECONDS = 10;
  private static final long POLL_MILLIS = 20;

  private final DhtRuntime victimRuntime = DhtRuntime.start(1, 1);
  private final DhtRuntime othersRuntime = DhtRuntime.start(1, 1);
  private final DhtNode victim;
  private final List<DhtNode> others = new ArrayList<>();
  private final List<DatagramChannel> sources = new ArrayList<>();
  private final long seed;

  /** What the victim has read that is not of the flood. */
  private long readBefore;

  private long sent;

  /**
   * What happened.
   *
   * @param sent datagrams sent
   * @param read those of them that the victim read
   * @param nanos how long it took
   * @param service what the well-behaved node got
   * @param heapBefore bytes of the whole JVM before, after a collection
   * @param heapAfter bytes after it
   * @param before the victim's state before
   * @param after the victim's state after
   */
  record Report(
      long sent,
      long read,
      long nanos,
      GoodNode.Service service,
      long heapBefore,
      long heapAfter,
      EngineStats before,
      EngineStats after) {

    long counted(Counter counter) {
      return after.count(counter) - before.count(counter);
    }
  }

  Flood(long seed) throws IOException, InterruptedException, ExecutionException, TimeoutException {
    this.seed = seed;
    victim = DhtNode.builder().bind(loopback()).runtime(victimRuntime).build().start();
    for (int i = 1; i < NODES; i++) {
      others.add(
          DhtNode.builder()
              .bind(loopback())
              .runtime(othersRuntime)
              .bootstrap("127.0.0.1:" + address().getPort())
              .build()
              .start());
    }
    for (int i = 0; i < SOURCES; i++) {
      DatagramChannel source = DatagramChannel.open(StandardProtocolFamily.INET);
      source.bind(loopback());
      source.connect(address());
      sources.add(source);
    }
    Deadline deadline = Deadline.in(JOIN_SECONDS);
    while (!isWhole()) {
      deadline.pause(POLL_MILLIS, "the nodes do not find each other");
    }
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private InetSocketAddress address() {
    return victim.localAddresses().get(0);
  }

  private boolean isWhole() throws InterruptedException, ExecutionException, TimeoutException {
    for (DhtNode node : others) {
      if (stats(node).contacts() < NODES - 1) {
        return false;
      }
    }
    return stats(victim).contacts() == NODES - 1;
  }

  private static EngineStats stats(DhtNode node)
      throws InterruptedException, ExecutionException, TimeoutException {
    return node.stats().get(STATS_SECONDS, TimeUnit.SECONDS).engine();
  }

  /** Floods until the victim has read so many datagrams; tells now and then how many it has. */
  Report run(long count, LongConsumer progress)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    HostileDatagrams hostile = new HostileDatagrams(victim.id(), seed);
    EngineStats before = stats(victim);
    long heapBefore = HeapUse.bytesAfterCollection();
    readBefore = before.count(Counter.RECEIVED);
    sent = 0;
    long lost = 0;
    long start = System.nanoTime();
    GoodNode good = new GoodNode(others.get(0), address(), NODES - 1);
    try {
      while (sent - lost < count) {
        long end = Math.min(count + lost, sent + RESYNC_EVERY);
        while (sent < end) {
          sendBurst(hostile, (int) Math.min(BURST, end - sent));
          awaitRoom(lost);
        }
        lost = resync();
        progress.accept(sent - lost);
      }
    } finally {
      good.stop();
    }
    long nanos = System.nanoTime() - start;
    EngineStats after = stats(victim);
    long heapAfter = HeapUse.bytesAfterCollection();
    return new Report(
        sent, sent - lost, nanos, good.service(), heapBefore, heapAfter, before, after);
  }

  private void sendBurst(HostileDatagrams hostile, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      ByteBuffer datagram = hostile.next();
      sources.get((int) (sent % SOURCES)).write(datagram);
      sent++;
    }
  }

  /** Waits until what is under way fits the window, or nothing more comes of it. */
  private void awaitRoom(long lost)
      throws InterruptedException, ExecutionException, TimeoutException {
    long read = readOfFlood();
    long since = System.nanoTime();
    while (sent - lost - read > WINDOW - BURST && System.nanoTime() - since < STALL_NANOS) {
      long now = readOfFlood();
      if (now != read) {
        since = System.nanoTime();
        read = now;
      }
    }
  }

  /**
   * Lets the victim read all there is. What the others sent it meanwhile is counted as of the flood
   * until then.
   *
   * @return how many datagrams of the flood were lost on the way
   */
  private long resync() throws InterruptedException, ExecutionException, TimeoutException {
    Deadline deadline = Deadline.in(STATS_SECONDS);
    long read = readOfFlood();
    long earlier = read - WINDOW;
    while (read - earlier > BURST) {
      deadline.pause(POLL_MILLIS, "the node reads without end");
      earlier = read;
      read = readOfFlood();
    }
    long excess = read - sent;
    readBefore += Math.max(0, excess);
    return Math.max(0, -excess);
  }

  private long readOfFlood() throws InterruptedException, ExecutionException, TimeoutException {
    return stats(victim).count(Counter.RECEIVED) - readBefore;
  }

  @Override
  public void close() throws IOException {
    for (DatagramChannel source : sources) {
      source.close();
    }
    others.forEach(DhtNode::close);
    victim.close();
    othersRuntime.close();
    victimRuntime.close();
  }
}
