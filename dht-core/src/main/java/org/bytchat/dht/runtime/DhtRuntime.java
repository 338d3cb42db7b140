package org.bytchat.dht.runtime;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apiguardian.api.API;

/**
 * The threads and buffers that nodes run on: one or more loops, and a pool for signatures.
 *
 * <p>Nodes that are built without a runtime bring one of their own. One runtime can carry hundreds
 * of nodes; closing it ends them all. Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DhtRuntime implements AutoCloseable {

  /** Small chunks: a loop needs two buffers of 2 KiB. */
  private static final int PAGE_BYTES = 8192;

  private static final int MAX_ORDER = 1;

  /** One for all runtimes, since an allocator that is dropped does not give its chunks back. */
  private static final PooledByteBufAllocator ALLOCATOR =
      new PooledByteBufAllocator(true, 0, 1, PAGE_BYTES, MAX_ORDER, 0, 0, false);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final List<NodeLoop> loops = new ArrayList<>();
  private final EffectPool effects;
  private final AtomicInteger next = new AtomicInteger();

  private DhtRuntime(int loopCount, int effectThreads) {
    effects = new EffectPool(effectThreads);
    try {
      for (int i = 0; i < loopCount; i++) {
        loops.add(new NodeLoop("bytchat-loop-" + NUMBER.incrementAndGet(), ALLOCATOR));
      }
    } catch (IOException e) {
      close();
      throw new UncheckedIOException("no selector for a loop: too many open files?", e);
    }
  }

  /**
   * Starts a runtime.
   *
   * @param loops threads that drive nodes, at least 1; a node stays on one of them
   * @param effectThreads threads that sign and verify, at least 1
   * @return the runtime, to be closed
   * @throws IllegalArgumentException if a number is below 1
   * @throws UncheckedIOException if the system has no selectors left
   */
  public static DhtRuntime start(int loops, int effectThreads) {
    if (loops < 1 || effectThreads < 1) {
      throw new IllegalArgumentException(
          "a runtime needs at least one thread of each kind: " + loops + ", " + effectThreads);
    }
    return new DhtRuntime(loops, effectThreads);
  }

  /** Returns the loop for the next node: each in turn. */
  NodeLoop nextLoop() {
    return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
  }

  EffectPool effects() {
    return effects;
  }

  /**
   * Tells whether the caller is a loop, of whichever runtime: it must not wait for another, which
   * might wait for it.
   *
   * @return whether it is
   */
  public static boolean isLoopThread() {
    return NodeLoop.isAnyLoopThread();
  }

  /**
   * Ends all loops, and with them all nodes, whose futures fail. Waits for the loops, but not for
   * longer than a second each, and not on a loop.
   */
  @Override
  public void close() {
    loops.forEach(NodeLoop::shutDown);
    if (!isLoopThread()) {
      loops.forEach(NodeLoop::join);
    }
    effects.shutDown();
  }
}
