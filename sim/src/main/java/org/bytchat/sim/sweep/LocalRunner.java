package org.bytchat.sim.sweep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.bytchat.sim.run.HeapEstimate;
import org.jspecify.annotations.Nullable;

/** Runs in this JVM, as many runs at once as have a thread and fit the heap. */
public final class LocalRunner implements SweepRunner {

  /** What is left for what is no run. */
  private static final double HEAP_SHARE = 0.9;

  private static final int UNIT_BITS = 20;

  private final int parallel;
  private final int heapUnits;

  /**
   * Makes a runner.
   *
   * @param parallel how many runs at once, at least 1
   */
  public LocalRunner(int parallel) {
    this(parallel, (long) (HEAP_SHARE * Runtime.getRuntime().maxMemory()));
  }

  LocalRunner(int parallel, long heapBytes) {
    if (parallel < 1) {
      throw new IllegalArgumentException("runs at once: " + parallel);
    }
    this.parallel = parallel;
    this.heapUnits = units(heapBytes);
  }

  @Override
  public String name() {
    return "local";
  }

  @Override
  public void submit(List<RunSpec> runs, Results results) throws IOException, InterruptedException {
    Queue<RunSpec> queue = new ConcurrentLinkedQueue<>(runs);
    Semaphore room = new Semaphore(heapUnits, true);
    int threads = Math.max(1, Math.min(parallel, runs.size()));
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(
            pool.submit(
                () -> {
                  work(queue, room, results);
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a thread of the sweep failed: " + e.getCause(), e);
    } finally {
      pool.shutdownNow();
    }
  }

  private void work(Queue<RunSpec> queue, Semaphore room, Results results)
      throws InterruptedException {
    for (RunSpec run = queue.poll(); run != null && results.goesOn(); run = queue.poll()) {
      @Nullable RunOutput output;
      try {
        output = run(run, room, results);
      } catch (IOException | RuntimeException | Error e) {
        output = RunOutput.broken(run, e);
      }
      if (output != null) {
        results.onResult(output);
      }
    }
  }

  private @Nullable RunOutput run(RunSpec run, Semaphore room, Results results)
      throws IOException, InterruptedException {
    // One that is larger than all of the heap waits until it is alone, and says so then.
    int needed = Math.min(heapUnits, units(HeapEstimate.bytes(SweepJob.scenario(run))));
    room.acquire(needed);
    try {
      return results.goesOn() ? SweepJob.run(run, results) : null;
    } finally {
      room.release(needed);
    }
  }

  private static int units(long bytes) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes >> UNIT_BITS));
  }
}
