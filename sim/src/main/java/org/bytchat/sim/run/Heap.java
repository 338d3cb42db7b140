package org.bytchat.sim.run;

import java.lang.management.ManagementFactory;

/** What this JVM uses of the machine. */
final class Heap {

  private Heap() {}

  static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Collects garbage first, so that only what is in use counts. */
  static long bytesAfterCollection() {
    System.gc();
    return usedBytes();
  }

  /** Returns the time that all cores have worked for this JVM, 0 where nobody says. */
  static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }
}
