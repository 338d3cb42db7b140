package org.bytchat.dht.node;

import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * Encoded datagrams that wait for the driver to send them, in buffers that are used again. Belongs
 * to a driver and serves all nodes that it drives. Not thread-safe.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class TransmitQueue {

  private static final int INITIAL_CAPACITY = 8;

  private byte[][] buffers = new byte[INITIAL_CAPACITY][];
  private int[] lengths = new int[INITIAL_CAPACITY];
  private @Nullable Endpoint[] targets = new Endpoint[INITIAL_CAPACITY];
  private int head;
  private int size;

  /** Makes an empty queue. */
  public TransmitQueue() {}

  /** Returns a buffer for the next datagram; {@link #add} must follow. */
  byte[] nextBuffer() {
    if (size == buffers.length) {
      grow();
    }
    int at = (head + size) & buffers.length - 1;
    byte[] buffer = buffers[at];
    if (buffer == null) {
      // Encoding may be asked to pad beyond the limit of a datagram, never beyond twice that.
      buffer = new byte[2 * WireLimits.DATAGRAM_BYTES];
      buffers[at] = buffer;
    }
    return buffer;
  }

  void add(Endpoint to, int length) {
    int at = (head + size) & buffers.length - 1;
    lengths[at] = length;
    targets[at] = to;
    size++;
  }

  private void grow() {
    int capacity = buffers.length;
    byte[][] newBuffers = Arrays.copyOf(buffers, capacity * 2);
    int[] newLengths = new int[capacity * 2];
    @Nullable Endpoint[] newTargets = new Endpoint[capacity * 2];
    for (int i = 0; i < capacity; i++) {
      int at = (head + i) & capacity - 1;
      newBuffers[i] = buffers[at];
      newLengths[i] = lengths[at];
      newTargets[i] = targets[at];
    }
    buffers = newBuffers;
    lengths = newLengths;
    targets = newTargets;
    head = 0;
  }

  /**
   * Tells whether a datagram waits.
   *
   * @return whether {@link #target}, {@link #buffer} and {@link #length} describe one
   */
  public boolean isEmpty() {
    return size == 0;
  }

  /**
   * Returns where the first datagram goes.
   *
   * @return its endpoint
   * @throws IllegalStateException if the queue is empty
   */
  public Endpoint target() {
    Endpoint target = size == 0 ? null : targets[head];
    if (target == null) {
      throw new IllegalStateException("no datagram waits");
    }
    return target;
  }

  /**
   * Returns the buffer that holds the first datagram from index 0 on.
   *
   * @return the buffer, the queue's again after {@link #remove}
   */
  public byte[] buffer() {
    return buffers[head];
  }

  /**
   * Returns the length of the first datagram.
   *
   * @return bytes
   */
  public int length() {
    return lengths[head];
  }

  /** Drops all datagrams. */
  public void clear() {
    while (size > 0) {
      remove();
    }
  }

  /** Drops the first datagram, because it was sent or cannot be. */
  public void remove() {
    targets[head] = null;
    head = (head + 1) & buffers.length - 1;
    size--;
  }
}
