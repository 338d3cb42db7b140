package org.bytchat.dht.time;

import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap of deadlines from which anything can be taken back. Equal deadlines come out in the
 * order in which they went in. Not thread-safe.
 *
 * @param <T> what is due
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DeadlineQueue<T extends Timed> {

  /** The deadline of an empty queue: never. */
  public static final long NEVER = Long.MAX_VALUE;

  private final List<T> heap = new ArrayList<>();
  private long nextOrder;

  /** Makes an empty queue. */
  public DeadlineQueue() {}

  /**
   * Puts something in, or moves it to another deadline.
   *
   * @param item what is due
   * @param deadlineNanos when, monotonic nanoseconds
   */
  public void schedule(T item, long deadlineNanos) {
    if (item.index == Timed.NOT_QUEUED) {
      item.index = heap.size();
      heap.add(item);
    }
    item.deadlineNanos = deadlineNanos;
    item.order = nextOrder++;
    siftDown(siftUp(item.index));
  }

  /**
   * Takes something back; nothing happens if it is not in the queue.
   *
   * @param item what is no longer due
   */
  public void cancel(T item) {
    int index = item.index;
    if (index == Timed.NOT_QUEUED) {
      return;
    }
    item.index = Timed.NOT_QUEUED;
    T last = heap.remove(heap.size() - 1);
    if (last != item) {
      place(last, index);
      siftDown(siftUp(index));
    }
  }

  /**
   * Takes out what is due.
   *
   * @param nowNanos the time
   * @return the item with the earliest deadline, or null if that is still to come
   */
  public @Nullable T pollDue(long nowNanos) {
    if (heap.isEmpty() || heap.get(0).deadlineNanos > nowNanos) {
      return null;
    }
    T due = heap.get(0);
    cancel(due);
    return due;
  }

  /**
   * Returns the earliest deadline.
   *
   * @return monotonic nanoseconds, {@link #NEVER} if the queue is empty
   */
  public long nextNanos() {
    return heap.isEmpty() ? NEVER : heap.get(0).deadlineNanos;
  }

  /**
   * Returns how many items wait.
   *
   * @return the count
   */
  public int size() {
    return heap.size();
  }

  private int siftUp(int from) {
    int index = from;
    T item = heap.get(index);
    while (index > 0) {
      int parent = (index - 1) >>> 1;
      if (!before(item, heap.get(parent))) {
        break;
      }
      place(heap.get(parent), index);
      index = parent;
    }
    place(item, index);
    return index;
  }

  private void siftDown(int from) {
    int index = from;
    T item = heap.get(index);
    while (2 * index + 1 < heap.size()) {
      int child = 2 * index + 1;
      if (child + 1 < heap.size() && before(heap.get(child + 1), heap.get(child))) {
        child++;
      }
      if (!before(heap.get(child), item)) {
        break;
      }
      place(heap.get(child), index);
      index = child;
    }
    place(item, index);
  }

  private void place(T item, int index) {
    heap.set(index, item);
    item.index = index;
  }

  private static boolean before(Timed a, Timed b) {
    return a.deadlineNanos != b.deadlineNanos
        ? a.deadlineNanos < b.deadlineNanos
        : a.order < b.order;
  }
}
