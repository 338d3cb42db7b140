package org.bytchat.sim.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time, and the nodes that live in it.
 *
 * <p>With several threads each handles the nodes of its partition for a window as long as the
 * links' floor: whatever a node sends in a window arrives after its end, so nobody need wait for
 * anybody within it (conservative synchronisation, Chandy and Misra 1979, with the window of Nicol
 * 1993). The total order of events is that of {@link Event}, so one thread or many give the same.
 *
 * <p>Belongs to the thread that made it, which handles the first partition itself.
 */
public final class Kernel implements AutoCloseable {

  private static final long SECOND_MICROS = 1_000_000;

  /** The time of the next event where there will be none any more. */
  private static final long FAILED = -1;

  private final SimNode[] nodes;
  private final List<SimNode> nodeList;
  private final Partition[] partitions;
  private final boolean codec;
  private final long windowMicros;
  private final Gate gate;
  private final long[] nexts;
  private final @Nullable ExecutorService workers;
  private volatile @Nullable Throwable failure;
  private BooleanSupplier goesOn = () -> true;

  private final List<Long> secondHashes = new ArrayList<>();
  private long nowMicros;
  private long scheduled;

  /**
   * Makes a run at time zero in which nothing is scheduled.
   *
   * @param world the nodes and what they stand in
   * @param threads how many threads handle them, 1 to 64
   * @param codec whether messages are encoded and decoded, or handed over as they are
   */
  public Kernel(World world, int threads, boolean codec) {
    this.codec = codec;
    this.nodes = new SimNode[world.nodes()];
    this.partitions = new Partition[threads];
    for (int i = 0; i < threads; i++) {
      partitions[i] = new Partition(this, world, threads);
    }
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = new SimNode(i, partitions[i % threads].calls);
    }
    this.nodeList = Collections.unmodifiableList(Arrays.asList(nodes));
    this.windowMicros = world.links().floorMicros();
    this.gate = new Gate(threads);
    this.nexts = new long[threads];
    this.workers = threads == 1 ? null : Executors.newFixedThreadPool(threads - 1, Kernel::daemon);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "partition");
    thread.setDaemon(true);
    return thread;
  }

  // What partitions ask.

  SimNode node(int index) {
    return nodes[index];
  }

  int partitionOf(int node) {
    return partitions.length == 1 ? 0 : node % partitions.length;
  }

  Partition partition(int index) {
    return partitions[index];
  }

  boolean usesCodec() {
    return codec;
  }

  boolean goesOn() {
    return goesOn.getAsBoolean();
  }

  // What a run does.

  /**
   * Has the run stop within a moment once somebody says so.
   *
   * @param wanted says whether it is to go on; asked often, by all threads
   */
  public void onlyWhile(BooleanSupplier wanted) {
    goesOn = wanted;
  }

  /**
   * Schedules something for a node. Things scheduled for one node and time happen in the order in
   * which they were scheduled, faults first.
   *
   * @param timeMicros when
   * @param node the node's number
   * @param isFault whether it is a fault, and not the run's own doing
   * @param action what
   */
  public void schedule(long timeMicros, int node, boolean isFault, World.Action action) {
    long order = Event.orderOf(isFault ? Event.FAULT : Event.SCHEDULE, node, scheduled++);
    partitions[partitionOf(node)].add(new NodeEvents.Scheduled(timeMicros, node, order, action));
  }

  /**
   * Handles all events before a time. If it is stopped, see {@link #onlyWhile}, it returns with an
   * earlier time, and cannot go on any more.
   *
   * @param untilMicros the time; the run's time afterwards
   * @throws NodeFailure if a node or a check throws
   */
  public void runTo(long untilMicros) {
    while (nowMicros < untilMicros) {
      long second = (nowMicros / SECOND_MICROS + 1) * SECOND_MICROS;
      long limit = Math.min(second, untilMicros);
      try {
        runWindows(limit);
      } catch (Stopped e) {
        for (Partition each : partitions) {
          nowMicros = Math.max(nowMicros, each.nowMicros);
        }
        return;
      }
      nowMicros = limit;
      if (limit == second) {
        secondHashes.add(traceSum());
      }
    }
  }

  private void runWindows(long limitMicros) {
    if (workers == null) {
      partitions[0].run(limitMicros);
      partitions[0].nowMicros = limitMicros;
      return;
    }
    List<Future<?>> others = new ArrayList<>();
    for (int i = 1; i < partitions.length; i++) {
      int own = i;
      others.add(workers.submit(() -> runWindows(own, limitMicros)));
    }
    runWindows(0, limitMicros);
    for (Future<?> other : others) {
      join(other);
    }
    Throwable failed = failure;
    if (failed instanceof RuntimeException exception) {
      throw exception;
    }
    if (failed instanceof Error error) {
      throw error;
    }
    if (failed != null) {
      throw new IllegalStateException(failed);
    }
  }

  private static void join(Future<?> other) {
    boolean interrupted = false;
    while (true) {
      try {
        other.get();
        break;
      } catch (InterruptedException e) {
        // The windows end soon by themselves; who asked is told after that.
        interrupted = true;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void runWindows(int own, long limitMicros) {
    Partition mine = partitions[own];
    while (true) {
      // Told before the gate, so that all threads agree on whether to go on: behind it a fast one
      // may fail while a slow one still looks.
      nexts[own] = failure == null ? mine.earliestMicros(limitMicros) : FAILED;
      gate.pass();
      long start = TimingWheel.NEVER;
      for (long next : nexts) {
        start = Math.min(start, next);
      }
      if (start == TimingWheel.NEVER || start == FAILED) {
        break;
      }
      try {
        mine.run(Math.min(limitMicros, start + windowMicros));
      } catch (RuntimeException | Error e) {
        fail(e);
      }
      gate.pass();
      takeFromOthers(own);
    }
    if (failure == null) {
      mine.nowMicros = limitMicros;
    }
  }

  /** Of the failures of a window, the one counts that one thread alone would have come to. */
  private synchronized void fail(Throwable thrown) {
    Throwable known = failure;
    boolean isFirst =
        thrown instanceof NodeFailure later
            && known instanceof NodeFailure earlier
            && later.isBefore(earlier);
    boolean isMore = known instanceof Stopped && !(thrown instanceof Stopped);
    if (known == null || isFirst || isMore) {
      failure = thrown;
    }
  }

  private void takeFromOthers(int own) {
    try {
      for (int i = 0; i < partitions.length; i++) {
        if (i != own) {
          partitions[own].takeFrom(partitions[i], own);
        }
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  // What a run tells.

  /**
   * Returns the time.
   *
   * @return virtual microseconds
   */
  public long nowMicros() {
    return nowMicros;
  }

  /**
   * Returns all nodes. Between two calls of {@link #runTo} they may be looked at.
   *
   * @return an unmodifiable list, by number
   */
  public List<SimNode> nodes() {
    return nodeList;
  }

  private long traceSum() {
    long sum = 0;
    for (Partition each : partitions) {
      sum += each.traceSum;
    }
    return sum;
  }

  /**
   * Returns a hash for each whole virtual second so far.
   *
   * @return equal as long as two runs are equal
   */
  public List<Long> secondHashes() {
    return Collections.unmodifiableList(secondHashes);
  }

  /**
   * Returns a hash over all seconds so far.
   *
   * @return equal if two runs are equal
   */
  public long traceHash() {
    long hash = traceSum();
    for (long second : secondHashes) {
      hash = (Long.rotateLeft(hash, 7) ^ second) * 0x9E3779B97F4A7C15L;
    }
    return hash ^ hash >>> 32;
  }

  /**
   * Has each datagram written down from now on, or no longer.
   *
   * @param on whether
   */
  public void logTrace(boolean on) {
    for (Partition each : partitions) {
      each.entries = on ? new ArrayList<>() : null;
    }
  }

  /**
   * Returns what was written down.
   *
   * @return the entries in the order of time
   */
  public List<TraceEntry> traceEntries() {
    List<TraceEntry> all = new ArrayList<>();
    for (Partition each : partitions) {
      List<TraceEntry> some = each.entries;
      if (some != null) {
        all.addAll(some);
      }
    }
    Collections.sort(all);
    return all;
  }

  /**
   * Returns how many datagrams had an outcome.
   *
   * @param outcome which
   * @return the count
   */
  public long count(Outcome outcome) {
    long sum = 0;
    for (Partition each : partitions) {
      sum += each.outcomes[outcome.ordinal()];
    }
    return sum;
  }

  /**
   * Returns how many bytes were sent.
   *
   * @param traffic what for
   * @return payload bytes, without the headers of UDP and IP
   */
  public long sentBytes(Traffic traffic) {
    long sum = 0;
    for (Partition each : partitions) {
      sum += each.sentBytes[traffic.ordinal()];
    }
    return sum;
  }

  /**
   * Returns how many datagrams were sent.
   *
   * @param traffic what for
   * @return the count
   */
  public long sentDatagrams(Traffic traffic) {
    long sum = 0;
    for (Partition each : partitions) {
      sum += each.sentDatagrams[traffic.ordinal()];
    }
    return sum;
  }

  /**
   * Returns how many events were handled.
   *
   * @return the count, timers and completions included
   */
  public long handledEvents() {
    long sum = 0;
    for (Partition each : partitions) {
      sum += each.handled;
    }
    return sum;
  }

  /**
   * Returns how many events wait.
   *
   * @return the count
   */
  public long waitingEvents() {
    long sum = 0;
    for (Partition each : partitions) {
      sum += each.waiting();
    }
    return sum;
  }

  /**
   * Returns the observers of all threads.
   *
   * @return in the order of the partitions
   */
  public List<World.Observer> observers() {
    List<World.Observer> all = new ArrayList<>();
    for (Partition each : partitions) {
      all.add(each.observer());
    }
    return all;
  }

  /** Ends the threads. */
  @Override
  public void close() {
    if (workers != null) {
      workers.shutdownNow();
    }
  }
}
