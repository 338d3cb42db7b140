package org.bytchat.tracker.store;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads a file in order, beside somebody who reads all of it page by page in another order, so that
 * the system has the pages in memory before they are asked for. It changes nothing of what the
 * other one sees, errors included: those are left to the other one to find.
 *
 * <p>A check of a database waits for the disk at each page. Of one with 1.3 GB it took 13.8 s of a
 * disk which reads that much in a second or two if it is asked for a megabyte at a time.
 *
 * <p>SQLite could map the file instead, but then an error of the disk would end the process.
 */
final class ReadAhead implements AutoCloseable {

  /** Two keep a disk busy while one copies. */
  private static final int THREADS = 2;

  private static final int CHUNK_BYTES = 1 << 20;

  private final Path file;
  private final long untilBytes;
  private final AtomicLong nextBytes = new AtomicLong();
  private final AtomicLong readBytes = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  private ReadAhead(Path file, long untilBytes) {
    this.file = file;
    this.untilBytes = untilBytes;
  }

  /** Begins; reads no more than half of the memory that there is, so that it displaces nothing. */
  static ReadAhead of(Path file) {
    return start(file, memoryBytes() / 2);
  }

  /** Begins with a limit on what is read. */
  static ReadAhead start(Path file, long bytesMax) {
    ReadAhead ahead = new ReadAhead(file, Math.min(StoreFiles.length(file), bytesMax));
    for (int i = 0; i < THREADS && ahead.untilBytes > i * (long) CHUNK_BYTES; i++) {
      Thread thread = new Thread(ahead::run, "bytchat-read-ahead-" + i);
      thread.setDaemon(true);
      ahead.threads.add(thread);
      thread.start();
    }
    return ahead;
  }

  /** What the machine has, or the container. */
  private static long memoryBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  private void run() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
      while (!closed) {
        long at = nextBytes.getAndAdd(CHUNK_BYTES);
        if (at >= untilBytes) {
          return;
        }
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, untilBytes - at));
        readBytes.addAndGet(Math.max(0, channel.read(chunk, at)));
      }
    } catch (IOException e) {
      // Whoever needs these bytes is told.
      return;
    }
  }

  /** How much of the file it has read. */
  long readBytes() {
    return readBytes.get();
  }

  /** Waits until everything is read. */
  void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** Ends it, after the chunks that are being read. */
  @Override
  public void close() {
    closed = true;
  }
}
