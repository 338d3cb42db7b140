package org.bytchat.sim.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytchat.dht.runtime.DhtRuntime;

/**
 * A runtime of one loop, and the thread of that, which the runtime keeps to itself.
 *
 * @param runtime the runtime
 * @param threadId its loop's thread
 */
record MeasuredLoop(DhtRuntime runtime, long threadId) implements AutoCloseable {

  private static final String LOOP = "bytchat-loop-";
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static MeasuredLoop start() {
    Set<Long> before = loops();
    DhtRuntime runtime = DhtRuntime.start(1, 1);
    Set<Long> added = new HashSet<>(loops());
    added.removeAll(before);
    if (added.size() != 1) {
      runtime.close();
      throw new IllegalStateException("a runtime of one loop has " + added.size() + " threads");
    }
    return new MeasuredLoop(runtime, added.iterator().next());
  }

  private static Set<Long> loops() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(LOOP))
        .map(Thread::getId)
        .collect(Collectors.toSet());
  }

  /** Returns the processor time that a thread has used. */
  static long cpuNanos(long threadId) {
    long nanos = THREADS.getThreadCpuTime(threadId);
    if (nanos < 0) {
      throw new IllegalStateException("this system does not tell the time a thread uses");
    }
    return nanos;
  }

  /** Returns the bytes that a thread has allocated. */
  static long allocatedBytes(long threadId) {
    return THREADS.getThreadAllocatedBytes(threadId);
  }

  @Override
  public void close() {
    runtime.close();
  }
}
