package org.bytchat.sim.bench;

import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.lookup.LookupResult;

/** A node that goes on to use another: it pings it again and again, and looks up. */
final class GoodNode {

  private static final long PAUSE_NANOS = 5_000_000;
  private static final int PINGS_PER_LOOKUP = 10;
  private static final long WAIT_SECONDS = 30;
  private static final long NANOS_PER_MICRO = 1000;

  private final DhtNode node;
  private final InetSocketAddress other;
  private final int expected;
  private final Thread thread;
  private final Random random = new Random(1);
  private final Histogram rttMicros = new Histogram(TimeUnit.SECONDS.toMicros(60), 3);
  private long pings;
  private long answered;
  private long lookups;
  private long whole;
  private volatile boolean running = true;

  /**
   * What it got. Round-trip times are those of pings that were answered, resends and the way
   * between threads included.
   *
   * @param pings pings sent
   * @param answered those that were answered
   * @param lookups lookups done
   * @param whole those that found every node there is
   * @param rttMedianMicros the median round-trip time
   * @param rttMostMicros the longest of the best 99 in a hundred
   */
  record Service(
      long pings,
      long answered,
      long lookups,
      long whole,
      long rttMedianMicros,
      long rttMostMicros) {}

  GoodNode(DhtNode node, InetSocketAddress other, int expected) {
    this.node = node;
    this.other = other;
    this.expected = expected;
    thread = new Thread(this::run, "bench-good-node");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (running) {
      ping();
      if (pings % PINGS_PER_LOOKUP == 0) {
        lookup();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void ping() {
    pings++;
    try {
      long start = System.nanoTime();
      node.ping(other).get(WAIT_SECONDS, TimeUnit.SECONDS);
      rttMicros.recordValue((System.nanoTime() - start) / NANOS_PER_MICRO);
      answered++;
    } catch (ExecutionException | TimeoutException e) {
      // Not answered: counted by its absence.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookup() {
    lookups++;
    try {
      LookupResult result = node.lookup(Ids.random(random)).get(WAIT_SECONDS, TimeUnit.SECONDS);
      whole += result.closest().size() == expected ? 1 : 0;
    } catch (ExecutionException | TimeoutException e) {
      // Not done: counted by its absence.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void stop() throws InterruptedException {
    running = false;
    thread.join();
  }

  /** Returns what it got; to be called after {@link #stop}. */
  Service service() {
    return new Service(
        pings,
        answered,
        lookups,
        whole,
        rttMicros.getValueAtPercentile(50),
        rttMicros.getValueAtPercentile(99));
  }
}
