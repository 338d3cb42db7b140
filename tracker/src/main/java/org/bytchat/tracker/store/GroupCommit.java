package org.bytchat.tracker.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.apiguardian.api.API;
import org.bytchat.tracker.store.StoreException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Writes for many: one thread commits all lists of changes that wait at once, so that one sync of
 * the disk is for all of them (group commit: DeWitt et al. 1984, section 5.2).
 *
 * <p>A list is committed whole or not at all, and lists in the order in which they were taken.
 * While a commit is under way the next one gathers, so that load makes the groups larger; nobody
 * waits for a group to fill.
 *
 * <p>If a commit fails because of what is in it, or because what is there is damaged, each list is
 * tried alone, so that one fails and not all. If it fails for want of room or by an error of the
 * disk, all of its lists fail, at once: more tries would only take time.
 *
 * <p>Safe for use by several threads. What follows a future runs on the writing thread, which
 * should be quick.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class GroupCommit implements AutoCloseable {

  /** What a change takes beside its bytes, about. */
  private static final int CHANGE_BYTES = 256;

  private static final int DIGEST_BYTES = 48;
  private static final int AVERAGE_SHIFT = 3;

  private final MailboxStore store;
  private final Limits limits;
  private final LongSupplier nanoTime;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All below are guarded by the lock.
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private final long[] waits = new long[WriterStats.WAIT_PLACES];
  private long queuedBytes;
  private boolean closed;
  private boolean ended;
  private long commits;
  private long lists;
  private long changes;
  private long failedLists;
  private long refusedLists;
  private int listsLast;
  private long commitNanosLast;
  private long commitNanosAverage;

  /**
   * What a writer may take.
   *
   * @param queuedListsMax how many lists may wait, 1 or more
   * @param queuedBytesMax how many bytes these may have, about; 1 or more. A list that is longer is
   *     taken if no other waits. This is what the queue costs of the heap, and the group that is
   *     being written as much again
   * @param groupListsMax how many lists one commit is for, 1 or more
   * @param groupBytesMax how many bytes these have, about, if they are more than one; 1 or more
   * @param closeMillis how long {@link GroupCommit#close} waits for what is queued, not negative
   */
  public record Limits(
      int queuedListsMax,
      long queuedBytesMax,
      int groupListsMax,
      long groupBytesMax,
      long closeMillis) {

    public Limits {
      requireAtLeast("queuedListsMax", queuedListsMax, 1);
      requireAtLeast("queuedBytesMax", queuedBytesMax, 1);
      requireAtLeast("groupListsMax", groupListsMax, 1);
      requireAtLeast("groupBytesMax", groupBytesMax, 1);
      requireAtLeast("closeMillis", closeMillis, 0);
    }

    /** {@return 4,096 lists or 16 MiB that wait, 512 lists or 4 MiB at once, 10 s for the end} */
    public static Limits defaults() {
      return new Limits(4_096, 16 << 20, 512, 4 << 20, 10_000);
    }

    private static void requireAtLeast(String name, long value, long min) {
      if (value < min) {
        throw new IllegalArgumentException(name + " must be at least " + min + ": " + value);
      }
    }
  }

  private record Waiting(
      List<Change> changes, long bytes, long sinceNanos, CompletableFuture<Void> done) {}

  /**
   * Starts the writing thread.
   *
   * @param store what to commit to; nobody else does, and it is closed after this
   * @param limits what it may take
   */
  public GroupCommit(MailboxStore store, Limits limits) {
    this.store = store;
    this.limits = limits;
    this.nanoTime = System::nanoTime;
    this.thread = new Thread(this::run, "bytchat-store");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Asks for a commit. Does not block.
   *
   * @param changes what to commit, whole or not at all; not changed afterwards
   * @return done when it would survive the loss of power; failed with a {@link StoreException}, or
   *     with an {@link IllegalArgumentException} if the changes are impossible, and then nothing of
   *     it was written. Empty if too much waits: nothing will come of it, and the caller's peer is
   *     told to try again
   */
  public Optional<CompletableFuture<Void>> submit(List<Change> changes) {
    Waiting waiting =
        new Waiting(
            List.copyOf(changes), bytes(changes), nanoTime.getAsLong(), new CompletableFuture<>());
    lock.lock();
    try {
      if (closed) {
        failedLists++;
        waiting.done().completeExceptionally(closedException());
      } else if (hasRoom(waiting.bytes())) {
        queue.add(waiting);
        queuedBytes += waiting.bytes();
        changed.signalAll();
      } else {
        refusedLists++;
        return Optional.empty();
      }
      return Optional.of(waiting.done());
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(long bytes) {
    return queue.isEmpty()
        || (queue.size() < limits.queuedListsMax()
            && queuedBytes + bytes <= limits.queuedBytesMax());
  }

  private static StoreException closedException() {
    return new StoreException(Reason.CLOSED, "nothing is written any more: the writer is closed");
  }

  private static long bytes(List<Change> changes) {
    long bytes = 0;
    for (Change change : changes) {
      bytes += CHANGE_BYTES;
      if (change instanceof Change.PutEnvelope put) {
        bytes += put.envelope().length;
      } else if (change instanceof Change.PutAcks put) {
        bytes += put.batch().length + (long) DIGEST_BYTES * put.digests().size();
      } else if (change instanceof Change.PutPart put) {
        bytes += put.bytes().length;
      }
    }
    return bytes;
  }

  private void run() {
    for (List<Waiting> group = next(); !group.isEmpty(); group = next()) {
      write(group);
    }
  }

  /** Waits for lists; none when it is the end. */
  private List<Waiting> next() {
    List<Waiting> group = new ArrayList<>();
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      long bytes = 0;
      Waiting head = queue.peek();
      while (head != null
          && group.size() < limits.groupListsMax()
          && (group.isEmpty() || bytes + head.bytes() <= limits.groupBytesMax())) {
        bytes += head.bytes();
        group.add(queue.remove());
        head = queue.peek();
      }
      queuedBytes -= bytes;
      if (group.isEmpty()) {
        ended = true;
        changed.signalAll();
      }
      return group;
    } finally {
      lock.unlock();
    }
  }

  private void write(List<Waiting> group) {
    Throwable failure = tryCommit(group);
    if (failure == null) {
      group.forEach(waiting -> waiting.done().complete(null));
    } else if (group.size() > 1 && mayBeOfOneList(failure)) {
      group.forEach(waiting -> write(List.of(waiting)));
    } else {
      countFailed(group.size());
      group.forEach(waiting -> waiting.done().completeExceptionally(failure));
    }
  }

  private static boolean mayBeOfOneList(Throwable failure) {
    return failure instanceof RuntimeException
        || (failure instanceof StoreException store && store.reason() == Reason.DAMAGED);
  }

  /** Nothing that a store throws ends the thread: those who wait are told. */
  private @Nullable Throwable tryCommit(List<Waiting> group) {
    List<Change> all = new ArrayList<>();
    group.forEach(waiting -> all.addAll(waiting.changes()));
    long began = nanoTime.getAsLong();
    try {
      store.commit(all);
      count(group, all.size(), began);
      return null;
    } catch (StoreException | RuntimeException | Error e) {
      return e;
    }
  }

  private void count(List<Waiting> group, int changeCount, long beganNanos) {
    long now = nanoTime.getAsLong();
    lock.lock();
    try {
      commits++;
      lists += group.size();
      changes += changeCount;
      listsLast = group.size();
      commitNanosLast = now - beganNanos;
      commitNanosAverage +=
          commits == 1 ? commitNanosLast : (commitNanosLast - commitNanosAverage) >> AVERAGE_SHIFT;
      group.forEach(waiting -> waits[place(now - waiting.sinceNanos())]++);
    } finally {
      lock.unlock();
    }
  }

  private static int place(long nanos) {
    long micros = Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos));
    return Math.min(WriterStats.WAIT_PLACES - 1, Long.SIZE - Long.numberOfLeadingZeros(micros));
  }

  private void countFailed(int count) {
    lock.lock();
    try {
      failedLists += count;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns what it did and has to do.
   *
   * @return the figures of this moment
   */
  public WriterStats stats() {
    lock.lock();
    try {
      return new WriterStats(
          commits,
          lists,
          changes,
          failedLists,
          refusedLists,
          listsLast,
          commitNanosLast,
          commitNanosAverage,
          queue.size(),
          queuedBytes,
          LongStream.of(waits).boxed().toList());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes no more, and waits until what was taken is committed, at most as long as the limits say;
   * what still waits then fails as CLOSED. The store stays open. May be called twice, and by what
   * follows a future.
   */
  @Override
  public void close() {
    List<Waiting> left = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      if (Thread.currentThread() != thread) {
        awaitEnd();
        left.addAll(queue);
        queue.clear();
        queuedBytes = 0;
        failedLists += left.size();
      }
    } finally {
      lock.unlock();
    }
    left.forEach(waiting -> waiting.done().completeExceptionally(closedException()));
  }

  private void awaitEnd() {
    long leftNanos = TimeUnit.MILLISECONDS.toNanos(limits.closeMillis());
    try {
      while (!ended && leftNanos > 0) {
        leftNanos = changed.awaitNanos(leftNanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
