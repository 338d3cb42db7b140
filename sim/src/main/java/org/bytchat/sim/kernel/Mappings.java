package org.bytchat.sim.kernel;

import java.util.Arrays;

/**
 * Whom a node behind a router has sent something to, and when: what the router lets back in. An
 * open-addressing table of nodes and seconds; entries past their time are dropped when it is full.
 */
final class Mappings {

  private static final int EMPTY = -1;
  private static final long MICROS_PER_SECOND = 1_000_000;

  private final long lifeSeconds;
  private int[] nodes = new int[16];
  private int[] seconds = new int[16];
  private int size;

  Mappings(long lifeMicros) {
    this.lifeSeconds = Math.max(1, lifeMicros / MICROS_PER_SECOND);
    Arrays.fill(nodes, EMPTY);
  }

  /** Notes that something was sent to a node. */
  void note(int node, long nowMicros) {
    int second = (int) (nowMicros / MICROS_PER_SECOND);
    int at = slotOf(node);
    if (nodes[at] == EMPTY) {
      if (2 * (size + 1) > nodes.length) {
        rebuild(second);
        at = slotOf(node);
      }
      nodes[at] = node;
      size++;
    }
    seconds[at] = second;
  }

  /** Tells whether what a node sends is let in. */
  boolean isOpenTo(int node, long nowMicros) {
    int at = slotOf(node);
    return nodes[at] == node && nowMicros / MICROS_PER_SECOND - seconds[at] <= lifeSeconds;
  }

  private int slotOf(int node) {
    int mask = nodes.length - 1;
    int at = node * 0x9E3779B9 >>> 7 & mask;
    while (nodes[at] != EMPTY && nodes[at] != node) {
      at = at + 1 & mask;
    }
    return at;
  }

  private void rebuild(int nowSecond) {
    int[] oldNodes = nodes;
    int[] oldSeconds = seconds;
    int live = 1;
    for (int i = 0; i < oldNodes.length; i++) {
      live += isLive(oldNodes[i], oldSeconds[i], nowSecond) ? 1 : 0;
    }
    int capacity = Math.max(16, Integer.highestOneBit(live) * 4);
    nodes = new int[capacity];
    seconds = new int[capacity];
    Arrays.fill(nodes, EMPTY);
    size = 0;
    for (int i = 0; i < oldNodes.length; i++) {
      if (isLive(oldNodes[i], oldSeconds[i], nowSecond)) {
        int at = slotOf(oldNodes[i]);
        nodes[at] = oldNodes[i];
        seconds[at] = oldSeconds[i];
        size++;
      }
    }
  }

  private boolean isLive(int node, int second, int nowSecond) {
    return node != EMPTY && nowSecond - second <= lifeSeconds;
  }
}
