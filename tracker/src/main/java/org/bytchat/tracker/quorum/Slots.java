package org.bytchat.tracker.quorum;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import org.bytchat.dht.keyspace.NodeId;

/**
 * Lets so many things be under way at once, and so many of them with one party, so that one that is
 * silent does not hold up the others. Parties take turns.
 */
final class Slots {

  private final int max;
  private final int maxOfEach;
  private final Map<NodeId, Lane> lanes = new LinkedHashMap<>();

  /** Lanes that have something waiting, and may begin it. */
  private final Queue<Lane> ready = new ArrayDeque<>();

  private int used;
  private boolean isDraining;

  /** What is for one party. */
  private static final class Lane {
    final Queue<Runnable> waiting = new ArrayDeque<>();
    int used;
    boolean isReady;
  }

  /**
   * Makes slots.
   *
   * @param max how many in all
   * @param maxOfEach how many with one party
   */
  Slots(int max, int maxOfEach) {
    this.max = max;
    this.maxOfEach = maxOfEach;
  }

  /** Begins something now or later; it gives its slot back with {@link #release}. */
  void take(NodeId party, Runnable begin) {
    Lane lane = lanes.computeIfAbsent(party, unused -> new Lane());
    lane.waiting.add(begin);
    enqueue(lane);
    drain();
  }

  void release(NodeId party) {
    used--;
    Lane lane = lanes.get(party);
    if (lane != null) {
      lane.used--;
      enqueue(lane);
      if (lane.used == 0 && lane.waiting.isEmpty()) {
        lanes.remove(party);
      }
    }
    drain();
  }

  private void enqueue(Lane lane) {
    if (!lane.isReady && !lane.waiting.isEmpty() && lane.used < maxOfEach) {
      lane.isReady = true;
      ready.add(lane);
    }
  }

  /** In a loop, not by recursion: what begins may release at once, and many may wait. */
  private void drain() {
    if (isDraining) {
      return;
    }
    isDraining = true;
    while (used < max && !ready.isEmpty()) {
      Lane lane = ready.remove();
      lane.isReady = false;
      Runnable begin = lane.waiting.remove();
      used++;
      lane.used++;
      enqueue(lane);
      begin.run();
    }
    isDraining = false;
  }
}
