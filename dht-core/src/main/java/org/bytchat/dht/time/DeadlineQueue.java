package org.bytchat.dht.time;

import java.util.Arrays;
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

  private static final int CAPACITY_MIN = 4;
  private static final int KEPT_MAX = 64;
  private static final Timed[] NOTHING = {};

  /** The heap; no memory before the first use, and little while it is empty. */
  private @Nullable Timed[] heap = NOTHING;

  private int size;
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
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, Math.max(CAPACITY_MIN, 2 * size));
      }
      place(item, size++);
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
    Timed last = at(--size);
    heap[size] = null;
    if (last != item) {
      place(last, index);
      siftDown(siftUp(index));
    } else if (size == 0 && heap.length > KEPT_MAX) {
      heap = NOTHING;
    }
  }

  /**
   * Takes out what is due.
   *
   * @param nowNanos the time
   * @return the item with the earliest deadline, or null if that is still to come
   */
  public @Nullable T pollDue(long nowNanos) {
    if (size == 0 || at(0).deadlineNanos > nowNanos) {
      return null;
    }
    @SuppressWarnings("unchecked") // only items are put into the heap
    T due = (T) at(0);
    cancel(due);
    return due;
  }

  /**
   * Returns the earliest deadline.
   *
   * @return monotonic nanoseconds, {@link #NEVER} if the queue is empty
   */
  public long nextNanos() {
    return size == 0 ? NEVER : at(0).deadlineNanos;
  }

  /**
   * Returns how many items wait.
   *
   * @return the count
   */
  public int size() {
    return size;
  }

  private int siftUp(int from) {
    int index = from;
    Timed item = at(index);
    while (index > 0) {
      int parent = (index - 1) >>> 1;
      if (!before(item, at(parent))) {
        break;
      }
      place(at(parent), index);
      index = parent;
    }
    place(item, index);
    return index;
  }

  private void siftDown(int from) {
    int index = from;
    Timed item = at(index);
    while (2 * index + 1 < size) {
      int child = 2 * index + 1;
      if (child + 1 < size && before(at(child + 1), at(child))) {
        child++;
      }
      if (!before(at(child), item)) {
        break;
      }
      place(at(child), index);
      index = child;
    }
    place(item, index);
  }

  private Timed at(int index) {
    Timed item = heap[index];
    if (item == null) {
      throw new AssertionError("nothing at " + index + " of " + size);
    }
    return item;
  }

  private void place(Timed item, int index) {
    heap[index] = item;
    item.index = index;
  }

  private static boolean before(Timed a, Timed b) {
    return a.deadlineNanos != b.deadlineNanos
        ? a.deadlineNanos < b.deadlineNanos
        : a.order < b.order;
  }
}
